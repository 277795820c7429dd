"""A model on loopback that says what a test has scripted, in two protocols, and counts its tokens."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

Step = tuple[str, dict[str, Any]]
CACHED, OUTPUT, REASONING = 800, 50, 20


class ScriptedModel:
    """Answers each request that offers tools with the next call of the script, then says it is done.

    ``sent`` holds the input tokens (cached ones among them) of each such answer.
    """

    def __init__(self, script: list[Step]) -> None:
        self.sent: list[int] = []
        self._script = script
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The pieces of an answer, as the protocol of the path streams them."""
        is_gemini = "enerateContent" in path
        offered = body.get("tools") or []
        number = len(self.sent)
        step = None
        if offered:
            step = self._script[number] if number < len(self._script) else None
            self.sent.append(1000 + number)
        return _gemini(step, 1000 + number) if is_gemini else _openai(step, number, str(body.get("model")))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Nothing: a test's output is its own."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
                is_stream = "stream" in self.path or bool(body.get("stream"))
                pieces = list(model.answer(self.path, body))
                self.send_response(200)
                kind = "text/event-stream" if is_stream else "application/json"
                self.send_header("content-type", kind)
                self.end_headers()
                for piece in pieces if is_stream else pieces[-1:]:
                    line = json.dumps(piece).encode()
                    self.wfile.write(b"data: " + line + b"\r\n\r\n" if is_stream else line)
                if is_stream and "enerateContent" not in self.path:
                    self.wfile.write(b"data: [DONE]\n\n")

        return Handler


def _gemini(step: Step | None, sent: int) -> Iterator[dict[str, Any]]:
    part: dict[str, Any] = {"text": "done"}
    if step is not None:
        part = {"functionCall": {"name": step[0], "args": step[1]}}
    counts = {
        "promptTokenCount": sent,
        "candidatesTokenCount": OUTPUT - REASONING,
        "thoughtsTokenCount": REASONING,
    }
    counts |= {"cachedContentTokenCount": CACHED, "totalTokenCount": sent + OUTPUT}
    content = {"role": "model", "parts": [part]}
    yield {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": counts}


def _openai(step: Step | None, number: int, name: str) -> Iterator[dict[str, Any]]:
    base = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1, "model": name}
    delta: dict[str, Any] = {"role": "assistant", "content": "" if step else "done"}
    if step is not None:
        function = {"name": step[0], "arguments": json.dumps(step[1])}
        delta["tool_calls"] = [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}]
    ended = "tool_calls" if step else "stop"
    sent = 1000 + number
    counts = {
        "prompt_tokens": sent,
        "completion_tokens": OUTPUT,
        "total_tokens": sent + OUTPUT,
        "prompt_tokens_details": {"cached_tokens": CACHED},
        "completion_tokens_details": {"reasoning_tokens": REASONING},
    }
    yield base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield base | {"choices": [{"index": 0, "delta": {}, "finish_reason": ended}]}
    yield base | {
        "choices": [{"index": 0, "message": delta, "delta": {}, "finish_reason": ended}],
        "usage": counts,
    }
