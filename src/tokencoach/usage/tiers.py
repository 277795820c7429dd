"""Families of models whose members differ in size, and the names that a size smaller would have.

Prices tell which of two models is the larger one; names are asked only where the person has used
no other model of the family.
"""

from __future__ import annotations

import re
from typing import Final

_FAMILIES: Final = (
    ("anthropic", re.compile(r"(?:^|[./])claude")),
    ("openai", re.compile(r"(?:^|/)(?:gpt-\d|o\d|codex|chatgpt)")),
    ("google", re.compile(r"(?:^|/)gemini")),
    ("xai", re.compile(r"(?:^|/)grok")),
    ("deepseek", re.compile(r"(?:^|/)deepseek")),
    ("mistral", re.compile(r"(?:^|/)(?:mistral|codestral|devstral|ministral|magistral)")),
    ("qwen", re.compile(r"(?:^|/)(?:qwen|qwq)")),
    ("moonshot", re.compile(r"(?:^|/)kimi")),
    ("zhipu", re.compile(r"(?:^|/)glm")),
)
_CLAUDE: Final = ("fable", "mythos", "opus", "sonnet", "haiku")
_STAMP: Final = re.compile(r"[-@]20\d{6}$|-latest$")


def family(model: str) -> str | None:
    """Whose model it is; None for one of a family not known, which is compared with nothing."""
    name = model.lower()
    return next((word for word, pattern in _FAMILIES if pattern.search(name)), None)


def smaller_names(model: str) -> tuple[str, ...]:
    """What models of smaller sizes of the same generation are called, the largest of them first.

    They may not exist: whoever asks looks for their prices.
    """
    name = _STAMP.sub("", model.lower().rpartition("/")[2])
    match family(name):
        case "anthropic":
            return tuple(_of_claude(name))
        case "openai":
            plain = re.sub(r"-(?:mini|nano|pro|max)$", "", name)
            sizes = ("", "-mini", "-nano") if name.endswith(("-pro", "-max")) else ("-mini", "-nano")
            return (
                ()
                if name.endswith("-nano")
                else tuple(plain + size for size in sizes if plain + size != name)
            )
        case "google":
            return tuple(name.replace("-pro", size) for size in ("-flash", "-flash-lite") if "-pro" in name)
        case _:
            return ()


def _of_claude(name: str) -> list[str]:
    own = next((word for word in _CLAUDE if word in name.split("-")), None)
    if own is None:
        return []
    return [name.replace(own, word) for word in _CLAUDE[_CLAUDE.index(own) + 1 :]]
