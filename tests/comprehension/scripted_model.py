"""A server on loopback that speaks as OpenAI does, with answers as they are scripted."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def saying(text: object, *, status: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    """A script that answers with a message."""
    body = {
        "model": "scripted-7b",
        "choices": [{"message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1412, "completion_tokens": 31},
    }
    return sending(json.dumps(body).encode(), status=status)


def sending(body: bytes, *, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A script that answers with bytes."""

    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return script


@contextmanager
def served(
    script: Callable[[BaseHTTPRequestHandler], None], *, pages: Mapping[str, object] | None = None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server, and all that it is asked; ``pages`` are what it tells of itself, as JSON."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
            script(self)

        def do_GET(self) -> None:
            page = (pages or {}).get(self.path)
            sending(json.dumps(page).encode(), status=200 if page is not None else 404)(self)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
