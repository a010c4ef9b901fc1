"""One search for everything: each app says how its kinds are found, and by whom.

``register("risk", _("Risks"), find, order=40)``; ``find(user, words, limit)`` gives hits that this user may open, in
as many queries however many hits. ``register_jump(jump)``; ``jump(user, code, prefix, number)`` gives the hits
that a number such as R-14 (of the subject with that code, where one is typed) names exactly.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.lookups import BuiltinLookup, IContains

from pmdm.prepared import PreparedFor
from pmdm.ui.parts import Text

LONGEST = 200
MOST_WORDS = 8

_CODE = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"
_JUMP = re.compile(rf"(?:(?P<code>{_CODE})[\s/:#]+)?#?(?P<prefix>[A-Z]{{1,4}})[-\s]?(?P<number>\d{{1,9}})\Z")


@dataclass(frozen=True, kw_only=True)
class Hit:
    title: str
    url: str
    ref: str = ""
    sub: Text = ""


@dataclass(frozen=True)
class Kind:
    key: str
    label: Text
    icon: str
    order: int
    find: Callable[[object, list[str], int], list[Hit]]


@dataclass(frozen=True)
class Group:
    kind: Kind
    hits: list[Hit]
    more: bool  # there are more than are shown


_kinds: dict[str, Kind] = {}
_by_code: list[Callable] = []
_jumps: list[Callable] = []


def register(key: str, label: Text, find, *, order: int, icon: str = "search") -> None:
    """Add a kind of thing that words find."""
    _kinds[key] = Kind(key, label, icon, order, find)


def register_code(find) -> None:
    """Add ``find(user, code) -> hits``: subjects with exactly this code."""
    if find not in _by_code:
        _by_code.append(find)


def register_jump(jump) -> None:
    """Add ``jump(user, code or '', prefix, number) -> hits``: rows with exactly this number."""
    if jump not in _jumps:
        _jumps.append(jump)


def exact(user, text: str) -> list[Hit]:
    """What the text names exactly: a code such as NCP, a number such as R-14 or NCP R-14."""
    text = " ".join(text.upper().split())[:LONGEST]
    hits: list[Hit] = []
    if re.fullmatch(_CODE, text):
        hits = [hit for find in _by_code for hit in find(user, text)]
    if not hits and (found := _JUMP.match(text)):
        number = int(found["number"])
        if number <= 2_147_483_647:
            hits = [hit for jump in _jumps for hit in jump(user, found["code"] or "", found["prefix"], number)]
    return hits


def find(user, text: str, limit: int) -> list[Group]:
    """What the words find, by kind; kinds without a hit are left out."""
    # The database can't take NUL in a text; nobody's title has one.
    words = text.replace("\x00", " ")[:LONGEST].split()[:MOST_WORDS]
    if not words or max(map(len, words)) < 2:
        return []
    groups = []
    for kind in sorted(_kinds.values(), key=lambda kind: kind.order):
        hits = kind.find(user, words, limit + 1)
        if hits:
            groups.append(Group(kind, hits[:limit], len(hits) > limit))
    return groups


def containing(queryset, words: list[str], *fields: str):
    """Rows that hold each of the words in at least one of the fields."""
    for word in words:
        condition = Q()
        for field in fields:
            condition |= Q(**{f"{field}__icontains": word})
        queryset = queryset.filter(condition)
    return queryset


class LikePattern(IContains):
    """``icontains`` with a pattern that is made already: a statement made once takes another one each time."""

    def process_rhs(self, qn, connection):
        return BuiltinLookup.process_rhs(self, qn, connection)


for _kind in (CharField, TextField):
    _kind.register_lookup(LikePattern, "like_pattern")


class Finding:
    """Finds plain values of rows by words, by a statement made once for each kind of reader and number of words.

    ``rows(reader)`` are those that may be found, in order; it may look at the reader's key, site role and organisation.
    """

    def __init__(self, rows: Callable[[Any], QuerySet], fields: Sequence[str], values: Sequence[str]):
        self._rows, self._fields, self._values = rows, tuple(fields), tuple(values)
        self._first: Callable[[int], PreparedFor] = lru_cache(maxsize=8)(self._prepared)

    def __call__(self, user, words: list[str], limit: int) -> list[tuple]:
        return self._first(limit)(user, *[f"%{connection.ops.prep_for_like_query(word)}%" for word in words])

    def _prepared(self, limit: int) -> PreparedFor:
        def build(reader, *patterns):
            found = self._rows(reader)
            for pattern in patterns:
                condition = Q()
                for field in self._fields:
                    condition |= Q(**{f"{field}__like_pattern": pattern})
                found = found.filter(condition)
            return found.values_list(*self._values)[:limit]

        return PreparedFor(build)
