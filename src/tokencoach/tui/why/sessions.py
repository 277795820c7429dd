"""The figures of sessions, turns, edits and lines, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.tui import figures
from tokencoach.tui.verdicts import share_of_bucket
from tokencoach.tui.why.explanation import (
    FROM_BOTH,
    FROM_LINES,
    FROM_REQUESTS,
    MEANING,
    SHARE,
    Explanation,
    Inputs,
    bucket_inputs,
    exact,
    lines_explained,
    said_inputs,
    share_filled,
    waste_inputs,
)
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.audit.report import EditDetail, LineFate, SessionRow, TurnDetail
    from tokencoach.store.trace_rows import CallStep

_SHORT = 9
_SHOWN_COMMITS = 4
_VERDICT = "The bucket with most of its spend; unknown where less than 60 % of its lines are known. * is your own word."


def _commits(commits: tuple[str, ...]) -> str:
    shown = " ".join(commit[:_SHORT] for commit in commits[:_SHOWN_COMMITS])
    more = f" and {len(commits) - _SHOWN_COMMITS} more" if len(commits) > _SHOWN_COMMITS else ""
    return f"{shown}{more}" if commits else "none"


def _where(row: SessionRow) -> str:
    return f"the log of {row.source}, session {row.session_id}; commits: {_commits(row.commits)}."


def session_explained(figure: str, row: SessionRow, unit: str) -> Explanation | None:
    """A figure of one session, by the name of its column or of its place in the summary."""
    name, _, detail = figure.partition(".")
    inputs: Inputs = (
        ("requests", figures.count(row.requests)),
        ("in all", exact(row.tokens, row.cost_nano)),
        *bucket_inputs(row.buckets),
        *said_inputs(row.said),
    )
    opens = "its turns"
    if name == "lines" and detail:
        found = lines_explained(detail, row.lines, "this session")
        return None if found is None else found._replace(opens=opens)
    if name in set(Bucket):
        return _share(Bucket(name), row, unit, inputs)
    if name == "share":
        return _share(row.verdict, row, unit, inputs)
    formulas = {
        "spend": (
            "Spend of the session",
            "The sum over its own requests: what it resumed or forked from is not counted again.",
        ),
        "waste": ("Waste of the session", "Its spend that was reworked or never landed."),
        "verdict": ("Verdict on the session", _VERDICT),
        "turns": ("Turns of the session", "One for each prompt with requests of its own in this time."),
        "lines": ("Lines of the session", "Significant lines that its edits added to files of a repository."),
    }
    if name not in formulas:
        return None
    title, formula = formulas[name]
    if name == "waste":
        inputs = waste_inputs(row.waste)
    return Explanation(title, formula, _where(row), inputs, opens)


def _share(bucket: Bucket, row: SessionRow, unit: str, inputs: Inputs) -> Explanation:
    measure = "weighted_tokens" if row.unpriced_requests or not row.cost_nano else "cost"
    shown = figures.percent(share_of_bucket(row.buckets, bucket, unit))
    formula = f"{SHARE}\n{share_filled(row.buckets, bucket, unit, measure)}\n\n{MEANING[bucket]}"
    word = str(bucket).replace("_", " ")
    return Explanation(f"Share of the session {word}: {shown}", formula, _where(row), inputs, "its turns")


def turn_explained(name: str, turn: TurnDetail, unit: str) -> Explanation | None:
    """A figure of one turn."""
    inputs: Inputs = (
        ("requests", figures.count(turn.requests)),
        ("in all", exact(turn.tokens, turn.cost_nano)),
        *bucket_inputs(turn.buckets),
        *waste_inputs(turn.waste),
        *said_inputs(turn.said),
    )
    title, source = f"turn {turn.turn}", _log(turn)
    if name in set(Bucket):
        bucket = Bucket(name)
        formula = f"{SHARE}\n{share_filled(turn.buckets, bucket, unit)}\n\n{MEANING[bucket]}"
        return Explanation(f"Share of {title} {name.replace('_', ' ')}", formula, source, inputs, "its edits")
    formulas = {
        "spend": (
            "Spend",
            "The sum over all requests that the prompt caused, those of its sub-agents included.",
        ),
        "requests": ("Requests", "Every answer of a model that the prompt caused."),
        "lines": ("Lines", "All lines that its edits added."),
        "verdict": (
            "Verdict",
            f"The bucket with most of its spend: {turn.reason}.",
        ),
        "sure": (
            "How sure",
            f"The mean confidence of its lines' verdicts: {turn.confidence:.2f}; 0.50 where it wrote none.",
        ),
        "waste": ("Waste", "What of it was rejected, failed, looped, overwritten or never landed."),
    }
    if name not in formulas:
        return None
    word, formula = formulas[name]
    return Explanation(f"{word} of {title}", formula, source, inputs, "its edits")


def _log(turn: TurnDetail) -> str:
    if turn.log is None:
        return FROM_BOTH
    return f"{paths.shown(turn.log)} at byte {turn.at_byte or 0:,} (p shows the prompt); {FROM_LINES}"


def edit_explained(name: str, edit: EditDetail) -> Explanation | None:
    """A figure of one edit."""
    more = ("commits", _commits(edit.commits)), *said_inputs(edit.said)
    return file_explained(name, edit.path, edit.buckets, more)


def call_explained(name: str, call: CallStep) -> Explanation | None:
    """A figure of one tool call."""
    if name != "answer":
        return None
    inputs: Inputs = (
        ("tool", call.tool),
        ("bytes", figures.count(call.output_bytes)),
        ("by", "a sub-agent" if call.agent is not None else "the main thread"),
    )
    formula = "The length of the log's record that holds the answer; what was answered is not kept here."
    return Explanation("Answer of a call", formula, "the assistants' logs: one record a call.", inputs)


def file_explained(
    name: str, path: str, buckets: Mapping[Bucket, int], more: Inputs = ()
) -> Explanation | None:
    """A figure of one edit, or of all edits of a session in one file."""
    fates = tuple(
        (str(bucket).replace("_", " "), figures.count(number)) for bucket, number in buckets.items()
    )
    inputs: Inputs = (("file", path), *fates, *more)
    formulas = {
        "added": "Lines that are new in the file's last image known in the session, blank ones left out.",
        "removed": "Lines that the edit took out, blank ones left out.",
        "fate": "Its significant lines by their verdicts, each matched by text with the lines that commits added.",
    }
    if name not in formulas:
        return None
    title = {"added": "Lines added", "removed": "Lines removed", "fate": "Lines by verdict"}[name]
    return Explanation(title, formulas[name], FROM_LINES, inputs, "its lines")


def line_explained(name: str, line: LineFate) -> Explanation | None:
    """A figure of one line."""
    if name not in ("sure", "verdict"):
        return None
    inputs: Inputs = (
        ("verdict", f"{str(line.bucket).replace('_', ' ')}: {line.reason}"),
        ("matched", line.method or "by nothing"),
        ("landed in", line.commit or "no commit"),
        ("died in", line.died_in or figures.UNKNOWN),
        *said_inputs(line.said),
    )
    formula = (
        "How the match was made: in order beside its neighbours is strong, a moved, re-wrapped or edited line weaker;"
        " the text of both sides is compared after normalising. p shows the prompt that made it."
    )
    title = f"Confidence {line.confidence:.2f}" if name == "sure" else "Verdict on the line"
    return Explanation(title, formula, FROM_LINES, inputs, "its prompt")


def count_explained(count: int) -> Explanation:
    """How many sessions a list holds."""
    formula = "Sessions with at least one own request in this time; sub-agents belong to the session that began them."
    return Explanation("Sessions", formula, FROM_REQUESTS, (("sessions", figures.count(count)),))
