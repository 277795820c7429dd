"""Rows fetched from the database by pages, so that a list of any length opens at once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence

Row = TypeVar("Row")
PAGE = 50
"""A screenful or two: the time to the first paint of a far place is the time to read this many rows."""
_PAGES_KEPT = 64


class PagedRows(Generic[Row]):
    """A row for each id of an array; pages of 50 are fetched when looked at, the last 64 kept."""

    def __init__(self, ids: array[int], fetch: Callable[[Sequence[int]], list[Row]]) -> None:
        self.ids = ids
        self._fetch = fetch
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int, /) -> Row:
        """The row at a place.

        Raises:
            IndexError: the place is outside the list, or its row has gone from the database.
        """
        if not 0 <= index < len(self.ids):
            raise IndexError(index)
        return self._page(index // PAGE)[index % PAGE]

    def _page(self, number: int) -> list[Row]:
        page = self._pages.get(number)
        if page is None:
            page = self._fetch(self.ids[number * PAGE : (number + 1) * PAGE])
            self._pages[number] = page
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page

    def place_of(self, row_id: int) -> int | None:
        """Where an id stands now; None where it is gone."""
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None
