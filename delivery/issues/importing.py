"""Issues from another tracker's export: read, mapped, checked as a whole, then all of them or none.

An issue that is imported has no service-level clock of ours: it was promised elsewhere. Dates that contradict each
other are kept as they came, flagged, and left out of averages. Importing the same file again adds only what is new.
"""

import datetime
from collections import Counter as Count
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.flow.engine import percentile
from delivery.issues import types
from delivery.issues.imports.models import IssueImport
from delivery.issues.models import Issue, Severity
from delivery.issues.words import severity_of, state_of, step_of, type_of
from pmdm.accounts.models import User
from pmdm.interchange.tabular import Field, Problems, Table, map_columns, plain
from pmdm.interchange.values import INSTANT, instant, is_numbers, orders
from pmdm.registers.models import Counter

MAX_ROWS = 50_000

FIELDS: tuple[Field, ...] = (
    Field("title", ("summary", "subject", "short_description", "short_desc", "name", "task name")),
    Field("external_ref", ("issue key", "key", "number", "bug id", "bug_id", "task id", "#", "id")),
    Field("description", ("notes", "details", "body", "desc")),
    Field("type", ("issue type", "issuetype", "tracker", "category", "kind")),
    Field("severity", ("priority", "urgency", "importance")),
    Field("state", ("status", "bug_status", "list", "section/column")),
    Field(
        "created",
        (
            "created at",
            "created_date",
            "created_on",
            "opened_at",
            "opened",
            "opendate",
            "creation_time",
            "reported",
            "date",
        ),
    ),
    Field(
        "resolved",
        ("resolutiondate", "resolved_at", "finished_date", "completed at", "closed", "closed_at", "closed_on"),
    ),
    Field("assignee", ("assigned to", "assigned_to", "owner", "members")),
    Field("reporter", ("author", "creator", "opened_by", "caller_id", "caller", "reported by")),
    Field("due", ("due date", "duedate", "deadline", "cf_due")),
    Field("labels", ("tags", "keywords")),
    Field("group", ("project name", "project_name", "project", "product", "component", "board")),
)

OWN = "own_"  # before a field that only one type has
_OTHER_NAMES = {
    "steps": ("steps to reproduce", "steps_to_reproduce", "reproduction steps", "cf_steps"),
    "expected": ("expected result", "expected results", "expected behavior", "expected behaviour"),
    "environment": ("environment", "platform", "op_sys"),
    "happens": ("how often",),
    "measured": ("measured",),
    "target": ("should be",),
    "wanted_by": ("wanted by", "required by"),
}
FIELDS += tuple(Field(OWN + name, _OTHER_NAMES.get(name, ())) for name in types.OWN)


@dataclass
class Report:
    """What an import would bring, or has brought."""

    rows: int = 0
    added: int = 0
    known: int = 0  # there already, by their number elsewhere
    flagged: int = 0  # dates that are missing or contradict each other
    doubts: dict[str, int] = field(default_factory=dict)  # why -> rows
    mapping: dict[str, str] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)  # word -> severity
    by_word: dict[str, dict[str, int]] = field(default_factory=dict)  # column -> word -> rows
    states: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)  # name in the file -> key of a person here; 0: nobody
    elapsed: dict[str, float] = field(default_factory=dict)  # hours from created to resolved: n, mean, median, p90
    types: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    run: int = 0  # the import that was kept

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "added": self.added,
            "known": self.known,
            "flagged": self.flagged,
            "mapping": self.mapping,
            "severities": self.severities,
            "priorities": self.by_word.get("severity", {}),
            "issue_types": self.by_word.get("type", {}),
            "states": self.states,
            "types": self.types,
            "elapsed": self.elapsed,
            "warnings": self.warnings,
        }


@dataclass
class Prepared:
    """Checked rows, as the values of issues to be made, and what will be said about them."""

    values: list[dict[str, Any]]
    report: Report


def prepare(
    table: Table,
    *,
    mapping: dict[str, str] | None = None,
    severities: dict[str, int] | None = None,
    states: dict[str, str] | None = None,
    people: dict[str, int] | None = None,
    dates: str = "",
    rest: int | None = None,
    now: datetime.datetime | None = None,
) -> Prepared:
    """Check every row; TableRefused with all problems.

    ``mapping`` is {field: column}, ``severities`` {word: 1-4}, ``states`` {word: state}, ``people`` {name: key of a
    person here, 0 for nobody}; what they don't name is read by its word, a person then stays a name. ``dates`` says
    whether day or month comes first in dates of mere numbers, ``rest`` what priorities mean that nothing else tells.
    """
    now = now or timezone.now()
    columns = map_columns(table.header, FIELDS, mapping)
    given = {plain(word): severity for word, severity in (severities or {}).items()}
    report = Report(rows=len(table.rows), mapping={name: table.header[index] for name, index in columns.items()})
    report.warnings = list(table.warnings)
    problems = Problems()
    if "title" not in columns and "external_ref" not in columns:
        accepted = _("one column must hold the title or the number: choose which (in a terminal: --map COLUMN=title)")
        problems.add(1, "", ", ".join(table.header), accepted)
    if "title" not in columns:
        report.warnings.append(_("No column holds a title: titles are made from type, number and group."))
    chosen = {plain(word): state for word, state in (states or {}).items() if state}
    reader = _Reader(table, columns, given, report, problems, now, states=chosen, people=people or {}, dates=dates,
                     rest=rest)  # fmt: skip
    values = [reader.issue(row) for row in table.rows]
    problems.refuse_if_any()
    report.doubts = dict(Count(row["data_problem"] for row in values if row["data_problem"]))
    report.flagged = sum(report.doubts.values())
    report.states = dict(Count(row["state"] for row in values))
    report.elapsed = elapsed(values)
    report.types = dict(Count(row["type"] for row in values))
    return Prepared(values, report)


class _Reader:
    """One row after the other; problems go to the list, so that a person sees them all at once."""

    def __init__(self, table, columns, given, report, problems, now, *, states, people, dates, rest):
        self.states, self.people, self.dates, self.rest = states, people, dates, rest
        self.asked_for_order = False
        self.table, self.columns, self.given = table, columns, given
        self.report, self.problems, self.now = report, problems, now
        self.refs: Count[str] = Count()

    def issue(self, row) -> dict[str, Any]:
        cells = {name: row.cells[index].strip() for name, index in self.columns.items()}
        created = self._instant(row, cells, "created")
        resolved = self._instant(row, cells, "resolved")
        word = self._counted("state", cells)
        state = self.states.get(plain(word)) or state_of(word, resolved is not None)
        if state not in ("resolved", "closed"):
            resolved = None  # the chosen meaning wins over a date
        data_problem = ""
        if created is None:
            created = min(resolved or self.now, self.now)
            data_problem = _("It came without a creation date.")
        if state in ("resolved", "closed") and resolved is None:
            resolved = created
            data_problem = _("It is closed but came without a date of resolution.")
        if resolved is not None and resolved < created:
            data_problem = _("It was finished before it was created.")
        kind = type_of(self._counted("type", cells))
        kept = ("type", "severity", "state", "group", "assignee", "reporter", "due", "labels")
        imported = {name: cells[name] for name in kept if cells.get(name)}
        details = self._details(row, cells, kind, imported)
        return {
            "title": self._title(cells),
            "description": cells.get("description", ""),
            "external_ref": self._ref(cells.get("external_ref", "")),
            "type": kind,
            "severity": self._severity(row, cells),
            "state": state,
            "step": step_of(cells.get("state", ""), kind, state),
            "created_at": created,
            "resolved_at": resolved,
            "closed_at": resolved if state == "closed" else None,
            "data_problem": data_problem,
            "imported": imported,
            "details": details,
            "assignee_id": self._person("assignee", cells),
            "reported_by_id": self._person("reporter", cells),
        }

    def _details(self, row, cells, kind: str, imported: dict) -> dict[str, Any]:
        """The fields of the row's type; what another type has is kept as it came."""
        own: dict[str, Any] = {}
        for name, (owner, its) in types.OWN.items():
            word = cells.get(OWN + name, "")
            if not word:
                continue
            if owner != kind:
                imported[name] = word
                continue
            try:
                own[name] = types.cleaned(its, _as_kept(its, word, self.dates))
            except types.WrongDetail as error:
                self.problems.add(row.line, self.report.mapping[OWN + name], word, error.message)
        try:
            return types.clean(kind, own)
        except types.WrongDetail as error:  # what only shows beside the others
            self.problems.add(row.line, "", ", ".join(own.values()), error.message)
            return {}

    def _instant(self, row, cells, name):
        try:
            return instant(cells.get(name, ""), order=self.dates)
        except ValueError:
            accepted = INSTANT
            if is_numbers(cells[name]):
                if self.dates:
                    accepted = _("a day of the calendar in the order that was chosen")
                elif self.asked_for_order:  # once is enough: all others wait for the same answer
                    return None
                else:
                    self.asked_for_order = True
                    accepted = _("choose under “Dates of mere numbers” whether the day or the month comes first")
            self.problems.add(row.line, self.report.mapping[name], cells[name], accepted)
            return None

    def _counted(self, name: str, cells) -> str:
        word = cells.get(name, "")
        if name in self.columns:
            words = self.report.by_word.setdefault(name, {})
            words[word] = words.get(word, 0) + 1
        return word

    def _person(self, name: str, cells) -> int | None:
        word = self._counted(name, cells)
        return self.people.get(word) or None

    def _severity(self, row, cells) -> int:
        word = self._counted("severity", cells)
        severity = self.given.get(plain(word)) or severity_of(word) or self.rest
        if severity is None:
            if word not in self.report.severities:
                accepted = _("say what it means: critical, high, medium or low")
                self.problems.add(row.line, self.report.mapping["severity"], word, accepted)
            self.report.severities.setdefault(word, 0)
            return Severity.MEDIUM
        if "severity" in self.columns:
            self.report.severities[word] = severity
        return severity

    def _title(self, cells) -> str:
        title = " ".join(cells.get("title", "").split())
        if not title:
            made = " ".join(filter(None, (cells.get("type"), cells.get("external_ref"))))
            title = f"{made} ({cells['group']})" if cells.get("group") else made
        return (title or _("Without a title"))[:250]

    def _ref(self, ref: str) -> str:
        """Numbers repeat in files that hold several trackers: the second is 'X (2)'."""
        if not ref:
            return ""
        self.refs[ref] += 1
        return ref[:90] if self.refs[ref] == 1 else f"{ref[:90]} ({self.refs[ref]})"


def order_of_dates(table: Table, mapping: dict[str, str]) -> str:
    """The order of day and month that the dates of the file leave no doubt about; '' otherwise."""
    named = ("created", "resolved", *(OWN + name for name, (_kind, its) in types.OWN.items() if its.kind == "date"))
    columns = {mapping[name] for name in named if mapping.get(name) in table.header}
    found = orders(cell for column in columns for cell in table.column(column))
    return found.pop() if len(found) == 1 else ""


def _as_kept(its: types.Field, word: str, dates: str = "") -> str:
    """A cell as the field takes it: a choice by its word too, a moment by its day."""
    if its.kind == "choice":
        named = {plain(str(label)): key for key, label in its.choices}
        return named.get(plain(word), word.casefold())
    if its.kind == "date":
        try:
            found = instant(word, order=dates)
        except ValueError:
            return word
        return timezone.localtime(found).date().isoformat() if found else word
    return word


def elapsed(values) -> dict[str, float]:
    """Hours from creation to resolution of what was resolved: how many, mean, median, 90th percentile (linear).

    Dates that contradict each other are left out, as from all averages.
    """
    hours = [
        (row["resolved_at"] - row["created_at"]).total_seconds() / 3600
        for row in values
        if row["resolved_at"] is not None and not row["data_problem"]
    ]
    if not hours:
        return {}
    return {
        "n": len(hours),
        "mean": sum(hours) / len(hours),
        "median": percentile(hours, 50),
        "p90": percentile(hours, 90),
    }


BATCH = 1000


def known_in(product, prepared: Prepared) -> set[str]:
    """The numbers elsewhere of the file that issues of the product have already: they are not imported again."""
    refs = [row["external_ref"] for row in prepared.values if row["external_ref"]]
    return set(product.issues.filter(external_ref__in=refs).values_list("external_ref", flat=True))


@transaction.atomic
def carry_out(product, prepared: Prepared, *, by, name="", tool="", tell=None, at=None) -> Report:
    """Add the issues that are not there yet, numbered in the file's order; all of them or none.

    ``tell(percent, step)`` hears how far it is. The import is kept, so that it can be taken back.
    """
    report = prepared.report
    known = known_in(product, prepared)
    new = [row for row in prepared.values if not row["external_ref"] or row["external_ref"] not in known]
    report.known = len(prepared.values) - len(new)
    report.added = len(new)
    if not new:
        return report
    first = Counter.take(f"product:{product.pk}", Issue.PREFIX, len(new))
    # Whose client it is follows from who reported it.
    people = {row["reported_by_id"] for row in new} - {None}
    client_of = dict(User.objects.filter(pk__in=people).values_list("pk", "organisation_id"))
    keys: list[int] = []
    for start in range(0, len(new), BATCH):
        made = Issue.objects.bulk_create(
            Issue(
                product=product, number=number, source=Issue.Source.IMPORT,
                organisation_id=client_of.get(row["reported_by_id"]), **row,
            )
            for number, row in enumerate(new[start : start + BATCH], start=first + start)
        )  # fmt: skip
        keys += [issue.pk for issue in made]
        if tell:
            done = min(start + BATCH, len(new))
            tell(20 + 75 * done // len(new), _("%(n)s of %(all)s issues") % {"n": done, "all": len(new)})
    run = IssueImport.objects.create(
        product=product, by=by, at=at or timezone.now(), name=name[:200], tool=tool, rows=report.rows, issues=keys,
        known=report.known,
    )  # fmt: skip
    report.run = run.pk
    return report
