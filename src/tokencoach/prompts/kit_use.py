"""How often kept prompts were used: by their names in the logs, by reads of their files, by their words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.prompts.mine import shingles
from tokencoach.prompts.typed import normalised
from tokencoach.usage.words import ArtifactUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.prompts.artifacts import PromptArtifact
    from tokencoach.prompts.typed import Typed
    from tokencoach.store.artifact_rows import SkillRead, UseRow

_LIKE: Final = 0.8
_LEAST_SHINGLES: Final = 4


class KitUse(NamedTuple):
    """A kept prompt with its uses as ``(session, at_ms)``, oldest first."""

    artifact: PromptArtifact
    uses: tuple[tuple[int, int], ...]


def kit_uses(
    artifacts: Sequence[PromptArtifact],
    named: Iterable[UseRow],
    reads: Iterable[SkillRead] = (),
    typed: Iterable[Typed] = (),
) -> list[KitUse]:
    """Each kept prompt with its uses in a span, the most used first.

    A name tells (of two of one name each is credited: which of them was meant no log says); so does a
    read of a skill's own file. A command that its assistant logs as the text it stands for is known by
    its words: a prompt that holds four fifths of the command's five-word runs.
    """
    uses: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    for use in named:
        for index in _called(artifacts, use):
            uses[index].add((use.session, use.at_ms))
    for read in reads:
        for index, artifact in enumerate(artifacts):
            if artifact.is_skill and _is_file(artifact, read.path):
                uses[index].add((read.session, read.at_ms))
    for index, session, at_ms in _spoken(artifacts, typed):
        uses[index].add((session, at_ms))
    found = [
        KitUse(artifact, tuple(sorted(uses[index], key=lambda use: (use[1], use[0]))))
        for index, artifact in enumerate(artifacts)
    ]
    return sorted(found, key=lambda one: (-len(one.uses), one.artifact.name))


def _called(artifacts: Sequence[PromptArtifact], use: UseRow) -> list[int]:
    """Which kept prompts a name in a log stands for; a skill may be called by hand as well.

    A command in a folder of its own is logged with the folder's name before it.
    """
    wanted = use.name.lower()
    return [
        index
        for index, artifact in enumerate(artifacts)
        if wanted in (artifact.name.lower(), f"{artifact.path.parent.name}:{artifact.name}".lower())
        and (artifact.is_skill or use.how is ArtifactUse.COMMAND)
    ]


def _is_file(artifact: PromptArtifact, path: str) -> bool:
    """Whether a path of a log is the skill's own file; a project may lie elsewhere than it did then."""
    tail = "/".join(artifact.path.parts[-3:])
    return path.replace("\\", "/").endswith(f"/{tail}")


def _spoken(artifacts: Sequence[PromptArtifact], typed: Iterable[Typed]) -> list[tuple[int, int, int]]:
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for index, artifact in enumerate(artifacts):
        own = shingles(normalised(artifact.body)) if not artifact.is_skill else frozenset()
        if len(own) >= _LEAST_SHINGLES:
            sizes[index] = len(own)
            for shingle in own:
                holders[shingle].append(index)
    found = []
    for prompt in typed if sizes else ():
        shared: defaultdict[int, int] = defaultdict(int)
        for shingle in shingles(normalised(prompt.text)):
            for index in holders.get(shingle, ()):
                shared[index] += 1
        found += [
            (index, prompt.session, prompt.at_ms)
            for index, count in shared.items()
            if count >= _LIKE * sizes[index]
        ]
    return found
