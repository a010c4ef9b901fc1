"""How the two halves show each other: links across, through the doors that both apps keep open."""

import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.products.hooks import Link
from handover.items.models import COLUMN, OpenItem
from handover.transfer.models import Handover, RequirementLink
from pmdm.accounts.roles import Permission
from pmdm.prepared import PreparedRows
from pmdm.ui import format as fmt
from projects.models import Project
from projects.scope.onward import Onward

_sources_of = PreparedRows(
    lambda product: (
        Handover.objects.accepted().filter(product=product).select_related("project", "giver").order_by("accepted_at")
    )
)


def story(product, user):
    """For a product: the projects it came from, newest last."""
    records = _sources_of(product.pk)
    if not records:
        return
    visible = set(Project.objects.allowing(user, Permission.PROJECT_VIEW).values_list("pk", flat=True))
    for record in records:
        label = _("Delivered by %(project)s") % {"project": record.project}
        url = reverse("handover:story", args=[record.project.code]) if record.project_id in visible else ""
        yield Link(label=label, url=url, note=fmt.day(record.accepted_at))


def onward(requirement, user):
    """For a requirement of a project: the handovers that name it, what it became, and the thread of it all."""
    project = requirement.project
    lines = list(requirement.handover_lines.select_related("handover").exclude(handover__state="withdrawn"))
    link = RequirementLink.objects.filter(source=requirement).select_related("target__product", "handover").first()
    if project.allows(user, Permission.HANDOVER_VIEW):
        records = {line.handover.number: line.handover for line in lines}
        if link:
            records[link.handover.number] = link.handover
        for number, record in sorted(records.items()):
            url = reverse("handover:record", args=[project.code, number])
            yield Onward(_("Handover"), record.ref, url, record.get_state_display())
    if link and link.target.product.allows(user, Permission.INTERNAL_VIEW):
        product = link.target.product
        url = reverse("delivery:requirement-detail", args=[product.code, link.target.number])
        yield Onward(_("Kept by"), f"{product.code} {link.target.ref}", url, link.target.get_conformance_display())
    if (lines or link) and project.allows(user, Permission.PROJECT_KPI_VIEW):
        yield Onward(
            _("Thread"), _("The whole thread"), reverse("handover:thread", args=[project.code, requirement.number])
        )


_COLUMNS = {"risk": "became_risk", "issue": "became_issue", "gap": "became_gap"}
_NEEDED = {
    "risk": Permission.RISK_VIEW,
    "issue": Permission.RISK_VIEW,
    "requirement": Permission.SCOPE_VIEW,
    "task": Permission.SCHEDULE_VIEW,
    "order": Permission.COST_VIEW,
}


def origin(kind, ids, user):
    """For rows of a product: what they were in the project. ``kind``: risk, issue, gap or requirement."""
    if not ids:
        return {}
    if kind == "requirement":
        links = RequirementLink.objects.filter(target__in=ids).select_related("source", "project", "handover")
        sources = {link.target_id: ("requirement", link.source, link.project, link.handover, ()) for link in links}
    elif column := _COLUMNS.get(kind):
        items = OpenItem.objects.filter(**{f"{column}__in": ids}).select_related(
            "risk", "issue", "requirement", "task", "order", "project", "handover"
        )
        sources = {
            getattr(item, f"{column}_id"): (
                COLUMN[item.kind], item.source, item.project, item.handover, item.score_history
            )
            for item in items
        }  # fmt: skip
    else:
        return {}
    allowed = {
        permission: set(Project.objects.allowing(user, permission).values_list("pk", flat=True))
        for permission in {_NEEDED[found[0]] for found in sources.values()}
    }
    told = set(Project.objects.allowing(user, Permission.PROJECT_KPI_VIEW).values_list("pk", flat=True))
    found = {}
    for pk, (source_kind, source, project, handover, history) in sources.items():
        url = source_url(project.code, source_kind, source) if project.pk in allowed[_NEEDED[source_kind]] else ""
        label = f"{project.code} {getattr(source, 'ref', source)}"
        thread = ""
        if source_kind == "requirement" and project.pk in told:
            thread = reverse("handover:thread", args=[project.code, source.number])
        days = [(datetime.date.fromisoformat(day), *scores) for day, *scores in history]
        found[pk] = Link(label=label, url=url, note=handover.ref, history=days, thread=thread)
    return found


def source_url(code: str, column: str, source) -> str:
    """The page of a risk, an issue, a requirement, a task or an order of a project."""
    if column == "task":
        return reverse("projects:task-detail", args=[code, source.uid])
    page = {"risk": "risk-detail", "issue": "issue-detail", "requirement": "requirement-detail", "order": "order"}[
        column
    ]
    return reverse(f"projects:{page}", args=[code, source.number])
