"""Prices kept beside the program: those of the library, for the release they were taken from, and no other."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tokencoach.usage import prices

KEPT = json.loads(Path(prices.__file__).with_name(prices.KEPT).read_text(encoding="utf-8"))
NAMES = [(provider, name) for provider, models in KEPT["models"].items() for name in models]
LOADED = """
import sys
from tokencoach.usage.prices import look_up
print(bool(look_up({model!r}, "claude-code", {{}}, {release!r}).rates), "genai_prices" in sys.modules)
"""


def _looked_up(model: str, release: str) -> str:
    script = LOADED.format(model=model, release=release)
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.skipif(version("genai-prices") != KEPT["release"], reason="another release is installed")
@pytest.mark.parametrize(("provider", "name"), NAMES)
def test_a_kept_price_is_the_library_s(provider: str, name: str) -> None:
    assert prices.kept(name, provider, KEPT["release"]) == prices.from_library(name, provider)


def test_the_models_of_today_are_kept() -> None:
    assert {"claude-opus-4-6", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"} <= KEPT["models"][
        "anthropic"
    ].keys()
    assert all(KEPT["models"].values())


def test_a_kept_price_needs_no_library() -> None:
    assert _looked_up("claude-opus-4-6", KEPT["release"]) == "True False"


@pytest.mark.parametrize(
    ("model", "release"), [("claude-opus-4-6", "0.0.1"), ("claude-opus-4-6", ""), ("gpt-4o", KEPT["release"])]
)
def test_another_release_and_a_model_not_kept_are_asked_of_the_library(model: str, release: str) -> None:
    assert _looked_up(model, release) == "True True"


def test_a_price_of_the_person_s_own_wins_over_a_kept_one() -> None:
    own = prices.look_up(
        "claude-opus-4-6", "claude-code", {"claude-opus-4-6": {"input": 1.0}}, KEPT["release"]
    )
    assert [tier.input for rate in own.rates for tier in rate.tiers] == [1_000_000]
    assert own.context_window == KEPT["models"]["anthropic"]["claude-opus-4-6"][0]
