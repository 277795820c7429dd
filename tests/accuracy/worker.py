"""A session at work in a modelled repository: each act is logged, done on the disk, and marked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from accuracy.marks import Line, Mark, aligned, new_line, texts
from accuracy.model import counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accuracy.model import ModelRepository
    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.session import Session


class Worker:
    """One session; ``fixed`` is the bucket of all it does, where that does not depend on git.

    ``looped`` are the places, in the truth's list of requests, of calls that repeat another.
    """

    def __init__(self, session: Session, repo: ModelRepository, fixed: str | None = None) -> None:
        self.session = session
        self.repo = repo
        self.fixed = fixed
        self.looped: set[int] = set()

    def write(self, path: str, lines: Sequence[str]) -> None:
        """Write a whole file; lines that it had already stay what they were."""
        self.session.write(self._place(path), "".join(f"{line}\n" for line in lines))
        before = self.repo.work.get(path, ())
        self._put(path, before, self._aligned(path, before, lines))

    def replace(self, path: str, start: int, stop: int, lines: Sequence[str]) -> None:
        """Replace some lines by others with an edit; insert where ``start`` is ``stop``."""
        before = self.repo.work[path]
        fresh = self._aligned(path, before[start:stop], lines)
        low, high = self._hull(path, start, stop)
        old = "\n".join(texts(before[low:high]))
        new = "\n".join([*texts(before[low:start]), *lines, *texts(before[stop:high])])
        self.session.edit(self._place(path), old, new)
        self._put(path, before, [*before[:start], *fresh, *before[stop:]])

    def delete(self, path: str, start: int, stop: int) -> None:
        """Take lines away."""
        self.replace(path, start, stop, ())

    def move_in(self, path: str, at: int, moved: Sequence[Line]) -> None:
        """Write lines here that the session takes away elsewhere: their first writers keep them too."""
        before = self.repo.work[path]
        low, high = self._hull(path, at, at)
        old = "\n".join(texts(before[low:high]))
        new = "\n".join([*texts(before[low:at]), *texts(moved), *texts(before[at:high])])
        self.session.edit(self._place(path), old, new)
        fresh = []
        for line in moved:
            own = self._written(path, line.text)
            fresh.append(Line(line.text, own.ids, (*own.marks, *line.marks)))
        self._put(path, before, [*before[:at], *fresh, *before[at:]])

    def shell_write(self, path: str, lines: Sequence[str], command: str, output: str = "") -> None:
        """A command gives a file these lines; nothing but the command and its output is logged."""
        self.session.bash(command, output)
        before = self.repo.work.get(path, ())
        self._put(path, before, self._aligned(path, before, lines))
        self.repo.put(path, self.repo.work[path])

    def draft(self, path: str, lines: Sequence[str]) -> str:
        """Write a file beside the repository that a command will put at the path; where it lies."""
        place = str(self.repo.real.folder.parent / f"draft-{path.replace('/', '-')}")
        self.session.write(place, "".join(f"{line}\n" for line in lines))
        self._put(path, (), self._aligned(path, (), lines))
        self.repo.put(path, self.repo.work[path])
        return place

    def outside(self, path: str, lines: Sequence[str]) -> None:
        """Write a file that belongs to no repository."""
        self.session.write(path, "".join(f"{line}\n" for line in lines))
        for text in lines:
            if counts(text, path, self.repo.world):
                self.repo.world.marks.append(self._mark(path, text, fixed="neutral"))

    def loop(self, command: str, output: str, times: int) -> None:
        """The same command over and over."""
        for turn in range(times):
            self.session.bash(command, output)
            if turn:
                self.looped.add(len(self.session.truth.requests) - 1)

    def tried(self, path: str, lines: Sequence[str], *, is_refused: bool) -> None:
        """Propose lines that the person refuses, or an edit whose old text is not there."""
        if is_refused and path in self.repo.work:
            first = self.repo.work[path][0].text
            self.session.reject_edit(self._place(path), first, "\n".join([first, *lines]))
        elif is_refused:
            self.session.reject_write(self._place(path), "".join(f"{line}\n" for line in lines))
        else:
            self.session.failing_edit(self._place(path), "a line that nobody ever wrote", "\n".join(lines))

    @contextmanager
    def delegated(self, task: str) -> Iterator[Worker]:
        """A sub-agent works; what it does belongs to the turn that started it."""
        claude: ClaudeSession = self.session  # type: ignore[assignment]
        with claude.subagent(task) as agent:
            yield self.twin(agent)

    def twin(self, session: Session) -> Worker:
        """The same hand in another session."""
        other = Worker(session, self.repo, self.fixed)
        other.looped = self.looped
        return other

    def beside(self, repo: ModelRepository) -> Worker:
        """The same session at work in another repository."""
        other = Worker(self.session, repo, self.fixed)
        other.looped = self.looped
        return other

    def replace_word(self, path: str, old: str, new: str) -> None:
        """Replace a word wherever it stands in a file, in one edit."""
        self.session.edit(self._place(path), old, new, replace_all=True)
        before = self.repo.work[path]
        self._put(
            path, before, self._aligned(path, before, [line.replace(old, new) for line in texts(before)])
        )

    def _place(self, path: str) -> str:
        return str(self.repo.real.folder / path)

    def _put(self, path: str, before: Sequence[Line], after: Sequence[Line]) -> None:
        kept = frozenset().union(*(line.ids for line in after)) if after else frozenset()
        for line in before:
            if line.ids.isdisjoint(kept) and counts(line.text, path, self.repo.world):
                mark = self._mark(path, line.text)
                mark.target = line.ids
                self.repo.world.marks.append(mark)
        self.repo.work[path] = tuple(after)

    def _aligned(self, path: str, before: Sequence[Line], lines: Sequence[str]) -> list[Line]:
        return aligned(before, lines, lambda text: self._written(path, text))

    def _written(self, path: str, text: str) -> Line:
        if not counts(text, path, self.repo.world):
            return new_line(text)
        mark = self._mark(path, text)
        self.repo.world.marks.append(mark)
        return new_line(text, ((mark, 1.0),))

    def _mark(self, path: str, text: str, fixed: str | None = None) -> Mark:
        session = self.session
        now = self.repo.now_ms
        return Mark(session.session_id, session.turn, now, path, text, fixed=fixed or self.fixed)

    def _hull(self, path: str, start: int, stop: int) -> tuple[int, int]:
        """Some lines around the place that make the old text unique in the file."""
        lines = texts(self.repo.work[path])
        whole = "\n".join([*lines, ""])
        low, high = start, stop
        while (low, high) == (start, stop) or whole.count("\n".join(lines[low:high])) > 1:
            if low > 0:
                low -= 1
            elif high < len(lines):
                high += 1
            else:
                break
        return low, high
