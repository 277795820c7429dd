"""The whole database in one file elsewhere, and back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, requests
from tokencoach.watch.lock import WriterLock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A database of twenty requests, and a word of the person."""
    made = Machine(tmp_path / "home")
    made.log(requests(20))
    made.json("coach", "budget", "set", "100")
    return made


@pytest.fixture
def copy(machine: Machine, tmp_path: Path) -> Path:
    """A backup of it."""
    machine.json("backup", str(tmp_path / "copy.db"))
    return tmp_path / "copy.db"


def item(machine: Machine, name: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = machine.json("checklist", name)["items"]
    return items[0]


def test_a_backup_is_one_checked_private_file(machine: Machine, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    said = machine.json("backup", str(target))
    assert said == {"path": str(target), "bytes": target.stat().st_size, "requests": 20}
    assert target.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(("copy", ".copy"))] == [
        "copy.db"
    ]


def test_c20_and_the_doctor_know_of_it(machine: Machine, tmp_path: Path) -> None:
    assert "no backup of the last 30 days" in item(machine, "C20")["why"]
    machine.json("backup", str(tmp_path / "copy.db"))
    assert "backed up on" in item(machine, "C20")["why"]
    assert "copy.db" in machine.run("doctor").stdout.decode()
    (tmp_path / "copy.db").unlink()
    assert "whether the backup of" in item(machine, "C20")["why"]


def test_a_file_that_is_there_is_not_written_over(machine: Machine, copy: Path) -> None:
    before = copy.read_bytes()
    machine.log(requests(30))
    machine.run("ingest")
    done = machine.run("backup", str(copy))
    assert done.returncode == 2
    assert "--force" in done.stderr.decode()
    assert copy.read_bytes() == before
    assert machine.json("backup", str(copy), "--force")["requests"] == 30


@pytest.mark.parametrize("where", ["folder", "itself", "nowhere"])
def test_a_place_that_cannot_hold_it_is_refused(machine: Machine, tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    places = {
        "folder": tmp_path / "folder",
        "itself": machine.database,
        "nowhere": tmp_path / "no" / "copy.db",
    }
    done = machine.run("backup", str(places[where]), "--force")
    assert done.returncode == 2
    assert "mend: " in done.stderr.decode()
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 20


def test_a_restored_database_has_what_the_backup_had_and_the_words_since(
    machine: Machine, copy: Path
) -> None:
    machine.json("coach", "budget", "set", "2M", "--unit", "tokens")
    said = machine.json("backup", "--restore", str(copy))
    assert said["requests"] == 20
    assert machine.read("SELECT count(*) FROM request") == [(20,)]
    assert machine.read("PRAGMA integrity_check") == [("ok",)]
    assert [one["unit"] for one in machine.json("coach", "budget", "list")["budgets"]] == ["usd", "tokens"]
    machine.log(requests(25))
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 25


def test_what_stood_there_is_saved_beside_it(machine: Machine, copy: Path) -> None:
    machine.log(requests(30))
    machine.run("ingest")
    saved = machine.json("backup", "--restore", str(copy))["saved"]
    with sqlite3.connect(f"file:{saved}?mode=ro", uri=True) as kept:
        assert kept.execute("SELECT count(*) FROM request").fetchone() == (30,)
    kept.close()


def test_a_damaged_database_is_set_aside_for_the_backup(machine: Machine, copy: Path) -> None:
    machine.database.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    assert machine.run("usage").returncode == 4
    assert machine.json("backup", "--restore", str(copy))["requests"] == 20
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 20
    assert machine.database.with_name("tokencoach.db.damaged").exists()


def test_a_damaged_backup_changes_nothing(machine: Machine, copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[4096:] = b"\x00" * (len(content) - 4096)
    copy.write_bytes(content)
    done = machine.run("backup", "--restore", str(copy))
    assert done.returncode == 4
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 20


def test_a_backup_of_an_earlier_release_is_brought_to_todays_format(machine: Machine, copy: Path) -> None:
    (now,) = machine.read("PRAGMA user_version")[0]
    with sqlite3.connect(copy) as older:
        older.execute("DELETE FROM _sqlite_migrations WHERE id = (SELECT max(id) FROM _sqlite_migrations)")
        older.execute(f"PRAGMA user_version={now - 1}")
    older.close()
    assert machine.json("backup", "--restore", str(copy))["requests"] == 20
    assert machine.read("PRAGMA user_version") == [(now,)]
    assert [one["unit"] for one in machine.json("coach", "budget", "list")["budgets"]] == ["usd"]
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 20


@pytest.mark.parametrize(("content", "code"), [(None, 2), (b"", 4), (b"no database at all" * 300, 4)])
def test_what_is_no_backup_is_named_so(
    machine: Machine, tmp_path: Path, content: bytes | None, code: int
) -> None:
    file = tmp_path / "copy.db"
    if content is not None:
        file.write_bytes(content)
    done = machine.run("backup", "--restore", str(file))
    assert done.returncode == code
    assert "copy.db" in done.stderr.decode()
    assert "ingest" not in done.stderr.decode()
    assert machine.json("usage", "--by", "month")["totals"]["requests"] == 20


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    assert machine.run("backup", str(tmp_path / "copy.db")).returncode == 3
    assert not (tmp_path / "copy.db").exists()


def test_a_watcher_at_work_keeps_the_database_from_being_replaced(machine: Machine, copy: Path) -> None:
    lock = WriterLock(machine.state / "watcher.lock")
    assert lock.acquire()
    done = machine.run("backup", "--restore", str(copy))
    lock.release()
    assert done.returncode == 2
    assert "watcher" in done.stderr.decode()
