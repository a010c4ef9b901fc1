"""What the meters read: issues, answers and outages of the product, live, in four queries."""

import datetime

from delivery.models import Issue
from delivery.satisfaction.results import counts_of
from handover.hypercare.meters import Facts, Meter, meters
from handover.hypercare.models import Hypercare

# Not reported by anybody after go-live: what came with the handover or out of another tool.
BROUGHT = (Issue.Source.HANDOVER, Issue.Source.IMPORT)


def facts_of(hypercare: Hypercare, now: datetime.datetime) -> Facts:
    """From the start of hypercare to ``now``."""
    product, start = hypercare.product, hypercare.started_at
    assert product is not None, "It has not begun."
    assert start is not None, "It has not begun."
    issues = product.issues.filter(created_at__lte=now)
    return Facts(
        start=start,
        now=now,
        until=hypercare.until or now,
        critical=list(
            issues.filter(severity=1)
            .exclude(type=Issue.Type.REQUEST)
            .exclude(resolved_at__lt=start)
            .values_list("created_at", "resolved_at")
        ),
        opened=list(
            issues.filter(created_at__gte=start)
            .exclude(source__in=BROUGHT)
            .order_by("created_at")
            .values_list("created_at", flat=True)
        ),
        answers=counts_of(product.survey_answers.filter(answered_at__range=(start, now)), "satisfaction"),
        outages=list(product.incidents.outages().touching(start, now).values_list("started_at", "ended_at")),
    )


def meters_of(hypercare: Hypercare, now: datetime.datetime) -> list[Meter]:
    """The meters as they stand at ``now``."""
    return meters(facts_of(hypercare, now), hypercare.thresholds)
