"""From an assistant's log to a question about the lines that are staged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from histories.program import Program
from histories.scene import BEGIN, Scene
from tokencoach import paths
from tokencoach.comprehension.change import Author
from tokencoach.comprehension.gather import staged_change
from tokencoach.comprehension.prepare import prepare
from tokencoach.demo.stage import Stage
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

PRICES = """def price_of(item, is_member, limit):
    if item.is_gone and not item.is_kept:
        raise LookupError(item)
    if is_member or item.is_cheap:
        return item.lowest_price
    if item.price > limit.most:
        return limit.most
    return item.usual_price
"""
DAY_MS = 86_400_000


def test_what_an_assistant_wrote_is_asked_about_and_what_a_person_wrote_is_not(tmp_path: Path) -> None:
    stage = Stage(tmp_path, BEGIN)
    scene = Scene(stage, "prices")
    session = scene.session()
    session.prompt("Work out prices")
    session.write("prices.py", PRICES)
    scene.repo.human_write("by_hand.py", PRICES.replace("price_of", "price_by_hand").replace("item", "thing"))
    scene.repo.git("add", "-A")
    program = Program(stage.home, tmp_path / "state")
    program.ingest()
    git_dir = scene.repo.folder / ".git"
    with open_reader(paths.database(program.state / "tokencoach")) as reader:
        change = staged_change(reader, git_dir, git_dir.resolve(), stage.clock.now_ms + DAY_MS)
        late = staged_change(reader, git_dir, git_dir.resolve(), stage.clock.now_ms + 20 * DAY_MS)
    check = prepare(change.files, repository=change.repository)
    assert {function.path: function.author for function in check.functions} == {
        "prices.py": Author.AI,
        "by_hand.py": Author.HUMAN,
    }
    assert check.ai_lines == 8
    assert check.questions
    assert {one.question.path for one in check.questions} == {"prices.py"}
    assert change.sessions == (("claude-code", session.session_id),)
    assert not prepare(late.files).questions
