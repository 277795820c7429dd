"""Which edits happened, as a condition on an edit ``e`` and its tool call ``c``."""

from __future__ import annotations

# A command that ended badly may have written before; an edit tool that failed has not.
DONE = "(coalesce(e.status, c.status) = 'ok' OR (c.status = 'failed' AND e.kind GLOB 'shell*'))"
