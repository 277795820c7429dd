"""A model on loopback that says what a test has scripted, in every protocol, and counts its tokens."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from sources import scripted_protocols as protocols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sources.scripted_protocols import Step


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
        offered = body.get("tools") or []
        number = len(self.sent)
        step = None
        if offered:
            step = self._script[number] if number < len(self._script) else None
            self.sent.append(1000 + number)
        if "enerateContent" in path:
            return protocols.gemini(step, 1000 + number)
        name = str(body.get("model"))
        if "/messages" in path:
            return protocols.messages(step, number, name)
        if path.endswith("/responses"):
            return protocols.responses(step, number, name)
        return protocols.chat(step, number, name)

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
                    head = f"event: {piece['type']}\n".encode() if "type" in piece else b""
                    self.wfile.write(head + b"data: " + line + b"\r\n\r\n" if is_stream else line)
                if is_stream and "completions" in self.path:
                    self.wfile.write(b"data: [DONE]\n\n")

        return Handler
