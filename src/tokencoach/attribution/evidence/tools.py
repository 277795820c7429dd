"""Assistants under the names that notes, trailers and we ourselves give them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tokencoach.attribution.evidence.facts import clean

_SOURCES: Final = {
    "claude": "claude-code",
    "claude code": "claude-code",
    "openai-codex": "codex",
    "codex-cli": "codex",
    "gemini": "gemini-cli",
    "github-copilot": "copilot",
    "github-copilot-cli": "copilot-cli",
    "qwen": "qwen-code",
    "roo": "roo-code",
    "kilo": "kilo-code",
    "factory": "droid",
}
_SHOWN: Final = {
    "claude-code": "Claude Code",
    "codex": "Codex",
    "gemini-cli": "Gemini CLI",
    "qwen-code": "Qwen Code",
    "copilot": "Copilot",
    "copilot-cli": "Copilot CLI",
    "opencode": "OpenCode",
    "human": "a person",
}
# Mail addresses that only an assistant signs with; a person may be called Claude.
_MAILS: Final = (
    (re.compile(r"@anthropic\.com$"), "claude-code"),
    (re.compile(r"^(codex|noreply)@openai\.com$|codex.*\[bot\]@"), "codex"),
    (re.compile(r"@cursor\.(com|sh)$"), "cursor"),
    (re.compile(r"^aider@aider\.chat$|^noreply@aider\.chat$"), "aider"),
    (re.compile(r"copilot(-swe-agent\[bot\])?@users\.noreply\.github\.com$"), "copilot"),
    (re.compile(r"gemini.*(\[bot\]@|@google\.com$)|^gemini-cli"), "gemini-cli"),
    (re.compile(r"devin-ai-integration\[bot\]@"), "devin"),
    (re.compile(r"google-labs-jules\[bot\]@"), "jules"),
    (re.compile(r"factory-droid\[bot\]@"), "droid"),
    (re.compile(r"@opencode\.ai$"), "opencode"),
    (re.compile(r"@ampcode\.com$"), "amp"),
    (re.compile(r"^crush@charm\.(land|sh)$"), "crush"),
    (re.compile(r"^qwen-coder@"), "qwen-code"),
)
_NAMES: Final = (
    (re.compile(r"^claude( code)?( \(?(opus|sonnet|haiku|fable|[0-9]).*)?$"), "claude-code"),
    (re.compile(r"^aider \(.+\)$"), "aider"),
    (re.compile(r"^(github )?copilot( (swe )?agent)?$|^copilot-swe-agent(\[bot\])?$"), "copilot"),
    (re.compile(r"^(openai )?codex( cli)?$"), "codex"),
    (re.compile(r"^gemini( cli| code assist)?$"), "gemini-cli"),
    (re.compile(r"^(cursor|cursor agent|cursoragent)$"), "cursor"),
    (re.compile(r"^(devin|devin-ai-integration)(\[bot\]| ai)?$"), "devin"),
    (re.compile(r"^google-labs-jules(\[bot\])?$"), "jules"),
    (re.compile(r"^(opencode|amp|crush|qwen-coder|factory-droid)(\[bot\])?$"), ""),
)
_SAME: Final = {"qwen-coder": "qwen-code", "factory-droid": "droid"}


def source_of(tool: object) -> str:
    """Our name of a tool; a tool that we do not know keeps its own, in small letters."""
    name = clean(tool).lower()
    return _SOURCES.get(name, name)


def shown(source: str) -> str:
    """A tool's name as people read it."""
    return _SHOWN.get(source, source[:1].upper() + source[1:]) if source else "an assistant"


def is_same_tool(one: str, other: str) -> bool:
    """Whether two names stand for one family of tools."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


# Of many commits, few people are the authors.
@lru_cache(maxsize=1_000)
def assistant_of(name: str, mail: str) -> str | None:
    """The assistant that a name and address belong to; None where they may be a person's."""
    lowered = mail.strip().lower()
    for pattern, source in _MAILS:
        if pattern.search(lowered):
            return source
    plain = name.strip().lower()
    for pattern, source in _NAMES:
        if found := pattern.match(plain):
            word = plain.removesuffix("[bot]")
            return source or _SAME.get(word, str(found[1]))
    return None
