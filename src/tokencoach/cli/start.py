"""``tokencoach`` without a verb: the app on a terminal, else this month's audit as text."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from tokencoach.cli.context import has_terminal
from tokencoach.cli.demonstration import enter_demo
from tokencoach.cli.output import narrate, say
from tokencoach.errors import NothingToReadError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context


def start(context: Context) -> int:
    """The main job. Without any log it says where it looked and shows the demonstration."""
    if context.is_demo:
        enter_demo(context)
    elif not _has_anything(context):
        if has_terminal():
            return context.open_app(context)
        from tokencoach.doctor.logs import places  # noqa: PLC0415 - only where nothing is found
        from tokencoach.watch.reading import sources_by_name  # noqa: PLC0415 - the same

        say("No assistant's log was found. Looked in:")
        for source in sources_by_name().values():
            said = f"  {source.name:<14} {places(source.roots(context.home), context.home.folder)}"
            for line in wrap(said, 80, subsequent_indent=" " * 17, break_on_hyphens=False):
                say(line)
        say("This is the demonstration instead (tokencoach demo opens it in the app):")
        say()
        enter_demo(context)
        context.is_demo = True
    if has_terminal():
        return context.open_app(context)
    return print_audit(context)


def _has_anything(context: Context) -> bool:
    if context.database.exists():
        try:
            with open_reader(context.database) as reader:
                if reader.has_requests():
                    return True
        except NothingToReadError:
            from tokencoach.cli.update import bring_up_to_date  # noqa: PLC0415 - once after an update
            from tokencoach.watch.earlier_release import end_earlier  # noqa: PLC0415 - the same

            ended = end_earlier(context.database)
            if ended is not None:
                narrate(f"the watcher of the earlier tokencoach (process {ended}) was ended")
            narrate(
                "this database was made by an earlier tokencoach; it is backed up and brought to today's format"
            )
            bring_up_to_date(context)
            return True
    from tokencoach.watch.reading import sources_by_name  # noqa: PLC0415 - only before the first reading

    home = context.home
    return any(next(iter(source.files(home)), None) is not None for source in sources_by_name().values())


def print_audit(context: Context) -> int:
    """The newest month with requests, as text; an empty state says the next step."""
    # The app, which is the other way from here, shows its first screen without any of these.
    from tokencoach.audit.as_text import as_text  # noqa: PLC0415
    from tokencoach.audit.month import months  # noqa: PLC0415
    from tokencoach.audit.period import month_period  # noqa: PLC0415
    from tokencoach.cli.update import bring_up_to_date  # noqa: PLC0415
    from tokencoach.coach.as_text import habits_lines  # noqa: PLC0415
    from tokencoach.coach.habits import month_with_habits  # noqa: PLC0415

    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        known = months(reader, context.tz)
        if not known:
            say("The logs hold no request yet. Use an assistant, then come back; or: tokencoach demo")
            return 0
        if context.is_demo:
            say("DEMO")
        period = month_period(known[-1], context.tz)
        audit, habits = month_with_habits(reader, period, context.now_ms, context.settings)
        say("\n".join([as_text(audit), *habits_lines(habits)]))
    return 0
