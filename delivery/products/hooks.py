"""Doors through which other apps show where a product and its items came from. This app knows none of them.

A handover registers here in its ``AppConfig.ready``; without one a product simply has no earlier half.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Link:
    """Where something came from: 'HO-1, Claims portal'. Without a URL the reader may not go there."""

    label: Text
    url: str = ""
    note: Text = ""
    # The page that follows it from the promise to today.
    thread: str = ""
    # Of a risk: [[day, probability, impact], ...] as it was scored there, oldest first.
    history: Sequence = ()


@dataclass(frozen=True)
class Row:
    """One thing of a section: what it is, how it stands (ok, watch, act or na) in a word."""

    title: Text
    sub: Text
    status: str
    word: Text
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A card on a product's overview that another app fills."""

    key: str
    title: Text
    rows: list[Row]
    note: Text = ""


Sections = Callable[[Any, Any], Section | None]
Story = Callable[[Any, Any], Iterable[Link]]
Origin = Callable[[str, list[int], Any], dict[int, Link]]

Objection = Callable[[Any, str], Text]

_stories: list[Story] = []
_objections: list[Objection] = []
_origins: list[Origin] = []
_sections: list[Sections] = []
_doors: list[Story] = []


def register_door(door: Story) -> Story:
    """``door(product, user)`` gives links from a product's record to what another app offers for it."""
    if door not in _doors:
        _doors.append(door)
    return door


def doors_of(product, user) -> list[Link]:
    return [link for door in _doors for link in door(product, user)]


def register_section(section: Sections) -> Sections:
    """``section(product, user)`` gives a card for the overview, or None where it has nothing for this user."""
    if section not in _sections:
        _sections.append(section)
    return section


def sections_of(product, user) -> list[Section]:
    return [found for section in _sections if (found := section(product, user))]


def register_story(story: Story) -> Story:
    """``story(product, user)`` gives links to the earlier half of a product's life."""
    if story not in _stories:
        _stories.append(story)
    return story


def register_origin(origin: Origin) -> Origin:
    """``origin(kind, ids, user)`` says what rows of a kind (risk, issue, gap, requirement) were before."""
    if origin not in _origins:
        _origins.append(origin)
    return origin


def story_of(product, user) -> list[Link]:
    """Links to the earlier half, in the order of registration."""
    return [link for story in _stories for link in story(product, user)]


def origins_of(kind: str, rows: Iterable[Any], user) -> None:
    """Set ``row.origin`` (a Link or None) on each row: one call per registered app, whatever the number of rows."""
    rows = list(rows)
    found: dict[int, Link] = {}
    for origin in _origins:
        found |= origin(kind, [row.pk for row in rows], user)
    for row in rows:
        row.origin = found.get(row.pk)


def register_objection(objection: Objection) -> Objection:
    """``objection(product, to)`` says why a product can't move to a stage now, or ''."""
    if objection not in _objections:
        _objections.append(objection)
    return objection


def objections(product, to: str) -> list[Text]:
    """Why other apps keep the product from a stage."""
    return [text for objection in _objections if (text := objection(product, to))]
