"""From project to product: what an accepted handover creates, in one transaction, each row tied to its origin."""

from django.utils.translation import gettext as _

from delivery.models import Issue as ProductIssue
from delivery.models import KnownGap, Product
from delivery.models import Membership as ProductMembership
from delivery.models import Requirement as ProductRequirement
from delivery.models import Risk as ProductRisk
from handover.transfer.models import Handover, OpenItem, RequirementLink
from pmdm.accounts.roles import Permission, Role
from projects.models import Issue, Requirement, Risk

Decision = OpenItem.Decision

# Who keeps seeing the work after it has moved, and as what.
ROLES_AFTER: dict[str, Role] = {
    Role.SPONSOR: Role.STAKEHOLDER,
    Role.STAKEHOLDER: Role.STAKEHOLDER,
    Role.CLIENT: Role.CLIENT,
}

_RISK_FIELDS = (
    "title",
    "description",
    "category",
    "is_opportunity",
    "probability",
    "impact",
    "inherent_probability",
    "inherent_impact",
    "response",
    "response_plan",
    "exposure",
    "review_on",
    "raised_at",
)


def carry_over(handover: Handover, *, by, at) -> Product:
    """Create or extend the product, take over requirements, risks, issues and gaps as decided. Returns the product."""
    product = _product(handover, by=by, at=at)
    _people(handover, product, at=at)
    decided = {
        item.requirement_id: item
        for item in handover.open_items.select_related("requirement").exclude(requirement=None)
        if item.requirement_id
    }
    _requirements(handover, product, decided, by=by, at=at)
    for item in handover.open_items.select_related("risk", "issue").filter(requirement=None):
        if item.risk:
            _risk(item, product, by=by, at=at)
        else:
            _issue(item, product, by=by, at=at)
    return product


def _product(handover: Handover, *, by, at) -> Product:
    project = handover.project
    product = handover.product
    if product is None:
        product = Product.launch(
            by=by,
            delivery_manager=handover.receiver,
            at=at,
            reason=_("Accepted from %(project)s with %(handover)s") % {"project": project, "handover": handover.ref},
            code=handover.product_code,
            name=handover.product_name,
            description=handover.scope,
            live_on=handover.go_live or at.date(),
        )
    if project.client:
        product.clients.add(project.client)
    return product


def _people(handover: Handover, product: Product, *, at) -> None:
    rows = [
        ProductMembership(product=product, user=membership.user, role=ROLES_AFTER[membership.role], since=at)
        for membership in handover.project.memberships.select_related("user")
        if membership.role in ROLES_AFTER
    ]
    ProductMembership.objects.bulk_create(rows, ignore_conflicts=True)
    if product.memberships.filter(role=Role.DELIVERY_MANAGER).first() is None:
        ProductMembership.objects.create(product=product, user=handover.receiver, role=Role.DELIVERY_MANAGER, since=at)


def _requirements(handover: Handover, product: Product, decided: dict[int, OpenItem], *, by, at) -> None:
    """Verified ones are promises the product keeps from day one; undelivered ones come as requests or gaps."""
    already = set(RequirementLink.objects.filter(project=handover.project).values_list("source_id", flat=True))
    for source in handover.project.requirements.prefetch_related("criteria__file").order_by("number"):
        item = decided.get(source.pk)
        accepted = source.state == Requirement.State.VERIFIED
        if source.pk in already or not (accepted or (item and item.decision != Decision.CLOSE)):
            continue
        target = ProductRequirement.objects.create(
            product=product,
            title=source.title,
            text=source.text,
            priority=source.priority,
            is_accepted=accepted,
            created_at=at,
        )
        RequirementLink.objects.create(project=handover.project, handover=handover, source=source, target=target)
        if accepted:
            lines = source.criteria.all()
            evidence = "; ".join(line.evidence for line in lines if line.evidence)
            target.check_conformance(
                by=by,
                result=ProductRequirement.Conformance.MET,
                evidence=(evidence or _("Verified in the project"))[:500],
                # Files come along, so that whoever runs the product needs no role on the project to read them.
                files=[line.file.also_for(product, permission=Permission.INTERNAL_VIEW) for line in lines if line.file],
                at=at,
            )
        elif item and item.decision == Decision.CARRY:
            _became(
                item,
                issue=ProductIssue.report(
                    product,
                    by=by,
                    at=at,
                    type=ProductIssue.Type.REQUEST,
                    title=source.title,
                    description=source.text,
                    severity=3,
                    requirement=target,
                    organisation=handover.project.client,
                    source=ProductIssue.Source.HANDOVER,
                ),
            )
        elif item:
            _became(item, gap=_gap(product, source.title, source.text, item, by=by, at=at, requirement=target))


def _risk(item: OpenItem, product: Product, *, by, at) -> None:
    risk = item.risk
    if item.decision == Decision.CARRY:
        target = ProductRisk.objects.create(
            product=product, owner=item.handover.receiver, **{name: getattr(risk, name) for name in _RISK_FIELDS}
        )
        _became(item, risk=target)
        reason = _("Carried over to %(product)s as %(ref)s") % {"product": product, "ref": target.ref}
    else:
        reason = item.reason
    Risk.objects.filter(pk=risk.pk).update(state=Risk.State.CLOSED, closed_at=at, close_reason=reason)


def _issue(item: OpenItem, product: Product, *, by, at) -> None:
    issue = item.issue
    reason = item.reason
    if item.decision == Decision.CARRY:
        target = ProductIssue.report(
            product,
            by=by,
            at=at,
            type=ProductIssue.Type.BUG,
            title=issue.title,
            description=issue.description,
            severity=issue.severity,
            source=ProductIssue.Source.HANDOVER,
        )
        _became(item, issue=target)
        reason = _("Carried over to %(product)s as %(ref)s") % {"product": product, "ref": target.ref}
    elif item.decision == Decision.KNOWN_GAP:
        gap = _gap(product, issue.title, issue.description, item, by=by, at=at)
        _became(item, gap=gap)
        reason = _("Known gap %(ref)s of %(product)s: %(reason)s") % {
            "product": product,
            "ref": gap.ref,
            "reason": item.reason,
        }
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.CLOSED, closed_at=at, resolution=reason)


def _gap(product: Product, title: str, text: str, item: OpenItem, *, by, at, requirement=None) -> KnownGap:
    description = f"{text}\n\n{item.reason}".strip()
    return KnownGap.accept(product, by=by, title=title, description=description, requirement=requirement, at=at)


def _became(item: OpenItem, *, risk=None, issue=None, gap=None) -> None:
    item.became_risk, item.became_issue, item.became_gap = risk, issue, gap
    item.save(update_fields=["became_risk", "became_issue", "became_gap"])
