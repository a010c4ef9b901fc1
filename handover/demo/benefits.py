"""What became of the objectives of the demo's delivered projects: reviews after go-live, most of them done."""

import random
from decimal import Decimal

from handover.demo.timeline import DAY, HOUR
from projects.benefits.golive import MONTHS, months_after
from projects.models import Benefit


def schedule(story) -> None:
    """Planned when the product is accepted; each review is done two days after it is due, one of them is forgotten."""
    dice = random.Random(f"{story.spec.code} benefits")  # its own: the rest of the demo stays as it is
    product = story._record().product
    accepted = story._record().accepted_at
    for number, objective in enumerate(story.project.objectives.order_by("number")):
        objective.project = story.project
        owner = story.delivery if number % 2 == 0 else story.sponsor
        due = [months_after(product.live_on, months) for months in MONTHS]
        story.line.at(accepted + (2 + number) * HOUR, story.sponsor, plan, objective, owner, due)
        for place, day in enumerate(due):
            forgotten = place == len(due) - 1 and story.spec.code == "BRK"
            when = story.line.now.replace(year=day.year, month=day.month, day=day.day) + 2 * DAY
            if not forgotten and when > accepted:
                story.line.at(when, owner, measure, objective, place, dice.uniform(-0.06, 0.14))


def plan(objective, owner, due, *, by, at) -> None:
    """Days that had passed when the product was accepted are not planned any more."""
    Benefit.plan(
        objective, owner=owner, by=by, at=at, due=[day for day in due if day > at.date()],
        source=f"Monthly report of operations: {objective.measure.lower()}",
    )  # fmt: skip


def measure(objective, place: int, drift: float, *, by, at) -> None:
    """A little better each time than at the closing, with some noise; by the monthly report."""
    benefit = Benefit.objects.filter(objective=objective).select_related("objective", "project").first()
    review = benefit and benefit.reviews.undone().filter(due__lte=at.date()).order_by("due").first()
    if not review:
        return
    reached, before = objective.actual_value, objective.baseline_value
    way = Decimal(str(round(0.02 * (place + 1) + drift, 3)))
    value = (reached + (reached - before) * way).quantize(Decimal("0.1"))
    benefit.record(
        by=by, at=at, value=max(value, Decimal(0)), measured_on=review.due, review=review,
        evidence=f"Monthly report of operations, {review.due:%B %Y}, page 2",
    )  # fmt: skip
