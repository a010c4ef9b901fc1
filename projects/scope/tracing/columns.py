"""Columns of the traceability matrix that others fill: this app knows no product, whoever knows it tells."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pmdm.ui.parts import Text
from projects.scope.tracing.marks import Mark

# What stands in a cell: the marks, and the gap in words or ''.
type Cell = tuple[list[Mark], str]


@dataclass(frozen=True)
class Gap:
    """One more choice of the filter *Gap*."""

    key: str
    label: Text


@dataclass(frozen=True)
class Column:
    """A column as one reader sees it.

    ``cells(ids, known)`` gives by the id of a requirement what stands beside it, in a constant number of queries;
    ``known`` None: now, else as it was known then. ``having(key, known)`` gives the ids of all requirements of the
    project that one of its ``gaps`` is about.
    """

    key: str
    heading: Text
    gaps: tuple[Gap, ...]
    cells: Callable[[Collection[int], datetime.datetime | None], Mapping[int, Cell]]
    having: Callable[[str, datetime.datetime | None], Collection[int]]


# A column for this project and reader; None where there is none, or nothing that this reader may see.
Teller = Callable[[Any, Any], Column | None]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    if teller not in _tellers:
        _tellers.append(teller)


def columns_for(project, user) -> list[Column]:
    """In the order in which they registered."""
    return [column for teller in _tellers if (column := teller(project, user)) is not None]
