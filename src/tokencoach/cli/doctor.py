"""``tokencoach doctor``: what works, what does not, and the mend."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import click

from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, one_line, say
from tokencoach.doctor.examine import examine
from tokencoach.doctor.report import verdict_lines
from tokencoach.watch.reach import examine_reach
from tokencoach.watch.reading import sources_by_name

if TYPE_CHECKING:
    from tokencoach.doctor.report import DoctorReport

_WIDTH = 80


@click.command(epilog="Example: tokencoach doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--sandbox", is_flag=True, help="Also try twenty ways out of the sandbox; takes some seconds.")
@verb
def doctor(context: Context, *, as_json: bool, sandbox: bool) -> int:
    """What works, what does not, and the command that mends it. Exit 1 where something needs you.

    The output is pasteable: your home folder shows as ~, no prompt and no code is in it.
    """
    sources = sources_by_name().values()
    report = examine(
        context.database,
        context.home,
        context.tz,
        context.settings,
        sources,
        more=[examine_reach(context.folder, context.home, context.settings)],
        attacks=sandbox,
    )
    if as_json:
        emit_json(
            {
                "ok": report.ok,
                "verdict": list(verdict_lines(report)),
                "sections": [
                    {
                        "name": section.name,
                        "ok": section.ok,
                        "items": [
                            {"name": item.name, "value": item.value, "mend": item.mend}
                            for item in section.items
                        ],
                    }
                    for section in report.sections
                ],
            }
        )
    else:
        _say(report)
    return 0 if report.ok else 1


def _say(report: DoctorReport) -> None:
    """Every item below its section, and the verdict last, where a terminal stops scrolling."""
    for section in report.sections:
        say(("✓ " if section.ok else "✗ ") + section.name)
        for item in section.items:
            _say_wrapped(f"{item.name}: {item.value}", "    ", "      ")
            if item.mend:
                _say_wrapped(item.mend, "      → ", "        ")
    say()
    for line in verdict_lines(report):
        _say_wrapped(line, "", "  ")


def _say_wrapped(text: str, first: str, other: str) -> None:
    for line in wrap(
        one_line(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=other,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        say(line)
