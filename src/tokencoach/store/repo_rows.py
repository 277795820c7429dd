"""Repositories, the folders that lie in them, and the edits whose place is to be found."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.evidence_writer import forget_evidence
from tokencoach.store.keyed import CALL_SHELL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence


class KnownRepo(NamedTuple):
    """A repository as the database knows it. ``roots`` and ``remotes`` are sorted tuples."""

    repo_id: int
    common_dir: str
    path: str
    roots: tuple[str, ...]
    remotes: tuple[str, ...]
    default_branch: str | None
    state: str
    phase: str | None
    ship: str | None
    fingerprint: str


class FolderRow(NamedTuple):
    """A working folder that a log names, and the root of the repository that it lies in."""

    folder_id: int
    name: str
    repo_id: int | None
    root: str | None
    state: str


class UnplacedEdit(NamedTuple):
    """An edit whose place is not known yet; ``source`` is the file that a command took it from."""

    edit_id: int
    path: str
    folder_id: int | None
    repo_id: int | None
    at_ms: int
    is_command: int = 0
    source: str | None = None


_LIST = "\x1f"


def known_repos(connection: sqlite3.Connection) -> list[KnownRepo]:
    """Every repository, in the order in which it was found."""
    rows = connection.execute(
        "SELECT id, common_dir, path, roots, remotes, default_branch, state, phase, ship, fingerprint FROM repo ORDER BY id"
    )
    return [KnownRepo(row[0], row[1], row[2], _listed(row[3]), _listed(row[4]), *row[5:]) for row in rows]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(_LIST)) if text else ()


def repository_states(connection: sqlite3.Connection) -> list[tuple[str, str, str | None]]:
    """Path, state and problem of each repository."""
    return connection.execute("SELECT path, state, problem FROM repo ORDER BY path").fetchall()


def put_repo(connection: sqlite3.Connection, common_dir: str, path: str) -> int:
    """Row of a repository by its common git directory, made where it is new."""
    connection.execute("INSERT OR IGNORE INTO repo(common_dir, path) VALUES(?,?)", (common_dir, path))
    return int(connection.execute("SELECT id FROM repo WHERE common_dir=?", (common_dir,)).fetchone()[0])


def describe_repo(
    connection: sqlite3.Connection,
    repo_id: int,
    *,
    roots: Sequence[str],
    remotes: Sequence[str],
    default_branch: str | None,
    state: str,
    problem: str | None,
) -> None:
    """Note what git says of a repository."""
    connection.execute(
        "UPDATE repo SET roots=?, remotes=?, default_branch=?, state=?, problem=? WHERE id=?",
        (_LIST.join(sorted(roots)), _LIST.join(sorted(remotes)), default_branch, state, problem, repo_id),
    )


def set_fingerprint(connection: sqlite3.Connection, repo_id: int, fingerprint: str) -> None:
    """Note the refs that were read last."""
    connection.execute("UPDATE repo SET fingerprint=? WHERE id=?", (fingerprint, repo_id))


def folders(connection: sqlite3.Connection) -> list[FolderRow]:
    """Every working folder that a log names."""
    rows = connection.execute("SELECT id, name, repo_id, root, state FROM folder")
    return [FolderRow._make(row) for row in rows]


def gone_folders(connection: sqlite3.Connection) -> list[str]:
    """Folders that logs name and that are not on this computer, without those that lie in another one of them."""
    rows = connection.execute("SELECT name FROM folder WHERE state='gone' ORDER BY name")
    kept: list[str] = []
    for (name,) in rows:
        if not any(name.startswith((f"{above}/", f"{above}\\")) for above in kept):
            kept.append(name)
    return kept


def place_folder(
    connection: sqlite3.Connection, folder_id: int, repo_id: int | None, root: str | None, state: str
) -> None:
    """Note where a folder lies."""
    connection.execute(
        "UPDATE folder SET repo_id=?, root=?, state=? WHERE id=?", (repo_id, root, state, folder_id)
    )


def replace_edits(connection: sqlite3.Connection, folder_ids: Sequence[int]) -> None:
    """Edits of folders that were placed anew are placed anew too."""
    wanted = ",".join(str(int(folder_id)) for folder_id in folder_ids)
    connection.execute(
        f"UPDATE edit SET place='new' WHERE place<>'new' AND (folder_id IN ({wanted}) OR (folder_id IS NULL "
        f"AND session_id IN (SELECT id FROM session WHERE folder_id IN ({wanted}))))"
    )


def place_told(connection: sqlite3.Connection, session_ids: Sequence[int]) -> None:
    """Edits that no repository was found for are placed anew where their session's folder was told afterwards."""
    wanted = ",".join(str(int(session_id)) for session_id in session_ids)
    connection.execute(
        "UPDATE edit SET place='new' WHERE place='no_repository' AND folder_id IS NULL AND session_id IN ("
        "SELECT s.id FROM session s JOIN folder f ON f.id = s.folder_id "
        f"WHERE f.repo_id IS NOT NULL AND s.id IN ({wanted}))"
    )


def place_again(connection: sqlite3.Connection, repo_id: int, *, is_all: bool) -> None:
    """Place a repository's edits anew: all of them, or those of files that it ignored."""
    kept = "" if is_all else " AND place='ignored'"
    connection.execute(f"UPDATE edit SET place='new' WHERE repo_id=? AND place<>'new'{kept}", (repo_id,))


def read_until(connection: sqlite3.Connection, repo_id: int) -> str | None:
    """The commit up to which a repository's history was read; None where it was not."""
    row = connection.execute("SELECT tip FROM replay WHERE repo_id=?", (repo_id,)).fetchone()
    return None if row is None else str(row[0])


def unplaced_edits(connection: sqlite3.Connection) -> list[UnplacedEdit]:
    """Edits whose place is to be found."""
    rows = connection.execute(
        "SELECT e.id, p.name, coalesce(e.folder_id, s.folder_id), e.repo_id, e.at_ms, "
        f"coalesce(t.flags, 0) & {CALL_SHELL}, e.moved_from FROM edit e JOIN path p ON p.id = e.path_id "
        "JOIN session s ON s.id = e.session_id LEFT JOIN tool_call t ON t.key = e.call_key WHERE e.place = 'new'"
    )
    return [UnplacedEdit._make(row) for row in rows]


def commanded_paths(connection: sqlite3.Connection, repo_id: int) -> list[str]:
    """Files that only commands changed, by their logged names, and of which no line has landed."""
    rows = connection.execute(
        "SELECT DISTINCT q.name FROM edit e JOIN path q ON q.id = e.repo_path_id "
        f"JOIN tool_call t ON t.key = e.call_key AND t.flags & {CALL_SHELL} WHERE e.repo_id = ? "
        "AND e.place = 'repository' AND e.kind <> 'shell_sweep' "
        "AND NOT EXISTS (SELECT 1 FROM landing l WHERE l.edit_id = e.id)",
        (repo_id,),
    )
    return [row[0] for row in rows]


def place_anew(connection: sqlite3.Connection, repo_id: int, paths: Iterable[str]) -> None:
    """Commands' edits of some files are placed anew."""
    connection.executemany(
        "UPDATE edit SET place='new' WHERE repo_id=? AND repo_path_id=(SELECT id FROM path WHERE name=?) "
        f"AND EXISTS (SELECT 1 FROM tool_call t WHERE t.key = call_key AND t.flags & {CALL_SHELL})",
        [(repo_id, path) for path in paths],
    )


def place_edits(
    connection: sqlite3.Connection, rows: Iterable[tuple[int | None, int | None, str, int]]
) -> None:
    """Rows of ``(repository, path inside it, place, edit)``."""
    connection.executemany("UPDATE edit SET repo_id=?, repo_path_id=?, place=? WHERE id=?", rows)


def links(connection: sqlite3.Connection) -> dict[str, str]:
    """Folders as logs name them, to where they are now."""
    return dict(connection.execute("SELECT old, new FROM repo_link ORDER BY old"))


def put_link(connection: sqlite3.Connection, old: str, new: str) -> None:
    """Note that logs which say ``old`` speak of ``new``; every folder is placed anew.

    Logs of folders that were not found are read again: the text of their edits may be gone by now,
    and a first match wants it.
    """
    connection.execute("INSERT OR REPLACE INTO repo_link VALUES(?,?)", (old, new))
    connection.execute(
        "UPDATE log_file SET offset=0, size=-1, state=x'' WHERE id IN (SELECT t.file_id FROM turn t "
        "JOIN session s ON s.id = t.session_id JOIN folder f ON f.id = s.folder_id WHERE f.repo_id IS NULL)"
    )
    connection.execute("UPDATE folder SET state='new'")


def set_phase(connection: sqlite3.Connection, repo_id: int, phase: str) -> None:
    """The person's word on a repository's phase."""
    connection.execute("UPDATE repo SET phase=? WHERE id=?", (phase, repo_id))


def set_ship(connection: sqlite3.Connection, repo_id: int, ship: str | None) -> None:
    """The person's word on what shipping means in a repository; its history is matched anew."""
    connection.execute("UPDATE repo SET ship=?, fingerprint='' WHERE id=?", (ship, repo_id))


def session_clues(connection: sqlite3.Connection) -> dict[int, list[tuple[str | None, str | None]]]:
    """Git remote and commit that sessions logged, by their folder."""
    clues: dict[int, list[tuple[str | None, str | None]]] = {}
    for folder_id, remote, commit in connection.execute(
        "SELECT DISTINCT folder_id, git_remote, git_commit FROM session WHERE folder_id IS NOT NULL AND "
        "(git_remote IS NOT NULL OR git_commit IS NOT NULL)"
    ):
        clues.setdefault(folder_id, []).append((remote, commit))
    return clues


def written_keys(connection: sqlite3.Connection, folder_id: int) -> list[tuple[str, int, array[int]]]:
    """Files that were edited from a folder, as logged, when, and the keys of the lines written to them."""
    rows = connection.execute(
        "SELECT p.name, e.at_ms, e.added FROM edit e JOIN path p ON p.id = e.path_id JOIN session s ON s.id = e.session_id "
        "WHERE coalesce(e.folder_id, s.folder_id) = ?",
        (folder_id,),
    )
    return [(name, at_ms, array("Q", keys)) for name, at_ms, keys in rows]


def adopt(connection: sqlite3.Connection, old_repo: int, new_repo: int) -> None:
    """A repository that moved: what was said of the old place holds for the new one."""
    connection.execute(
        "UPDATE repo SET phase=coalesce(phase, (SELECT phase FROM repo WHERE id=?1)), "
        "ship=coalesce(ship, (SELECT ship FROM repo WHERE id=?1)), fingerprint='' WHERE id=?2",
        (old_repo, new_repo),
    )
    for table in ("cc_check", "cc_card"):
        connection.execute(
            f"UPDATE OR REPLACE {table} SET place=(SELECT common_dir FROM repo WHERE id=?2) "
            "WHERE place=(SELECT common_dir FROM repo WHERE id=?1)",
            (old_repo, new_repo),
        )
    connection.execute("UPDATE folder SET repo_id=? WHERE repo_id=?", (new_repo, old_repo))
    connection.execute("UPDATE edit SET place='new' WHERE repo_id=?", (old_repo,))
    forget_landings(connection, old_repo)
    for table in ("review_span", "review_asked"):
        connection.execute(f"UPDATE OR REPLACE {table} SET repo_id=? WHERE repo_id=?", (new_repo, old_repo))
    connection.execute("DELETE FROM release_tag WHERE repo_id=?", (old_repo,))
    forget_evidence(connection, old_repo)
    connection.execute("DELETE FROM repo WHERE id=?", (old_repo,))


def forget_landings(connection: sqlite3.Connection, repo_id: int) -> None:
    """Drop everything that was matched in a repository, before it is matched from nothing."""
    connection.execute("DELETE FROM landing WHERE repo_id=?", (repo_id,))
    connection.execute(
        "DELETE FROM side_sighting WHERE edit_id IN (SELECT id FROM edit WHERE repo_id=?)", (repo_id,)
    )
    connection.execute(
        "DELETE FROM void_line WHERE edit_id IN (SELECT id FROM edit WHERE repo_id=?)", (repo_id,)
    )
    for table in ("commit_note", "suspect_line"):
        connection.execute(
            f"DELETE FROM {table} WHERE commit_id IN (SELECT id FROM git_commit WHERE repo_id=?)", (repo_id,)
        )
    connection.execute("DELETE FROM git_commit WHERE repo_id=?", (repo_id,))
    connection.execute("DELETE FROM unreadable_path WHERE repo_id=?", (repo_id,))
    connection.execute("DELETE FROM replay WHERE repo_id=?", (repo_id,))


def lone_folders(connection: sqlite3.Connection) -> list[str]:
    """Folders in which sessions worked that lie in no repository, as the logs name them."""
    rows = connection.execute(
        "SELECT DISTINCT f.name FROM folder f JOIN session s ON s.folder_id = f.id WHERE f.repo_id IS NULL ORDER BY 1"
    )
    return [name for (name,) in rows if name]
