"""Commits into pieces of work: every commit in exactly one, whatever they say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.features import LandedCommit, Release, group
from tokencoach.usage.words import WorkKind

HOUR_MS = 3_600_000


def commit(number: int, hours: int, request: int | None, scope: str, kind: WorkKind | None) -> LandedCommit:
    at_ms = hours * HOUR_MS
    return LandedCommit(
        number, 1, f"{number:040x}", at_ms, at_ms, "", kind, scope, request, (), is_merge=False
    )


@st.composite
def histories(draw: st.DrawFn) -> list[LandedCommit]:
    hours = sorted(draw(st.lists(st.integers(0, 2_000), max_size=30)))
    return [
        commit(
            number,
            at,
            draw(st.one_of(st.none(), st.integers(1, 4))),
            draw(st.sampled_from(("", "api", "core"))),
            draw(st.sampled_from((None, *WorkKind))),
        )
        for number, at in enumerate(hours)
    ]


@given(histories(), st.lists(st.integers(0, 2_000), max_size=4))
def test_every_commit_is_in_one_piece_of_work(history: list[LandedCommit], tags: list[int]) -> None:
    releases = [Release(f"v{at}", at * HOUR_MS) for at in sorted(tags)]
    works = group(history, releases)
    assert sorted(one.commit_id for work in works for one in work.commits) == [
        one.commit_id for one in history
    ]
    for work in works:
        assert len({one.number for one in work.commits}) == 1
        times = [one.landed_ms for one in work.commits]
        assert times == sorted(times)


@given(histories(), st.integers(0, 30))
def test_what_came_before_is_grouped_the_same_without_what_came_after(
    history: list[LandedCommit], cut: int
) -> None:
    whole = {one.commit_id: work.first.sha for work in group(history) for one in work.commits}
    part = {one.commit_id: work.first.sha for work in group(history[:cut]) for one in work.commits}
    assert part == {number: whole[number] for number in part}
