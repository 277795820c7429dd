"""The errors a person may see: each says what is wrong, where, and what to do."""

from __future__ import annotations


class TokencoachError(Exception):
    """Base of every error that is shown without a traceback. ``exit_code`` is the process's."""

    exit_code = 1

    def __init__(self, message: str, mend: str | None = None) -> None:
        super().__init__(message)
        self.mend = mend

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  mend: {self.mend}" if self.mend else message


class UsageError(TokencoachError):
    """The command was used wrongly."""

    exit_code = 2


class NothingToReadError(TokencoachError):
    """There is nothing to read: no log, no request in the period."""

    exit_code = 3


class DamagedInputError(TokencoachError):
    """Something is damaged and needs a person: a database, a settings file."""

    exit_code = 4
