"""Serves a model with the real llama.cpp server until it is told to end: ``serve.py MODEL PORT [SLOTS]``.

Run as a program of its own; its log goes to stderr and stdout as the server writes it.
"""

from __future__ import annotations

import signal
import sys

import xllamacpp  # type: ignore[import-untyped]


def main() -> None:
    """Start the server, say where it listens, and wait."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(sys.argv[2])
    parameters.n_ctx = 4096
    parameters.n_parallel = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    parameters.cpuparams.n_threads = 1
    parameters.endpoint_metrics = True
    parameters.endpoint_slots = True
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
