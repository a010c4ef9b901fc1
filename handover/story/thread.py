"""One piece of work as a list of moments, and each promise from requirement to what became of it."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from delivery.models import Issue as ProductIssue
from handover.transfer.models import RequirementLink
from projects.models import Project


@dataclass(frozen=True)
class Moment:
    at: datetime.datetime
    text: str
    by: str = ""
    status: str = ""


def moments(project, product) -> list[Moment]:
    """From initiation to now, oldest first: gates, changes of state, handovers, stages of the product."""
    found = [Moment(project.created_at, _("Project opened"), _name(project.created_by))]
    for decision in project.gate_decisions.select_related("phase", "decided_by"):
        text = _("Gate of %(phase)s: %(decision)s") % {
            "phase": str(decision.phase).lower(),
            "decision": decision.get_decision_display().lower(),
        }
        status = {"go": "ok", "conditions": "watch"}.get(decision.decision, "act")
        found.append(Moment(decision.decided_at, text, _name(decision.decided_by), status))
    for change in project.state_changes.select_related("by"):
        text = _("Project %(state)s") % {"state": Project.State(change.to_state).label.lower()}
        found.append(Moment(change.at, text, _name(change.by)))
    for record in project.handovers.select_related("giver", "receiver"):
        if record.submitted_at:
            text = _("%(ref)s submitted") % {"ref": record.ref}
            found.append(Moment(record.submitted_at, text, _name(record.giver)))
        if record.returned_at:
            text = _("%(ref)s returned") % {"ref": record.ref}
            found.append(Moment(record.returned_at, text, _name(record.receiver), "act"))
        if record.accepted_at:
            text = _("%(ref)s accepted: responsibility moved") % {"ref": record.ref}
            found.append(Moment(record.accepted_at, text, _name(record.receiver), "ok"))
    if product:
        for change in product.stage_changes.select_related("by"):
            stage = type(product).Stage(change.to_stage).label
            text = _("%(product)s is now in %(stage)s") % {"product": product, "stage": stage.lower()}
            found.append(Moment(change.at, text, _name(change.by)))
    return sorted(found, key=lambda moment: moment.at)


def _name(user) -> str:
    return user.name if user else ""


def promises(project, *, can_see_product: bool) -> list:
    """Requirements with their evidence and, after handover, how they fare now. Constant number of queries."""
    rows = list(
        project.requirements.exclude(state="rejected")
        .annotate(lines=Count("criteria"), passed=Count("criteria", filter=Q(criteria__result="pass")))
        .order_by("number")
    )
    links = {
        link.source_id: link
        for link in RequirementLink.objects.filter(project=project).select_related("target__product", "handover")
    }
    broken: dict[int, int] = {}
    if can_see_product:
        broken = dict(
            ProductIssue.objects.filter(
                requirement__in=[link.target_id for link in links.values()], state__in=ProductIssue.OPEN_STATES
            )
            .values_list("requirement")
            .annotate(Count("pk"))
        )
    for row in rows:
        # That it was handed over is the project's to know; how it fares now is for those who see the product.
        row.link = links.get(row.pk)
        row.open_issues = broken.get(row.link.target_id, 0) if row.link else 0
    return rows


def delivered_product(project):
    """The product of the latest accepted handover, or None."""
    record = project.handovers.accepted().select_related("product").order_by("-accepted_at").first()
    return record.product if record else None


def responsible_since(project):
    """When responsibility moved last; None before the first acceptance."""
    return project.handovers.accepted().order_by("-accepted_at").values_list("accepted_at", flat=True).first()


def link_of(requirement) -> RequirementLink | None:
    """What it became in the product, and which handover carried it."""
    links = RequirementLink.objects.filter(source=requirement)
    return links.select_related("target__product", "handover").first()


def lines_of(requirement) -> list:
    """Its line in each handover that named it: what the client said, and what was decided while it was open."""
    lines = list(requirement.handover_lines.select_related("handover", "decided_by").order_by("handover__number"))
    items = {
        item.handover_id: item
        for item in requirement.handover_items.select_related("became_issue", "became_gap", "became_risk", "follow_on")
    }
    for line in lines:
        line.item = items.get(line.handover_id)
    return lines


@dataclass(frozen=True)
class Live:
    """A promise as the product keeps it: its checks, issues and known gaps, newest first."""

    checks: list
    issues: list
    gaps: list


def live(link: RequirementLink) -> Live:
    """Three queries."""
    target = link.target
    return Live(
        list(target.checks.select_related("by", "issue")[:20]),
        list(target.issues.order_by("-number")[:50]),
        list(target.known_gaps.all()),
    )
