"""What pages say about benefits: counts, a sentence, the chart over time."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission
from pmdm.charts.figure import Figure
from pmdm.charts.lines import Line, line_chart
from pmdm.prepared import PreparedRows
from pmdm.ui import format as fmt
from projects.benefits.models import Benefit

WORDS = {
    "ok": gettext_lazy("Realised"),
    "watch": gettext_lazy("Partly realised"),
    "act": gettext_lazy("Not realised"),
    "na": gettext_lazy("Not measured yet"),
}


@dataclass(frozen=True)
class Summary:
    """How many benefits there are, how many are measured and realised, and how many reviews wait."""

    total: int
    measured: int
    realised: int
    overdue: int

    def __bool__(self) -> bool:
        return bool(self.total)

    @property
    def text(self) -> str:
        text = _("%(realised)d of %(measured)d measured benefits realised") % vars(self)
        if self.total > self.measured:
            text += ", " + _("%(n)d not measured yet") % {"n": self.total - self.measured}
        return text


def summary(benefits: Iterable[Benefit], day: datetime.date | None = None) -> Summary:
    """Counts of benefits ``with_latest``, as of a day; None: today."""
    rows, day = list(benefits), day or timezone.localdate()
    return Summary(
        len(rows),
        sum(1 for row in rows if row.state != "na"),
        sum(1 for row in rows if row.state == "ok"),
        sum(1 for row in rows if row.is_overdue_on(day)),
    )


def with_unit(value, objective) -> str:
    return fmt.number(value) + (f"{fmt.NBSP}{objective.unit}" if objective.unit else "")


def sentence(benefit: Benefit) -> str:
    """'13 min on 3 Mar: 88% of the way from 34 to 10 min.'"""
    objective = benefit.objective
    if benefit.value is None:
        if benefit.next_due:
            return _("Not measured yet; the next review is on %(day)s.") % {"day": fmt.day(benefit.next_due)}
        return _("Not measured yet, and no review is planned.")
    goal = benefit.judged
    said = {
        "value": with_unit(benefit.value, objective),
        "day": fmt.day(benefit.value_on),
        "before": fmt.number(goal.before),
        "target": with_unit(goal.target, objective),
    }
    if benefit.share is None:
        if goal.is_met(benefit.value):
            return _("%(value)s on %(day)s: the target %(target)s is met.") % said
        return _("%(value)s on %(day)s: the target %(target)s is not met.") % said
    said["share"] = fmt.ratio(benefit.share, 0)
    return _("%(value)s on %(day)s: %(share)s of the way from %(before)s to %(target)s.") % said


def chart(benefit: Benefit, measurements) -> Figure:
    """Every value in order of time, with the value before and the target; opens to its numbers."""
    objective = benefit.objective
    points = [(row.measured_on, float(row.value)) for row in measurements]
    if objective.actual_value is not None:
        points.append((objective.measured_on, float(objective.actual_value)))
    points.sort()
    lines = [Line(name=str(objective.measure), points=points, end_label=fmt.number(points[-1][1]) if points else "")]
    if objective.baseline_value is not None and points:
        days = sorted({day for day, _value in points} | {timezone.localdate()})
        before = float(objective.baseline_value)
        points_before = [(day, before) for day in (days[0], days[-1])]
        lines.append(Line(name=_("Before"), points=points_before, colour="plan", stroke="dotted"))
    return line_chart(
        id=f"benefit-{benefit.pk}",
        title=str(objective.statement),
        description=sentence(benefit),
        lines=lines if points else [],
        form=fmt.number,
        x_label=_("Measured on"),
        reference=(float(objective.target_value), _("Target")),
        today=timezone.localdate() if points else None,
        low=None,
        smooth=False,
    )


_benefits_of = PreparedRows(
    lambda project: Benefit.objects.filter(project=project).with_latest().select_related("objective")
)


def project_summary(project) -> Summary:
    """Of one project: one query."""
    return summary(_benefits_of(project.pk))


def with_benefits(project, can) -> list:
    """The objectives of a project; ``after`` is the benefit of each, with its ``word``, for those who may see it."""
    objectives = list(project.objectives.all())
    found = {}
    if Permission.BENEFIT_VIEW in can:
        rows = project.benefits.with_latest().select_related("objective", "owner")
        found = {row.objective_id: row for row in rows}
    for objective in objectives:
        objective.after = found.get(objective.pk)
        if objective.after:
            objective.after.word = WORDS[objective.after.state]
    return objectives
