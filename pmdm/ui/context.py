"""Context processor `shell`: what templates/base.html draws around every page."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from pmdm.ui import format as fmt
from pmdm.ui import nav

THEMES = ("light", "dark")


@dataclass(frozen=True)
class UserCard:
    name: str
    initials: str
    colour: str
    role: str


class Place(NamedTuple):
    """A link of the frame."""

    label: str
    url: str
    icon: str
    badge: int
    current: str


class ListedPlace(NamedTuple):
    name: str
    url: str
    light: str
    current: str


class PlaceList(NamedTuple):
    title: str
    entries: tuple[ListedPlace, ...]
    more: str | None


class Frame(NamedTuple):
    """All that the frame draws of its reader and page: two that are the same look the same (``{% frame %}``)."""

    signed_in: bool = False
    theme: str = ""
    user: UserCard | None = None
    nav: tuple[Place, ...] = ()
    lists: tuple[PlaceList, ...] = ()


class Shell:
    """Lazy: a fragment that does not draw the frame costs nothing."""

    def __init__(self, request):
        self.request = request

    @cached_property
    def signed_in(self) -> bool:
        user = getattr(self.request, "user", None)
        return bool(user and user.is_authenticated)

    @cached_property
    def theme(self) -> str:
        """'light', 'dark' or '' for what the system says."""
        theme = self.request.COOKIES.get("theme", "")
        return theme if theme in THEMES else ""

    @property
    def demo(self) -> bool:
        return bool(getattr(settings, "DEMO", False))

    @cached_property
    def user(self) -> UserCard | None:
        if not self.signed_in:
            return None
        user = self.request.user
        name = str(getattr(user, "name", "") or user.get_full_name() or user)
        role = str(getattr(user, "role_label", "") or getattr(user, "job_title", "") or "")
        return UserCard(name, fmt.initials(name), fmt.colour_class(user.pk), role)

    @cached_property
    def nav(self) -> list[dict]:
        if not self.signed_in:
            return []
        user = self.request.user
        items = []
        with nav.asking_once(user):
            for entry, label in nav.entries():
                url = nav.url_or_none(entry.url_name)
                if url is None or (entry.visible and not entry.visible(user)):
                    continue
                badge = entry.badge(user) if entry.badge else 0
                items.append({"label": label, "url": url, "icon": entry.icon, "badge": badge, "current": ""})
        self._mark_current(items)
        return items

    @cached_property
    def lists(self) -> list[dict]:
        if not self.signed_in:
            return []
        found = []
        for short_list in nav.short_lists():
            items = [_item(item) for item in short_list.items(self.request.user)]
            if items:
                self._mark_current(items)
                more = nav.url_or_none(short_list.more) if short_list.more else None
                found.append({"title": short_list.title, "entries": items, "more": more})
        return found

    @cached_property
    def frame(self) -> Frame:
        """The same as plain values."""
        lists = [
            PlaceList(
                str(group["title"]),
                tuple(
                    [
                        ListedPlace(str(each["name"]), each["url"], each["light"], each["current"])
                        for each in group["entries"]
                    ]
                ),
                group["more"],
            )
            for group in self.lists
        ]
        return Frame(self.signed_in, self.theme, self.user, tuple([Place(**item) for item in self.nav]), tuple(lists))

    def _mark_current(self, items: list[dict]) -> None:
        # The longest address that the page's own begins with; "page" only for the page itself.
        path = self.request.path
        inside = [
            item for item in items if item["url"] == path or (item["url"] != "/" and path.startswith(item["url"]))
        ]
        if inside:
            item = max(inside, key=lambda item: len(item["url"]))
            item["current"] = "page" if item["url"] == path else "true"


def _item(item) -> dict:
    if isinstance(item, dict):
        return {"light": "na", **item, "current": ""}
    return {"name": item.name, "url": item.url, "light": getattr(item, "light", "na"), "current": ""}


def shell(request) -> dict:
    """The frame of the page, as `shell`."""
    return {"shell": Shell(request)}
