"""Issues from another tracker's CSV or XLSX: read, mapped, checked as a whole, then all of them or none.

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

from delivery.issues.models import Issue, Severity
from delivery.issues.words import severity_of, state_of, type_of
from pmdm.interchange.tabular import Field, Problems, Table, map_columns, plain
from pmdm.interchange.values import INSTANT, instant
from pmdm.registers.models import Counter

MAX_ROWS = 50_000

FIELDS = (
    Field("title", ("summary", "subject", "short_description", "short_desc", "name")),
    Field("external_ref", ("issue key", "key", "number", "bug id", "bug_id", "task id", "#", "id")),
    Field("description", ("notes", "details", "body")),
    Field("type", ("issue type", "issuetype", "tracker", "category", "kind")),
    Field("severity", ("priority", "urgency", "importance")),
    Field("state", ("status", "bug_status")),
    Field("created", ("created at", "created_date", "opened_at", "opened", "reported", "date")),
    Field("resolved", ("resolutiondate", "resolved_at", "finished_date", "completed at", "closed", "closed_at")),
    Field("group", ("project name", "project_name", "project", "product", "component", "board")),
)


@dataclass
class Report:
    """What an import would bring, or has brought."""

    rows: int = 0
    added: int = 0
    known: int = 0  # there already, by their number elsewhere
    flagged: int = 0  # dates that contradict each other
    mapping: dict[str, str] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)  # word -> severity
    by_word: dict[str, dict[str, int]] = field(default_factory=dict)  # column -> word -> rows
    states: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

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
    now: datetime.datetime | None = None,
) -> Prepared:
    """Check every row; TableRefused with all problems. ``mapping`` is {field: column}, ``severities`` {word: 1-4}."""
    now = now or timezone.now()
    columns = map_columns(table.header, FIELDS, mapping)
    given = {plain(word): severity for word, severity in (severities or {}).items()}
    report = Report(rows=len(table.rows), mapping={name: table.header[index] for name, index in columns.items()})
    report.warnings = list(table.warnings)
    problems = Problems()
    if "title" not in columns and "external_ref" not in columns:
        accepted = _("name a column for the title or for the number, such as --map Summary=title")
        problems.add(1, "", ", ".join(table.header), accepted)
    if "title" not in columns:
        report.warnings.append(_("No column holds a title: titles are made from type, number and group."))
    reader = _Reader(table, columns, given, report, problems, now)
    values = [reader.issue(row) for row in table.rows]
    problems.refuse_if_any()
    report.flagged = sum(1 for row in values if row["data_problem"])
    report.states = dict(Count(row["state"] for row in values))
    report.types = dict(Count(row["type"] for row in values))
    return Prepared(values, report)


class _Reader:
    """One row after the other; problems go to the list, so that a person sees them all at once."""

    def __init__(self, table, columns, given, report, problems, now):
        self.table, self.columns, self.given = table, columns, given
        self.report, self.problems, self.now = report, problems, now
        self.refs: Count[str] = Count()

    def issue(self, row) -> dict[str, Any]:
        cells = {name: row.cells[index].strip() for name, index in self.columns.items()}
        created = self._instant(row, cells, "created")
        resolved = self._instant(row, cells, "resolved")
        state = state_of(cells.get("state", ""), resolved is not None)
        data_problem = ""
        if created is None:
            created = min(resolved or self.now, self.now)
            data_problem = _("It came without a creation date.")
        if state in ("resolved", "closed") and resolved is None:
            resolved = created
            data_problem = _("It is closed but came without a date of resolution.")
        if resolved is not None and resolved < created:
            data_problem = _("It was finished before it was created.")
        imported = {name: cells[name] for name in ("type", "severity", "state", "group") if cells.get(name)}
        return {
            "title": self._title(cells),
            "description": cells.get("description", ""),
            "external_ref": self._ref(cells.get("external_ref", "")),
            "type": type_of(self._counted("type", cells)),
            "severity": self._severity(row, cells),
            "state": state,
            "created_at": created,
            "resolved_at": resolved,
            "closed_at": resolved if state == "closed" else None,
            "data_problem": data_problem,
            "imported": imported,
        }

    def _instant(self, row, cells, name):
        try:
            return instant(cells.get(name, ""))
        except ValueError:
            self.problems.add(row.line, self.report.mapping[name], cells[name], INSTANT)
            return None

    def _counted(self, name: str, cells) -> str:
        word = cells.get(name, "")
        if name in self.columns:
            words = self.report.by_word.setdefault(name, {})
            words[word] = words.get(word, 0) + 1
        return word

    def _severity(self, row, cells) -> int:
        word = self._counted("severity", cells)
        severity = self.given.get(plain(word)) or severity_of(word)
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


@transaction.atomic
def carry_out(product, prepared: Prepared, *, by) -> Report:
    """Add the issues that are not there yet, numbered in the file's order; all of them or none."""
    report = prepared.report
    refs = [row["external_ref"] for row in prepared.values if row["external_ref"]]
    known = set(product.issues.filter(external_ref__in=refs).values_list("external_ref", flat=True))
    new = [row for row in prepared.values if not row["external_ref"] or row["external_ref"] not in known]
    report.known = len(prepared.values) - len(new)
    report.added = len(new)
    if new:
        first = Counter.take(f"product:{product.pk}", Issue.PREFIX, len(new))
        Issue.objects.bulk_create(
            (
                Issue(product=product, number=number, source=Issue.Source.IMPORT, reported_by=None, **row)
                for number, row in enumerate(new, start=first)
            ),
            batch_size=1000,
        )
    return report
