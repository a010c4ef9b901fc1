"""The columns a queue may show, the groups it may have, and its rows as markup.

Rows are put together here and not in a template: which columns stand in them is the reader's choice, and 50 rows of
ten cells cost a template more than everything else on the page.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from delivery.issues import types
from delivery.issues.models import Issue
from delivery.templatetags.issues import due, severity, target
from pmdm.ui import format as fmt
from pmdm.ui.addresses import address
from pmdm.ui.parts import Text
from pmdm.ui.templatetags.ui import day, person


@dataclass(frozen=True)
class Column:
    """A column: its cell's content, the word it sorts by ('' not at all), what it needs joined."""

    label: Text
    cell: Callable[[Issue, datetime.datetime], str]
    sort: str = ""
    css: str = ""
    internal: bool = False
    joins: str = ""


def _name(related) -> str:
    return escape(related.name) if related else fmt.DASH


def _ref(related) -> str:
    return escape(f"{related.ref} {related.title}") if related else fmt.DASH


def _requirement(issue, now) -> str:
    return _ref(issue.requirement)


def _age(issue, now) -> str:
    days = ((issue.resolved_at or now) - issue.created_at).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


COLUMNS: dict[str, Column] = {
    "product": Column(gettext_lazy("Product"), lambda i, now: _name(i.product), "product", joins="product"),
    "severity": Column(gettext_lazy("Priority"), lambda i, now: severity(i), "severity"),
    "state": Column(gettext_lazy("State"), lambda i, now: escape(i.get_state_display()), "state"),
    "type": Column(gettext_lazy("Type"), lambda i, now: escape(i.get_type_display()), "type"),
    "assignee": Column(
        gettext_lazy("Assignee"), lambda i, now: person(i.assignee), "assignee", internal=True, joins="assignee"
    ),
    "team": Column(gettext_lazy("Team"), lambda i, now: _name(i.team), "team", internal=True, joins="team"),
    "organisation": Column(
        gettext_lazy("Client"), lambda i, now: _name(i.organisation), internal=True, joins="organisation"
    ),
    "created": Column(gettext_lazy("Created"), lambda i, now: day(i.created_at), "created", "num"),
    "due": Column(gettext_lazy("Due"), lambda i, now: due(i, now), "due", "nowrap"),
    "response": Column(
        gettext_lazy("First response"), lambda i, now: target(i, "response", now), "response", "nowrap", internal=True
    ),
    "age": Column(gettext_lazy("Age"), _age, "created", "num"),
    "impact": Column(gettext_lazy("Impact"), lambda i, now: escape(i.get_impact_display() or fmt.DASH), internal=True),
    "urgency": Column(
        gettext_lazy("Urgency"), lambda i, now: escape(i.get_urgency_display() or fmt.DASH), internal=True
    ),
    "requirement": Column(gettext_lazy("Breaks requirement"), _requirement, joins="requirement"),
    "parent": Column(gettext_lazy("Parent"), lambda i, now: _ref(i.parent), internal=True, joins="parent"),
    "problem": Column(gettext_lazy("Problem"), lambda i, now: _ref(i.problem), internal=True, joins="problem"),
    "found_in": Column(gettext_lazy("Found in"), lambda i, now: _name(i.found_in), internal=True, joins="found_in"),
    "fixed_in": Column(gettext_lazy("Fixed in"), lambda i, now: _name(i.fixed_in), joins="fixed_in"),
    "reopened": Column(gettext_lazy("Reopened"), lambda i, now: str(i.reopened or ""), "reopened", "num"),
    "source": Column(gettext_lazy("Came by"), lambda i, now: escape(i.get_source_display()), internal=True),
}
OWN = "own_"  # before a field that only one type has


def _own(name: str, words: dict) -> Callable[[Issue, datetime.datetime], str]:
    def cell(issue, now) -> str:
        value = issue.details.get(name, "")
        return escape(words.get(value, value)) or fmt.DASH

    return cell


COLUMNS |= {
    OWN + name: Column(
        format_lazy("{}: {}", Issue.Type(kind).label, field.label),
        _own(name, dict(field.choices)),
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
    """What rows may be grouped by: the field, how its values sort, the words of one row's value."""

    label: Text
    field: str
    order: str
    words: Callable[[Issue], str]
    internal: bool = False
    joins: str = ""


def _or_none(related) -> str:
    return str(related) if related else _("None")


GROUPS: dict[str, Group] = {
    "severity": Group(gettext_lazy("Priority"), "severity", "severity", lambda i: i.get_severity_display()),
    "state": Group(gettext_lazy("State"), "state", "state", lambda i: str(Issue.State(i.state).label)),
    "type": Group(gettext_lazy("Type"), "type", "type", lambda i: i.get_type_display()),
    "assignee": Group(
        gettext_lazy("Assignee"),
        "assignee_id",
        "assignee__name",
        lambda i: i.assignee.name if i.assignee else _("Nobody yet"),
        internal=True,
        joins="assignee",
    ),
    "team": Group(
        gettext_lazy("Team"),
        "team_id",
        "team__name",
        lambda i: i.team.name if i.team else _("No team"),
        internal=True,
        joins="team",
    ),
    "organisation": Group(
        gettext_lazy("Client"),
        "organisation_id",
        "organisation__name",
        lambda i: i.organisation.name if i.organisation else _("No client in particular"),
        internal=True,
        joins="organisation",
    ),
    "parent": Group(
        gettext_lazy("Parent"),
        "parent_id",
        "parent__number",
        lambda i: _or_none(i.parent),
        internal=True,
        joins="parent",
    ),
    "problem": Group(
        gettext_lazy("Problem"),
        "problem_id",
        "problem__number",
        lambda i: _or_none(i.problem),
        internal=True,
        joins="problem",
    ),
    "product": Group(gettext_lazy("Product"), "product_id", "product__name", lambda i: i.product.name, joins="product"),
    "requirement": Group(
        gettext_lazy("Breaks requirement"),
        "requirement_id",
        "requirement__number",
        lambda i: _or_none(i.requirement),
        joins="requirement",
    ),
}


@lru_cache(maxsize=512)
def _cell_start(name: str, language: str | None) -> str:
    column = COLUMNS[name]
    css = f' class="{column.css}"' if column.css else ""
    return f'<td{css} data-label="{escape(str(column.label))}">'


def rows(
    issues: Iterable[Issue],
    *,
    columns: list[str],
    now: datetime.datetime,
    code: str = "",
    group: str = "",
    totals: dict | None = None,
    pick: bool = False,
) -> SafeString:
    """The body of the table. ``code``: of the one product; '' reads each issue's. ``pick``: with boxes to select by.

    ``totals``: {value of the group: (issues, overdue)} for the lines above the groups.
    """
    language = get_language()
    cells = [(_cell_start(name, language), COLUMNS[name].cell) for name in columns]
    dates, select = _("dates in doubt"), _("Select")
    width = len(columns) + 1 + pick
    parts: list[str] = []
    last: object = parts  # equal to no value
    for issue in issues:
        if group:
            value = getattr(issue, GROUPS[group].field)
            if value != last:
                last = value
                parts.append(_group_line(GROUPS[group].words(issue), (totals or {}).get(value, (0, 0)), width))
        url = address("delivery:issue-detail", code or issue.product.code, issue.number)
        ref = f"ISS-{issue.number}"
        sub = f"{ref} · {escape(issue.get_type_display())}"
        if issue.external_ref:
            sub += f" · {escape(issue.external_ref)}"
        if issue.data_problem:
            sub += f" · {escape(dates)}"
        off = "" if issue.is_open else ' class="is-off"'
        box = (
            f'<td class="pick"><input type="checkbox" name="issue" value="{issue.pk}:{issue.version}" form="bulk"'
            f' aria-label="{escape(select)} {ref}"></td>'
            if pick
            else ""
        )
        parts.append(
            f'<tr data-issue="{issue.pk}"{off}>{box}<th scope="row" class="name"><a class="row-link" href="{url}">'
            f'{escape(issue.title)}</a><span class="sub">{sub}</span></th>'
        )
        for start, cell in cells:
            parts.append(f"{start}{cell(issue, now)}</td>")
        parts.append("</tr>")
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped where it is made


def _group_line(words: str, total: tuple[int, int], width: int) -> str:
    count, overdue = total
    said = ngettext("%(n)d issue", "%(n)d issues", count) % {"n": count}
    late = f" · {conditional_escape(_('%(n)d overdue') % {'n': overdue})}" if overdue else ""
    said = f'<span class="muted">{escape(said)}{late}</span>'
    return f'<tr class="is-group"><th scope="rowgroup" colspan="{width}">{escape(words)} {said}</th></tr>'


def joined(issues, columns: list[str], group: str = "", *, across: bool = False):
    """With what columns and group need, in one query; ``across`` products, each row's too."""
    wanted = (
        ({"product"} if across else set())
        | {COLUMNS[name].joins for name in columns}
        | ({GROUPS[group].joins} if group else set())
    )
    wanted.discard("")
    heavy = ["description", "resolution", "root_cause", "imported", "details"]
    if any(name.startswith(OWN) for name in columns):
        heavy.remove("details")
    issues = issues.defer(*heavy)
    return issues.select_related(*sorted(wanted)) if wanted else issues
