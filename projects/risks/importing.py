"""A risk register from another tool's CSV or XLSX: words become scores of 1-5, all of it or nothing.

A register may score cost and schedule apart (as the U.S. Army Corps of Engineers does). The project's risk takes the
pair with the higher product, as impact = max over the objectives (ISO 31000); both pairs, with the level that the
source gave them, stay in the description. What nobody scored stays unscored: counted apart, never 0.
"""

from collections import Counter as Count
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.interchange.tabular import Field, Problems, Table, map_columns, plain
from pmdm.interchange.values import INSTANT, instant
from pmdm.registers.models import Counter
from projects.lifecycle.standing import while_open
from projects.risks.models import Risk

FIELDS = (
    Field("title", ("risk", "risk title", "risk_opportunity_event", "event", "name", "summary"), required=True),
    Field("ref", ("risk_no", "risk id", "number", "id", "no")),
    Field("category", ("riskcategory", "risk category", "type", "area")),
    Field("description", ("concerns", "cause", "details")),
    Field("discussion", ("pdt_disc_conc",)),
    Field("plan", ("pdt_disc_risk_manag_strategy", "response plan", "mitigation", "mitigation plan")),
    Field("actions", ("action_items", "actions")),
    Field("response", ("risk_strategy", "strategy", "treatment")),
    Field("state", ("management_status", "status")),
    Field("raised", ("level_date", "raised at", "identified", "created")),
    Field("changed", ("last_edited_date", "updated")),
    Field("probability", ("likelihood",)),
    Field("impact", ("consequence", "severity")),
    Field("cost_probability", ("cost_likelihood",)),
    Field("cost_impact", ("cost impact",)),
    Field("cost_level", ("cost_risk",)),
    Field("cost_range", ("cost_impact_per_project",)),
    Field("schedule_probability", ("schedule_likelihood",)),
    Field("schedule_impact", ("schedule impact",)),
    Field("schedule_level", ("schedule_risk",)),
    Field("schedule_range", ("schedule_impact_per_project",)),
)
# Scales of four words leave out the middle: 'unlikely' and 'likely' are the 2 and 4 of a scale of five.
PROBABILITY = {
    1: "veryunlikely rare remote improbable verylow",
    2: "unlikely low",
    3: "possible moderate medium occasional maybe",
    4: "likely high probable",
    5: "verylikely almostcertain certain frequent veryhigh",
}
IMPACT = {
    1: "negligible insignificant verylow none",
    2: "marginal minor low",
    3: "significant moderate medium",
    4: "critical major high serious",
    5: "crisis catastrophic severe extreme veryhigh",
}
SCALES = {
    kind: {word: score for score, words in scale.items() for word in words.split()} | {str(n): n for n in scale}
    for kind, scale in (("probability", PROBABILITY), ("impact", IMPACT))
}
# The most active of several responses.
RESPONSES = ("avoid", "mitigate", "transfer", "exploit", "enhance", "accept")
CLOSED = {"closed", "retired", "inactive", "resolved"}
OCCURRED = {"occurred", "realized", "realised", "issue"}
OPEN = {"", "open", "active", "identified", "analysed", "monitored", "new", "inprogress"}


@dataclass
class Report:
    """What an import would bring, or has brought: counts as the file has them."""

    rows: int = 0
    added: int = 0
    known: int = 0
    scored: int = 0
    unscored: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    by_level: dict[str, int] = field(default_factory=dict)  # our level, of the taken pair
    by_cost_risk: dict[str, int] = field(default_factory=dict)
    by_schedule_risk: dict[str, int] = field(default_factory=dict)
    by_status: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)
    cost_matrix: dict[str, str] = field(default_factory=dict)
    schedule_matrix: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class Prepared:
    """Checked rows as the values of risks to be made."""

    values: list[dict[str, Any]]
    report: Report


def prepare(table: Table, *, mapping: dict[str, str] | None = None) -> Prepared:
    """Check every row; TableRefused with all problems."""
    columns = map_columns(table.header, FIELDS, mapping)
    for prefix in ("", "cost_", "schedule_"):
        # Half a pair is no score: a column that happens to be called 'Impact' may hold prose.
        pair = {prefix + "probability", prefix + "impact"}
        if len(pair & columns.keys()) == 1:
            columns = {name: index for name, index in columns.items() if name not in pair or name in (mapping or {})}
    report = Report(rows=len(table.rows), mapping={name: table.header[index] for name, index in columns.items()})
    report.warnings = list(table.warnings)
    problems = Problems()
    records = [(row, {name: row.cells[index].strip() for name, index in columns.items()}) for row in table.rows]
    values = [_risk(row, cells, report, problems) for row, cells in records]
    problems.refuse_if_any()
    _count(report, [cells for _row, cells in records], values)
    return Prepared(values, report)


def _risk(row, cells, report, problems) -> dict[str, Any]:
    title = " ".join((cells["title"] or cells.get("description") or cells.get("discussion") or "").split())
    if not title and cells.get("ref"):
        title = _("Risk %s") % cells["ref"]
    if not title:
        problems.add(row.line, report.mapping["title"], "", _("the name of the risk, or its description"))
    pairs = [_pair(row, cells, prefix, report, problems) for prefix in ("", "cost_", "schedule_")]
    probability, impact = max(filter(None, pairs), key=lambda pair: pair[0] * pair[1], default=(None, None))
    state = _state(row, cells, report, problems)
    raised = _instant(row, cells, "raised", report, problems) or timezone.now()
    ended = _instant(row, cells, "changed", report, problems) or raised
    is_opportunity = plain(cells.get("category", "")).startswith("opportunit")
    return {
        "title": title[:250],
        "category": cells.get("category", "")[:100],
        "description": _description(cells),
        "is_opportunity": is_opportunity,
        "probability": probability,
        "impact": impact,
        "inherent_probability": probability,
        "inherent_impact": impact,
        "response": _response(cells.get("response", "")),
        "response_plan": "\n\n".join(filter(None, (cells.get("plan"), cells.get("actions")))),
        "state": state,
        "raised_at": raised,
        "closed_at": None if state == Risk.State.OPEN else max(ended, raised),
        "close_reason": "" if state == Risk.State.OPEN else _("Closed in the imported register."),
    }


def _pair(row, cells, prefix, report, problems) -> tuple[int, int] | None:
    """Both scores of one objective; None while one is missing."""
    scores: list[int] = []
    for kind in ("probability", "impact"):
        text = cells.get(prefix + kind, "")
        score = SCALES[kind].get(plain(text))
        if text and score is None:
            accepted = _("1 to 5, or a word such as %s") % ", ".join(list(SCALES[kind])[:6])
            problems.add(row.line, report.mapping[prefix + kind], text, accepted)
        if score is not None:
            scores.append(score)
    return (scores[0], scores[1]) if len(scores) == 2 else None


def _state(row, cells, report, problems) -> str:
    word = plain(cells.get("state", ""))
    if word in CLOSED:
        return Risk.State.CLOSED
    if word in OCCURRED:
        return Risk.State.OCCURRED
    if word not in OPEN:
        problems.add(row.line, report.mapping["state"], cells["state"], _("open, closed or occurred"))
    return Risk.State.OPEN


def _instant(row, cells, name, report, problems):
    try:
        return instant(cells.get(name, ""))
    except ValueError:
        problems.add(row.line, report.mapping[name], cells[name], INSTANT)
        return None


def _response(words: str) -> str:
    said = words.casefold()
    return next((response for response in RESPONSES if response in said), "")


def _description(cells) -> str:
    """What the source says, and what it scored, so that nothing of it is lost."""
    parts = [cells.get("description"), cells.get("discussion")]
    for prefix, name in (("cost_", _("Cost")), ("schedule_", _("Schedule"))):
        said = [cells.get(prefix + part, "") for part in ("probability", "impact", "level", "range")]
        if any(said):
            probability, impact, level, size = said
            line = f"{name}: {probability or '–'} × {impact or '–'} = {level or '–'}"
            parts.append(f"{line} ({size})" if size else line)
    if cells.get("response"):
        parts.append(_("Strategy: %s") % cells["response"])
    if cells.get("ref"):
        parts.append(_("Number elsewhere: %s") % cells["ref"])
    return "\n\n".join(filter(None, parts))


def _count(report: Report, records, values) -> None:
    blank = "(blank)"
    for name, counts in (
        ("cost_level", report.by_cost_risk),
        ("schedule_level", report.by_schedule_risk),
        ("state", report.by_status),
        ("category", report.by_category),
    ):
        if name in report.mapping:
            counts.update(Count(cells[name] or blank for cells in records))
    for prefix, matrix in (("cost_", report.cost_matrix), ("schedule_", report.schedule_matrix)):
        for cells in records:
            if cells.get(prefix + "level"):
                matrix[f"{cells[prefix + 'probability']}|{cells[prefix + 'impact']}"] = cells[prefix + "level"]
    made = [Risk(probability=value["probability"], impact=value["impact"]) for value in values]
    report.by_level = dict(Count(str(risk.level) for risk in made if risk.level))
    report.scored = sum(report.by_level.values())
    report.unscored = len(made) - report.scored


@while_open
def carry_out(project, prepared: Prepared, *, by) -> Report:
    """Add the risks that are not there yet (same title and text), numbered in the file's order."""
    there = Count(project.risks.values_list("title", "description"))
    new = []
    for value in prepared.values:
        key = value["title"], value["description"]
        if there[key]:
            there[key] -= 1
        else:
            new.append(value)
    if new:
        first = Counter.take(f"project:{project.pk}", Risk.PREFIX, len(new))
        Risk.objects.bulk_create(
            Risk(project=project, number=number, **value) for number, value in enumerate(new, start=first)
        )
    prepared.report.added, prepared.report.known = len(new), len(prepared.values) - len(new)
    return prepared.report
