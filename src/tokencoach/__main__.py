"""Entry point: answers the quick questions before anything is imported, else hands over to the CLI."""

from __future__ import annotations

import sys

from tokencoach import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.asking import Asking, Held


def main() -> int:
    """Run the command line; the exit code. ``--version`` and ``statusline`` need the standard library only."""
    arguments = sys.argv[1:]
    if len(arguments) == 1 and arguments[0] in {"--version", "-V"}:
        sys.stdout.write(f"tokencoach {__version__}\n")
        return 0
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
