"""Answers of a survey that was held elsewhere, from CSV or XLSX: checked as a whole, then all of them or none.

Blanks, 'don't know' and codes off the scale are no answers: they are counted and left out, never read as a zero. Text
that is neither is refused. Importing the same wave again adds only respondents that are not there yet.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.satisfaction import indices
from delivery.satisfaction.models import Answer, Survey
from delivery.satisfaction.results import results_of
from pmdm.interchange.tabular import Field, Problems, Table, map_columns, plain
from pmdm.interchange.values import INSTANT, instant, whole

FIELDS = (
    Field("satisfaction", ("overall_rating_1to5", "overall satisfaction", "csat", "rating", "overall")),
    Field("recommendation", ("recommend_0to10", "nps", "likelihood to recommend", "recommend")),
    Field("ref", ("respondent", "respondent id", "response id", "id")),
    Field("date", ("interview_date", "answered", "submitted", "timestamp", "answered at")),
    Field("comment", ("comments", "remarks", "feedback")),
)
SCALES = {"satisfaction": indices.SATISFACTION, "recommendation": indices.RECOMMENDATION}
NO_ANSWER = {
    "",
    "blank",
    "na",
    "none",
    "null",
    "noanswer",
    "dontknow",
    "dk",
    "notapplicable",
    "neverused",
    "refused",
    "skip",
}


@dataclass
class Report:
    """What an import would bring, or has brought, and the indices of the wave with it."""

    rows: int = 0
    added: int = 0
    known: int = 0
    without_answer: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    no_answers: dict[str, dict[str, int]] = field(default_factory=dict)  # question -> cell -> rows
    indices: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class Prepared:
    """Checked answers as the values of rows to be made."""

    values: list[dict[str, Any]]
    report: Report


def prepare(table: Table, *, mapping: dict[str, str] | None = None) -> Prepared:
    """Check every row; TableRefused with all problems. ``mapping`` is {field: column}."""
    columns = map_columns(table.header, FIELDS, mapping)
    problems = Problems()
    if not SCALES.keys() & columns.keys():
        problems.add(1, "", ", ".join(table.header), _("name the column of the satisfaction or the recommendation"))
        problems.refuse_if_any()
    report = Report(rows=len(table.rows), mapping={name: table.header[index] for name, index in columns.items()})
    report.warnings = list(table.warnings)
    report.no_answers = {question: {} for question in SCALES if question in columns}
    values = []
    for row in table.rows:
        cells = {name: row.cells[index].strip() for name, index in columns.items()}
        answer = {
            question: _answer(row, cells, question, report, problems) for question in SCALES if question in columns
        }
        comment = cells.get("comment", "")[:4000]
        if not comment and all(value is None for value in answer.values()):
            report.without_answer += 1
            continue
        values.append(
            {
                **answer,
                "comment": comment,
                "external_ref": cells.get("ref", "")[:100] or f"line {row.line}",
                "answered_at": _date(row, cells, report, problems),
            }
        )
    _refuse_doubles(values, table, columns, problems)
    problems.refuse_if_any()
    return Prepared(values, report)


def _answer(row, cells, question, report, problems) -> int | None:
    text = cells[question]
    scale = SCALES[question]
    try:
        value = None if plain(text) in NO_ANSWER else whole(text)
    except ValueError:
        accepted = _("%(low)s to %(high)s, or empty for no answer") % {"low": scale[0], "high": scale[-1]}
        problems.add(row.line, report.mapping[question], text, accepted)
        return None
    if value is None or value not in scale:
        counts = report.no_answers[question]
        counts[text] = counts.get(text, 0) + 1
        return None
    return value


def _date(row, cells, report, problems) -> datetime.datetime | None:
    try:
        return instant(cells.get("date", ""))
    except ValueError:
        problems.add(row.line, report.mapping["date"], cells["date"], INSTANT)
        return None


def _refuse_doubles(values, table, columns, problems) -> None:
    """One respondent once per wave."""
    seen: set[str] = set()
    for row in values:
        if row["external_ref"] in seen:
            problems.add(0, table.header[columns["ref"]], row["external_ref"], _("each respondent once"))
        seen.add(row["external_ref"])


@transaction.atomic
def carry_out(product, wave: str, prepared: Prepared, *, by, at=None) -> Report:
    """Add the answers to the wave of this name, made if need be; its dates are those of its answers."""
    at = at or timezone.now()
    report = prepared.report
    dates = [row["answered_at"] for row in prepared.values if row["answered_at"]]
    survey = product.surveys.filter(name=wave).first()
    if survey is None:
        opens = min(dates, default=at)
        closes = max(dates, default=at) + datetime.timedelta(days=1)
        survey = Survey.open_wave(product, by=by, name=wave, at=opens, closes_at=closes)
    known = set(survey.answers.exclude(external_ref="").values_list("external_ref", flat=True))
    new = [row for row in prepared.values if row["external_ref"] not in known]
    Answer.objects.bulk_create(
        (Answer(product=product, survey=survey, **{**row, "answered_at": row["answered_at"] or at}) for row in new),
        batch_size=1000,
    )
    report.added, report.known = len(new), len(prepared.values) - len(new)
    report.indices = indices_as_json(results_of(survey.answers.all()))
    return report


def indices_as_json(results) -> dict[str, Any]:
    """The indices with n, margin and reason, for --json."""
    nps = results.nps
    return {
        "csat": vars(results.csat),
        "mean": vars(results.mean),
        "nps": {
            **vars(nps.score),
            "promoters": nps.promoters,
            "passives": nps.passives,
            "detractors": nps.detractors,
        },
    }
