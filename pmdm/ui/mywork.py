"""What waits for me: each app names its own sources in AppConfig.ready, the page knows none of them."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.access import signed_in_view
from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Todo:
    """One thing that waits for this person: what, of what, until when (None: no day)."""

    title: Text
    sub: Text
    url: str
    due: datetime.date | None = None


Source = Callable[[Any], Iterable[Todo]]
_sources: list[tuple[int, Text, Source]] = []


def register(kind: Text, source: Source, *, order: int = 50) -> None:
    """``source(user)`` gives what waits for a person, in a constant number of queries; ``kind`` names it."""
    if source not in [known for _order, _kind, known in _sources]:
        _sources.append((order, kind, source))
        _sources.sort(key=lambda row: row[0])


def waiting_for(user) -> list[tuple[Text, Todo]]:
    """Everything that waits for this person, the earliest first, what has no day last."""
    rows = [(kind, todo) for _order, kind, source in _sources for todo in source(user)]
    return sorted(rows, key=lambda row: (row[1].due is None, row[1].due or datetime.date.max))


@require_safe
@signed_in_view
def my_work(request):
    """Overdue, within a week, later, without a day."""
    today = timezone.localdate()
    week = today + datetime.timedelta(days=7)
    groups: dict[str, list] = {"late": [], "week": [], "later": [], "open": []}
    for kind, todo in waiting_for(request.user):
        if todo.due is None:
            key = "open"
        elif todo.due < today:
            key = "late"
        else:
            key = "week" if todo.due <= week else "later"
        groups[key].append((kind, todo))
    words = {"late": _("Overdue"), "week": _("Within a week"), "later": _("Later"), "open": _("Without a day")}
    shown = [{"key": key, "title": words[key], "rows": rows} for key, rows in groups.items() if rows]
    return render(request, "ui/my_work.html", {"groups": shown})
