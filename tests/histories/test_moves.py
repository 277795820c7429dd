"""Histories 18 and 19 and their kin: files renamed, functions moved, before and after they land."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, parts
from histories.scene import Performance, Scene, code, human_code

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "from __future__ import annotations\n\nimport logging\nfrom pathlib import Path\n\n"


def function(name: str, count: int = 6) -> str:
    """A function whose lines occur nowhere else."""
    body = "".join(f"    {name}_part_{n} = weigh_{name}(stone={n}, scale='{name}')\n" for n in range(count))
    return f"def {name}_whole(stone):\n{body}    return {name}_part_0\n\n\n"


def renamed_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the queue")
    session.write("queue.py", code("queue", 8))
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "queue.py").rename(scene.repo.folder / "pipeline.py")
    scene.repo.commit("Add the pipeline")


def renamed_by_the_shell_before_the_commit(scene: Scene) -> None:
    session = scene.session("0.169")
    session.prompt("Add the queue")
    session.write("queue.py", code("queue", 8))
    session.bash("mkdir -p lib && mv queue.py lib/pipeline.py", "")
    (scene.repo.folder / "lib").mkdir()
    (scene.repo.folder / "queue.py").rename(scene.repo.folder / "lib" / "pipeline.py")
    scene.clock.advance(minutes=10)
    scene.repo.commit("Add the pipeline")


def renamed_and_edited_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the queue")
    session.write("queue.py", code("queue", 8))
    (scene.repo.folder / "queue.py").rename(scene.repo.folder / "pipeline.py")
    session.prompt("Two more")
    session.edit("pipeline.py", "queue_total_0 =", "queue_begin_now = open_queue()\nqueue_total_0 =")
    scene.clock.advance(minutes=10)
    scene.repo.human_write("pipeline.py", scene.repo.read("pipeline.py") + "A_LINE_OF_THE_PERSON = 12\n")
    scene.repo.commit("Add the pipeline")


def old_file_renamed_in_the_commit_of_its_edit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Extend the service")
    session.write("app.py", human_code(8) + code("service", 5))
    scene.clock.advance(minutes=10)
    scene.repo.rename("app.py", "server/main.py")
    scene.repo.commit("Move and extend the service")


def function_moved_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add both")
    session.write("both.py", HEADER + function("left") + function("right"))
    scene.clock.advance(minutes=10)
    scene.repo.human_write("both.py", HEADER + function("left"))
    scene.repo.human_write("app.py", human_code(8) + function("right"))
    scene.repo.commit("Add both, each in its place")


def function_moved_after_landing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add both")
    session.write("both.py", HEADER + function("left") + function("right"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add both")
    scene.clock.advance(days=3)
    scene.repo.human_write("both.py", HEADER + function("left"))
    scene.repo.human_write("right.py", HEADER + function("right"))
    scene.repo.commit("Give the right one its own file")


def function_moved_and_indented(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add it")
    session.write("both.py", HEADER + function("left") + function("right"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add it")
    scene.clock.advance(days=3)
    inside = "".join(f"    {line}" for line in function("right").splitlines(keepends=True))
    scene.repo.human_write("both.py", HEADER + function("left"))
    scene.repo.human_write("scales.py", "class Scales:\n" + inside)
    scene.repo.commit("Make it a method")


def same_boilerplate_by_a_person_elsewhere(scene: Scene) -> None:
    header = HEADER + "logger = logging.getLogger(__name__)\nROOT = Path(__file__).parent\n"
    session = scene.session()
    session.prompt("Sketch a cache")
    session.write("cache.py", header + code("cache", 12))
    (scene.repo.folder / "cache.py").unlink()
    scene.clock.advance(hours=1)
    scene.repo.human_write("mine.py", header + "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("My own module")


def boilerplate_landed_and_typed_again(scene: Scene) -> None:
    header = HEADER + "logger = logging.getLogger(__name__)\n"
    session = scene.session()
    session.prompt("Add a cache")
    session.write("cache.py", header + code("cache", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add a cache")
    scene.clock.advance(days=2)
    scene.repo.human_write("mine.py", header + "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("My own module")
    scene.clock.advance(days=2)
    scene.repo.human_write("mine.py", "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("No header needed")


def folder_renamed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add two modules")
    session.write("old/one.py", code("one", 5))
    session.write("old/two.py", code("two", 5))
    scene.clock.advance(minutes=5)
    (scene.repo.folder / "old").rename(scene.repo.folder / "fresh")
    scene.repo.commit("Add two modules")
    scene.clock.advance(days=2)
    scene.repo.rename("fresh", "renamed")
    scene.repo.commit("Rename the folder")


def split_into_three_files(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add it all")
    session.write("all.py", function("alpha") + function("beta") + function("gamma"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add it all")
    scene.clock.advance(days=2)
    for name in ("alpha", "beta", "gamma"):
        scene.repo.human_write(f"parts/{name}.py", HEADER + function(name))
    (scene.repo.folder / "all.py").unlink()
    scene.repo.commit("Split it")


def pasted_in_one_commit_and_cut_in_the_next(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add both")
    session.write("both.py", HEADER + function("left") + function("right"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add both")
    scene.clock.advance(days=3)
    scene.repo.human_write("app.py", human_code(8) + function("right"))
    scene.repo.commit("Paste")
    scene.clock.advance(hours=1)
    scene.repo.human_write("both.py", HEADER + function("left"))
    scene.repo.commit("Cut")


def copied_to_a_new_file_and_dropped_days_later(scene: Scene) -> None:
    session = scene.session("0.169")
    session.prompt("Add it")
    session.write("first.py", HEADER + function("left") + function("right"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add it")
    scene.clock.advance(days=1)
    scene.repo.human_write("second/place.py", HEADER + function("left") + function("right"))
    scene.repo.commit("The same in its new place")
    scene.clock.advance(days=4)
    (scene.repo.folder / "first.py").unlink()
    scene.repo.commit("Nobody uses the old place")


def header_typed_elsewhere_and_the_file_dropped(scene: Scene) -> None:
    header = HEADER + "logger = logging.getLogger(__name__)\n"
    session = scene.session()
    session.prompt("Add a cache")
    session.write("cache.py", header + code("cache", 12))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add a cache")
    scene.clock.advance(days=2)
    scene.repo.human_write("mine.py", header + "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("My own module")
    scene.clock.advance(days=2)
    (scene.repo.folder / "cache.py").unlink()
    scene.repo.commit("No cache")
    scene.clock.advance(days=2)
    scene.repo.human_write("mine.py", "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("No header needed")


def like_code_typed_days_after_a_revert(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Compare them")
    before = scene.repo.read("app.py")
    session.write("app.py", before + code("shared", 6) + code("own", 5))
    scene.clock.advance(hours=1)
    landed = scene.repo.commit("Compare them")
    scene.clock.advance(days=2)
    scene.repo.revert(landed)
    scene.clock.advance(days=3)
    scene.repo.human_write("mine.py", code("shared", 6) + "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("My own module")


def split_in_two_by_another_session(scene: Scene) -> None:
    first = scene.session()
    first.prompt("Write it")
    first.write("harbour.py", parts(*WORDS[:8]))
    scene.clock.advance(minutes=20)
    scene.repo.commit("Harbour")
    scene.clock.advance(days=3)
    second = scene.session("0.169")
    second.prompt("Split it")
    second.write("first.py", parts(*WORDS[:4]))
    second.write("second.py", parts(*WORDS[4:8]))
    (scene.repo.folder / "harbour.py").unlink()
    second.bash("rm harbour.py")
    scene.clock.advance(minutes=20)
    scene.repo.commit("Two files")


def _constructors(*names: str) -> str:
    return "package yard\n\n" + "".join(
        f"func New{name}(name string, logger *slog.Logger) (*{name}, error) {{\n"
        '\tif name == "" {\n\t\treturn nil, errors.New("name is required")\n\t}\n'
        "\tif logger == nil {\n\t\tlogger = slog.Default()\n\t}\n"
        f"\tresult := &{name}{{name: name, logger: logger}}\n"
        "\tif err := result.validate(); err != nil {\n\t\treturn nil, err\n\t}\n\treturn result, nil\n}\n\n"
        for name in names
    )


def like_constructors_typed_beside_a_dropped_file(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write it")
    session.write("yard/crane.go", _constructors("CraneOperator", "LiftSchedule"))
    scene.clock.advance(hours=1)
    (scene.repo.folder / "yard/crane.go").unlink()
    scene.repo.human_write("yard/dock.go", _constructors("DockKeeper"))
    scene.repo.commit("Dock")


def like_code_typed_before_the_file_was_dropped(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add a cache")
    session.write("cache.py", code("shared", 11) + code("own", 9))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add a cache")
    scene.clock.advance(days=2)
    scene.repo.human_write("mine.py", code("shared", 11) + "def mine():\n    return handmade_of_a_person()\n")
    scene.repo.commit("My own module")
    scene.clock.advance(days=2)
    (scene.repo.folder / "cache.py").unlink()
    scene.repo.commit("No cache")


def news_taken_up_by_a_release(scene: Scene) -> None:
    news = [f"The {word} can now be asked for its berth and its keeper" for word in WORDS[:5]]
    session = scene.session()
    session.prompt("Tell the news")
    session.write("newsfragments/12.feature", "".join(f"{line}.\n" for line in news))
    scene.clock.advance(hours=1)
    scene.repo.commit("News")
    scene.clock.advance(days=6)
    scene.repo.git("rm", "-rq", "newsfragments")
    scene.repo.human_write("CHANGELOG.md", "# 2.0\n\n" + "".join(f"- {line}. (#12)\n" for line in news))
    scene.repo.commit("Release 2.0")


def _class(name: str) -> str:
    return (
        f"class {name} {{\n    int {name.lower()}Berth = 7;\n    @Override\n    public boolean equals(Object other) {{\n"
        "        if (this == other) return true;\n"
        "        if (other == null || getClass() != other.getClass()) return false;\n"
        f"        return {name.lower()}Berth == (({name}) other).{name.lower()}Berth;\n    }}\n}}\n\n"
    )


def like_method_typed_beside_a_class_that_lost_its_own(scene: Scene) -> None:
    scene.repo.human_write("Yard.java", "// The yard of the harbour\n")
    scene.repo.commit("A yard")
    scene.clock.advance(hours=1)
    session = scene.session()
    session.prompt("Write them")
    session.edit(
        "Yard.java", "// The yard of the harbour\n", "// The yard of the harbour\n" + _class("Crane")
    )
    session.edit("Yard.java", _class("Crane"), _class("Crane") + _class("Winch"))
    scene.clock.advance(minutes=10)
    bare = "class Crane {\n    int craneBerth = 7;\n}\n\n"
    scene.repo.human_write("Yard.java", "// The yard of the harbour\n" + bare + _class("Winch"))
    scene.repo.human_write("Dock.java", _class("Dock").replace("int dockBerth = 7", "long dockBerth"))
    scene.repo.commit("Yard and dock")


_LICENCE = "".join(f"// {word.title()} may be used by whoever keeps these words\n" for word in WORDS[:6])


def like_file_of_phrases_typed_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write it")
    session.write("yard/crane.go", _LICENCE + _constructors("CraneOperator"))
    scene.clock.advance(hours=1)
    (scene.repo.folder / "yard/crane.go").unlink()
    own = "type DockKeeper struct {}\ntype Ropes []Rope\ntype LampKeys map[string]Lamp\n"
    scene.repo.human_write("yard/dock.go", _LICENCE + _constructors("DockKeeper") + own)
    scene.repo.commit("Dock")


WHOLE = (
    (renamed_before_the_commit, 8),
    (renamed_by_the_shell_before_the_commit, 8),
    (renamed_and_edited_before_the_commit, 9),
    (old_file_renamed_in_the_commit_of_its_edit, 5),
    (function_moved_before_the_commit, 19),
    (function_moved_after_landing, 19),
    (function_moved_and_indented, 19),
    (boilerplate_landed_and_typed_again, 9),
    (folder_renamed, 10),
    (split_into_three_files, 24),
    (pasted_in_one_commit_and_cut_in_the_next, 19),
    (copied_to_a_new_file_and_dropped_days_later, 19),
    (split_in_two_by_another_session, 48),
    (news_taken_up_by_a_release, 5),
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    plays = [play for play, _ in WHOLE]
    return Performance(
        tmp_path_factory.mktemp("moves"),
        *plays,
        same_boilerplate_by_a_person_elsewhere,
        like_constructors_typed_beside_a_dropped_file,
        header_typed_elsewhere_and_the_file_dropped,
        like_code_typed_days_after_a_revert,
        like_code_typed_before_the_file_was_dropped,
        like_file_of_phrases_typed_by_a_person,
        like_method_typed_beside_a_class_that_lost_its_own,
    )


@pytest.mark.parametrize(("play", "lines"), WHOLE)
def test_work_that_was_moved_ships_whole(
    performance: Performance, play: Callable[[Scene], None], lines: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == verdict.lines["generated"] == lines
    assert verdict.lines["survived"] == lines
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


@pytest.mark.parametrize(
    "play", [same_boilerplate_by_a_person_elsewhere, like_constructors_typed_beside_a_dropped_file]
)
def test_boilerplate_that_a_person_types_elsewhere_is_not_the_assistants(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == 0
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}


@pytest.mark.parametrize(
    "play", [like_code_typed_days_after_a_revert, like_code_typed_before_the_file_was_dropped]
)
def test_like_code_of_a_person_keeps_nothing_alive(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}


def test_a_header_that_a_person_types_too_keeps_no_dropped_file_alive(performance: Performance) -> None:
    verdict = performance.verdict(header_typed_elsewhere_and_the_file_dropped)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
    assert verdict.lines["survived"] == 0


def test_a_file_of_licence_and_phrases_is_half_sure_to_be_a_renamed_one(performance: Performance) -> None:
    (session,) = performance.scenes[like_file_of_phrases_typed_by_a_person].sessions
    assert performance.session(session)["confidence"] <= 0.65


def test_a_method_of_phrases_that_a_person_types_in_another_file_is_not_the_assistants(
    performance: Performance,
) -> None:
    verdict = performance.verdict(like_method_typed_beside_a_class_that_lost_its_own)
    assert (verdict.lines["generated"], verdict.lines["landed"]) == (14, 9)
