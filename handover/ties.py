"""How the two halves show each other: links across, through the doors that both apps keep open."""

from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.products.hooks import Link
from handover.transfer.models import Handover, OpenItem, RequirementLink
from pmdm.accounts.roles import Permission
from pmdm.ui import format as fmt
from projects.models import Project

ACCEPTED = Handover.State.ACCEPTED


def story(product, user):
    """For a product: the projects it came from, newest last."""
    visible = set(Project.objects.allowing(user, Permission.PROJECT_VIEW).values_list("pk", flat=True))
    records = Handover.objects.filter(product=product, state=ACCEPTED).select_related("project", "giver")
    for record in records.order_by("accepted_at"):
        label = _("Delivered by %(project)s") % {"project": record.project}
        url = reverse("handover:story", args=[record.project.code]) if record.project_id in visible else ""
        yield Link(label=label, url=url, note=fmt.day(record.accepted_at))


_COLUMNS = {"risk": "became_risk", "issue": "became_issue", "gap": "became_gap"}
_PAGES = {"risk": "risk-detail", "issue": "issue-detail", "requirement": "requirement-detail"}
_NEEDED = {
    "risk": Permission.RISK_VIEW,
    "issue": Permission.RISK_VIEW,
    "requirement": Permission.SCOPE_VIEW,
}


def origin(kind, ids, user):
    """For rows of a product: what they were in the project. ``kind``: risk, issue, gap or requirement."""
    if not ids:
        return {}
    if kind == "requirement":
        links = RequirementLink.objects.filter(target__in=ids).select_related("source", "project", "handover")
        sources = {link.target_id: ("requirement", link.source, link.project, link.handover) for link in links}
    elif column := _COLUMNS.get(kind):
        items = OpenItem.objects.filter(**{f"{column}__in": ids}).select_related(
            "risk", "issue", "requirement", "project", "handover"
        )
        sources = {
            getattr(item, f"{column}_id"): (_kind(item), item.source, item.project, item.handover) for item in items
        }
    else:
        return {}
    allowed = {
        permission: set(Project.objects.allowing(user, permission).values_list("pk", flat=True))
        for permission in {_NEEDED[found[0]] for found in sources.values()}
    }
    found = {}
    for pk, (source_kind, source, project, handover) in sources.items():
        url = ""
        if project.pk in allowed[_NEEDED[source_kind]]:
            url = reverse(f"projects:{_PAGES[source_kind]}", args=[project.code, source.number])
        found[pk] = Link(label=f"{project.code} {source.ref}", url=url, note=handover.ref)
    return found


def _kind(item: OpenItem) -> str:
    if item.risk_id:
        return "risk"
    return "issue" if item.issue_id else "requirement"
