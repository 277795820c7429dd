"""What is kept in the database as JSON comes back as the same value."""

from __future__ import annotations

import pytest

from tokencoach.audit.kept import dumped, loaded
from tokencoach.audit.report import PeriodAudit, SessionRow
from tui.made_values import MONTHS, audit, session_row


@pytest.mark.parametrize("month", MONTHS)
def test_a_kept_audit_comes_back_equal(month: str) -> None:
    value = audit(month)
    assert loaded(PeriodAudit, dumped(value)) == value


@pytest.mark.parametrize("row_id", range(1, 20))
def test_a_kept_session_comes_back_equal(row_id: int) -> None:
    value = session_row(row_id)
    assert loaded(SessionRow, dumped(value)) == value


@pytest.mark.parametrize("body", ["[1, 2]", "{}", '"x"', "[]"])
def test_a_value_of_another_version_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        loaded(SessionRow, body)
