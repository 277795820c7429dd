"""The habits of the demonstration: each is one piece of work and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.demo.engineer import REVIEWED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.demo.engineer import Engineer, FollowUp

    Habit = Callable[[Engineer], list[FollowUp]]


def ships_at_once(engineer: Engineer) -> list[FollowUp]:
    """A module is built and committed."""
    module = engineer.build(engineer.open())
    engineer.land(module)
    return []


def ships_after_a_fork(engineer: Engineer) -> list[FollowUp]:
    """A conversation is forked and both halves are committed."""
    session = engineer.open_claude()
    engineer.land(engineer.build(session))
    engineer.land(engineer.build(session.fork(), 2))
    return []


def ships_through_a_merge(engineer: Engineer) -> list[FollowUp]:
    """Two conversations on a branch, one with a sub-agent, merged two days later."""
    name = engineer.start_branch()
    session = engineer.open_claude()
    first = engineer.build(session)
    session.prompt(f"Let someone look over the {first.noun} module")
    # A helper that changes the file it reviews: its lines belong to this prompt.
    with session.subagent(f"Review {first.path} and mend what is wrong") as agent:
        agent.read(first.path)
        engineer.extend(agent, first)
    engineer.pause()
    engineer.repo.commit(f"feat({first.noun}): first half")
    second = engineer.build(engineer.open())
    engineer.pause()
    engineer.repo.commit(f"feat({second.noun}): second half")
    engineer.repo.checkout("main")
    return [(2.0, lambda: _merge(engineer, name))]


def _merge(engineer: Engineer, name: str) -> None:
    engineer.merge_of_a_colleague(name)
    engineer.repo.delete_branch(name)
    engineer.repo.push()


def ships_through_a_squash(engineer: Engineer) -> list[FollowUp]:
    """A branch lands as one commit a day later and is deleted; after weeks a line of it is mended."""
    name = engineer.start_branch()
    session = engineer.open()
    module = engineer.build(session)
    engineer.pause()
    engineer.repo.commit("wip")
    session.prompt("Handle the empty case as well")
    engineer.extend(session, module)
    engineer.pause()
    engineer.repo.commit("wip again")
    engineer.repo.checkout("main")
    return [(1.0, lambda: _squash(engineer, name, module.noun)), (20.0, lambda: engineer.mend(module))]


def _squash(engineer: Engineer, name: str, noun: str) -> None:
    engineer.counter += 1
    engineer.repo.squash(name, f"feat({noun}): all of it (#{engineer.counter}){REVIEWED}")
    engineer.repo.delete_branch(name)
    engineer.repo.push()


def refuses_an_edit(engineer: Engineer) -> list[FollowUp]:
    """The first proposal is refused, the second is committed."""
    session = engineer.open()
    session.prompt("Tidy the readme, then add the module we spoke of")
    # A turn of its own, so that only the refused request is at stake.
    session.reject_edit("README.md", "Run the tests before you push.", "This project has been rewritten.")
    engineer.land(engineer.build(session))
    return []


def meets_errors(engineer: Engineer) -> list[FollowUp]:
    """An edit fails, the test command fails, the service is overloaded; then it works."""
    session = engineer.open_claude()
    session.prompt("Repair the readme and add the module")
    session.failing_edit("README.md", "Run the tests before you pull.", "Run all tests before you push.")
    session.api_errors(engineer.dice.randrange(1, 4))
    session.bash(engineer.language.test_command, "3 failed", exit_code=1)
    engineer.land(engineer.build(session))
    return []


def goes_in_circles(engineer: Engineer) -> list[FollowUp]:
    """The same command is run again and again without any change between."""
    session = engineer.open()
    session.prompt("The build is broken, find out why")
    # From the third equal call on without any new file between, it is a loop.
    for _ in range(engineer.dice.randrange(4, 8)):
        session.bash(f"{engineer.language.test_command} --retry", "still broken")
    engineer.land(engineer.build(session, 2), "fix")
    return []


def changes_its_mind(engineer: Engineer) -> list[FollowUp]:
    """A file is written, then written anew in the next turn; only the second is committed."""
    session = engineer.open()
    module = engineer.build(session)
    session.prompt("That is too complicated, do it in a simpler way")
    parts = [engineer.author.part(module.noun, module.verb) for _ in range(3)]
    session.write(module.path, "\n\n".join([module.parts[0], *parts]))
    engineer.land(module)
    return []


def is_reworked(engineer: Engineer) -> list[FollowUp]:
    """What was committed is written anew by the person within two weeks."""
    module = engineer.build(engineer.open())
    engineer.land(module)

    def rewrite() -> None:
        parts = [engineer.author.part(module.noun, module.verb) for _ in range(2)]
        engineer.repo.human_write(module.path, "\n\n".join([module.parts[0], *parts]))
        engineer.land(module, "refactor")

    return [(engineer.dice.uniform(2, 11), rewrite)]


def is_reverted(engineer: Engineer) -> list[FollowUp]:
    """What was committed is reverted after a few days."""
    module = engineer.build(engineer.open())
    commit = engineer.land(module)

    def revert() -> None:
        engineer.repo.revert(commit)
        engineer.repo.push()

    return [(engineer.dice.uniform(1, 4), revert)]


def is_left_on_a_branch(engineer: Engineer) -> list[FollowUp]:
    """A branch is begun and never landed."""
    engineer.start_branch("try")
    module = engineer.build(engineer.open())
    engineer.pause()
    engineer.repo.commit(f"feat({module.noun}): not finished")
    engineer.repo.checkout("main")
    return []


def is_thrown_away(engineer: Engineer) -> list[FollowUp]:
    """The change is dropped from the working tree."""
    # What lies in the working tree is still pending; only what is gone can be waste.
    engineer.build(engineer.open())
    engineer.pause()
    engineer.throw_away()
    return []


def is_left_lying(engineer: Engineer) -> list[FollowUp]:
    """The change stands in the working tree, not committed yet."""
    engineer.build(engineer.open())
    return []


def is_about_to_be_committed(engineer: Engineer) -> list[FollowUp]:
    """The change is staged: the moment in which a check asks about it."""
    engineer.build(engineer.open_claude(), parts=4)
    engineer.repo.git("add", "--all")
    return []


def asks_questions(engineer: Engineer) -> list[FollowUp]:
    """The person only wants to know something."""
    session = engineer.open()
    for question in ("How does the retry work here?", "And who calls it?"):
        session.prompt(question)
        session.read("README.md")
        session.say("It is called from the worker, once a minute.")
    return []


def explores(engineer: Engineer) -> list[FollowUp]:
    """An idea is tried on a branch whose name says so."""
    # The branch's name alone says that this is no production work.
    engineer.start_branch("explore")
    session = engineer.open()
    engineer.build(session)
    engineer.pause()
    engineer.repo.commit("An experiment")
    engineer.repo.checkout("main")
    return []


def lets_the_shell_write(engineer: Engineer) -> list[FollowUp]:
    """A file is generated by a command, so the log holds no text of it."""
    session = engineer.open()
    module = engineer.author.module(3)
    session.prompt(f"Generate the {module.noun} table")
    session.bash(f"make generate-{module.noun}", "generated")
    # No edit tool was used: the log cannot show these lines.
    engineer.repo.human_write(module.path, module.text)
    session.say("It is generated.")
    engineer.land(module, "chore")
    return []
