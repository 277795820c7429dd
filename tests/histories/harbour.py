"""Code of which no line is like another, so that what is said of a line is said of that line alone."""

from __future__ import annotations

WORDS = (
    *(
        "anchor",
        "barge",
        "crane",
        "dock",
        "engine",
        "ferry",
        "gale",
        "hull",
        "island",
        "jetty",
        "keel",
        "lock",
    ),
    *("mast", "net", "oar", "pier", "quay", "rope", "sail", "tide", "vessel", "winch", "yard", "zephyr"),
)
LINES = 4
"""Lines of a part, all of them significant."""


def part(word: str) -> str:
    """A function of four lines."""
    return (
        f"def {word}_of(log):\n"
        f"    first = log.{word}s_before(sunrise)\n"
        f"    if not first: raise No{word.title()}Error('{word} is missing')\n"
        f"    return merge_{word}(first, limit={len(word) * 7})\n\n\n"
    )


def parts(*words: str) -> str:
    """Several functions."""
    return "".join(map(part, words))


def indented(text: str, by: str = "    ") -> str:
    """The text as the body of something."""
    return "".join(f"{by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def wrapped(text: str) -> str:
    """The text as a formatter with short lines leaves it."""
    found = []
    for line in text.splitlines(keepends=True):
        call, bracket, rest = line.rstrip("\n").partition("(first, ")
        if not bracket:
            found.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        found += [
            f"{call}(\n",
            f"{indent}    first,\n",
            f"{indent}    {rest.removesuffix(')')},\n",
            f"{indent})\n",
        ]
    return "".join(found)
