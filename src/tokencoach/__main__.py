"""Entry point: answers the quick questions before anything is imported, else hands over to the CLI."""

from __future__ import annotations

import sys

from tokencoach import __version__


def main() -> int:
    """Run the command line; the exit code. ``--version`` needs nothing beyond this file."""
    arguments = sys.argv[1:]
    if len(arguments) == 1 and arguments[0] in {"--version", "-V"}:
        sys.stdout.write(f"tokencoach {__version__}\n")
        return 0
    # Imported late: the command line costs more than the answer above may.
    from tokencoach.cli.main import run  # noqa: PLC0415

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
