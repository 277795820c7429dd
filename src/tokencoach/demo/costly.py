"""Habits of the demonstration that cost more than they bring: what a coach has something to say about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokencoach.demo.engineer import Engineer, FollowUp
    from tokencoach.demo.session import Session

LARGEST_MODEL = "claude-opus-4-6"
REVIEW = (
    "Go through my last change once more: names that mislead, errors that nobody sees, tests that are missing, "
    "and words in the docs that are not true any more. List what you would change, with file and line."
)
BLIND = ("still broken", "fix it", "again, the same error", "does not work")
QUESTIONS = (
    "What does {noun} mean in this project?",
    "Which file holds the limit for {noun} records?",
    "Is {noun} sorted before it is stored?",
    "Who calls the {noun} code?",
)
LONG_TOKENS = 60_000
READ_FILES = 7


def debugs_by_asking_again(engineer: Engineer) -> list[FollowUp]:
    """What fails is sent back with two words until it works by luck."""
    session = engineer.open_claude()
    module = engineer.build(session)
    tests = engineer.language.test_command
    for words in engineer.dice.sample(BLIND, 4):
        session.prompt(words)
        session.read(module.path)
        module = engineer.extend(session, module)
        session.bash(tests, f"1 failed in {engineer.dice.randrange(2, 30)} s", exit_code=1)
    session.prompt(f"The {module.noun} is written before it is checked: check it first, then write")
    module = engineer.extend(session, module)
    session.bash(tests, f"{engineer.dice.randrange(20, 90)} passed")
    engineer.land(module, "fix")
    return []


def walks_away(engineer: Engineer) -> list[FollowUp]:
    """Lunch in the middle of a long conversation: all of it is written to the cache anew. Then the usual review."""
    session = engineer.open_claude()
    session.context_tokens += LONG_TOKENS
    module = engineer.build(session)
    session.leave(minutes=engineer.dice.randrange(65, 110))
    session.prompt(f"Now the case in which there is no {module.noun} at all")
    module = engineer.extend(session, module)
    session.bash(engineer.language.test_command, f"{engineer.dice.randrange(20, 90)} passed")
    _has_it_reviewed(session, module.path)
    engineer.land(module)
    return []


def compacts_again_and_again(engineer: Engineer) -> list[FollowUp]:
    """One conversation for four pieces of work, folded into a summary three times."""
    session = engineer.open_claude()
    module = engineer.build(session)
    for _ in range(3):
        session.compact()
        session.read(module.path)
        module = engineer.build(session)
    engineer.land(module)
    return []


def asks_the_largest_model(engineer: Engineer) -> list[FollowUp]:
    """Small questions to the dearest model there is, in the middle of a long conversation."""
    session = engineer.stage.claude(engineer.repo, model=LARGEST_MODEL)
    session.context_tokens += engineer.dice.randrange(60_000, 110_000)
    noun = engineer.author.module(2).noun
    for question in QUESTIONS:
        session.prompt(question.format(noun=noun))
        session.read("README.md")
        session.say(f"The {noun} is kept as it comes; see the readme.")
    return []


def lets_two_write_one_file(engineer: Engineer) -> list[FollowUp]:
    """Two conversations at once on one file: each writes over what the other wrote."""
    first, second = engineer.open_claude(), engineer.open_claude()
    module = engineer.build(first)
    second.prompt(f"Make the {module.noun} module simpler")
    second.read(module.path)
    for session in (second, first):
        parts = [engineer.author.part(module.noun, module.verb) for _ in range(3)]
        session.write(module.path, "\n\n".join([module.parts[0], *parts]))
    first.bash(engineer.language.test_command, f"{engineer.dice.randrange(20, 90)} passed")
    engineer.land(module)
    return []


def sends_it_again_in_a_storm(engineer: Engineer) -> list[FollowUp]:
    """The service is overloaded for minutes; the turn is stopped and sent once more, word for word."""
    session = engineer.open_claude()
    module = engineer.author.module(3)
    words = f"Write the {module.noun} module, which has to {module.verb} what comes in, with its errors told"
    session.prompt(words)
    engineer.look_around(session)
    for _ in range(3):
        session.api_errors(2)
        engineer.stage.clock.advance(seconds=50)
    session.interrupt()
    session.prompt(words)
    session.write(module.path, module.text)
    session.bash(engineer.language.test_command, f"{engineer.dice.randrange(20, 90)} passed")
    engineer.land(module)
    return []


def commits_untested(engineer: Engineer) -> list[FollowUp]:
    """A change goes in as it was written; a line of it has to be mended some days later."""
    session = engineer.open_claude()
    module = engineer.author.module(engineer.dice.randrange(3, 6))
    session.prompt(f"Quickly, a {module.noun} module that can {module.verb}; I have to go")
    session.read("README.md")
    session.write(module.path, module.text)
    engineer.land(module)
    return [(engineer.dice.uniform(2, 6), lambda: engineer.mend(module))]


def reads_it_all_again(engineer: Engineer) -> list[FollowUp]:
    """The same files again in the next turn, and once more by a helper that is told nothing; then the review."""
    session = engineer.open_claude()
    paths = engineer.files(READ_FILES)
    session.prompt("Look at these modules before we change anything: " + ", ".join(paths[:3]))
    for _ in range(2):
        for path in paths:
            session.read(path)
        session.prompt("Look again, I think you have missed something")
    with session.subagent("Find out which of these modules could be merged") as helper:
        for path in paths:
            helper.read(path)
    module = engineer.build(session, 3)
    _has_it_reviewed(session, module.path)
    engineer.land(module)
    return []


def _has_it_reviewed(session: Session, path: str) -> None:
    session.prompt(REVIEW)
    session.read(path)
    session.say("Two names could say more; nothing else.")
