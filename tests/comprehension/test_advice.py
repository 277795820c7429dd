"""A model on this computer may give advice on an explanation; nothing depends on it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from comprehension.scripted_model import saying, sending, served
from local_server.running import is_available, running
from tokencoach.comprehension.advice import Adviser, adviser_of
from tokencoach.comprehension.advice_cost import NOBODY_MEASURES
from tokencoach.comprehension.asking import adviser_for
from tokencoach.comprehension.sitting import Ending, Item
from tokencoach.errors import DamagedInputError
from tokencoach.settings import read_settings
from tui.made_questions import EXHIBIT, hold, text, typed

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tui.made_questions import Asking

WORDS = (
    "It waits twice as long after each attempt because the other side needs time, but never above the cap."
)


def until(moment: threading.Event) -> Callable[[BaseHTTPRequestHandler], None]:
    """A script that says nothing before a moment comes."""

    def script(_: BaseHTTPRequestHandler) -> None:
        moment.wait(10)

    return script


def test_the_model_gets_the_function_and_the_explanation_and_its_words_come_back() -> None:
    with served(saying("<think>hm</think> The code halves the delay; you do not say so.")) as (
        address,
        asked,
    ):
        advice = Adviser(address, "small").on(EXHIBIT, WORDS)
    assert advice.text == "The code halves the delay; you do not say so."
    assert advice.told.startswith("scripted-7b (digest unknown), 1,412 tokens in, 31 tokens out, ")
    (one,) = asked
    assert (one["path"], one["model"], one["stream"]) == ("/v1/chat/completions", "small", False)
    material = one["messages"][1]["content"]
    assert "delay = min(cap, base * 2 ** attempt)" in material
    assert "def again" not in material
    assert WORDS in material


@pytest.mark.parametrize(
    "script",
    [
        saying("never mind", status=500),
        saying(["no", "text"]),
        sending(b"\xff\x00 no JSON"),
        sending(b'{"choices": "none"}'),
        sending(b"", status=302, Location="http://203.0.113.1/"),
    ],
    ids=["an error", "no text", "no JSON", "another shape", "a way elsewhere"],
)
def test_what_is_no_answer_is_no_advice(script: object) -> None:
    assert callable(script)
    with served(script) as (address, _):
        assert Adviser(address).on(EXHIBIT, WORDS).text == ""


def test_a_server_that_is_slow_or_gone_is_not_waited_for() -> None:
    waiting = threading.Event()
    with served(until(waiting)) as (address, _):
        slow = Adviser(address, seconds=0.2).on(EXHIBIT, WORDS)
        waiting.set()
    assert slow.text == ""
    assert slow.seconds < 5
    assert Adviser(address).on(EXHIBIT, WORDS).text == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org:80",
        "https://127.0.0.1:80",
        "http://127.0.0.1.example.org:80",
        "127.0.0.1:80",
        "http://10.0.0.1:1",
    ],
)
def test_no_other_computer_is_ever_asked(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="not this computer"):
        Adviser(address)
    file = tmp_path / "settings.toml"
    file.write_text(f'[check]\nadvice = "{address}"\n', encoding="utf-8")
    with pytest.raises(DamagedInputError, match="an address on this computer"):
        read_settings(file)
    assert adviser_of(file) is None


def test_without_the_setting_or_an_explanation_to_write_nobody_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    explain, other = Item(text(), EXHIBIT), Item(typed(), EXHIBIT)
    assert adviser_for([explain], tmp_path) is None
    file.write_text("keep_prompts = true\n", encoding="utf-8")
    assert adviser_for([explain], tmp_path) is None
    file.write_text('[check]\nadvice = "http://localhost:9/v1"\n', encoding="utf-8")
    assert adviser_for([other], tmp_path) is None
    assert adviser_for([other, explain], tmp_path) is not None


def test_advice_is_shown_beside_the_rubric_and_changes_no_grade() -> None:
    async def script(asking: Asking) -> None:
        await asking.paste(WORDS)
        await asking.press("enter")
        for _ in range(100):
            if "counts for nothing" in asking.text():
                break
            await asyncio.sleep(0.05)
            await asking.pilot.pause()
        screen = asking.text()
        assert "WRONG, says the [bold]model[/bold]" in " ".join(screen.split())
        assert "1,412 tokens in" in " ".join(screen.split())
        assert "\x1b" not in screen
        assert "Is what you wrote true?" in screen
        await asking.press("y")

    with served(saying("\x1b[31mWRONG, says the [bold]model[/bold]")) as (address, _):
        diary, sitting, app = hold([text()], script, adviser=Adviser(address), size=(90, 50))
    assert app.return_value is Ending.DONE
    assert sitting.results["text"].right is True
    assert {(asked, noted.model) for asked, noted in diary.advised} == {("text", "scripted-7b")}
    assert diary.advised[-1][1].joules_why == NOBODY_MEASURES


def test_a_person_who_goes_on_does_not_wait_for_a_model() -> None:
    waiting = threading.Event()

    async def script(asking: Asking) -> None:
        await asking.paste(WORDS)
        await asking.press("enter")
        assert "reads it" in asking.text()
        await asking.press("y")

    with served(until(waiting)) as (address, _):
        _, sitting, app = hold([text()], script, adviser=Adviser(address), size=(100, 40))
        waiting.set()
    assert app.return_value is Ending.DONE
    assert sitting.results["text"].self_grade == "right"


@pytest.mark.skipif(not is_available(), reason="xllamacpp, the server's library, is not installed")
def test_a_real_llama_server_is_understood(tmp_path: Path) -> None:
    with running(tmp_path, slots=1) as server:
        advice = Adviser(f"http://127.0.0.1:{server.port}/v1").on(EXHIBIT._replace(last=8), WORDS)
    assert advice.model.startswith("tiny-random-llama")
    assert (advice.tokens_in or 0) > 0
    assert 0 < (advice.tokens_out or 0) <= 200
