"""Names as logs have them, and the prices that they find, or rightly do not."""

from __future__ import annotations

import pytest

from tokencoach.usage.prices import FREE, look_up

_SONNET_4_5 = (3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000)
_OPUS_4 = (15_000_000, 1_500_000, 18_750_000, 30_000_000, 75_000_000)


def _prices(model: str, source: str = "pi") -> tuple[int, ...] | None:
    rates = look_up(model, source, {}).rates
    return tuple(rates[-1].tiers[0][1:]) if rates else None


@pytest.mark.parametrize(
    "model",
    [
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-sonnet-4-5",
        "openrouter/anthropic/claude-sonnet-4-5-20250929",
        "vertex_ai/claude-sonnet-4-5@20250929",
        "claude-sonnet-4-5@20250929",
        "claude-sonnet-4-5-latest",
        "claude-sonnet-4-5[1m]",
        "claude-4.5-sonnet",
        "claude_4_5_sonnet",
        "claude-4.5-sonnet-thinking-high",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
)
def test_one_model_has_one_price_under_all_its_names(model: str) -> None:
    assert _prices(model) == _prices(model, "claude-code") == _SONNET_4_5


@pytest.mark.parametrize("model", ["anthropic.claude-opus-4-20250514-v1:0", "claude-opus-4@20250514"])
def test_an_hour_of_cache_costs_twice_the_input_where_a_reseller_s_list_does_not_say(model: str) -> None:
    assert _prices(model) == _OPUS_4


def test_a_region_of_bedrock_has_its_own_price() -> None:
    plain, regional = (
        _prices(f"{region}anthropic.claude-sonnet-4-5-20250929-v1:0") for region in ("global.", "us.")
    )
    assert plain is not None
    assert regional == tuple(round(price * 1.1) for price in plain)


def test_a_name_of_another_assistant_s_provider_is_found() -> None:
    assert _prices("codex-mini-latest", "claude-code") == _prices("codex-mini-latest", "codex")


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("GPT-5.4-[OpenAI]-0", "gpt-5.4"),
        ("GPT-5-[OpenAI]-12", "gpt-5"),
        ("GLM-4.6-3", "glm-4.6"),
        ("Claude-Sonnet-4.5-0", "claude-sonnet-4-5"),
    ],
)
def test_a_title_of_droid_s_own_is_the_model_it_names(title: str, model: str) -> None:
    assert _prices(title, "droid") == _prices(model)
    assert _prices(model) is not None


@pytest.mark.parametrize("source", ["claude-code", "codex", "droid", "pi"])
@pytest.mark.parametrize(
    "model",
    [
        "gpt-5.3-codex-spark",
        "claude-opus-4-9",
        "claude-opus-9",
        "claude-sonnet-7-2-20270101",
        "us.anthropic.claude-opus-9-v1:0",
        "anthropic/claude-opus-9.1",
        "gpt-9",
        "gpt-9-high",
        "openai/gpt-9-codex",
        "gemini-9-pro",
        "auto",
        "sonnet",
        "unknown",
        "",
    ],
)
def test_a_model_of_which_no_list_tells_has_no_price(model: str, source: str) -> None:
    assert look_up(model, source, {}).rates == []


def test_what_is_offered_for_nothing_costs_nothing_and_the_same_model_elsewhere_its_price() -> None:
    assert look_up("deepseek/deepseek-r1:free", "aider", {}).rates == list(FREE)
    assert _prices("deepseek/deepseek-r1") != tuple(FREE[0].tiers[0][1:])


def test_the_price_of_most_of_the_day_stands_where_it_changes_by_the_hour() -> None:
    prices = _prices("deepseek-chat")
    assert prices is not None
    assert prices[0] == 270_000


def test_a_window_of_a_million_is_told_by_the_name() -> None:
    assert look_up("claude-sonnet-4-5[1m]", "claude-code", {}).context_window == 1_000_000
    assert look_up("claude-sonnet-4-5", "claude-code", {}).context_window == 200_000
