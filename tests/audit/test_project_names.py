"""Names of projects: short, and no two alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.audit.project_names import NO_FOLDER, project_names

_PARTS = st.lists(st.sampled_from(["a", "b", "api", "1", "x y"]), max_size=5)


def test_a_folder_alone_is_called_by_its_last_part() -> None:
    found = project_names(["/home/me/code/api", "D:\\work\\shop\\", "/home/me/code/web", ""])
    assert list(found.values()) == ["api", "shop", "web", NO_FOLDER]


def test_folders_of_one_name_are_told_apart_by_what_is_before_it() -> None:
    found = project_names(
        [
            "/home/me/job/api",
            "/home/me/oss/api",
            "/srv/Work/entire/dev/api",
            "/srv/code/entire/dev/api",
            "/web",
        ]
    )
    assert list(found.values()) == ["job/api", "oss/api", "Work/…/api", "code/…/api", "web"]


def test_a_bare_number_is_shown_with_the_folder_it_is_in() -> None:
    assert list(project_names(["/home/me/cli/.worktrees/2", "/tmp/3"]).values()) == [".worktrees/2", "tmp/3"]  # noqa: S108 - a name


@given(st.lists(st.tuples(_PARTS, st.sampled_from("/\\"), st.booleans())))
def test_no_two_folders_have_the_same_name(written: list[tuple[list[str], str, bool]]) -> None:
    folders = {join.join(parts) + join * at_end for parts, join, at_end in written}
    named = project_names(folders)
    assert len(set(named.values())) == len(folders) == len(named)
