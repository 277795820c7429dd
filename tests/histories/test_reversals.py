"""Histories 22 to 24 and their kin: what is undone, in whole and in part, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code, human_code

if TYPE_CHECKING:
    from collections.abc import Callable


def _landed(scene: Scene, path: str = "ledger.py", topic: str = "ledger") -> str:
    session = scene.session()
    session.prompt(f"Add the {topic}")
    session.write(path, code(topic, 8))
    scene.clock.advance(hours=1)
    return scene.repo.commit(f"Add the {topic}")


def reverted_by_hand_with_other_work(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Use the vault")
    for index in (2, 3, 4):
        session.edit("app.py", f"read_setting('name_{index}')", f"ask_the_vault_for(secret={index})")
    scene.clock.advance(hours=1)
    scene.repo.commit("Use the vault")
    scene.clock.advance(days=2)
    scene.repo.human_write("app.py", human_code(8) + "ONE_MORE_SETTING = read_setting('more')\n")
    scene.repo.commit("Plain settings again, and one more")


def partly_reverted_by_hand(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Use the vault")
    for index in (1, 2, 3, 4):
        session.edit("app.py", f"read_setting('name_{index}')", f"ask_the_vault_for(secret={index})")
    scene.clock.advance(hours=1)
    scene.repo.commit("Use the vault")
    scene.clock.advance(days=2)
    text = scene.repo.read("app.py")
    for index in (1, 2):
        text = text.replace(f"ask_the_vault_for(secret={index})", f"read_setting('name_{index}')")
    scene.repo.human_write("app.py", text)
    scene.repo.commit("Two of them are plain again")


def new_file_removed_by_hand(scene: Scene) -> None:
    _landed(scene)
    scene.clock.advance(days=3)
    (scene.repo.folder / "ledger.py").unlink()
    scene.repo.commit("No ledger after all")


def revert_of_a_merge(scene: Scene) -> None:
    scene.repo.branch("feature")
    _landed(scene)
    _landed(scene, "second.py", "second")
    scene.repo.checkout("main")
    scene.clock.advance(days=1)
    merge = scene.repo.merge("feature")
    scene.clock.advance(days=2)
    scene.repo.git("revert", "--no-edit", "-m", "1", merge)


def reverted_restored_reverted(scene: Scene) -> None:
    commit = _landed(scene)
    for _ in range(2):
        scene.clock.advance(days=1)
        commit = scene.repo.revert(commit)
    scene.clock.advance(days=1)
    scene.repo.revert(commit)


def _replaced(scene: Scene) -> str:
    session = scene.session()
    session.prompt("Use the vault, and no sixth name")
    session.edit("app.py", "read_setting('name_2')", "ask_the_vault_for(secret=2)")
    line = next(line for line in scene.repo.read("app.py").splitlines(keepends=True) if "name_6" in line)
    session.edit("app.py", line, "")
    scene.clock.advance(hours=1)
    return scene.repo.commit("Use the vault, and no sixth name")


def replacement_reverted_and_restored(scene: Scene) -> None:
    commit = _replaced(scene)
    for _ in range(2):
        scene.clock.advance(days=1)
        commit = scene.repo.revert(commit)


def replacement_reverted_three_times(scene: Scene) -> None:
    replacement_reverted_and_restored(scene)
    scene.clock.advance(days=1)
    scene.repo.revert("HEAD")


def reverted_and_restored_after_a_month(scene: Scene) -> None:
    commit = _landed(scene)
    scene.clock.advance(days=2)
    undo = scene.repo.revert(commit)
    scene.clock.advance(days=32)
    scene.repo.revert(undo)


def reverted_and_written_back_by_hand(scene: Scene) -> None:
    commit = _landed(scene)
    scene.clock.advance(days=1)
    scene.repo.revert(commit)
    scene.clock.advance(days=2)
    scene.repo.human_write("ledger.py", code("ledger", 8) + "A_PERSON_ADDS_THIS = 1\n")
    scene.repo.commit("We need the ledger after all")


def squashed_revert_of_two(scene: Scene) -> None:
    first = _landed(scene)
    second = _landed(scene, "second.py", "second")
    scene.clock.advance(days=2)
    scene.repo.git("revert", "--no-commit", second)
    scene.repo.git("revert", "--no-commit", first)
    scene.repo.commit("Undo the ledger work")


def deletion_reverted(scene: Scene) -> None:
    scene.repo.human_write("big.py", code("legacy", 40))
    scene.repo.commit("The legacy", at_ms=scene.clock.now_ms - 5 * 86_400_000)
    session = scene.session()
    session.prompt("Delete the dead code")
    lines = scene.repo.read("big.py").splitlines(keepends=True)
    session.edit("big.py", "".join(lines[10:30]), "")
    scene.clock.advance(hours=1)
    commit = scene.repo.commit("Delete dead code")
    scene.clock.advance(days=2)
    scene.repo.revert(commit)


def deletion_undone_by_hand(scene: Scene) -> None:
    scene.repo.human_write("big.py", code("legacy", 40))
    scene.repo.commit("The legacy", at_ms=scene.clock.now_ms - 5 * 86_400_000)
    session = scene.session("0.169")
    session.prompt("Delete the dead code")
    lines = scene.repo.read("big.py").splitlines(keepends=True)
    session.edit("big.py", "".join(lines[10:30]), "")
    scene.clock.advance(hours=1)
    scene.repo.commit("Delete dead code")
    scene.clock.advance(days=2)
    scene.repo.human_write("big.py", code("legacy", 40))
    scene.repo.commit("It was not dead")


def _makers(*names: str) -> str:
    """Functions that are alike but for what they make."""
    return "".join(
        f"func New{name}(name string) (*{name}, error) {{\n"
        f"\tresult := &{name}{{name: name}}\n"
        '\tif name == "" {\n\t\treturn nil, errors.New("name is required")\n\t}\n'
        "\tif err := result.validate(); err != nil {\n\t\treturn nil, err\n\t}\n"
        "\treturn result, nil\n}\n\n"
        for name in names
    )


def _reverted_before_like_ones(scene: Scene, path: str, *names: str) -> None:
    session = scene.session()
    session.prompt("Make ships and lamps")
    session.write("quay.go", _makers("Ship", "Lamp"))
    scene.clock.advance(hours=1)
    commit = scene.repo.commit("Ships and lamps")
    scene.clock.advance(days=1)
    scene.repo.revert(commit)
    scene.clock.advance(days=1)
    scene.repo.human_write(path, _makers(*names))
    scene.repo.commit("By hand")


def like_one_typed_in_the_place(scene: Scene) -> None:
    _reverted_before_like_ones(scene, "quay.go", "Rope")


def like_ones_typed_in_another_place(scene: Scene) -> None:
    _reverted_before_like_ones(scene, "pier.go", "Rope", "Sail")


def deleted_on_day_40(scene: Scene) -> None:
    _landed(scene)
    scene.clock.advance(days=40)
    (scene.repo.folder / "ledger.py").unlink()
    scene.repo.commit("The ledger has served")


def _constructor(name: str) -> str:
    """A function that is nothing but a phrase, its name aside."""
    phrase = (
        "    if not title: raise NameIsRequired(title)\n"
        "    if len(title) > LONGEST_NAME: raise NameIsTooLong(title)\n"
        "    if logger is None: logger = default_logger()\n"
        "    logger.debug('about to be made', extra=shown(title))\n"
        "    made.with_logger(logger).with_title(title)\n"
        "    error = made.validate_everything_of_it()\n"
        "    if error is not None: raise error.with_title(title)\n"
        "    return made.finished_by(logger)\n"
    )
    return f"def new_{name}(title, logger, made):\n{phrase}\n\n"


def like_functions_reverted_and_their_phrase_typed_elsewhere(scene: Scene) -> None:
    before = scene.repo.read("app.py")
    session = scene.session()
    session.prompt("Add the constructors")
    for name, line in (("ticket", 2), ("route", 6)):
        session.edit("app.py", f"SETTING_{line} =", f"{_constructor(name)}SETTING_{line} =")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the constructors")
    scene.clock.advance(days=3)
    scene.repo.human_write("app.py", before)
    scene.repo.commit("Without the constructors")
    scene.clock.advance(days=2)
    scene.repo.human_write("own.py", _constructor("harbour") + human_code(3))
    scene.repo.commit("My own")


REVERTED = (
    reverted_by_hand_with_other_work,
    revert_of_a_merge,
    reverted_restored_reverted,
    replacement_reverted_three_times,
    deletion_reverted,
    deletion_undone_by_hand,
    like_one_typed_in_the_place,
    like_ones_typed_in_another_place,
    like_functions_reverted_and_their_phrase_typed_elsewhere,
)
DELETED = (new_file_removed_by_hand, squashed_revert_of_two)
SHIPPED = (
    replacement_reverted_and_restored,
    reverted_and_restored_after_a_month,
    reverted_and_written_back_by_hand,
    deleted_on_day_40,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    plays = (*REVERTED, *SHIPPED, *DELETED, partly_reverted_by_hand)
    return Performance(tmp_path_factory.mktemp("reversals"), *plays)


@pytest.mark.parametrize("play", REVERTED)
def test_what_was_undone_is_reverted(performance: Performance, play: Callable[[Scene], None]) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
    assert verdict.waste == {"reverted": verdict.scene.tokens}


@pytest.mark.parametrize("play", SHIPPED)
def test_what_came_back_or_lived_long_has_shipped(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_half_of_an_edit_undone_by_hand_is_half_of_its_spend(performance: Performance) -> None:
    verdict = performance.verdict(partly_reverted_by_hand)
    assert verdict.bucket("reworked") == pytest.approx(verdict.scene.tokens / 2, abs=2)
    assert verdict.bucket("shipped") == pytest.approx(verdict.scene.tokens / 2, abs=2)
    assert verdict.waste == {"reverted": verdict.bucket("reworked")}


@pytest.mark.parametrize("play", DELETED)
def test_a_new_file_deleted_within_two_weeks_is_reworked(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
