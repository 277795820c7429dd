"""What evidence says: one short line, whatever the log holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.coach.evidence import end_of_path, quoted


@given(text=st.text(max_size=300))
def test_a_quotation_is_one_line_of_at_most_sixty_characters(text: str) -> None:
    said = quoted(text)
    assert len(said) <= 60
    assert len(said.splitlines()) <= 1


@given(path=st.text(max_size=300))
def test_the_end_of_any_path_is_one_short_line(path: str) -> None:
    for said in (end_of_path(path), end_of_path(path, 1)):
        assert len(said) <= 60
        assert len(said.splitlines()) <= 1


def test_paths_of_any_system_end_alike() -> None:
    assert end_of_path("D:\\work\\api\\app.py") == end_of_path("/srv/api/app.py") == "api/app.py"
    assert end_of_path("/srv/api/", 1) == "api"
