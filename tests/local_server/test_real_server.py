"""A real llama.cpp server: its log, as it is read, holds what its own answers told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from local_server.running import is_available, running
from sources.merging import Merged, merge
from sources.reading import read_parts
from tokencoach.sources.base import LogsHome
from tokencoach.sources.llama_server import LlamaServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not is_available(), reason="xllamacpp, the server's library, is not installed"
)


def logged(folder: Path) -> Merged:
    """What the source finds in the folder of the server."""
    source = LlamaServer()
    (file,) = source.files(LogsHome(folder, {}, {"llama-server": (folder,)}))
    return merge(read_parts(source, file.path.read_bytes(), range(0, 500, 7), file))


def told(answers: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Prompt tokens computed and reused, and tokens generated, as answers tell them."""
    timings = [answer["timings"] for answer in answers]
    return sorted((one["prompt_n"], one["cache_n"], one["predicted_n"]) for one in timings)


def test_the_log_of_a_real_server_tells_what_its_answers_told(tmp_path: Path) -> None:
    with running(tmp_path, slots=1) as server:
        answers = [server.chat("code the token " * 9 + "x" * number, 4 + number) for number in range(4)]
    merged = logged(tmp_path)
    found = sorted((one.input, one.cache_read, one.output) for one in merged.requests.values())
    assert found == told(answers)
    assert any(cached for _, cached, _ in found)
    assert {one.model for one in merged.requests.values()} == {"tiny-random-llama"}
    assert len(merged.sessions) == 1


def test_slots_of_a_real_server_side_by_side_are_told_apart(tmp_path: Path) -> None:
    with running(tmp_path, slots=3) as server, ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda number: server.chat("abc " * 5 * number, 30 + number), range(1, 7)))
    found = sorted((one.input, one.cache_read, one.output) for one in logged(tmp_path).requests.values())
    assert found == told(answers)
