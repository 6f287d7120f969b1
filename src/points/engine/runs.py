"""Runs of usable lots in the order of drawing, changed in place and taken back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from points.domain.lots import DRAW_ORDER
from points.domain.state import OpenLots
from points.domain.values import Lot


class Run:
    """Is a run of usable lots in the order of drawing, by number.

    Changed in place, as a mapping: a batch may add thousands of lots to it. Behind
    a run that is not `complete` there are lots that were not read.
    """

    def __init__(self, found: OpenLots) -> None:
        self.lots = list(found.lots)
        self.complete = found.complete
        # Made when it is asked for: a run that is drawn from the front needs none.
        self._index: dict[int, Lot] | None = None

    def get(self, number: int, absent: object) -> Any:
        """Returns the lot, or `absent`."""
        if self._is_front(number):
            return self.lots[0]
        return self._by_number().get(number, absent)

    def __setitem__(self, number: int, lot: Lot) -> None:
        """Puts a lot in the place of the one with its number, or adds it."""
        if self._is_front(number) and DRAW_ORDER(lot) == DRAW_ORDER(self.lots[0]):
            self.lots[0] = lot
            if self._index is not None:
                self._index[number] = lot
            return
        if number in self._by_number():
            del self[number]
        self._by_number()[number] = lot
        self.lots.insert(self._place(lot), lot)

    def __delitem__(self, number: int) -> None:
        """Takes a lot out."""
        del self.lots[self._place(self._by_number().pop(number))]

    def reaches(self, lot: Lot) -> bool:
        """Says whether the lot has its place in here, and not behind a gap."""
        if self.complete:
            return True
        return bool(self.lots) and DRAW_ORDER(lot) <= DRAW_ORDER(self.lots[-1])

    def in_front(self, lots: Sequence[Lot]) -> int:
        """Returns how many of these lots are the first of the run, now empty."""
        count = 0
        for lot, front in zip(lots, self.lots, strict=False):
            if lot.remaining or lot.number != front.number:
                break
            count += 1
        return count

    def take_front(self, count: int) -> list[Lot]:
        """Takes the first lots out, in one go, and returns them."""
        front = self.lots[:count]
        del self.lots[:count]
        if self._index is not None:
            for lot in front:
                del self._index[lot.number]
        return front

    def put_front(self, lots: Sequence[Lot]) -> None:
        """Puts back what `take_front` took."""
        self.lots[:0] = lots
        if self._index is not None:
            self._index.update((lot.number, lot) for lot in lots)

    def _is_front(self, number: int) -> bool:
        """Says whether a lot is the first one, which most burns draw from alone."""
        return bool(self.lots) and self.lots[0].number == number

    def _by_number(self) -> dict[int, Lot]:
        if self._index is None:
            self._index = {lot.number: lot for lot in self.lots}
        return self._index

    def _place(self, lot: Lot) -> int:
        if not self.lots or DRAW_ORDER(lot) > DRAW_ORDER(self.lots[-1]):
            return len(self.lots)
        return bisect_left(self.lots, DRAW_ORDER(lot), key=DRAW_ORDER)


class Front:
    """Is the front of a run as the journal knows it."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __setitem__(self, _key: object, lots: Sequence[Lot]) -> None:
        """Puts lots back that were taken out."""
        self._run.put_front(lots)


class Several:
    """Is the lots of a batch as the journal knows them: those of a command at once."""

    def __init__(self, lots: dict[Any, Lot]) -> None:
        self._lots = lots

    def __setitem__(self, keys: Sequence[Any], old: Sequence[Lot | None]) -> None:
        """Puts lots back as they were; None for those that were not there."""
        for key, lot in zip(keys, old, strict=True):
            if lot is not None:
                self._lots[key] = lot
            else:
                self._lots.pop(key, None)
