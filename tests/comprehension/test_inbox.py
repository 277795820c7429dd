"""What was put off waits, is asked again with its code, and is done when it was answered."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comprehension.asked_scene import UTC, AskedScene
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.inbox import open_staged, open_waiting
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.overview import read_overview
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.question import Form
from tokencoach.comprehension.saved import new_check, rows_of
from tokencoach.comprehension.sitting import Ending, Reason, Sitting
from tokencoach.comprehension.stored_diary import StoredDiary
from tokencoach.comprehension.subject import items_of
from tokencoach.errors import NothingToReadError
from tokencoach.store.checks.inbox_rows import bad_marks
from tokencoach.store.checks.records import Outcome
from tokencoach.store.checks.writer import bind
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from tokencoach.comprehension.overview import CheckOverview


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def scene(tmp_path: Path) -> AskedScene:
    return AskedScene(tmp_path)


def begun(scene: AskedScene) -> tuple[Sitting, QuietDiary]:
    """A check of what is staged, whose first question was seen."""
    with scene.inside():
        items = items_of(Path(scene.place), scene.prepared)
    check = new_check(scene.place, "pre-commit", now(), tree="ab" * 20)
    rows = rows_of(check, [item.prepared for item in items], scene.prepared.functions)
    diary = QuietDiary(StoredDiary(scene.database, UTC, check, rows))
    sitting = Sitting(items, grade, diary)
    sitting.begin()
    return sitting, diary


def overview(scene: AskedScene) -> CheckOverview:
    with open_reader(scene.database) as reader:
        return read_overview(reader.connection, now())


def answer(sitting: Sitting) -> None:
    """Answer rightly, as far as a machine can tell."""
    key = sitting.asked.key
    if sitting.asked.question.form is Form.TEXT:
        sitting.answer("too short")
        sitting.judge_self("right")
    else:
        sitting.answer("\n".join(key.expected) if sitting.asked.question.options else key.expected[0])


def test_a_check_waits_from_the_moment_its_first_question_is_seen(scene: AskedScene) -> None:
    _, diary = begun(scene)
    assert diary.finish()
    (waiting,) = overview(scene).waiting
    assert waiting.questions == len(scene.prepared.questions)
    assert waiting.paths[0].startswith("ledger.py::")


def test_what_was_put_off_is_asked_with_its_code_and_waits_no_more(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    sitting.leave()
    assert diary.finish()
    (waiting,) = overview(scene).waiting
    assert waiting.why == "later"
    with open_reader(scene.database) as reader, scene.inside():
        asking = open_waiting(reader.connection, scene.database, UTC, waiting.key)
    again = asking.sitting
    assert asking.place == "ledger"
    assert "def share(amount, total, cap=100):" in again.item.exhibit.lines[again.item.exhibit.first - 1]
    again.begin()
    while again.ending is None:
        answer(again)
        again.go_on()
    assert again.ending is Ending.DONE
    assert asking.diary.finish()
    seen = overview(scene)
    assert seen.waiting == ()
    (past,) = seen.past
    assert past.outcome is Outcome.ASKED
    assert past.asked == len(again.items)
    assert seen.recent.answered == len(again.items)


def test_an_answer_given_later_stands_in_the_note_of_the_commit(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    sitting.leave()
    assert diary.finish()
    scene.git("commit", "--no-verify", "-m", "share of a total")
    sha = scene.git("rev-parse", "HEAD").strip()
    with Writer(scene.database, UTC) as writer, writer.transaction() as connection:
        (key,) = bind(connection, scene.place, "ab" * 20, sha, 0)
    with open_reader(scene.database) as reader, scene.inside():
        asking = open_waiting(reader.connection, scene.database, UTC, key)
        asking.sitting.begin()
        while asking.sitting.ending is None:
            answer(asking.sitting)
            asking.sitting.go_on()
        assert asking.diary.finish()
    note = json.loads(scene.git("notes", "--ref=refs/notes/tokencoach", "show", sha))
    assert (note["asked"], note["skipped"]) == (len(asking.sitting.items), None)


def test_a_check_that_is_broken_off_keeps_its_answers_and_asks_the_rest(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    answer(sitting)
    assert diary.finish()
    (waiting,) = overview(scene).waiting
    assert waiting.questions == len(sitting.items) - 1


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (Reason.REVIEWED, Outcome.SKIPPED),
        (Reason.HOTFIX, Outcome.WAITING),
        (Reason.LATER, Outcome.WAITING),
    ],
)
def test_only_what_has_no_time_now_waits(scene: AskedScene, reason: Reason, outcome: Outcome) -> None:
    sitting, diary = begun(scene)
    sitting.skip(reason)
    assert diary.finish()
    (check,) = scene.history()
    assert (check.outcome, check.why) == (outcome, str(reason))


def test_a_bad_question_is_kept_as_bad_and_not_made_again(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    bad = sitting.asked.question
    sitting.mark_bad()
    sitting.leave()
    assert diary.finish()
    with open_reader(scene.database) as reader, scene.inside():
        (mark,) = bad_marks(reader.connection)
        subject = look(scene.folder, Which(), reader.connection, Options(ask="all", is_full=True))
    assert (mark.question_id, mark.kind) == (bad.id, str(bad.kind))
    made = (*subject.prepared.questions, *subject.prepared.others)
    assert made
    assert not [
        one for one in made if one.question.kind is bad.kind and one.question.qualname == bad.qualname
    ]


def test_questions_whose_code_git_has_forgotten_are_not_asked(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    sitting.leave()
    assert diary.finish()
    (waiting,) = overview(scene).waiting
    shutil.rmtree(scene.folder / ".git" / "objects")
    (scene.folder / ".git" / "objects").mkdir()
    with (
        open_reader(scene.database) as reader,
        scene.inside(),
        pytest.raises(NothingToReadError, match="git has forgotten the code"),
    ):
        open_waiting(reader.connection, scene.database, UTC, waiting.key)


def test_a_check_that_waits_no_more_says_so(scene: AskedScene) -> None:
    with open_reader(scene.database) as reader, pytest.raises(NothingToReadError, match="waits no more"):
        open_waiting(reader.connection, scene.database, UTC, "nobody")


def test_what_stands_staged_is_offered_until_it_was_asked_about(scene: AskedScene) -> None:
    def offered() -> list[str]:
        with open_reader(scene.database) as reader, scene.inside():
            seen = read_overview(reader.connection, now(), with_staged=True)
        return [one.folder for one in seen.waiting if one.folder]

    wrote_lately(scene)
    assert offered() == [str(scene.folder)]
    with open_reader(scene.database) as reader, scene.inside():
        asking = open_staged(reader.connection, scene.database, UTC, str(scene.folder), now())
    asking.sitting.begin()
    while asking.sitting.ending is None:
        answer(asking.sitting)
        asking.sitting.go_on()
    assert asking.diary.finish()
    assert offered() == []


def test_the_figures_tell_of_answers_by_kind_of_what_waits_and_of_what_is_owed(scene: AskedScene) -> None:
    sitting, diary = begun(scene)
    sitting.show()
    sitting.go_on()
    sitting.leave()
    assert diary.finish()
    done = scene.program("check", "--stats", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    (kind,) = said["kinds"]
    assert (kind["answered"], kind["shown"], kind["right"], kind["rate"]) == (1, 1, 0, None)
    assert said["waiting"] == {"checks": 1, "questions": len(sitting.items) - 1}
    assert said["debt"] == []
    text = scene.program("check", "--stats").stdout
    assert "1 answer in 1 check, 0 right, 1 shown" in text
    assert "Waiting: 1 question in 1 check" in text


def wrote_lately(scene: AskedScene) -> None:
    """An assistant's edit in the scene's repository, as the watcher would have read it."""
    connection = sqlite3.connect(scene.database)
    at = now()
    connection.executescript(
        f"""
        INSERT INTO source(id, name) VALUES(1, 'claude-code');
        INSERT INTO session(id, source_id, session_id, first_ms, last_ms) VALUES(1, 1, 'S1', {at}, {at});
        INSERT INTO repo(id, common_dir, path) VALUES(1, '{scene.place}', '{scene.folder}');
        INSERT INTO path(id, name) VALUES(1, 'ledger.py');
        INSERT INTO edit(key, call_key, request_key, session_id, at_ms, path_id, kind, rank, status, added, removed,
          repo_id, repo_path_id) VALUES(1, 1, 1, 1, {at}, 1, 'write', 1, 'ok', x'', x'', 1, 1);
        """
    )
    connection.close()
