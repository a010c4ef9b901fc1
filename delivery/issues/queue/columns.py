"""The columns a queue may show, the groups it may have, and its rows as markup.

Rows are put together here and not in a template: which columns stand in them is the reader's choice, and 50 rows of
ten cells cost a template more than everything else on the page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from operator import itemgetter

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from delivery.issues import types
from delivery.issues.models import Issue
from delivery.templatetags.issues import due_of, severity_of, target_of
from pmdm.registers.models import words_of
from pmdm.ui import format as fmt
from pmdm.ui.addresses import address
from pmdm.ui.parts import Text
from pmdm.ui.templatetags.ui import WallClock, named


@dataclass(frozen=True)
class Column:
    """A column: what it reads of an issue, and its cell's content made from that and the clock on the wall.

    Two issues with the same values have the same cell: it is made once a page. ``sort``: the word it sorts by ('' not
    at all).
    """

    label: Text
    needs: tuple[str, ...]
    cell: Callable[..., str]
    sort: str = ""
    css: str = ""
    internal: bool = False


def _plain(value: str | None, clock=None) -> str:
    return escape(value) if value else fmt.DASH


def _worded(name: str) -> Callable[..., str]:
    return lambda value, clock: escape(words_of(Issue, name).get(value, fmt.DASH))


def _state(state: str, step: str, clock=None) -> str:
    return escape(state_words(state, step))


def state_words(state: str, step: str) -> str:
    """The same as ``Issue.get_state_display``."""
    return str(types.LABELS[step]) if step else words_of(Issue, "state").get(state, state)


def _prefix(name: str) -> str:
    return Issue._meta.get_field(name).related_model.PREFIX


def _ref(name: str) -> Callable[..., str]:
    return lambda number, title, clock: fmt.DASH if number is None else escape(f"{_prefix(name)}-{number} {title}")


def _age(created, resolved, clock) -> str:
    days = ((resolved or clock.now) - created).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _due(state, step, at, clock) -> str:
    return due_of(state, "" if state in Issue.OPEN_STATES else state_words(state, step), at, clock, named=True)


COLUMNS: dict[str, Column] = {
    "product": Column(gettext_lazy("Product"), ("product__name",), _plain, "product"),
    "severity": Column(gettext_lazy("Priority"), ("severity",), lambda value, clock: severity_of(value), "severity"),
    "state": Column(gettext_lazy("State"), ("state", "step"), _state, "state"),
    "type": Column(gettext_lazy("Type"), ("type",), _worded("type"), "type"),
    "assignee": Column(
        gettext_lazy("Assignee"),
        ("assignee_id", "assignee__name"),
        lambda pk, name, clock: named(pk, name),
        "assignee",
        internal=True,
    ),
    "team": Column(gettext_lazy("Team"), ("team__name",), _plain, "team", internal=True),
    "organisation": Column(gettext_lazy("Client"), ("organisation__name",), _plain, internal=True),
    "created": Column(gettext_lazy("Created"), ("created_at",), lambda at, clock: clock.day(at), "created", "num"),
    "due": Column(gettext_lazy("Due"), ("state", "step", "resolution_due"), _due, "due", "nowrap"),
    "response": Column(
        gettext_lazy("First response"),
        ("state", "response_due", "response_at_risk", "responded_at"),
        target_of,
        "response",
        "nowrap",
        internal=True,
    ),
    "age": Column(gettext_lazy("Age"), ("created_at", "resolved_at"), _age, "created", "num"),
    "impact": Column(gettext_lazy("Impact"), ("impact",), _worded("impact"), internal=True),
    "urgency": Column(gettext_lazy("Urgency"), ("urgency",), _worded("urgency"), internal=True),
    "requirement": Column(
        gettext_lazy("Breaks requirement"),
        ("requirement__number", "requirement__title"),
        _ref("requirement"),
        internal=True,  # its title may name the client of the project it came from
    ),
    "parent": Column(gettext_lazy("Parent"), ("parent__number", "parent__title"), _ref("parent"), internal=True),
    "problem": Column(gettext_lazy("Problem"), ("problem__number", "problem__title"), _ref("problem"), internal=True),
    "found_in": Column(gettext_lazy("Found in"), ("found_in__name",), _plain, internal=True),
    "fixed_in": Column(gettext_lazy("Fixed in"), ("fixed_in__name",), _plain),
    "reopened": Column(
        gettext_lazy("Reopened"), ("reopened",), lambda count, clock: str(count or ""), "reopened", "num"
    ),
    "source": Column(gettext_lazy("Came by"), ("source",), _worded("source"), internal=True),
}
OWN = "own_"  # before a field that only one type has


def _own(words: dict) -> Callable[..., str]:
    return lambda value, clock: escape(str(words.get(value, value))) if value else fmt.DASH


COLUMNS |= {
    OWN + name: Column(
        format_lazy("{}: {}", Issue.Type(kind).label, field.label),
        (f"details__{name}",),
        _own(dict(field.choices)),
        css="num" if field.kind == "number" else "",
        internal=field.internal,
    )
    for name, (kind, field) in types.OWN.items()
}
DEFAULT = ("product", "severity", "state", "assignee", "organisation", "created", "due")

SORTS = {
    "urgency": ("severity", "resolution_due", "number"),
    "number": "number",
    "title": "title",
    "severity": ("severity", "number"),
    "state": "state",
    "type": "type",
    "created": "created_at",
    "due": "resolution_due",
    "response": "response_due",
    "assignee": "assignee__name",
    "team": "team__name",
    "product": "product__name",
    "reopened": "reopened",
}


@dataclass(frozen=True)
class Group:
    """What rows may be grouped by: what it reads of an issue, the first of which tells one group from the next; how
    that sorts; the words of one value."""

    label: Text
    needs: tuple[str, ...]
    order: str
    words: Callable[..., str]
    internal: bool = False

    @property
    def field(self) -> str:
        return self.needs[0]


def _word(name: str) -> Callable[..., str]:
    return lambda value: words_of(Issue, name).get(value, str(value))


def _or_none(name: str) -> Callable[..., str]:
    return lambda pk, number, title: _("None") if pk is None else f"{_prefix(name)}-{number} {title}"


GROUPS: dict[str, Group] = {
    "severity": Group(gettext_lazy("Priority"), ("severity",), "severity", _word("severity")),
    "state": Group(gettext_lazy("State"), ("state",), "state", _word("state")),
    "type": Group(gettext_lazy("Type"), ("type",), "type", _word("type")),
    "assignee": Group(
        gettext_lazy("Assignee"),
        ("assignee_id", "assignee__name"),
        "assignee__name",
        lambda pk, name: _("Nobody yet") if pk is None else name,
        internal=True,
    ),
    "team": Group(
        gettext_lazy("Team"),
        ("team_id", "team__name"),
        "team__name",
        lambda pk, name: _("No team") if pk is None else name,
        internal=True,
    ),
    "organisation": Group(
        gettext_lazy("Client"),
        ("organisation_id", "organisation__name"),
        "organisation__name",
        lambda pk, name: _("No client in particular") if pk is None else name,
        internal=True,
    ),
    "parent": Group(
        gettext_lazy("Parent"),
        ("parent_id", "parent__number", "parent__title"),
        "parent__number",
        _or_none("parent"),
        internal=True,
    ),
    "problem": Group(
        gettext_lazy("Problem"),
        ("problem_id", "problem__number", "problem__title"),
        "problem__number",
        _or_none("problem"),
        internal=True,
    ),
    "product": Group(gettext_lazy("Product"), ("product_id", "product__name"), "product__name", lambda pk, name: name),
    "requirement": Group(
        gettext_lazy("Breaks requirement"),
        ("requirement_id", "requirement__number", "requirement__title"),
        "requirement__number",
        _or_none("requirement"),
        internal=True,
    ),
}
# What every row reads, whatever its columns.
BASE = ("pk", "version", "number", "title", "type", "state", "external_ref", "data_problem")


def fields_of(columns: Sequence[str], group: str = "", *, across: bool = False) -> tuple[str, ...]:
    """What ``rows`` reads of each issue for these columns and group; ``across`` products, the product's code too."""
    wanted = [*BASE, *(["product__code"] if across else [])]
    for name in columns:
        wanted += COLUMNS[name].needs
    return tuple(dict.fromkeys([*wanted, *(GROUPS[group].needs if group else ())]))


@lru_cache(maxsize=512)
def _cell_start(name: str, language: str | None) -> str:
    column = COLUMNS[name]
    css = f' class="{column.css}"' if column.css else ""
    return f'<td{css} data-label="{escape(str(column.label))}">'


def rows(
    issues: Iterable[tuple],
    *,
    columns: Sequence[str],
    clock: WallClock,
    code: str = "",
    group: str = "",
    totals: dict | None = None,
    pick: bool = False,
) -> SafeString:
    """The body of the table, of issues as tuples of ``fields_of`` the same columns and group.

    ``code``: of the one product; '' reads each issue's. ``totals``: {value of the group: (issues, overdue)} for the
    lines above the groups. ``pick``: with boxes to select by.
    """
    language = get_language()
    names = fields_of(columns, group, across=not code)
    place = {name: number for number, name in enumerate(names)}
    cells = [
        (_cell_start(name, language), COLUMNS[name].cell, _getter(place, COLUMNS[name].needs), {}) for name in columns
    ]
    grouped = _getter(place, GROUPS[group].needs) if group else None
    code_at = place.get("product__code", 0)
    dates, select, words = escape(_("dates in doubt")), escape(_("Select")), words_of(Issue, "type")
    kinds = {value: escape(word) for value, word in words.items() if isinstance(value, str)}
    width = len(columns) + 1 + pick
    parts: list[str] = []
    last: object = parts  # equal to no value
    for row in issues:
        pk, version, number, title, kind, state, external_ref, data_problem = row[: len(BASE)]
        if grouped and (values := grouped(row))[0] != last:
            last = values[0]
            parts.append(_group_line(GROUPS[group].words(*values), (totals or {}).get(last, (0, 0)), width))
        url = address("delivery:issue-detail", code or row[code_at], number)
        sub = f"ISS-{number} · {kinds.get(kind, escape(kind))}"
        if external_ref:
            sub += f" · {escape(external_ref)}"
        if data_problem:
            sub += f" · {dates}"
        off = "" if state in Issue.OPEN_STATES else ' class="is-off"'
        box = (
            f'<td class="pick"><input type="checkbox" name="issue" value="{pk}:{version}" form="bulk"'
            f' aria-label="{select} ISS-{number}"></td>'
            if pick
            else ""
        )
        parts.append(
            f'<tr data-issue="{pk}"{off}>{box}<th scope="row" class="name"><a class="row-link" href="{url}">'
            f'{escape(title)}</a><span class="sub">{sub}</span></th>'
        )
        for start, cell, getter, made in cells:
            values = getter(row)
            try:
                parts.append(made[values])
            except KeyError:
                made[values] = text = f"{start}{cell(*values, clock)}</td>"
                parts.append(text)
        parts.append("</tr>")
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped where it is made


def _getter(place: dict[str, int], names: tuple[str, ...]) -> Callable[[tuple], tuple]:
    """What takes the values of these names from a row, as a tuple."""
    if len(names) > 1:
        return itemgetter(*(place[name] for name in names))
    only = place[names[0]]
    return itemgetter(slice(only, only + 1))


def _group_line(words: str, total: tuple[int, int], width: int) -> str:
    count, overdue = total
    said = ngettext("%(n)d issue", "%(n)d issues", count) % {"n": count}
    late = f" · {escape(_('%(n)d overdue') % {'n': overdue})}" if overdue else ""
    said = f'<span class="muted">{escape(said)}{late}</span>'
    return f'<tr class="is-group"><th scope="rowgroup" colspan="{width}">{escape(words)} {said}</th></tr>'
