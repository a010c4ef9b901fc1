"""The frame's contents: each app names its own entries in AppConfig.ready, the frame knows none of them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch

from pmdm.ui.addresses import address
from pmdm.ui.language import language
from pmdm.ui.parts import Text


# Each is itself and no other (eq=False): what is kept for a few of them is found again at once.
@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A destination of the sidebar."""

    label: Text
    url_name: str
    icon: str
    order: int
    visible: Callable[[Any], bool] | None = None
    badge: Callable[[Any], int] | None = None


@dataclass(frozen=True, kw_only=True)
class ShortList:
    """A titled list of the sidebar, such as one's projects: items have `name`, `url`, `light`."""

    title: Text
    items: Callable[[Any], Iterable[Any]]
    order: int
    more: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tab:
    """A tab of a subject's pages. `url` and `count` get the subject, `visible` gets it and the user."""

    group: str
    key: str
    label: Text
    url: Callable[[Any], str]
    order: int
    count: Callable[[Any], object] | None = None
    visible: Callable[[Any, Any], bool] | None = None
    section: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A tab that holds tabs: it leads to the first of them that one may see, and the others stand below it."""

    group: str
    key: str
    label: Text
    order: int


_entries: dict[str, Entry] = {}
_lists: dict[str, ShortList] = {}
_tabs: dict[tuple[str, str], Tab] = {}
_sections: dict[tuple[str, str], Section] = {}


def register(label, url_name, icon, order, *, visible=None, badge=None) -> None:
    """Add a destination; `visible(user)` hides it, `badge(user)` counts beside it (0 shows nothing)."""
    _entries[url_name] = Entry(label=label, url_name=url_name, icon=icon, order=order, visible=visible, badge=badge)


def register_list(title, items, *, order=50, more="") -> None:
    """Add a list under the destinations; `items(user)` gives at most a handful, `more` names the full list's URL."""
    _lists[str(items.__module__) + items.__qualname__] = ShortList(title=title, items=items, order=order, more=more)


def register_section(group, key, label, *, order) -> None:
    """Put the tabs that name this section (`register_tab(…, section=key)`) under one tab with this label."""
    _sections[group, key] = Section(group=group, key=key, label=label, order=order)


def register_tab(group, key, label, url, *, order, count=None, visible=None, section="") -> None:
    """Add a tab to the pages of a kind of subject ('project', 'product'); another app may add to them too.

    `url` is a function of the subject, or a URL name that takes the subject's `code`. With `section`, the tab stands
    in that section, ordered there by `order`.
    """
    if isinstance(url, str):
        url_name = url

        def url(subject):
            return address(url_name, subject.code)

    _tabs[group, key] = Tab(
        group=group, key=key, label=label, url=url, order=order, count=count, visible=visible, section=section
    )


def entries() -> tuple[tuple[Entry, str], ...]:
    """Destinations in order, with their labels in the language in force."""
    return _in_order(tuple(_entries.values()), language())


@lru_cache(maxsize=64)
def _in_order[Placed: (Entry, Tab)](places: tuple[Placed, ...], language: str | None) -> tuple[tuple[Placed, str], ...]:
    return tuple((place, str(place.label)) for place in sorted(places, key=lambda place: place.order))


@contextmanager
def asking_once(user) -> Iterator[None]:
    """While the frame is put together, what several entries ask about this person is asked once (``once``)."""
    user.asked_for_the_frame = {}
    try:
        yield
    finally:
        del user.asked_for_the_frame


def once[Answer](user, question: Callable[[Any], Answer]) -> Answer:
    """``question(user)``; the same question of another entry of the same frame is answered from the first."""
    answers = getattr(user, "asked_for_the_frame", None)
    if answers is None:
        return question(user)
    if question not in answers:
        answers[question] = question(user)
    return answers[question]


def short_lists() -> list[ShortList]:
    """Sidebar lists in order."""
    return sorted(_lists.values(), key=lambda short_list: short_list.order)


def tabs(group: str, subject, user, current: str) -> list[dict]:
    """The tabs of one subject that this user may see, as the tabs template wants them.

    A section is one of them: with the address of its first tab, and its tabs as `below` while one of them is current.
    A section of which one tab alone can be seen is that tab. `current` may name a section: a page beside its tabs.
    """
    top: list[tuple[int, dict]] = []
    held: dict[str, list[dict]] = {}
    for tab, label in _in_order(tuple([tab for tab in _tabs.values() if tab.group == group]), language()):
        if tab.visible and not tab.visible(subject, user):
            continue
        item = {
            "label": label,
            "url": tab.url(subject),
            "current": tab.key == current,
            "count": tab.count(subject) if tab.count else None,
        }
        if (group, tab.section) in _sections:
            held.setdefault(tab.section, []).append(item)
        else:
            top.append((tab.order, item))
    for key, below in held.items():
        section = _sections[group, key]
        inside = any(item["current"] for item in below)
        if len(below) == 1:
            item = {**below[0], "current": inside or current == key}
        else:
            item = {"label": section.label, "url": below[0]["url"], "current": inside or current == key, "count": None}
            item["below"] = below if inside else []
        top.append((section.order, item))
    return [item for _order, item in sorted(top, key=lambda pair: pair[0])]


def url_or_none(name: str) -> str | None:
    """The address of a named page without arguments, or None when no such page is installed."""
    try:
        return address(name)
    except NoReverseMatch:
        return None
