"""The meter before a server: every byte as without it, every count kept, no word of it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from local_server.running import WATCHABLE, is_available, running
from metering.behind import asked, environment, metering, raw, scripted
from tokencoach.errors import UsageError
from tokencoach.power.metering.counts import Counts
from tokencoach.power.metering.log import MeterLog
from tokencoach.power.metering.proxy import Address, Metered, address_of

if TYPE_CHECKING:
    from pathlib import Path

CHAT = (
    b'{"model":"m","choices":[{"message":{"content":"private words"}}],'
    b'"usage":{"prompt_tokens":30,"completion_tokens":7}}'
)
ELSEWHERE = ["10.0.0.7:80", "example.org:80", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "0.0.0.0:1"]


def test_bytes_pass_as_they_are_and_only_counts_are_kept(tmp_path: Path) -> None:
    with scripted(CHAT) as server, metering(tmp_path, server.server_port) as meter:
        answer = raw(meter.port, asked("/v1/chat/completions"))
        assert answer.partition(b"\r\n\r\n")[2] == CHAT
        assert server.bodies == [b'{"secret": "what is typed"}']
        (line,) = meter.lines(1)
    assert (line["model"], line["input"], line["cached"], line["output"]) == ("m", 30, 0, 7)
    assert "private" not in meter.kept_text()
    assert "typed" not in meter.kept_text()


def test_chunks_and_several_requests_on_one_connection(tmp_path: Path) -> None:
    pieces = (b'data: {"model":"m"}\n\n', b'data: {"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n')
    with (
        scripted(*pieces, kind="text/event-stream") as server,
        metering(tmp_path, server.server_port) as meter,
    ):
        client = http.client.HTTPConnection("127.0.0.1", meter.port, timeout=20)
        for number in range(3):
            client.request("POST", "/v1/chat/completions", body=b"q" * number)
            assert client.getresponse().read() == b"".join(pieces)
        client.close()
        assert [line["output"] for line in meter.lines(3)] == [2, 2, 2]
        assert server.bodies == [b"", b"q", b"qq"]


def test_errors_and_other_paths_are_handed_on_and_not_counted(tmp_path: Path) -> None:
    with scripted(b'{"error":"no"}', status=404) as server, metering(tmp_path, server.server_port) as meter:
        answer = raw(meter.port, asked("/v1/chat/completions"))
        assert answer.startswith(b"HTTP/1.1 404")
        assert raw(meter.port, b"GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n").endswith(
            b'{"error":"no"}'
        )
        assert meter.lines(0) == []


def test_an_answer_without_counts_is_a_request_of_unknown_tokens(tmp_path: Path) -> None:
    with scripted(b'{"results":[{"text":"x"}]}') as server, metering(tmp_path, server.server_port) as meter:
        raw(meter.port, asked("/api/v1/generate"))
        (line,) = meter.lines(1)
    assert (line["input"], line["output"]) == (None, None)


def test_where_nothing_answers_the_client_is_told_so(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with metering(tmp_path, unused.getsockname()[1]) as meter:
            answer = raw(meter.port, asked("/v1/chat/completions"))
    assert answer.startswith(b"HTTP/1.1 502")
    assert b"nothing answers" in answer


def test_what_is_no_http_passes_all_the_same(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            end, _ = server.accept()
            with end:
                while piece := end.recv(4_096):
                    end.sendall(piece.upper())

        thread = threading.Thread(target=echo)
        thread.start()
        with metering(tmp_path, server.getsockname()[1]) as meter:
            with socket.create_connection(("127.0.0.1", meter.port), timeout=20) as client:
                client.sendall(b"x" * 70_000)
                client.shutdown(socket.SHUT_WR)
                answer = b""
                while piece := client.recv(65_536):
                    answer += piece
            thread.join(20)
    assert answer == b"X" * 70_000


def test_a_client_that_leaves_is_told_to_the_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        with metering(tmp_path, server.getsockname()[1]) as meter:
            client = socket.create_connection(("127.0.0.1", meter.port), timeout=20)
            client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            end, _ = server.accept()
            end.settimeout(20)
            assert end.recv(4_096)
            client.close()
            began = time.monotonic()
            rest = b""
            while piece := end.recv(4_096):
                rest += piece
            end.close()
    assert rest in (b"", b"{}")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "text", ["10.0.0.7:80", "example.org:80", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "0.0.0.0:1"]
)
def test_only_this_computer_is_asked_and_answered(text: str) -> None:
    with pytest.raises(UsageError):
        address_of(text)


@pytest.mark.parametrize("text", ["127.0.0.1:80", "localhost:80", "http://127.0.0.1:80/", ":80"])
def test_an_address_may_be_written_as_people_do(text: str) -> None:
    assert address_of(text) == Address("127.0.0.1", 80)
    assert str(address_of("[::1]:9")) == "[::1]:9"


def test_a_line_that_cannot_be_kept_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "meter").write_text("a file")
    log = MeterLog(tmp_path / "meter" / "x.jsonl")
    log.note(Metered("id", 1, 1.0, 1.0, 200, Counts("m", 1, 0, 1)))
    assert (log.written, log.lost, bool(log.why_lost)) == (0, 1, True)


@pytest.mark.skipif(not is_available(), reason="xllamacpp, the real server, is not installed")
def test_a_real_server_s_answers_are_counted_as_it_tells_them(tmp_path: Path) -> None:
    with running(tmp_path, sizes=WATCHABLE) as server, metering(tmp_path, server.port) as meter:
        told = []
        for number in range(3):
            body = {"messages": [{"role": "user", "content": f"say {number} " * 9}], "max_tokens": 5 + number}
            body |= {"ignore_eos": True, "stream": number == 2}
            client = http.client.HTTPConnection("127.0.0.1", meter.port, timeout=60)
            client.request(
                "POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"}
            )
            text = client.getresponse().read().decode()
            client.close()
            last = (
                text
                if number < 2
                else next(part for part in reversed(text.split("data: ")) if '"timings"' in part)
            )
            timings = json.loads(last)["timings"]
            told.append((timings["prompt_n"], timings["cache_n"], timings["predicted_n"]))
        kept = [(line["input"], line["cached"], line["output"]) for line in meter.lines(3)]
    assert kept == told
    assert [output for *_, output in kept] == [5, 6, 7]


def test_what_was_counted_stands_in_the_usage(tmp_path: Path) -> None:
    with scripted(CHAT) as server, metering(tmp_path, server.server_port) as meter:
        raw(meter.port, asked("/v1/chat/completions"))
        assert len(meter.lines(1)) == 1
    done = subprocess.run(
        [sys.executable, "-m", "tokencoach", "usage", "--by", "source", "--json"],
        env=environment(tmp_path),
        capture_output=True,
        check=True,
    )
    (row,) = json.loads(done.stdout)["rows"]
    assert (row["source"], row["requests"], row["input_tokens"], row["output_tokens"]) == ("meter", 1, 30, 7)
    assert row["cost_usd"] == 0
