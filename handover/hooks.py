"""Doors of the handover: each of its stories blocks a signature, adds to the page or acts on a step through here.

The record itself (``handover/transfer``) knows none of the stories that register. Whatever registers twice under one
name is a mistake of ours: ValueError.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from pmdm.ui.parts import Text

Stage = Literal["submit", "accept"]
Event = Literal["started", "submitted", "returned", "accepted", "withdrawn"]


@dataclass(frozen=True)
class Blocker:
    """Why a signature can't be given yet: one sentence, who has to act and where."""

    sentence: Text
    who: Any = None  # a User; None where nobody in particular is named
    url: str = ""
    stage: Stage = "submit"
    key: str = ""


@dataclass(frozen=True)
class Section:
    """Part of the page of a handover with ``done`` of ``total`` lines; criteria and items are the record's progress."""

    key: str
    title: Text
    url: str = ""
    done: int | None = None
    total: int | None = None
    note: Text = ""
    status: str = ""  # ok, watch, act or ''
    template: str = ""  # a partial, included with ``section``
    context: dict = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """Whole percent, 100 only when every line is done; None without lines."""
        return 100 * (self.done or 0) // self.total if self.total else None


Blockers = Callable[[Any], Iterable[Blocker]]
Act = Callable[..., None]
MakeSection = Callable[[Any, Any], "Section | None"]

_blockers: dict[str, Blockers] = {}
_acts: dict[str, dict[str, Act]] = {"started": {}, "submitted": {}, "returned": {}, "accepted": {}, "withdrawn": {}}
_sections: dict[str, tuple[int, MakeSection]] = {}
_content: dict[str, Callable[[Any], Any]] = {}


def _once(known: dict, name: str) -> None:
    if name in known:
        raise ValueError(f"{name!r} is registered already.")


def register_blockers(name: str, find: Blockers) -> None:
    """``find(handover)`` gives what blocks it, in a constant number of queries."""
    _once(_blockers, name)
    _blockers[name] = find


def blockers(handover, stage: Stage = "submit") -> list[Blocker]:
    """What blocks submission, or acceptance: whatever blocks the first blocks the second as well."""
    found = [one for find in _blockers.values() for one in find(handover)]
    return found if stage == "accept" else [one for one in found if one.stage == "submit"]


def on(event: Event, name: str, act: Act) -> None:
    """``act(handover, by=, at=)`` runs in the transaction of that step, with the record locked."""
    _once(_acts[event], name)
    _acts[event][name] = act


def tell(event: Event, handover, *, by, at) -> None:
    """Run what is registered for a step, in the order of registration; an error undoes the step."""
    for act in _acts[event].values():
        act(handover, by=by, at=at)


@contextmanager
def reading(handover) -> Iterator[None]:
    """While a page is put together: what ``once`` has read of this record is not read again."""
    handover.read_once = {}
    try:
        yield
    finally:
        del handover.read_once


def once[T](handover, name: str, read: Callable[[], T]) -> T:
    """``read()``; within ``reading`` its first answer. Blockers and sections of a story often ask the same."""
    known = getattr(handover, "read_once", None)
    if known is None:
        return read()
    if name not in known:
        known[name] = read()
    return known[name]


def register_section(key: str, order: int, make: MakeSection) -> None:
    """``make(handover, request)`` gives a part of the page, or None where there is nothing to show to this reader."""
    _once(_sections, key)
    _sections[key] = order, make


def sections(handover, request) -> list[Section]:
    """The parts of the page in order."""
    made = (make(handover, request) for _order, make in sorted(_sections.values(), key=lambda one: one[0]))
    return [section for section in made if section]


def register_content(key: str, describe: Callable[[Any], Any]) -> None:
    """``describe(handover)`` gives plain values that the signatures cover; they must not contain the signatures."""
    _once(_content, key)
    _content[key] = describe


def content(handover) -> dict[str, Any]:
    """What the stories add to what is signed, by key."""
    return {key: _content[key](handover) for key in sorted(_content)}
