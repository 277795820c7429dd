"""Which model is one size smaller, and what it would have cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.usage.prices import cost_nano, look_up
from tokencoach.usage.tiers import family, smaller_names
from tokencoach.usage.tokens import TokenCounts


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-opus-4-5-20251101", "anthropic"),
        ("anthropic/claude-sonnet-4.5", "anthropic"),
        ("us.anthropic.claude-haiku-4-5", "anthropic"),
        ("gpt-5.1-codex", "openai"),
        ("o3-mini", "openai"),
        ("gemini-2.5-pro", "google"),
        ("qwen3-coder:30b", "qwen"),
        ("made-model-7", None),
        ("", None),
    ],
)
def test_a_models_family_is_known_by_its_name(model: str, expected: str | None) -> None:
    assert family(model) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-opus-4-5-20251101", ("claude-sonnet-4-5", "claude-haiku-4-5")),
        ("claude-haiku-4-5-20251001", ()),
        ("gpt-5", ("gpt-5-mini", "gpt-5-nano")),
        ("gpt-5-mini", ("gpt-5-nano",)),
        ("gpt-5-nano", ()),
        ("gpt-5.5-pro", ("gpt-5.5", "gpt-5.5-mini", "gpt-5.5-nano")),
        ("gemini-2.5-pro", ("gemini-2.5-flash", "gemini-2.5-flash-lite")),
        ("grok-4", ()),
        ("made-model-7", ()),
    ],
)
def test_names_a_size_down_keep_the_generation(model: str, expected: tuple[str, ...]) -> None:
    assert smaller_names(model) == expected


@pytest.mark.parametrize("model", ["claude-opus-4-5-20251101", "gpt-5", "gemini-2.5-pro", "claude-opus-4-6"])
def test_the_price_table_knows_a_cheaper_model_a_size_down(model: str) -> None:
    counts = TokenCounts(1000, 50_000, 2000, 0, 700)
    own = cost_nano(look_up(model, "", {}).rates[0], counts)
    known = [info.rates for name in smaller_names(model) if (info := look_up(name, "", {})).rates]
    assert any(cost_nano(rates[0], counts) <= 0.7 * own for rates in known)


@given(st.text(max_size=60))
def test_any_name_has_a_family_or_none(name: str) -> None:
    assert all(smaller != name for smaller in smaller_names(name))
    assert family(name) is None or family(name) in ("anthropic", "openai", "google", "xai", "deepseek", "mistral",
                                                    "qwen", "moonshot", "zhipu")  # fmt: skip
