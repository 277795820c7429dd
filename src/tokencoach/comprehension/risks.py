"""Risks that a piece of code touches, told by its words; used only to rank functions."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    "file write": (
        r"open\([^)]*['\"][wax+]", r"\.write(?:_text|_bytes|lines)?\(", r"shutil\.", r"os\.(?:remove|rename|unlink)",
        r"WriteFile", r"fs\.write", r"File\.(?:write|open)", r"fopen\(",
    ),
    "network": (
        r"requests\.", r"httpx\.", r"urllib", r"socket\.", r"http\.(?:Get|Post|Client)", r"\bfetch\(", r"axios",
        r"Net::HTTP", r"HttpClient", r"reqwest",
    ),
    "subprocess": (
        r"subprocess", r"os\.system", r"popen", r"exec\.Command", r"child_process", r"Command::new",
        r"ProcessBuilder", r"\bsystem\(",
    ),
    "sql": (r"\b(?:select|insert|update|delete|create table|drop)\b.{0,40}\b(?:from|into|set|where|values|table)\b",),
    "deserialisation": (
        r"pickle\.", r"yaml\.load", r"marshal\.", r"json\.loads?\(", r"Unmarshal", r"JSON\.parse",
        r"ObjectInputStream", r"serde_json",
    ),
    "eval": (r"\beval\(", r"\bexec\(", r"new Function\(", r"instance_eval"),
    "crypto": (r"hashlib", r"hmac", r"cipher", r"encrypt", r"decrypt", r"secrets?\.", r"crypto"),
    "auth": (r"password", r"token", r"api_?key", r"permission", r"authoriz", r"authenticat", r"login"),
    "concurrency": (
        r"threading", r"asyncio\.", r"\block\(", r"\bgo func", r"sync\.", r"mutex", r"await ", r"synchronized",
        r"std::thread", r"chan ",
    ),
    "money or time": (
        r"decimal", r"price", r"cost", r"amount", r"currency", r"timedelta", r"datetime", r"timezone", r"duration",
    ),
    "broad except": (
        r"except\s*:", r"except (?:Base)?Exception\b", r"catch\s*\(\s*(?:\.\.\.|Throwable|Exception)",
        r"rescue\s*(?:=>|Exception|StandardError|$)",
    ),
}  # fmt: skip
_PATTERNS: Final = {
    name: re.compile("|".join(words), re.IGNORECASE | re.MULTILINE) for name, words in _WORDS.items()
}


def risks_of(text: str) -> frozenset[str]:
    """Names of the risks that a text's words speak of."""
    return frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))
