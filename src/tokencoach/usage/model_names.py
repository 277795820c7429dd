"""Other spellings of a model's name: a list of prices knows most models by one name, logs by many.

A spelling only takes away what does not change the price: who was asked for it, the size of the window,
the effort, the date. What is left is looked up as it stands, so that a model of which no list says
anything stays without a price.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.usage.tiers import family

if TYPE_CHECKING:
    from collections.abc import Iterator

FREE_SUFFIX: Final = ":free"
"""What OpenRouter's models without a price are called; the price list has them with no figures."""

_MAKERS: Final = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "google",
    "xai": "x-ai",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "zhipu": "zai",
}
_AMAZON: Final = re.compile(r"^arn:aws|^bedrock/|(?:^|[./])anthropic\.claude|-v\d+:\d+$")
_OF_AMAZON: Final = re.compile(r"^.*anthropic\.|-v\d+(?::\d+)?$")
_ROUTERS: Final = ("openrouter/", "vercel/", "litellm/")
_WINDOW: Final = re.compile(r"\[\d+[km]\]$")

# Factory's Droid names a model of one's own by its title there: in brackets whose it is, then its place in the list.
_BRACKETED: Final = re.compile(r"-\[[^\]]*\](?:-\d+$)?")
_INDEX: Final = re.compile(r"(?<=\.\d|[a-z][a-z])-\d+$")
_EFFORT: Final = re.compile(r"(?:-thinking)?(?:-(?:minimal|low|medium|high|xhigh|thinking))$")
_DATED: Final = re.compile(r"[-@](?:latest|default|20\d{6})$")
_REVERSED: Final = re.compile(r"^claude-(\d(?:-\d)?)-(opus|sonnet|haiku|fable|mythos)\b")


class Spelling(NamedTuple):
    """A name to look for, in the list of ``provider``; None where any provider's will do."""

    name: str
    provider: str | None


def spellings(model: str, provider: str | None, source: str = "") -> Iterator[Spelling]:
    """The names that a model of a log may have in lists of prices, the surest first.

    ``provider`` is whom this source asks where its names do not tell.
    """
    name = _WINDOW.sub("", model.strip().lower())
    yield from _spelled(name, provider)
    titled = _BRACKETED.sub("", name) if "[" in name else _INDEX.sub("", name)
    if source == "droid" and titled != name:
        yield from _spelled(titled, provider)


def _spelled(name: str, provider: str | None) -> Iterator[Spelling]:
    if _AMAZON.search(name):
        yield Spelling(name, "aws")
        name = _OF_AMAZON.sub("", name)
    if name.startswith(_ROUTERS):
        yield Spelling(name.partition("/")[2], "openrouter")
    *_, vendor, bare = ["", *name.split("/")]
    maker = _MAKERS.get(family(bare) or "")
    yield Spelling(bare, provider or maker)
    if "@" in bare:
        yield Spelling(bare, "google")
    for other in _undressed(bare):
        yield Spelling(other, maker)
        yield Spelling(other, None)
    if vendor:
        yield Spelling(f"{vendor}/{bare}", "openrouter")


def _undressed(name: str) -> Iterator[str]:
    """A name as it is, then without what says nothing of the model."""
    yield name
    plain = _DATED.sub("", _EFFORT.sub("", name))
    yield plain
    if family(plain) == "anthropic":
        dashed = re.sub(r"[._]", "-", plain)
        yield dashed
        yield _REVERSED.sub(r"claude-\2-\1", dashed)
