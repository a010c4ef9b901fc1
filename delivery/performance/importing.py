"""Uptime checks from a file: checked as a whole, then all of them or none; the same check twice is one."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from delivery.performance.availability import ServiceChecks, by_checks
from delivery.performance.models import Check
from pmdm.interchange.tabular import Field, Problems, Table, map_columns, plain
from pmdm.interchange.values import INSTANT, instant, whole

FIELDS = (
    Field("at", ("checked_at_utc", "checked_at", "time", "timestamp", "date"), required=True),
    Field("service", ("monitor", "name", "site", "check", "url"), required=True),
    Field("state", ("status", "result", "is_up", "up"), required=True),
    Field("status_code", ("http_status", "http status", "code", "http_code")),
    Field("response_ms", ("response_time_ms", "response time", "latency_ms", "duration_ms", "ms")),
)
UP = {"up", "ok", "true", "1", "yes", "operational", "success"}
DOWN = {"down", "fail", "failed", "false", "0", "no", "error", "timeout", "outage"}


@dataclass
class Report:
    """What an import would bring, or has brought; availability of each service in the file."""

    rows: int = 0
    added: int = 0
    known: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    services: dict[str, ServiceChecks] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        services = {
            name: {
                "checks": row.checks,
                "up": row.up,
                "availability_pct_by_checks": row.percent,
                "mean_ms_up": row.mean_ms,
                "p50_ms_up": row.p50_ms,
                "p95_ms_up_linear": row.p95_ms,
            }
            for name, row in self.services.items()
        }
        return {**vars(self), "services": services}


@dataclass
class Prepared:
    """Checked rows as the values of checks to be made."""

    values: list[dict[str, Any]]
    report: Report


def prepare(table: Table, *, mapping: dict[str, str] | None = None) -> Prepared:
    """Check every row; TableRefused with all problems."""
    columns = map_columns(table.header, FIELDS, mapping)
    report = Report(rows=len(table.rows), mapping={name: table.header[index] for name, index in columns.items()})
    report.warnings = list(table.warnings)
    problems = Problems()
    values = []
    for row in table.rows:
        cells = {name: row.cells[index].strip() for name, index in columns.items()}
        word = plain(cells["state"])
        if word not in UP | DOWN:
            problems.add(row.line, report.mapping["state"], cells["state"], _("up or down"))
        if not cells["service"]:
            problems.add(row.line, report.mapping["service"], "", _("the name of what was checked"))
        values.append(
            {
                "at": _instant(row, cells["at"], report, problems),
                "service": cells["service"][:100],
                "is_up": word in UP,
                "status_code": _whole(row, cells, "status_code", 999, report, problems),
                "response_ms": _whole(row, cells, "response_ms", 2_000_000_000, report, problems),
            }
        )
    problems.refuse_if_any()
    split: dict[str, list] = {}
    for value in values:
        split.setdefault(value["service"], []).append((value["is_up"], value["response_ms"]))
    report.services = {name: by_checks(checks) for name, checks in sorted(split.items())}
    return Prepared(values, report)


def _instant(row, text, report, problems):
    try:
        at = instant(text)
    except ValueError:
        at = None
    if at is None:
        problems.add(row.line, report.mapping["at"], text, INSTANT)
    return at


def _whole(row, cells, name, most, report, problems):
    text = cells.get(name, "")
    try:
        value = whole(text)
    except ValueError:
        value = -1
    if value is not None and not 0 <= value <= most:
        problems.add(row.line, report.mapping[name], text, _("a whole number from 0 to %s") % f"{most:,}")
        return None
    return value


@transaction.atomic
def carry_out(product, prepared: Prepared) -> Report:
    """Add the checks that are not there yet."""
    before = product.checks.count()
    Check.objects.bulk_create(
        (Check(product=product, **value) for value in prepared.values), batch_size=1000, ignore_conflicts=True
    )
    prepared.report.added = product.checks.count() - before
    prepared.report.known = len(prepared.values) - prepared.report.added
    return prepared.report
