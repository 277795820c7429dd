"""Text of eight languages, line for line: what is said only once, and what every file says again."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


VERBS = _words(
    "load store merge split parse render check count group filter rank fetch publish archive restore"
    " schedule measure convert compare verify collect resolve dispatch settle balance forward import"
    " export validate compact"
)
NOUNS = _words(
    "invoice parcel meter sensor ledger ticket voucher route harbour vessel customer supplier shelf"
    " basket lecture seminar orchard harvest turbine battery recipe kitchen museum gallery passport"
    " luggage tariff quota refund booking engine runway"
)
FIELDS = _words(
    "amount weight status colour region owner margin deadline priority version checksum currency"
    " altitude pressure voltage quantity discount language timezone capacity latency threshold origin"
    " destination category signature balance duration distance temperature"
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language's file shape: ``parts`` and ``imports`` hold ``{v} {n} {f} {g} {k} {j}`` to be drawn."""

    name: str
    folder: str
    suffix: str
    comment: str
    opening: tuple[str, ...]
    imports: tuple[str, ...]
    parts: tuple[str, ...]
    closing: tuple[str, ...] = ()

    def comment_line(self, words: str) -> str:
        """A comment of one line."""
        return self.comment.format(words)


PYTHON = Language(
    "python",
    "service",
    ".py",
    "# {}",
    ("from __future__ import annotations", ""),
    (
        "import json",
        "import logging",
        "from pathlib import Path",
        "from datetime import datetime",
        "from service.{n} import {v}_{n}",
        "logger = logging.getLogger(__name__)",
    ),
    (
        """@dataclass(frozen=True)
class {N}{V}Options:
    name: str
    enabled: bool = True
    timeout: float = {k}.0

    def __str__(self):
        return self.name

    def as_dict(self):
        return {{'name': self.name, 'enabled': self.enabled, '{f}': self.timeout}}""",
        """def {v}_{n}(rows, {f}_limit={k}):
    result = []
    for row in rows:
        if row['{f}'] is None:
            continue
        if row['{f}'] > {f}_limit * {j}:
            result.append({{'{n}': row['{n}_id'], '{f}': row['{f}'], 'rank': {k}}})
    logger.info('%d of %d {n} rows pass {f}', len(result), len(rows))
    return result""",
        """def {v}_{n}_{f}(path, {g}):
    try:
        text = Path(path).read_text(encoding='utf-8')
    except OSError as error:
        raise ValueError('no {n} file for {f}') from error
    data = json.loads(text)
    data['{f}'] = data.get('{f}', {k}) + {g}['{f}_{j}']
    return data""",
        """class {N}{F}:
    def __init__(self, {f}, {g}={k}):
        self.{f} = {f}
        self.{g} = {g}

    def {v}(self, {n}, factor={j}):
        if not self.{f}:
            return None
        return self.{f} * {n}['{g}'] / (self.{g} + factor)""",
        """def test_{v}_{n}_{f}_{k}():
    sample = {{'{f}': {k}, '{g}': {j}}}
    result = {v}_{n}([sample, sample], {f}_limit={j})
    assert len(result) == {j}
    assert result[0]['{f}'] == {k}""",
        """def {v}_every_{n}(source, target, batch={k}):
    pending = sorted(source, key=lambda one: (one.{f}, one.{g}))
    for start in range(0, len(pending), batch):
        chunk = pending[start:start + batch]
        target.write('{n}-{v}', [one.{f} for one in chunk])
    return len(pending) // {j}""",
    ),
    ("", "if __name__ == '__main__':", "    main()"),
)
GO = Language(
    "go",
    "internal",
    ".go",
    "// {}",
    ("package internal", ""),
    ('import "context"', 'import "errors"', 'import "fmt"', 'import "time"', 'import "strings"'),
    (
        """func New{N}{F}(name string, logger *slog.Logger) (*{N}{F}, error) {{
	if name == "" {{
		return nil, errors.New("name is required")
	}}
	if logger == nil {{
		logger = slog.Default()
	}}
	result := &{N}{F}{{name: name, logger: logger, {f}: {k}}}
	if err := result.validate(); err != nil {{
		return nil, err
	}}
	return result, nil
}}""",
        """func {V}{N}(ctx context.Context, rows []{N}Row) ([]{N}Row, error) {{
\tvar kept []{N}Row
\tfor _, row := range rows {{
\t\tif row.{F} < {k} {{
\t\t\tcontinue
\t\t}}
\t\trow.{G} += row.{F} / {j}
\t\tkept = append(kept, row)
\t}}
\tif len(kept) == 0 {{
\t\treturn nil, errors.New("no {n} with {f}")
\t}}
\treturn kept, nil
}}""",
        """func (s *Store) {V}{N}{F}(ctx context.Context, id string) (*{N}, error) {{
\tfound, err := s.find(ctx, "{n}", id)
\tif err != nil {{
\t\treturn nil, err
\t}}
\tfound.{F} = strings.TrimSpace(found.{G})
\tif err := s.save(ctx, found, {k}*time.Second); err != nil {{
\t\treturn nil, fmt.Errorf("{v} {n} %s: %w", id, err)
\t}}
\treturn found, nil
}}""",
        """type {N}{F}{k} struct {{
\t{F} int64
\t{G} string
\t{V}At time.Time
}}""",
        """func Test{V}{N}{F}{k}(t *testing.T) {{
\trows := []{N}Row{{{{ {F}: {k} }}, {{ {F}: {j} }}}}
\tkept, err := {V}{N}(context.Background(), rows)
\tif err != nil {{
\t\tt.Fatal(err)
\t}}
\tif len(kept) != {j} {{
\t\tt.Errorf("{v} {n}: got %d", len(kept))
\t}}
}}""",
    ),
)
TYPESCRIPT = Language(
    "typescript",
    "web/src",
    ".ts",
    "// {}",
    ("'use strict';",),
    (
        "import {{ readFile }} from 'node:fs/promises';",
        "import type {{ {N} }} from './{n}';",
        "import {{ {v}{N} }} from './{n}-{v}';",
        "import {{ log }} from './log';",
    ),
    (
        """export class {N}{F}Error extends Error {{
  constructor(message: string) {{
    super(message);
    this.name = '{N}{F}Error';
    Object.setPrototypeOf(this, new.target.prototype);
  }}

  toJSON(): Record<string, unknown> {{
    return {{ name: this.name, message: this.message, code: {k} }};
  }}
}}""",
        """export async function {v}{N}(id: string, {f}: number): Promise<{N}> {{
  const response = await fetch(`/api/{n}/${{id}}?{f}=${{{f} * {k}}}`);
  if (!response.ok) {{
    throw new Error(`{v} {n} failed: ${{response.status}}`);
  }}
  const found = await response.json();
  return {{ ...found, {f}: found.{f} + {j}, {g}: '{g}-{k}' }};
}}""",
        """export function {v}{N}By{F}(items: {N}[], limit = {k}): {N}[] {{
  const kept = items.filter((item) => item.{f} > limit && item.{g} !== null);
  kept.sort((left, right) => left.{f} - right.{f} || left.{g} - right.{g});
  log.debug('{v} {n}', {{ kept: kept.length, limit, step: {j} }});
  return kept;
}}""",
        """export interface {N}{F}{k} {{
  id: string;
  {f}: number;
  {g}: string | null;
  {v}edAt: Date;
}}""",
        """describe('{v} {n} {f}', () => {{
  it('keeps {k} of {j}', async () => {{
    const found = await {v}{N}('{n}-{k}', {j});
    expect(found.{f}).toBe({k});
    expect(found.{g}).not.toBeNull();
  }});
}});""",
    ),
)
RUST = Language(
    "rust",
    "crates/core/src",
    ".rs",
    "// {}",
    ("#![allow(dead_code)]",),
    ("use std::collections::HashMap;", "use std::fmt;", "use crate::error::Result;", "use crate::{n}::{N};"),
    (
        """impl fmt::Display for {N}{F}{k} {{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {{
        write!(formatter, "{n} {{}}", self.{f})
    }}
}}

impl Default for {N}{F}{k} {{
    fn default() -> Self {{
        Self::new()
    }}
}}""",
        """pub fn {v}_{n}(rows: &[{N}], {f}: u64) -> Result<Vec<{N}>> {{
    let mut kept = Vec::with_capacity({k});
    for row in rows.iter() {{
        if row.{f} < {f} / {j} {{
            continue;
        }}
        kept.push({N} {{ {f}: row.{f} + {k}, ..row.clone() }});
    }}
    Ok(kept)
}}""",
        """impl {N}{F} {{
    pub fn {v}(&mut self, {g}: &str) -> Option<u64> {{
        let found = self.{f}.get({g})?;
        self.{g}_count += found.saturating_mul({k});
        Some(self.{g}_count % {j})
    }}
}}""",
        """#[derive(Debug, Clone)]
pub struct {N}{F}{k} {{
    pub {f}: u64,
    pub {g}: HashMap<String, u64>,
}}""",
        """#[test]
fn {v}s_{n}_{f}_{k}() {{
    let rows = vec![{N}::with_{f}({k}), {N}::with_{f}({j})];
    let kept = {v}_{n}(&rows, {j}).unwrap();
    assert_eq!(kept.len(), {j});
}}""",
    ),
)
JAVA = Language(
    "java",
    "app/src/main/java/app",
    ".java",
    "// {}",
    ("package app;", ""),
    ("import java.util.List;", "import java.util.Map;", "import java.time.Instant;", "import app.{n}.{N};"),
    (
        """    @Override
    public boolean equals(Object other) {{
        if (this == other) {{
            return true;
        }}
        if (other == null || getClass() != other.getClass()) {{
            return false;
        }}
        return {f}{N} == (({N}{F}) other).{f}{N} + {k};
    }}""",
        """    public List<{N}> {v}{N}(List<{N}> rows, int {f}) {{
        if (rows == null) {{
            throw new IllegalArgumentException("no {n} rows");
        }}
        return rows.stream()
            .filter(row -> row.get{F}() > {f} * {k})
            .sorted((a, b) -> Integer.compare(a.get{G}(), b.get{G}()))
            .limit({j})
            .toList();
    }}""",
        """    @Override
    public String {v}{F}(Map<String, {N}> found) {{
        StringBuilder text = new StringBuilder("{n} {f}: ");
        for (Map.Entry<String, {N}> entry : found.entrySet()) {{
            text.append(entry.getKey()).append('=').append(entry.getValue().get{G}() + {k});
        }}
        return text.toString();
    }}""",
        """    private int {f}{N} = {k};
    private String {g}{N} = "{g}-{j}";

    public void set{F}{N}(int {f}) {{
        this.{f}{N} = {f} + {j};
    }}""",
    ),
    ("}",),
)
CSS = Language(
    "css",
    "web/styles",
    ".css",
    "/* {} */",
    ("html { box-sizing: border-box; }",),
    ("@import url('{n}.css');", "@import url('base.css');"),
    (
        """.{n}-{f} .{v} {{
  display: flex;
  margin: 0 auto {k}px;
  max-width: {j}rem;
  align-items: center;
  transition: {g} {k}ms ease-in;
}}""",
        """@media (min-width: {k}px) {{
  .{v}-{n} {{
    grid-template-columns: repeat({j}, minmax(0, 1fr));
    padding-left: calc({k}px + {j}em);
  }}
}}""",
        """#{v}-{n}-{f}:hover {{
  border-radius: {j}px;
  background: var(--{f}-{g});
  cursor: pointer;
}}""",
    ),
)
MARKDOWN = Language(
    "markdown",
    "docs",
    ".md",
    "<!-- {} -->",
    ("# Handbook", ""),
    ("See [the {n} page]({n}.md).", "All rights reserved."),
    (
        """## How to {v} a {n}

Set `{f}` to {k} before you {v} the {n}, then wait for the {g} to settle.

- The {f} of a {n} never exceeds {j}.
- Ask the owner of the {n} before you change its {g}.
- Run `make {v}-{n}` when {k} of them are ready.""",
        """### {N} {f} ({k})

| {f} | {g} | meaning |
|---|---|---|
| {k} | {j} | the {n} is ready to {v} |
| {j} | none | the {n} waits for its {g} |""",
    ),
)
SQL = Language(
    "sql",
    "db/queries",
    ".sql",
    "-- {}",
    ("BEGIN;",),
    ("SET search_path TO app, public;", "SET statement_timeout = '30s';"),
    (
        """CREATE TABLE IF NOT EXISTS {n}_{f}_{k} (
    id BIGINT PRIMARY KEY,
    {f} NUMERIC(12, {j}) NOT NULL,
    {g} TEXT DEFAULT '{g}-{k}',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);""",
        """SELECT {n}.id, {n}.{f}, sum({n}.{g}) AS {v}_{g}
FROM {n}_{v} AS {n}
JOIN {n}_{f} ON {n}_{f}.{n}_id = {n}.id
WHERE {n}.{f} > {k} AND {n}.{g} IS NOT NULL
GROUP BY {n}.id, {n}.{f}
LIMIT {j};""",
        """CREATE INDEX {n}_{f}_{g}_{k} ON {n}_{v} ({f}, {g});
UPDATE {n}_{v} SET {f} = {f} * {j} WHERE {g} < {k};""",
    ),
    ("COMMIT;",),
)
LANGUAGES = (PYTHON, GO, TYPESCRIPT, RUST, JAVA, CSS, MARKDOWN, SQL)
LICENCE = (
    "Copyright the authors of this service.",
    "Licensed under the terms in the LICENSE file.",
    "Use of this file without that licence is not permitted.",
)
