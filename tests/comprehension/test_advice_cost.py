"""Which model gave an advice and what it drew: told where it is known, and said to be unknown where not."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from comprehension.asked_scene import UTC, AskedScene
from comprehension.scripted_model import saying, served
from tokencoach.cli.check_stats import print_stats
from tokencoach.cli.context import Context
from tokencoach.comprehension.advice import Advice, Adviser, adviser_of
from tokencoach.comprehension.advice_cost import NOBODY_MEASURES, with_joules
from tokencoach.comprehension.question import Form
from tokencoach.comprehension.saved import advised, new_check, prepared_of, rows_of
from tokencoach.comprehension.sitting import Answered, Ending, Result
from tokencoach.comprehension.stored_diary import StoredDiary
from tokencoach.paths import power_figures
from tokencoach.power.live import publish
from tokencoach.power.servers.seen import State
from tui.made_power import SERVERS, live
from tui.made_questions import EXHIBIT

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "It waits twice as long after each attempt because the other side needs time."


def now() -> int:
    return time.time_ns() // 1_000_000


def test_ollama_tells_the_digest_of_its_model() -> None:
    digest = "c0ffee" * 10 + "abcd"
    told = {
        "models": [{"name": "other:7b", "digest": "00"}, {"name": "scripted-7b:latest", "digest": digest}]
    }
    with served(saying("Fine."), pages={"/api/ps": told}) as (address, _):
        advice = Adviser(address).on(EXHIBIT, WORDS)
    assert advice.digest == f"sha256:{digest}"
    assert advice.told.startswith("scripted-7b (sha256 c0ffeec0ffee), 1,412 tokens in")


def test_a_file_that_the_server_names_is_told_by_its_ends(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    digests = set()
    for content in (b"GGUF" + b"\0" * (3 << 20), b"GGUF" + b"\0" * (3 << 20) + b"x", b"GGUX"):
        file.write_bytes(content)
        with served(saying("Fine."), pages={"/props": {"model_path": str(file)}}) as (address, _):
            digests.add(Adviser(address).on(EXHIBIT, WORDS).digest)
    assert len(digests) == 3
    assert all(digest.startswith("ends-sha256:") for digest in digests)


@pytest.mark.parametrize("named", ["/dev/zero", "/nowhere/at\0all", "/"])
def test_what_is_no_file_of_a_model_has_no_digest(named: str) -> None:
    with served(saying("Fine."), pages={"/props": {"model_path": named}}) as (address, _):
        advice = Adviser(address).on(EXHIBIT, WORDS)
    assert advice.digest == ""
    assert "digest unknown" in advice.told


def test_joules_are_those_of_the_meter_that_was_read_after_the_request(tmp_path: Path) -> None:
    file = power_figures(tmp_path)
    asked = Advice("Fine.", "qwen-30b.gguf", 100, 10, 2.0, ended_ms=1_000_000)
    idle = msgspec.structs.replace(SERVERS[0], state=State.IDLE)
    shown = live(1_002_000, has_sensor=True)
    publish(msgspec.structs.replace(shown, servers=(idle,)), file)
    known = with_joules(asked, idle.port, file, clock_ms=lambda: 1_002_500)
    assert known.joules == pytest.approx(10 * 5.07 + 100 * 0.61)
    assert "111.7 J (SENSOR, of gpu" in known.told
    early = with_joules(
        asked._replace(ended_ms=1_001_500), idle.port, file, clock_ms=lambda: 1_002_500, patience_s=0
    )
    assert early.joules is None
    assert "joules unknown: the meters were not read in time" in early.told


def test_where_nothing_measures_joules_are_said_to_be_unknown(tmp_path: Path) -> None:
    asked = Advice("Fine.", "small", 100, 10, 2.0, ended_ms=1_000_000)
    assert f"joules unknown: {NOBODY_MEASURES}" in with_joules(asked, 8080, None).told
    assert with_joules(asked, 8080, power_figures(tmp_path)).joules_why == NOBODY_MEASURES
    publish(live(1_002_000, has_sensor=False), power_figures(tmp_path))
    ollama = with_joules(asked, 11434, power_figures(tmp_path), clock_ms=lambda: 1_002_500)
    assert (ollama.joules, ollama.joules_why) == (None, "it tells no tokens itself")
    stranger = with_joules(asked, 1, power_figures(tmp_path), clock_ms=lambda: 1_002_500)
    assert stranger.joules_why == "the watcher does not know this server"


def test_the_adviser_of_the_settings_reads_the_watchers_figures(tmp_path: Path) -> None:
    with served(saying("Fine.")) as (address, _):
        (tmp_path / "settings.toml").write_text(f'[check]\nadvice = "{address}"\n', encoding="utf-8")
        adviser = adviser_of(tmp_path / "settings.toml")
        assert adviser is not None
        advice = adviser.on(EXHIBIT, WORDS)
        moment = advice.ended_ms + 2_000
        server = msgspec.structs.replace(SERVERS[0], port=int(address.rpartition(":")[2]), state=State.IDLE)
        publish(
            msgspec.structs.replace(live(moment, has_sensor=True), servers=(server,)), power_figures(tmp_path)
        )
        assert adviser.with_joules(advice).joules_quality == "SENSOR"


def test_an_advice_is_kept_with_its_question_and_told_by_the_statistics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = AskedScene(tmp_path)
    (explain,) = [
        one for one in (*scene.prepared.questions, *scene.prepared.others) if one.question.form is Form.TEXT
    ][:1]
    check = new_check(scene.place, "verb", now())
    (row,) = rows_of(check, [explain], scene.prepared.functions)
    diary = StoredDiary(scene.database, UTC, check, [row])
    diary.begin()
    diary.note(Answered(explain, Result.RIGHT, WORDS, None, 1))
    first = Advice("Words that are not kept.", "small\x1b[31m", 100, 10, 2.0, "sha256:" + "ab" * 32, 5)
    diary.advise(explain, first)
    diary.advise(explain, first._replace(joules=12.5, joules_quality="SENSOR", joules_why="of gpu"))
    diary.close(Ending.DONE, None)
    ((again, _),) = scene.answers(check)
    assert "Words that are not kept" not in again.body
    assert prepared_of(again) == explain
    noted = advised(again)
    assert noted is not None
    assert (noted.joules, noted.tokens_out) == (12.5, 10)
    context = Context(scene.home)
    assert print_stats(context, as_json=True) == 0
    (told,) = json.loads(capsys.readouterr().out)["advice"]
    assert (told["digest"], told["joules"], told["joules_quality"]) == ("sha256:" + "ab" * 32, 12.5, "SENSOR")
    assert print_stats(context, as_json=False) == 0
    text = capsys.readouterr().out
    assert "(digest abababababab) read 1 explanation: 110 tokens, 12.5 J of 1" in text
    assert "\x1b" not in text
