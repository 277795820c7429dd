"""Which kept prompts were used, as the logs tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokencoach.prompts.artifacts import PromptArtifact, saved_prompts
from tokencoach.prompts.kit_use import kit_uses
from tokencoach.prompts.typed import Typed
from tokencoach.sources.base import LogsHome
from tokencoach.store.artifact_rows import SkillRead, UseRow
from tokencoach.usage.words import ArtifactUse

if TYPE_CHECKING:
    from collections.abc import Sequence

BODY = (
    "Write exactly one regression test that fails now because of the bug described here, and stop: $ARGUMENTS"
)


def kept(path: str, name: str, body: str = "Do it.") -> PromptArtifact:
    return PromptArtifact(name, Path(path), None, body, "", "", "", has_tests=False)


SKILL = kept("/home/a/.claude/skills/add-test/SKILL.md", "add-test")
COMMAND = kept("/home/a/.claude/commands/git/review.md", "review", BODY)


def counts(
    named: Sequence[UseRow] = (), reads: Sequence[SkillRead] = (), typed: Sequence[Typed] = ()
) -> dict[str, int]:
    return {one.artifact.name: len(one.uses) for one in kit_uses([SKILL, COMMAND], named, reads, typed)}


@pytest.mark.parametrize(
    ("how", "name", "expected"),
    [
        (ArtifactUse.COMMAND, "review", {"review": 1, "add-test": 0}),
        (ArtifactUse.COMMAND, "git:review", {"review": 1, "add-test": 0}),
        (ArtifactUse.COMMAND, "other:review", {"review": 0, "add-test": 0}),
        (ArtifactUse.SKILL, "review", {"review": 0, "add-test": 0}),
        (ArtifactUse.SKILL, "Add-Test", {"review": 0, "add-test": 1}),
        (ArtifactUse.COMMAND, "add-test", {"review": 0, "add-test": 1}),
    ],
)
def test_a_name_in_a_log_is_a_use(how: ArtifactUse, name: str, expected: dict[str, int]) -> None:
    assert counts([UseRow(1, 5, how, name)]) == expected


def test_a_read_of_its_own_file_is_a_use_of_a_skill_wherever_the_project_lay() -> None:
    reads = [
        SkillRead(1, 5, "C:\\work\\.claude\\skills\\add-test\\SKILL.md"),
        SkillRead(1, 9, "/srv/skills/other-test/SKILL.md"),
    ]
    assert counts(reads=reads)["add-test"] == 1


def test_a_command_that_is_logged_as_its_text_is_known_by_its_words() -> None:
    spoken = Typed(BODY.replace("$ARGUMENTS", "the parser drops the last line"), 5, 1, "p")
    other = Typed("Write exactly one page about the parser, and stop there please, I will go on", 6, 1, "p")
    assert counts(typed=[spoken, other]) == {"review": 1, "add-test": 0}


def test_one_use_that_two_traces_tell_of_is_one() -> None:
    named = [UseRow(1, 5, ArtifactUse.COMMAND, "review")]
    assert counts(named, typed=[Typed(BODY, 5, 1, "p")])["review"] == 1


def test_a_projects_links_are_not_followed_out_of_it(tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "secret.md"
    outside.parent.mkdir()
    outside.write_text("Nobody's business.")
    folder = tmp_path / "project" / ".claude" / "commands"
    folder.mkdir(parents=True)
    (folder / "own.md").write_text("Ours.")
    (folder / "secret.md").symlink_to(outside)
    (folder / "all").symlink_to("/")
    (tmp_path / "project" / ".github").symlink_to(tmp_path / "outside")
    found = saved_prompts(LogsHome(tmp_path / "home", {}), [tmp_path / "project"])
    assert [one.name for one in found] == ["own"]
