"""How a project did at its close beside how its product does after 30, 90, 180 and 365 days."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from pmdm.kpis import figures, registry
from pmdm.kpis.models import Snapshot

DAYS = (30, 90, 180, 365)
# A snapshot counts for a day when it is not older than this.
REACH = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One figure of the product on each of the days; None where it was not taken, or is still to come."""

    kpi: registry.Kpi
    figures: list[figures.Figure | None]

    @property
    def cells(self):
        """Each with its days: 30, 90 and so on."""
        return list(zip(DAYS, self.figures, strict=True))


def at_close(project, user) -> list[figures.Figure]:
    """The figures as they were frozen when the project was closed, those that this user may see; [] before."""
    closure = getattr(project, "closure", None)
    if closure is None:
        return []
    frozen = figures.frozen("project", project.code, closure.result)
    return [one for one in frozen if one.kpi.permission is None or project.allows(user, one.kpi.permission)]


def after(product, since, user, today=None) -> tuple[list[tuple[int, datetime.date]], list[Line]]:
    """(days, date) of each look after acceptance, and the product's figures then; one query."""
    today = today or timezone.localdate()
    start = timezone.localtime(since).date()
    looks = [(count, start + datetime.timedelta(days=count)) for count in DAYS]
    found: dict[tuple[str, datetime.date], Snapshot] = {}
    last = min(looks[-1][1], today)
    rows = Snapshot.objects.filter(subject_type="product", subject_id=product.pk, day__gte=start, day__lte=last)
    for row in rows.order_by("day"):
        for _count, day in looks:
            if day <= today and day - REACH <= row.day <= day:
                found[row.kpi, day] = row
    lines = []
    for kpi in registry.of("product"):
        if kpi.permission is not None and not product.allows(user, kpi.permission):
            continue
        cells = [_figure(kpi, product, found.get((kpi.code, day))) for _count, day in looks]
        if any(cells):
            lines.append(Line(kpi, cells))
    return looks, lines


def _figure(kpi, product, row: Snapshot | None) -> figures.Figure | None:
    if row is None:
        return None
    return figures.Figure(
        kpi=kpi,
        subject_id=product.pk,
        code=product.code,
        number=row.value,
        target=row.target,
        status=row.status,
        reason_code=row.reason,
        inputs=row.inputs,
    )
