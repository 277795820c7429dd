"""Names and instants that all made values share; some of them are hostile."""

from __future__ import annotations

from datetime import UTC, datetime

NOW_MS = round(datetime(2026, 11, 22, 14, 2, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
NAMES = ("api-gateway", "web-app", "ml-notebooks", "billing")
HOSTILE = "\x1b[31m[bold]red[/] \u202eevil\u200b\x07 [@click=app.quit]press[/]"
TITLES = ("retry with backoff", "move the cache", HOSTILE, "tests fail on CI", "日本語のタイトル")
