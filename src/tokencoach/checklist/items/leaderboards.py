"""C4 and T4: no leaderboards, no bragging with consumption; nothing on this computer feeds one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.audit.numbers import counted
from tokencoach.checklist.bragging import totals_in_commits, totals_in_readmes
from tokencoach.checklist.feeds import scan
from tokencoach.checklist.item import (
    NOT_SEEN_AFTERWARDS,
    Basis,
    Item,
    Judgement,
    State,
    Subject,
    too_little,
)
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import day_of
from tokencoach.coach.finding import Evidence

if TYPE_CHECKING:
    from tokencoach.checklist.feeds import Feed, Scan
    from tokencoach.checklist.grounds import Grounds

PLEDGE: Final = Subject("", "you send your usage to no ranking and do not brag with consumption")
_PLEDGE_STEP: Final = 'tokencoach checklist tick C4 --because "I publish no totals"'
_REMOVE: Final = "take it out of the file that is named, or uninstall the program"


def judge(grounds: Grounds) -> Judgement:
    """What can be seen (no feed, no totals in commits and READMEs), and the person's pledge."""
    seen = _scanned(grounds)
    told = totals_in_commits(grounds.commits)
    told += totals_in_readmes(grounds.active_repos, grounds.as_of_ms) if grounds.place is not None else []
    where = "commits" if grounds.place is None else "commits or READMEs"
    word = grounds.word("C4")
    parts = (
        _feeds_part(seen),
        Part(
            not told,
            f"{counted(len(told), 'total')} of tokens published" if told else f"no totals in {where}",
        ),
        Part(
            word is not None,
            f"pledge until {day_of(word.until_ms, grounds.period.tz).isoformat()}"
            if word is not None
            else "no pledge for this month",
        ),
    )
    is_pledge_missing = word is None and not told and parts[0].holds is not False
    return Judgement(
        state_of(parts),
        sentence(parts),
        _PLEDGE_STEP
        if is_pledge_missing
        else _REMOVE
        if state_of(parts) is not State.MET
        else "nothing to do",
        evidence=(*_evidence(seen, grounds.as_of_ms), *told),
        basis=Basis.WORD if word is not None else Basis.EVIDENCE,
        until_ms=None if word is None else word.until_ms,
    )


def judge_feeds(grounds: Grounds) -> Judgement:
    """Whether a program of the list is set to send totals from here."""
    seen = _scanned(grounds)
    if seen is None:
        return too_little(NOT_SEEN_AFTERWARDS, "nothing to do: the current month is looked at now")
    return Judgement(
        State.NOT_MET if seen.feeds else State.MET,
        _feeds_part(seen).words,
        _REMOVE if seen.feeds else "nothing to do",
        value=float(len(seen.feeds)),
        target=0.0,
        evidence=_evidence(seen, grounds.as_of_ms),
    )


def _scanned(grounds: Grounds) -> Scan | None:
    if grounds.place is None:
        return None
    projects = [Path(repo.path) for repo in grounds.repos.values()]
    return scan(grounds.place.home, projects, with_shell=grounds.settings.scan_shell)


def _feeds_part(seen: Scan | None) -> Part:
    if seen is None:
        return Part(None, "programs that send totals")
    if not seen.files:
        return Part(True, "no settings or hooks of an assistant lie here that could feed a ranking")
    files = f"{seen.files} files of settings and hooks looked at"
    if not seen.feeds:
        counters = f", {len(seen.counters)} counter that only you see" if seen.counters else ""
        return Part(True, f"nothing here feeds a ranking ({files}{counters})")
    names = ", ".join(sorted({feed.program for feed in seen.feeds}))
    return Part(False, f"{names} set to send totals ({files})")


def _evidence(seen: Scan | None, at_ms: int) -> tuple[Evidence, ...]:
    if seen is None:
        return ()
    return tuple(_told(feed, at_ms) for feed in (*seen.feeds, *seen.counters))


def _told(feed: Feed, at_ms: int) -> Evidence:
    kind = "shows totals to you alone" if feed.is_counter else "sends totals"
    return Evidence(f"{feed.program} {kind}: {feed.words}", at_ms, path=paths.shown(feed.where))


_WHERE: Final = (
    "settings, hooks, notifiers and status lines of Claude Code, Codex, Gemini CLI, Qwen Code and OpenCode, in the "
    "home folder and in projects, and timers of your session; start-up files of shells only with scan_shell = true"
)

C4: Final = Item(
    "C4",
    "Refuse leaderboards and bragging",
    f"No program of the list of known feeds is set to send totals ({_WHERE}); no total of tokens in the messages of "
    "commits with generated lines or in READMEs; and your pledge, which ends after 31 days.",
    judge,
    (),
    (PLEDGE,),
    unit="",
)
T4: Final = Item(
    "T4",
    "No leaderboard feeds from this machine",
    f"No program of the list of known feeds is set to send totals: {_WHERE}. Nothing is asked of a network.",
    judge_feeds,
    unit="feeds",
)
