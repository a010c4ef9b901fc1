"""Rates from a CSV or XLSX file: currency, day, rate and source; all of it or nothing."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone

from pmdm.interchange.tabular import Field, Problems, Table, map_columns
from pmdm.interchange.values import INSTANT, instant
from projects.currencies.models import CURRENCY, ExchangeRate
from projects.currencies.rates import base_currency

FIELDS = (
    Field("currency", ("code", "currency code", "from", "iso"), required=True),
    Field("day", ("date", "valid on", "time_period"), required=True),
    Field("rate", ("rate to base", "value", "exchange rate", "obs_value"), required=True),
    Field("source", ("origin", "published by")),
)
LARGEST = Decimal(10) ** 8
RATE = "a number above zero with a point and at most ten decimals is accepted, such as 0.9234"
CODE = "three letters are accepted, such as USD"


@dataclass
class Report:
    """What an import would bring, or has brought."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    by_currency: dict[str, int] = field(default_factory=dict)
    first: datetime.date | None = None
    last: datetime.date | None = None
    # currency, day, the rate there is, the rate of the file: what would be overwritten
    changes: list[tuple[str, datetime.date, Decimal, Decimal]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "changes": [[str(value) for value in change] for change in self.changes]}


@dataclass
class Prepared:
    rates: dict[tuple[str, datetime.date], tuple[Decimal, str]]
    report: Report


def prepare(table: Table, *, source: str = "") -> Prepared:
    """Check every row against the rates there are; TableRefused with all problems. ``source``: of rows without one."""
    columns = map_columns(table.header, FIELDS)
    problems, base, tomorrow = Problems(), base_currency(), timezone.localdate() + datetime.timedelta(days=1)
    found: dict[tuple[str, datetime.date], tuple[Decimal, str]] = {}
    for row in table.rows:
        cells = {name: row.cells[index].strip() for name, index in columns.items()}
        wrong = problems.count
        currency, day, rate = cells["currency"].upper(), _day(cells["day"]), _rate(cells["rate"])
        where = {name: table.header[index] for name, index in columns.items()}
        if not CURRENCY.regex.fullmatch(currency):
            problems.add(row.line, where["currency"], cells["currency"], CODE)
        elif currency == base:
            accepted = f"{base} is the base currency: currencies other than it are accepted"
            problems.add(row.line, where["currency"], cells["currency"], accepted)
        if day is None:
            problems.add(row.line, where["day"], cells["day"], INSTANT)
        elif day > tomorrow:
            problems.add(row.line, where["day"], cells["day"], "a day that has come is accepted")
        if rate is None:
            problems.add(row.line, where["rate"], cells["rate"], RATE)
        said = cells.get("source") or source.strip()
        if not said or len(said) > 200:
            accepted = "who published the rate is accepted, up to 200 characters, in a column or for the whole file"
            problems.add(row.line, where.get("source", ""), said or "no source", accepted)
        if problems.count > wrong or day is None or rate is None:
            continue
        if (currency, day) in found:
            problems.add(row.line, where["day"], cells["day"], f"one rate of {currency} for a day is accepted")
            continue
        found[currency, day] = rate, said
    problems.refuse_if_any()
    return Prepared(found, _report(table, found))


@transaction.atomic
def carry_out(prepared: Prepared, *, by, at=None) -> Report:
    """State all rates with one statement; those that are the same are left alone."""
    base, at = base_currency(), at or timezone.now()
    known = _known(prepared.rates)
    rows = [
        ExchangeRate(base=base, currency=currency, day=day, rate=rate, source=source, stated_by=by, stated_at=at)
        for (currency, day), (rate, source) in prepared.rates.items()
        if known.get((currency, day)) != rate
    ]
    ExchangeRate.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["base", "currency", "day"],
        update_fields=["rate", "source", "stated_by", "stated_at"],
        batch_size=2000,
    )
    return prepared.report


def _report(table: Table, found: dict) -> Report:
    report = Report(rows=len(table.rows), warnings=list(table.warnings))
    known = _known(found)
    for (currency, day), (rate, _source) in sorted(found.items()):
        report.by_currency[currency] = report.by_currency.get(currency, 0) + 1
        there = known.get((currency, day))
        if there is None:
            report.added += 1
        elif there == rate:
            report.same += 1
        else:
            report.changed += 1
            report.changes.append((currency, day, there, rate))
    days = [day for _currency, day in found]
    report.first, report.last = min(days, default=None), max(days, default=None)
    return report


def _known(found: dict) -> dict[tuple[str, datetime.date], Decimal]:
    if not found:
        return {}
    days = [day for _currency, day in found]
    rows = ExchangeRate.objects.filter(
        base=base_currency(), currency__in={code for code, _day in found}, day__range=(min(days), max(days))
    )
    return {(code, day): rate for code, day, rate in rows.values_list("currency", "day", "rate")}


def _day(text: str) -> datetime.date | None:
    try:
        at = instant(text)
    except ValueError:
        return None
    return at.date() if at else None


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    if not rate.is_finite() or not 0 < rate < LARGEST or rate != rate.quantize(Decimal("1e-10")):
        return None
    return rate
