"""Logs told anew, as if the same files had been changed with other tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.demo.session import Session


def retold(
    session: Session, tool: str, told: Callable[[dict[str, Any]], dict[str, Any]], answer: Any = None
) -> None:
    """Write a Claude Code session's log again: each file change is a call of ``tool`` with the arguments told."""
    log = session.log  # type: ignore[attr-defined]
    for record in log.records:
        content = record.get("message", {}).get("content")
        for block in content if isinstance(content, list) else ():
            if block.get("type") == "tool_use" and block["name"] in ("Edit", "Write"):
                block["name"], block["input"] = tool, told(block["input"])
        if isinstance(record.get("toolUseResult"), dict) and "filePath" in record["toolUseResult"]:
            record["toolUseResult"] = answer or [{"type": "text", "text": "Done"}]
    log.path.write_text("".join(f"{json.dumps(record)}\n" for record in log.records), encoding="utf-8")


def notebook(*cells: str) -> str:
    """A notebook's file with these cells of code."""
    told: list[dict[str, Any]] = [
        {"cell_type": "code", "execution_count": None, "id": f"c{number}", "metadata": {}, "outputs": [],
         "source": cell.splitlines(keepends=True)}
        for number, cell in enumerate(cells)
    ]  # fmt: skip
    return json.dumps({"cells": told, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"
