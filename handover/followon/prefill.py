"""What a request for a follow-on project says before anybody edits it: how the product stands, from its own records."""

from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Answer, Issue
from delivery.products.hooks import Link
from handover.followon.models import FollowOn
from pmdm.accounts.roles import Permission
from projects.models import InitiationRequest

MOST = 40  # lines of one kind


@dataclass
class Prefill:
    """The fields of the request, and what they were made from, for the page that asks first."""

    values: dict = field(default_factory=dict)
    counts: list[tuple[str, int]] = field(default_factory=list)


def prefill(product) -> Prefill:
    """Broken promises and open wishes become results, open risks and known gaps risks; a constant number of queries."""
    broken = list(product.requirements.broken().order_by("number")[:MOST])
    wishes = list(product.issues.open().filter(type=Issue.Type.REQUEST).order_by("severity", "number")[:MOST])
    trouble = list(product.issues.open().exclude(type=Issue.Type.REQUEST).order_by("severity", "number")[:MOST])
    risks = list(product.risks.open().order_by("number")[:MOST])
    gaps = list(product.known_gaps.open().order_by("number")[:MOST])
    said = Answer.objects.filter(survey__product=product).exclude(comment="").order_by("-pk")
    words = list(said.values_list("comment", flat=True)[:5])
    clients = list(product.clients.all()[:2])
    accepted = product.requirements.accepted().count()
    results = [f"{row.ref} {row.title}" for row in broken] + [f"{row.ref} {row.title}" for row in wishes]
    values = {
        "name": _("Successor of %(product)s") % {"product": product.name}
        if product.stage in ("sunset", "retired")
        else _("Next steps for %(product)s") % {"product": product.name},
        "reason": _reason(product, broken, trouble, words),
        "goal": product.description,
        "results": "\n".join(results),
        "risks": "\n".join([*(row.title for row in risks), *(_("Known gap: %s") % row.title for row in gaps)]),
        "client": clients[0] if len(clients) == 1 else None,
    }
    if accepted:
        met = product.requirements.accepted().filter(conformance="met").count()
        values |= {
            "objective": _("Every accepted requirement is met in operation"),
            "measure": _("Accepted requirements that are met"),
            "unit": "%",
            "baseline_value": round(100 * met / accepted, 2),
            "target_value": 100,
        }
    counts = [
        (_("Promises that are broken"), len(broken)),
        (_("Open wishes"), len(wishes)),
        (_("Open issues"), len(trouble)),
        (_("Open risks"), len(risks)),
        (_("Known gaps"), len(gaps)),
        (_("Words of customers"), len(words)),
    ]
    return Prefill(values, counts)


def _reason(product, broken, trouble, words) -> str:
    parts = [_("%(product)s is “%(stage)s”.") % {"product": product.name, "stage": product.get_stage_display()}]
    if product.retire_on:
        parts.append(_("Its end of life is %s.") % product.retire_on.isoformat())
    if broken:
        parts.append(_("%(n)s of its promises are broken.") % {"n": len(broken)})
    if trouble:
        parts.append(_("Open issues:") + "\n" + "\n".join(f"- {row.ref} {row.title}" for row in trouble[:10]))
    if words:
        parts.append(_("What customers say:") + "\n" + "\n".join(f"- “{text}”" for text in words))
    return "\n\n".join(parts)


@transaction.atomic
def ask(product, *, by, at=None) -> InitiationRequest:
    """A draft request of this person, filled from the product, and tied to it."""
    at = at or timezone.now()
    asked = InitiationRequest.objects.create(asked_by=by, created_at=at, **prefill(product).values)
    FollowOn.objects.create(product=product, request=asked, by=by, at=at)
    return asked


def door(product, user):
    """From the record: the projects that were asked for because of it, and a way to ask for one."""
    rows = FollowOn.objects.filter(product=product).select_related("request__project")
    seen = set(InitiationRequest.objects.visible_to(user).values_list("pk", flat=True))
    for row in rows:
        url = row.request.get_absolute_url() if row.request_id in seen else ""
        yield Link(label=row.request.name, url=url, note=_("Project request: %s") % row.request.get_state_display())
    if product.allows(user, Permission.PRODUCT_EDIT):
        yield Link(
            label=_("Ask for a follow-on project"),
            url=reverse("handover:follow-on", args=[product.code]),
            note=_("Filled from what is open here"),
        )
