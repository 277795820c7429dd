"""C3 and C13: a personal prompt toolkit, kept like code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.audit.numbers import counted
from tokencoach.checklist.item import NOT_SEEN_AFTERWARDS, Item, Judgement, State, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import DAY_MS
from tokencoach.coach.detectors.retyped_prompt import mined_prompts, typed_prompts
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.prompts.artifacts import saved_prompts
from tokencoach.prompts.kit_use import kit_uses
from tokencoach.prompts.typed import normalised
from tokencoach.store.artifact_rows import artifact_uses, skill_reads
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.prompts.artifacts import PromptArtifact
    from tokencoach.prompts.mine import Repeated

ARTIFACTS: Final = Threshold(
    "C3.artifacts", 3, "artifacts", "one saved prompt is a note, three are a toolkit"
)
USES: Final = Threshold("C3.uses", 3, "times", "what is not used three times was not worth saving")
COVERED: Final = Threshold(
    "C3.covered", 0.50, "share", "half of what is typed again and again is where it pays"
)
DAYS: Final = Threshold(
    "C3.days", 60, "days", "what was not wanted for two months is not part of how one works"
)
TYPED: Final = Threshold("C3.typed", 5, "times", "what was typed five times will be typed a sixth time")
PROMPTS: Final = Threshold("C3.prompts", 20, "prompts", "fewer prompts repeat nothing yet")
_SHINGLE: Final = 5
_ALIKE: Final = 0.5
_SHOWN: Final = 60


def judge(grounds: Grounds) -> Judgement:
    """Saved prompts, their use as the logs show it, and what of the typed repeats they cover."""
    mined = mined_prompts(grounds.material)
    often = [one for one in mined.repeated if len(one.uses) >= grounds.limit(TYPED)]
    saved = _saved(grounds)
    if saved is None:
        return too_little(NOT_SEEN_AFTERWARDS, "nothing to do: the current month is looked at now")
    if not saved and not often and mined.prompts < grounds.limit(PROMPTS):
        return too_little(
            f"{counted(mined.prompts, 'typed prompt')} kept, and none is saved; it takes {grounds.limit(PROMPTS):.0f}",
            "nothing to do yet",
        )
    covered = [one for one in often if any(_covers(artifact, one) for artifact in saved)]
    parts = (
        Part(
            len(saved) >= grounds.limit(ARTIFACTS),
            f"{len(saved)} prompts and skills saved ({grounds.limit(ARTIFACTS):.0f} needed)",
        ),
        _used(grounds, saved),
        _covered(len(covered), len(often), grounds.limit(COVERED), grounds.limit(TYPED)),
    )
    open_ones = [one for one in often if one not in covered]
    return Judgement(
        State.NOT_MET if not saved else state_of(parts),
        sentence(parts),
        f'save "{_clipped(open_ones[0])}" as a command of your assistant' if open_ones else _step(saved),
        value=float(len(saved)),
        target=grounds.limit(ARTIFACTS),
        evidence=tuple(_told(grounds, one) for one in open_ones),
    )


def _saved(grounds: Grounds) -> list[PromptArtifact] | None:
    """What is saved now; None of a month that is over."""
    if grounds.place is None:
        return None
    return saved_prompts(grounds.place.home, [Path(repo.path) for repo in grounds.repos.values()])


def _used(grounds: Grounds, saved: list[PromptArtifact]) -> Part:
    """Saved prompts that the logs name: called, loaded as a skill, read, named in a prompt or typed whole."""
    connection, material = grounds.reader.connection, grounds.material
    span = (grounds.as_of_ms - round(grounds.limit(DAYS)) * DAY_MS, grounds.as_of_ms + 1)
    named = kit_uses(
        saved, artifact_uses(connection, *span), skill_reads(connection, *span), typed_prompts(material)
    )
    texts = [prompt.text for trace in material.traces for prompt in trace.prompts if prompt.text]
    least = grounds.limit(USES)
    used = [one for one in named if len(one.uses) + _mentions(one.artifact, texts) >= least]
    return Part(
        len(used) >= grounds.limit(ARTIFACTS),
        f"{len(used)} of them used {least:.0f} times or more in {grounds.limit(DAYS):.0f} days",
    )


def _mentions(artifact: PromptArtifact, texts: list[str]) -> int:
    """How many prompts name it as one calls it, where the log shows them as they were typed."""
    named = re.compile(rf"(?<![\w/.~-])[/$@]{re.escape(artifact.name)}(?![\w/.-])", re.IGNORECASE)
    return sum(named.search(text) is not None for text in texts)


def _covers(artifact: PromptArtifact, repeated: Repeated) -> bool:
    """Whether half of what is typed stands in a saved prompt, word for word in runs of five."""
    typed = _runs(normalised(repeated.uses[-1].text))
    return bool(typed) and len(typed & _runs(normalised(artifact.body))) >= _ALIKE * len(typed)


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + _SHINGLE]) for at in range(max(len(words) - _SHINGLE + 1, 0))}


def _covered(covered: int, often: int, least: float, typed: float) -> Part:
    if not often:
        return Part(True, f"nothing was typed {typed:.0f} times")
    return Part(
        covered >= least * often,
        f"{covered} of {counted(often, 'prompt')} typed {typed:.0f} times or more saved",
    )


def _step(saved: list[PromptArtifact]) -> str:
    return (
        "use what you saved by its name" if saved else "save the next prompt that you type for the third time"
    )


def _clipped(one: Repeated) -> str:
    words = " ".join(one.template.text.split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def _told(grounds: Grounds, one: Repeated) -> Evidence:
    last = one.uses[-1]
    return Evidence(
        f'"{_clipped(one)}" typed {len(one.uses)} times on {one.days} days, not saved',
        one.uses[0].at_ms,
        0,
        one.tokens,
        last.session,
        grounds.material.session_id(last.session),
        last.turn,
    )


def judge_kept(grounds: Grounds) -> Judgement:
    """Saved prompts of production with a version, tests and a reviewer."""
    saved = _saved(grounds)
    if saved is None:
        return too_little(NOT_SEEN_AFTERWARDS, "nothing to do: the current month is looked at now")
    wanted = [one for one in saved if _phase(grounds, one) is Phase.PRODUCTION]
    if not wanted:
        return too_little("no prompt or skill for production is saved", "nothing to do yet")
    lacking = {one.path: _lacks(one) for one in wanted}
    whole = sum(not lacks for lacks in lacking.values())
    part = Part(whole == len(wanted), f"{whole} of {len(wanted)} have a version, tests and a reviewer")
    return Judgement(
        state_of((part,)),
        f"{part.words}; whether the version moved with each change is not seen",
        "nothing to do"
        if part.holds
        else "write version and reviewers into its head, and tests.yaml beside it",
        value=whole / len(wanted),
        target=1.0,
        evidence=tuple(
            Evidence(
                f"{one.name}: no {', no '.join(lacking[one.path])}",
                grounds.as_of_ms,
                path=paths.shown(one.path),
            )
            for one in wanted
            if lacking[one.path]
        ),
    )


def _lacks(one: PromptArtifact) -> list[str]:
    held = {"version": one.version, "tests": one.has_tests, "reviewer": one.reviewers}
    return [name for name, value in held.items() if not value]


def _phase(grounds: Grounds, one: PromptArtifact) -> Phase:
    """What the prompt says of itself, else the phase of its project, else production."""
    if one.phase in set(Phase):
        return Phase(one.phase)
    repo = next((repo for repo in grounds.repos.values() if one.project == Path(repo.path)), None)
    return Phase.PRODUCTION if repo is None else grounds.phase(repo.repo_id)


C3: Final = Item(
    "C3",
    "A personal prompt toolkit",
    "At least 3 prompts or skills are saved where assistants look for them, each used 3 times in 60 days as far as "
    "the logs name it, and at least half of the prompts that were typed 5 times or more are saved.",
    judge,
    (ARTIFACTS, USES, DAYS, COVERED, TYPED, PROMPTS),
    unit="saved",
    detector="retyped-prompt",
)
C13: Final = Item(
    "C13",
    "Prompt is code",
    "Every saved prompt or skill for production has a version and a reviewer in its head, and tests beside it. Whether "
    "its version moved with each change is not looked at here.",
    judge_kept,
)
