"""Commands and skills that Claude Code logs are kept as uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coach.made import AS_OF, BEGIN
from tokencoach.store.artifact_rows import artifact_uses, skill_reads
from tokencoach.usage.words import ArtifactUse

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession

SPAN = int(BEGIN.timestamp() * 1000), int(AS_OF.timestamp() * 1000)


def call_command(session: ClaudeSession, name: str) -> None:
    tags = f"<command-message>{name.lstrip('/')}</command-message>\n<command-name>{name}</command-name>"
    session.put("user", message={"role": "user", "content": f"{tags}\n<command-args>all</command-args>"})


def load_skill(session: ClaudeSession, arguments: object) -> None:
    block = {
        "type": "tool_use",
        "id": session.identifiers.short("toolu_01"),
        "name": "Skill",
        "input": arguments,
    }
    session.think(2, 5)
    session.log_blocks(session.bill(40, 100), [block])


def told(month: Month) -> list[tuple[ArtifactUse, str]]:
    with month.read() as reader:
        return [(use.how, use.name) for use in artifact_uses(reader.connection, *SPAN)]


def test_a_command_that_a_person_keeps_is_a_use(month: Month) -> None:
    session = month.session()
    call_command(session, "/git:review")
    session.say("Reviewed.")
    assert told(month) == [(ArtifactUse.COMMAND, "git:review")]


def test_the_programs_own_commands_are_none(month: Month) -> None:
    session = month.session()
    words = "<command-name>/clear</command-name>\n<command-message>clear</command-message>"
    session.put("user", message={"role": "user", "content": words})
    session.say("Hello.")
    assert told(month) == []


def test_a_skill_that_the_model_loads_is_a_use_under_both_names_of_its_field(month: Month) -> None:
    session = month.session()
    session.prompt("Write a test")
    load_skill(session, {"skill": "add-test", "args": "the parser"})
    load_skill(session, {"command": "/older"})
    load_skill(session, {"skill": 7})
    assert told(month) == [(ArtifactUse.SKILL, "add-test"), (ArtifactUse.SKILL, "older")]


def test_a_fork_that_copies_the_history_counts_no_use_twice(month: Month) -> None:
    session = month.session()
    session.prompt("Write a test")
    call_command(session, "/review")
    load_skill(session, {"skill": "add-test"})
    session.fork().say("Done.")
    assert len(told(month)) == 2


def test_a_read_of_a_skills_file_is_found(month: Month) -> None:
    month.repo.human_write(".codex/skills/tidy/SKILL.md", "---\nname: tidy\n---\nTidy up.\n")
    session = month.session()
    session.prompt("Tidy up")
    session.read(".codex/skills/tidy/SKILL.md")
    with month.read() as reader:
        (found,) = skill_reads(reader.connection, *SPAN)
    assert found.path.endswith("/.codex/skills/tidy/SKILL.md")
