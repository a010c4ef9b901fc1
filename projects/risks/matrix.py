"""The open risks of a project on the 5x5 matrix, and what they add up to."""

import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pmdm.registers.matrix import Level
from pmdm.ui.parts import HeatCell

# What a probability of 1-5 stands for in money terms: the middle of its fifth.
CHANCE = {1: Decimal("0.1"), 2: Decimal("0.3"), 3: Decimal("0.5"), 4: Decimal("0.7"), 5: Decimal("0.9")}

LEVELS = [
    (Level.EXTREME, _("Extreme"), "s4"),
    (Level.HIGH, _("High"), "s3"),
    (Level.MEDIUM, _("Medium"), "s2"),
    (Level.LOW, _("Low"), "s1"),
]


def heat_cells(project, risks, *, top=()) -> list[HeatCell]:
    """One cell for each field that holds risks: ``top`` as numbered dots, the others counted, linked to the list."""
    address = reverse("projects:risk-list", args=[project.code])
    ranks = {risk.pk: rank for rank, risk in enumerate(top, start=1)}
    cells: dict[tuple[int, int], HeatCell] = {}
    for risk in risks:
        if not risk.score:
            continue
        place = risk.probability, risk.impact
        if place not in cells:
            query = urlencode({"probability": risk.probability, "impact": risk.impact})
            cells[place] = HeatCell(likelihood=place[0], impact=place[1], url=f"{address}?{query}")
        if risk.pk in ranks:
            url = reverse("projects:risk-detail", args=[project.code, risk.number])
            cells[place].dots.append({"number": ranks[risk.pk], "url": url, "title": f"{risk.ref} {risk.title}"})
        else:
            cells[place].more += 1
    for cell in cells.values():
        cell.dots.sort(key=lambda dot: dot["number"])
    return list(cells.values())


def summary(risks, today: datetime.date) -> dict:
    """What the register says at a glance. Unscored risks are counted apart, never as 0."""
    levels = [risk.level for risk in risks]
    costed = [risk for risk in risks if risk.probability and risk.exposure is not None]
    return {
        "open": len(risks),
        "unscored": sum(1 for level in levels if level is None),
        "levels": [(name, levels.count(level), css) for level, name, css in LEVELS],
        "exposure": expected_cost(costed) if costed else None,
        "unanswered": sum(1 for risk in risks if not risk.response),
        "unowned": sum(1 for risk in risks if not risk.owner_id),
        "overdue": sum(1 for risk in risks if risk.review_on and risk.review_on < today),
    }


def expected_cost(risks) -> Decimal:
    """Probability x cost, added up; opportunities count against it (expected monetary value)."""
    return sum(
        (CHANCE[risk.probability] * risk.exposure * (-1 if risk.is_opportunity else 1) for risk in risks),
        Decimal(0),
    )
