"""Secrets out of prompts before they are kept."""

from __future__ import annotations

import re

_SECRETS = re.compile(
    r"""
    \b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}            # API keys of model and payment providers
    | \bgh[pousr]_[A-Za-z0-9]{20,}\b | \bgithub_pat_[A-Za-z0-9_]{20,}\b
    | \bglpat-[A-Za-z0-9_-]{16,}
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}
    | \bA(?:KIA|SIA)[A-Z0-9]{16}\b
    | \bAIza[A-Za-z0-9_-]{30,}
    | \bnpm_[A-Za-z0-9]{30,}\b | \bpypi-[A-Za-z0-9_-]{30,}
    | \beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}
    | -----BEGIN[ A-Z]*PRIVATE[ ]KEY-----.*?(?:-----END[ A-Z]*PRIVATE[ ]KEY-----|\Z)
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMED = re.compile(
    r"(?i)\b((?:api[_-]?key|secret|token|passw(?:or)?d|passphrase|authorization|bearer)\b[\"']?\s*[:=]?\s*(?:bearer\s+)?)"
    r"([\"']?)([A-Za-z0-9+/_.~-]{12,}=*)"
)
#: One of these stands in every text that the two patterns find anything in.
_MARKS = (
    "sk-", "pk-", "rk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "eyJ", "AKIA", "ASIA", "AIza",
    "pypi-", "glpat-", "xox", "-----BEGIN",
)  # fmt: skip
_WORDS = ("key", "secret", "token", "passw", "passphrase", "authorization", "bearer")
MASK = "[redacted]"
_LONGEST = 16_384


def redacted(text: str) -> str:
    """A prompt without what looks like a secret, at most 16,384 characters of it."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST]
    # Most prompts hold no sign of a secret, which is seen a tenth as dear as by the patterns.
    if any(map(short.__contains__, _MARKS)) or ("://" in short and "@" in short):
        short = _SECRETS.sub(MASK, short)
    if any(map(short.casefold().__contains__, _WORDS)):
        short = _NAMED.sub(_mask_value, short)
    return short


def _mask_value(match: re.Match[str]) -> str:
    value = match[3]
    has_digit = any(letter.isdigit() for letter in value)
    return f"{match[1]}{match[2]}{MASK}" if has_digit else match[0]
