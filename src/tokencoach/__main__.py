"""Entry point: answers the quick questions before anything is imported, else hands over to the CLI."""

from __future__ import annotations

import os
import sys

from tokencoach import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.asking import Asking, Held


def main() -> int:
    """Run the command line; the exit code. ``--version`` and ``statusline`` need the standard library only."""
    _open_closed_streams()
    arguments = sys.argv[1:]
    if len(arguments) == 1 and arguments[0] in {"--version", "-V"}:
        return _tell_version()
    if arguments == ["statusline"]:
        from tokencoach.coach.assistant import line  # noqa: PLC0415

        return line.run(line.STATUS, line.default_home())
    # Imported late: the command line costs more than the answer above may.
    import gc  # noqa: PLC0415

    from tokencoach.cli.main import run  # noqa: PLC0415

    code = run(arguments, open_app, ask)
    # Else Python looks for circles among everything there is before it ends.
    gc.freeze()
    return code


def _open_closed_streams() -> None:
    """Let streams that the caller has closed lead nowhere: else the next file that is opened takes their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(nowhere, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for as long as it runs


def _tell_version() -> int:
    """Print the version; 1 where it cannot be written."""
    try:
        sys.stdout.write(f"tokencoach {__version__}\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"tokencoach: {error.strerror}\n")
        return 1
    return 0


def open_app(context: Context) -> int:
    """The app, until the person leaves it. Only here do the command line and the screens meet."""
    from tokencoach.cli.demonstration import enter_demo  # noqa: PLC0415 - only on a terminal
    from tokencoach.tui.app import Demonstration, run  # noqa: PLC0415 - textual is slow to import

    def open_demo() -> Demonstration:
        logs_home = enter_demo(context)
        return Demonstration(context.database, logs_home)

    return run(
        context.database,
        tz_name=context.tz_name,
        is_demo=context.is_demo,
        logs_home=context.other_home,
        open_demo=open_demo,
        with_ritual=context.with_ritual,
    )


def ask(asking: Asking) -> Held:
    """Hold a check on the terminal that the person sits at; it always returns."""
    from tokencoach.tui.check.hold import hold  # noqa: PLC0415 - only where someone is asked

    return hold(asking)


if __name__ == "__main__":
    sys.exit(main())
