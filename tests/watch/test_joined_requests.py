"""One request in an assistant's log and in a server's is one: whichever log comes first, moves or is copied."""

from __future__ import annotations

import itertools
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sources.server_logs import LOAD, NAME, OLLAMA_START, Work, access
from watch.reading_in import Database

if TYPE_CHECKING:
    from pathlib import Path

START = 1_781_690_400_000
FIRST, SECOND = Work(0, 300, 0, 20, 100.0, 900.0), Work(21, 40, 320, 9, 10.0, 400.0)
USAGE = (
    "SELECT o.name, s.session_id, r.input, r.cache_read, r.output FROM request r "
    "JOIN session s ON s.id = r.session_id JOIN source o ON o.id = s.source_id"
)
DAYS = (
    "SELECT o.name, sum(d.requests), sum(d.input + d.cache_read), sum(d.output) FROM day_usage d "
    "JOIN session s ON s.id = d.session_id JOIN source o ON o.id = s.source_id GROUP BY 1"
)
ASKED = [("pi", "S1", 300, 0, 20), ("pi", "S1", 40, 320, 9)]


class Logs:
    """A home with the log of an assistant and that of a server, written piece by piece."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.database = Database(folder, self.home)

    def asked(self, *answers: dict[str, Any], session: str = "S1") -> None:
        """A session of an assistant with these answers."""
        head = {"type": "session", "version": 3, "id": session, "timestamp": iso(0), "cwd": "/home/dev/demo"}
        place = self.home / ".pi" / "agent" / "sessions" / "--home-dev-demo--"
        place.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(record) + "\n" for record in (head, *answers)]
        (place / f"2026_{session}.jsonl").write_text("".join(lines))

    def served(self, content: str, name: str = "llama-server.log", *, written_s: float = 60) -> Path:
        """The server's log, written to so long after the start."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (START / 1000 + written_s, START / 1000 + written_s))
        return path

    def usage(self) -> list[tuple[Any, ...]]:
        """Each request as it is counted, after the logs are read."""
        self.database.ingest()
        return self.database.rows(USAGE)


def iso(second: float) -> str:
    """An instant after the start."""
    return datetime.fromtimestamp(START / 1000 + second, UTC).isoformat().replace("+00:00", "Z")


def answer(
    second: float, prompt: int, output: int, own: str = "", *, cached: int = 0, model: str = "local"
) -> dict[str, Any]:
    """An answer as the assistant notes it; it need not know what the server took from its cache."""
    usage = {"input": prompt - cached, "output": output, "cacheRead": cached, "cacheWrite": 0}
    message = {"role": "assistant", "content": [], "usage": usage, "model": model, "stopReason": "stop"}
    own = own or f"e{second}"
    return {"type": "message", "id": own, "timestamp": iso(second), "message": message}


def stamped(*works: tuple[int, Work]) -> str:
    """A server's log with a clock, begun at the start."""
    idle = "1.00.000.000 I srv  update_slots: all slots are idle\n"
    return LOAD + "".join(work.stamped(second * 1000) for second, work in works) + idle


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def test_a_request_in_both_logs_is_counted_once_with_the_server_s_tokens(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20), answer(9, 360, 9))
    logs.served(stamped((2, FIRST), (9, SECOND)))
    assert logs.usage() == ASKED
    assert logs.database.rows(DAYS) == [("pi", 2, 660, 29)]


@pytest.mark.parametrize("order", list(itertools.permutations(["asked", "first", "both"])))
def test_the_order_in_which_logs_are_read_changes_nothing(logs: Logs, order: tuple[str, ...]) -> None:
    for step in (*order, "asked", "both"):
        if step == "asked":
            logs.asked(answer(2, 300, 20), answer(9, 360, 9))
        else:
            works = [(2, FIRST), (9, SECOND)] if step == "both" else [(2, FIRST)]
            logs.served(stamped(*works))
        logs.database.ingest()
    assert logs.usage() == ASKED
    assert logs.database.rows(DAYS) == [("pi", 2, 660, 29)]


def test_what_no_assistant_asked_for_stays_the_server_s_own(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    logs.served(stamped((2, FIRST), (9, SECOND)))
    own, joined = logs.usage()
    assert (own[0], own[2:], joined) == ("llama-server", (40, 320, 9), ASKED[0])


def metered(logs: Logs, *works: tuple[float, int, int, int]) -> None:
    """What our own proxy counted: second, fresh and cached tokens of the prompt, tokens of the answer."""
    lines = [
        json.dumps(
            {
                "id": f"m{second}",
                "at_ms": START + int(second * 1000),
                "model": "local",
                "input": fresh,
                "cached": cached,
                "output": output,
                "total_ms": 900.0,
            }
        )
        for second, fresh, cached, output in works
    ]
    logs.served("".join(f"{line}\n" for line in lines), ".local/share/tokencoach/meter/20260617-1.jsonl")


@pytest.mark.parametrize("order", list(itertools.permutations(["asked", "served", "metered"])))
def test_what_three_logs_tell_is_one_request(logs: Logs, order: tuple[str, ...]) -> None:
    for step in order:
        if step == "asked":
            logs.asked(answer(2, 300, 20), answer(9, 360, 9))
        elif step == "served":
            logs.served(stamped((2, FIRST), (9, SECOND)))
        else:
            metered(logs, (2.2, 300, 0, 20), (9.2, 40, 320, 9))
        logs.database.ingest()
    assert logs.usage() == ASKED
    assert logs.database.rows(DAYS) == [("pi", 2, 660, 29)]


def test_what_only_the_proxy_counted_is_the_assistant_s_with_its_tokens(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20), answer(9, 360, 9))
    metered(logs, (2.2, 300, 0, 20), (9.2, 40, 320, 9))
    assert logs.usage() == ASKED


def test_what_the_proxy_and_the_server_tell_and_nobody_asked_for_is_counted_once(logs: Logs) -> None:
    logs.served(stamped((2, FIRST), (9, SECOND)))
    metered(logs, (2.2, 300, 0, 20), (9.2, 40, 320, 9), (30, 8, 0, 3))
    assert sorted((row[0], row[2], row[4]) for row in logs.usage()) == [
        ("llama-server", 40, 9),
        ("llama-server", 300, 20),
        ("meter", 8, 3),
    ]


def test_of_two_equal_requests_of_the_server_one_is_joined_to_one(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    logs.served(stamped((2, FIRST), (30, FIRST._replace(task=50, output_ms=901.0))))
    assert sorted(row[0] for row in logs.usage()) == ["llama-server", "pi"]


def test_two_tools_that_logged_one_request_do_not_both_take_it(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    logs.asked(answer(2, 300, 20, "other"), session="S2")
    logs.served(stamped((2, FIRST)))
    assert logs.usage() == [("pi", "S1", 300, 0, 20), ("pi", "S2", 300, 0, 20)]


def test_a_fork_that_copies_the_request_is_no_second_one(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20, "same"))
    logs.asked(answer(2, 300, 20, "same"), answer(9, 360, 9), session="S2")
    logs.served(stamped((2, FIRST), (9, SECOND)))
    assert sorted(row[2:] for row in logs.usage()) == [(40, 320, 9), (300, 0, 20)]


def test_a_session_that_is_resumed_later_joins_what_is_new(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    logs.served(stamped((2, FIRST), (9, SECOND)))
    assert len(logs.usage()) == 2
    logs.asked(answer(2, 300, 20), answer(9, 360, 9))
    assert logs.usage() == ASKED


def test_two_paths_to_one_log_and_a_moved_folder_change_nothing(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    content = stamped((2, FIRST), (9, SECOND))
    path = logs.served(content)
    before = logs.usage()
    (logs.home / "logs").mkdir()
    (logs.home / "logs" / "llama-server.log").symlink_to(path)
    logs.served(content, ".llama-server/copy.log")
    assert logs.usage() == before
    path.rename(logs.home / "llama-moved.log")
    assert logs.usage() == before


def test_reading_everything_again_changes_nothing(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20), answer(9, 360, 9))
    path = logs.served(stamped((2, FIRST), (9, SECOND)))
    logs.database.ingest()
    path.write_text("another head\n" + path.read_text())
    logs.asked(answer(2, 300, 20), answer(9, 360, 9), answer(20, 5, 5))
    assert [row for row in logs.usage() if row[2:] != (5, 0, 5)] == ASKED


def test_an_hour_apart_they_are_different_requests(logs: Logs) -> None:
    logs.asked(answer(3600, 300, 20))
    logs.served(stamped((2, FIRST)))
    assert len(logs.usage()) == 2


def test_a_log_without_a_clock_is_joined_by_its_counts(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20), answer(9, 360, 9))
    logs.served(LOAD + FIRST.plain() + SECOND.plain(), written_s=86_400)
    assert logs.usage() == ASKED


def test_a_log_without_a_clock_is_not_joined_to_what_was_asked_after_it(logs: Logs) -> None:
    logs.asked(answer(86_400, 300, 20))
    logs.served(LOAD + FIRST.plain())
    assert len(logs.usage()) == 2


def test_counts_that_an_assistant_rounds_are_joined_by_time_and_model(logs: Logs) -> None:
    logs.asked(answer(2, 310, 20, model="openai/qwen2.5-coder:7b"))
    logs.served(stamped((2, FIRST)))
    assert logs.usage() == [ASKED[0]]


def test_rounded_counts_of_another_model_are_another_request(logs: Logs) -> None:
    logs.asked(answer(2, 310, 20, model="gpt-5.5"))
    logs.served(stamped((2, FIRST)))
    assert len(logs.usage()) == 2


def test_an_access_line_without_counts_leaves_the_assistant_s(logs: Logs) -> None:
    logs.asked(answer(4, 310, 20, cached=7, model=NAME))
    line = access("10:00:05", "3.1s")
    logs.served(OLLAMA_START + line, ".ollama/logs/server.log")
    assert logs.usage() == [("pi", "S1", 303, 7, 20)]


def test_a_better_pair_found_later_gives_each_its_own(logs: Logs) -> None:
    logs.asked(answer(40, 300, 20))
    logs.served(stamped((2, FIRST)))
    assert logs.usage() == [ASKED[0]]
    twin = FIRST._replace(task=50, output_ms=901.0)
    logs.served(stamped((2, FIRST), (40, twin)))
    assert sorted(row[0] for row in logs.usage()) == ["llama-server", "pi"]
    ((joined,),) = logs.database.rows("SELECT output_ms FROM served WHERE joined IS NOT NULL")
    assert joined == 901.0


def test_what_was_told_by_the_assistant_is_restored_where_a_pair_is_parted(logs: Logs) -> None:
    logs.asked(answer(40, 360, 9))
    logs.served(stamped((2, SECOND)))
    assert logs.usage() == [ASKED[1]]
    near = answer(2, 360, 9, "near")
    logs.asked(answer(40, 360, 9), near)
    assert logs.usage() == [("pi", "S1", 360, 0, 9), ASKED[1]]


def test_a_model_that_ran_here_costs_nothing(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20, model="my-own-model"))
    logs.served(stamped((2, FIRST), (9, SECOND)))
    logs.usage()
    assert logs.database.rows("SELECT sum(cost_nano), sum(unpriced) FROM day_usage") == [(0, 0)]


def test_nothing_is_looked_at_again_where_nothing_changed(logs: Logs) -> None:
    logs.asked(answer(2, 300, 20))
    logs.served(stamped((2, FIRST), (9, SECOND)))
    logs.database.ingest()
    logs.database.ingest()
    assert logs.database.rows("SELECT count(*) FROM served WHERE is_new = 1") == [(0,)]
    assert logs.database.rows("SELECT count(*) FROM session WHERE is_dirty = 1") == [(0,)]
