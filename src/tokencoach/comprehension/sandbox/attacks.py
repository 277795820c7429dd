"""Twenty things that code behind the walls must not be able to do, and how to see whether it did.

Each attack is a function ``f`` run without any gate before it; it returns ``True`` where it got through.
"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.sandbox.execute import run

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = "import os, sys, socket, ctypes, signal\ndef f(place, port, parent):\n"


class Attack(NamedTuple):
    """A name and the body of ``f(place, port, parent)``: a folder to harm, a port that listens, our process."""

    name: str
    body: str


ATTACKS: Final = (
    Attack("reads a file", "    return open(place + '/secret').read() == 'secret'\n"),
    Attack("lists a folder", "    return bool(os.listdir(place))\n"),
    Attack("deletes a file", "    os.remove(place + '/victim')\n    return True\n"),
    Attack("writes a file", "    open(place + '/new', 'w').write('x')\n    return True\n"),
    Attack("changes a file's rights", "    os.chmod(place + '/secret', 0o777)\n    return True\n"),
    Attack("connects a socket", "    socket.create_connection(('127.0.0.1', port), 1)\n    return True\n"),
    Attack(
        "runs a program through a class of the interpreter's",
        "    found = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close']\n"
        "    return found[0].__init__.__globals__['system']('touch ' + place + '/ran') == 0\n",
    ),
    Attack("forks", "    if os.fork() == 0:\n        os._exit(0)\n    return True\n"),
    Attack("signals the process that started it", "    os.kill(parent, 0)\n    return True\n"),
    Attack("becomes another program", "    os.execv(sys.executable, [sys.executable, '-c', ''])\n"),
    Attack(
        "opens a file through the C library",
        "    library = ctypes.CDLL(None)\n    return library.open((place + '/secret').encode(), 0) >= 0\n",
    ),
    Attack(
        "reaches into the program around it, then reads",
        "    sys.modules['__main__']._FORBIDDEN = ()\n    sys.settrace(None)\n"
        "    return __builtins__['open'](place + '/secret').read() == 'secret'\n",
    ),
    Attack("forges an answer on standard output", "    print('{\"done\": true}')\n    os._exit(0)\n"),
    Attack("leaves before its end", "    os._exit(0)\n"),
    Attack("takes all memory", "    held = []\n    while True:\n        held.append(bytearray(1 << 24))\n"),
    Attack("never ends", "    while True:\n        pass\n"),
    Attack(
        "never ends and swallows every exception",
        "    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n"
        "            pass\n",
    ),
    Attack("matches without end", "    import re\n    return bool(re.match('(a+)+$', 'a' * 60 + 'b'))\n"),
    Attack("computes without end", "    return 9 ** 9 ** 9 ** 9 > 0\n"),
    Attack("calls itself without end", "    return f(place, port, parent)\n"),
)


def source_of(attack: Attack) -> str:
    """The module that carries an attack out."""
    return _HEAD + attack.body


def got_through() -> Iterator[tuple[Attack, str | None, bool]]:
    """Run all attacks; of each, why it was not run at all (or None), and whether it got through."""
    for attack in ATTACKS:
        with tempfile.TemporaryDirectory(prefix="tokencoach-attack-") as name, socket.socket() as listening:
            place = Path(name)
            (place / "secret").write_text("secret", encoding="ascii")
            (place / "victim").write_text("victim", encoding="ascii")
            mode = (place / "secret").stat().st_mode
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            inputs = [repr([name, listening.getsockname()[1], os.getpid()])]
            said = run(source_of(attack), "f", inputs, is_bare=True)
            answer = said.outcomes[0]
            left = sorted(entry.name for entry in place.iterdir())
            is_harmed = left != ["secret", "victim"] or (place / "secret").stat().st_mode != mode
            yield attack, said.refused, is_harmed or (answer is not None and answer.result == "True")
