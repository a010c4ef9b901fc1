"""The frame's contents: each app names its own entries in AppConfig.ready, the frame knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from pmdm.ui.parts import Text


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab of a subject's pages. `url` and `count` get the subject, `visible` gets it and the user."""

    group: str
    key: str
    label: Text
    url: Callable[[Any], str]
    order: int
    count: Callable[[Any], object] | None = None
    visible: Callable[[Any, Any], bool] | None = None


_entries: dict[str, Entry] = {}
_lists: dict[str, ShortList] = {}
_tabs: dict[tuple[str, str], Tab] = {}


def register(label, url_name, icon, order, *, visible=None, badge=None) -> None:
    """Add a destination; `visible(user)` hides it, `badge(user)` counts beside it (0 shows nothing)."""
    _entries[url_name] = Entry(label=label, url_name=url_name, icon=icon, order=order, visible=visible, badge=badge)


def register_list(title, items, *, order=50, more="") -> None:
    """Add a list under the destinations; `items(user)` gives at most a handful, `more` names the full list's URL."""
    _lists[str(items.__module__) + items.__qualname__] = ShortList(title=title, items=items, order=order, more=more)


def register_tab(group, key, label, url, *, order, count=None, visible=None) -> None:
    """Add a tab to the pages of a kind of subject ('project', 'product'); another app may add to them too.

    `url` is a function of the subject, or a URL name that takes the subject's `code`.
    """
    if isinstance(url, str):
        url_name = url

        def url(subject):
            return reverse(url_name, args=[subject.code])

    _tabs[group, key] = Tab(group=group, key=key, label=label, url=url, order=order, count=count, visible=visible)


def entries() -> list[Entry]:
    """Destinations in order."""
    return sorted(_entries.values(), key=lambda entry: entry.order)


def short_lists() -> list[ShortList]:
    """Sidebar lists in order."""
    return sorted(_lists.values(), key=lambda short_list: short_list.order)


def tabs(group: str, subject, user, current: str) -> list[dict]:
    """The tabs of one subject that this user may see, as the tabs template wants them."""
    chosen = sorted((tab for tab in _tabs.values() if tab.group == group), key=lambda tab: tab.order)
    return [
        {
            "label": tab.label,
            "url": tab.url(subject),
            "current": tab.key == current,
            "count": tab.count(subject) if tab.count else None,
        }
        for tab in chosen
        if tab.visible is None or tab.visible(subject, user)
    ]


def url_or_none(name: str) -> str | None:
    """The address of a named page without arguments, or None when no such page is installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
