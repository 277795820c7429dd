"""The code that the demonstration's projects are made of: shapes in three languages, filled by dice."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

NOUNS = (
    *("invoice", "shipment", "voucher", "account", "ticket", "parcel", "customer", "contract", "meter"),
    *("warehouse", "driver", "refund", "quote", "schedule", "catalogue", "message", "device", "lease"),
)
VERBS = (
    *("reconcile", "archive", "rank", "split", "validate", "import", "merge", "audit", "forecast"),
    *("cancel", "notify", "price", "route", "sample", "throttle", "enrich", "replay", "compress"),
)
FIELDS = (
    *("amount", "region", "priority", "weight", "deadline", "currency", "attempts", "owner", "distance"),
    *("channel", "discount", "latency", "volume", "version", "locale", "balance", "capacity", "score"),
)

_PYTHON_HEAD = '''"""${Verb} every $noun that is due."""

from __future__ import annotations

import logging
from collections.abc import Iterable

logger = logging.getLogger(__name__)
'''
_PYTHON = (
    '''def ${verb}_${noun}_by_$field(items: Iterable[dict], limit: int = $number) -> list[dict]:
    """Return the $noun records worth a look, lowest $field first."""
    chosen: list[dict] = []
    for item in items:
        $field = item.get("$field")
        if $field is None or item["$other"] < $number:
            logger.debug("$verb skips $noun %s: no $field", item["id"])
            continue
        chosen.append({**item, "${verb}_$field": $field})
    return sorted(chosen, key=lambda item: item["${verb}_$field"])[:limit]
''',
    '''class ${Noun}${Verb}${Field}Error(ValueError):
    """The $noun has a $field that nobody can $verb."""

    def __init__(self, ${noun}_id: str, $field: float) -> None:
        super().__init__(f"cannot $verb $noun {${noun}_id}: $field is {$field}")
        self.${noun}_id = ${noun}_id
        self.retry_${noun}_after = $number
''',
    '''def ${noun}_${verb}_${field}_total(pages: Iterable[list[dict]]) -> float:
    """Add up the $field of all pages, weighed by $other."""
    ${field}_total = 0.0
    for page_number, page in enumerate(pages, start=$number):
        for row in page:
            ${field}_total += row["$field"] * row.get("$other", 1)
        logger.info("$noun page %d brings $field to %.2f", page_number, ${field}_total)
    if ${field}_total > ${number}_000:
        raise OverflowError("$verb: $noun $field is beyond reason")
    return ${field}_total
''',
)
_TYPESCRIPT_HEAD = """import { useMemo, useState } from "react";
import type { $Noun } from "../types/$noun";

export const ${VERB}_${NOUN}_LIMIT = $number;
"""
_TYPESCRIPT = (
    """export function ${verb}${Noun}By${Field}(list: readonly $Noun[], limit = $number): $Noun[] {
  const ${field}Of = (entry: $Noun) => entry.$field ?? ${number}.5;
  return [...list]
    .filter((entry) => entry.$other !== undefined && ${field}Of(entry) > $number)
    .sort((left, right) => ${field}Of(left) - ${field}Of(right))
    .slice(0, limit);
}
""",
    """export function use${Verb}${Noun}${Field}(initial: $Noun[]) {
  const [$field, set${Field}] = useState<number>($number);
  const visible${Noun}s = useMemo(
    () => initial.filter((entry) => entry.$field >= $field),
    [initial, $field],
  );
  const reset${Field} = () => set${Field}($number);
  return { visible${Noun}s, $field, reset${Field} };
}
""",
    """export async function ${verb}${Noun}${Field}(id: string): Promise<$Noun> {
  const response = await fetch(`/api/$noun/$${id}/$verb?$field=$number`);
  if (!response.ok) {
    throw new Error(`$verb $noun $${id} failed with $${response.status}`);
  }
  const ${noun}Body = (await response.json()) as $Noun;
  return { ...${noun}Body, $other: ${noun}Body.$other ?? $number };
}
""",
)
_GO_HEAD = """// Package $noun holds what the agent knows of a $noun.
package $noun

import (
\t"context"
\t"fmt"
\t"time"
)

const default${Verb}Interval = $number * time.Second
"""
_GO = (
    """func (s *Store) ${Verb}${Field}(ctx context.Context, id string) (float64, error) {
\trow, err := s.find${Noun}(ctx, id, $number)
\tif err != nil {
\t\treturn 0, fmt.Errorf("$verb $noun %s by $field: %w", id, err)
\t}
\tif row.${Other} > $number {
\t\treturn row.${Field} / float64(row.${Other}), nil
\t}
\treturn row.${Field}, nil
}
""",
    """type ${Verb}${Noun}${Field} struct {
\t${Field}At     time.Time
\t${Other}Count  int
\tlast${Noun}ID  string
\tmax${Field}Per${Verb} float64
}
""",
    """func New${Verb}${Noun}${Field}Worker(interval time.Duration) *Worker {
\tif interval < $number*time.Millisecond {
\t\tinterval = default${Verb}Interval
\t}
\treturn &Worker{name: "$verb-$noun-$field", every: interval, burst: $number}
}
""",
)


@dataclass(frozen=True, slots=True)
class Language:
    """How a project's files look."""

    suffix: str
    folder: str
    head: str
    shapes: tuple[str, ...]
    test_command: str


PYTHON = Language(".py", "src", _PYTHON_HEAD, _PYTHON, "pytest -q")
TYPESCRIPT = Language(".ts", "app", _TYPESCRIPT_HEAD, _TYPESCRIPT, "npm test --silent")
GO = Language(".go", "internal", _GO_HEAD, _GO, "go test ./...")


@dataclass(frozen=True, slots=True)
class Module:
    """A file of code: its path, its parts, and the words it is about."""

    path: str
    noun: str
    verb: str
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n\n".join(self.parts)

    @property
    def anchor(self) -> str:
        """The first line of the last part; it stands once in the file."""
        return self.parts[-1].partition("\n")[0]


class Author:
    """Writes modules and further parts of a language; every part is new."""

    def __init__(self, language: Language, dice: Random) -> None:
        self.language = language
        self.dice = dice
        self._written: set[str] = set()
        self._paths: set[str] = set()

    def module(self, parts: int) -> Module:
        """A new file of some parts under a name not used yet."""
        # Two modules under one name would overwrite each other.
        while True:
            noun, verb = self.dice.choice(NOUNS), self.dice.choice(VERBS)
            path = f"{self.language.folder}/{noun}/{verb}_{noun}{self.language.suffix}"
            if path not in self._paths:
                break
        self._paths.add(path)
        head = _filled(self.language.head, noun, verb, number=self.dice.randrange(2, 900))
        return Module(path, noun, verb, (head, *(self.part(noun, verb) for _ in range(parts))))

    def part(self, noun: str, verb: str) -> str:
        """A function or type whose text occurs nowhere else in the project."""
        # A signature drawn twice would credit one line to two sessions.
        while True:
            field, other = self.dice.sample(FIELDS, 2)
            shape, number = self.dice.choice(self.language.shapes), self.dice.randrange(2, 900)
            text = _filled(shape, noun, verb, field=field, other=other, number=number)
            name = text.partition("\n")[0]
            if name not in self._written:
                self._written.add(name)
                return text


def _filled(shape: str, noun: str, verb: str, *, field: str = "", other: str = "", number: int) -> str:
    words = {"noun": noun, "verb": verb, "field": field, "other": other}
    capitals = {name.capitalize(): word.capitalize() for name, word in words.items()}
    shouted = {"NOUN": noun.upper(), "VERB": verb.upper()}
    return Template(shape).substitute(words | capitals | shouted, number=number)
