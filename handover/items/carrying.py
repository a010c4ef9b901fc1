"""From project to product: what an accepted handover creates, in one transaction and set by set, each row tied to its
origin. Thousands of rows cost a few statements: what is alike is written together."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import ConformanceCheck, KnownGap, Product
from delivery.models import Issue as ProductIssue
from delivery.models import Membership as ProductMembership
from delivery.models import Requirement as ProductRequirement
from delivery.models import Risk as ProductRisk
from handover.items.models import Contract, OpenItem
from handover.transfer.models import Handover, RequirementLink
from pmdm.accounts.roles import Permission, Role
from pmdm.activity.models import Change
from pmdm.registers.models import Counter
from pmdm.ui import format as fmt
from projects.models import Issue, Order, Requirement, Risk

D = OpenItem.Decision

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
    items = list(
        handover.open_items.select_related("risk", "issue", "requirement", "task", "order", "new_owner", "follow_on")
    )
    for item in items:
        item.handover = handover
    # By signing, the receiver agrees to what is theirs.
    for item in items:
        if item.decision in (D.CARRY, D.OP_RISK) and item.consented_at is None:
            item.consented_at = at
    _people(handover, product, items, at=at)
    targets = _requirements(handover, product, items, by=by, at=at)
    _risks(product, [item for item in items if _becomes_risk(item)], at=at)
    _issues(handover, product, [item for item in items if _becomes_issue(item)], targets, by=by, at=at)
    _gaps(product, [item for item in items if item.decision == D.KNOWN_GAP], targets, at=at)
    _contracts(handover, product, [item for item in items if item.kind == "order" and item.decision == D.CARRY], at=at)
    _follow_on([item for item in items if item.decision == D.FOLLOW_ON], by=by, at=at)
    _tie(items)
    _end_in_project(product, items, by=by, at=at)
    return product


def _becomes_risk(item: OpenItem) -> bool:
    return item.decision == D.OP_RISK or (item.kind == "risk" and item.decision == D.CARRY)


def _becomes_issue(item: OpenItem) -> bool:
    return item.decision == D.CARRY and item.kind not in ("risk", "order")


def words_of(item: OpenItem) -> tuple[str, str]:
    """Title and description of what a row is about."""
    source = item.source
    match item.kind:
        case "requirement":
            return source.title, source.text
        case "task":
            finish = _("Planned until %(day)s.") % {"day": fmt.day(source.finish)} if source.finish else ""
            return source.name[:250], "\n\n".join(part for part in (source.notes, finish) if part)
        case "order":
            return f"{source.supplier}: {source.description}"[:250], ""
    return source.title, source.description


# --- Product and people -----------------------------------------------------------------------------------


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
            live_on=handover.go_live or timezone.localtime(at).date(),
        )
    if project.client:
        product.clients.add(project.client)
    return product


def _people(handover: Handover, product: Product, items: list[OpenItem], *, at) -> None:
    rows = [
        ProductMembership(product=product, user=membership.user, role=ROLES_AFTER[membership.role], since=at)
        for membership in handover.project.memberships.select_related("user")
        if membership.role in ROLES_AFTER
    ]
    here = set(product.memberships.values_list("user", flat=True)) | {row.user_id for row in rows}
    # Who answers for something works with the product.
    owners = {item.new_owner_id for item in items if item.new_owner_id} - here - {handover.receiver_id}
    rows += [ProductMembership(product=product, user_id=pk, role=Role.MEMBER, since=at) for pk in sorted(owners)]
    ProductMembership.objects.bulk_create(rows, ignore_conflicts=True)
    if product.memberships.filter(role=Role.DELIVERY_MANAGER).first() is None:
        ProductMembership.objects.create(product=product, user=handover.receiver, role=Role.DELIVERY_MANAGER, since=at)


# --- What it becomes --------------------------------------------------------------------------------------


def _numbers(product: Product, prefix: str, count: int) -> Iterable[int]:
    first = Counter.take(f"product:{product.pk}", prefix, count)
    return range(first, first + count)


def _requirements(handover, product, items, *, by, at) -> dict[int, ProductRequirement]:
    """Verified ones are promises the product keeps from day one; undelivered ones come as requests, risks or gaps."""
    decided = {item.requirement_id: item for item in items if item.kind == "requirement"}
    sources = []
    for line in handover.scope_lines.select_related("requirement").prefetch_related("requirement__criteria__file"):
        item = decided.get(line.requirement_id)
        # What the client rejected is no promise kept, whatever the project's own tests said.
        accepted = line.requirement.state == Requirement.State.VERIFIED and line.result != "rejected"
        if accepted or (item and item.decision in (D.CARRY, D.KNOWN_GAP, D.OP_RISK)):
            sources.append((line.requirement, accepted))
    targets = ProductRequirement.objects.bulk_create(
        ProductRequirement(
            product=product,
            number=number,
            title=source.title,
            text=source.text,
            priority=source.priority,
            is_accepted=accepted,
            conformance="met" if accepted else "unknown",
            checked_at=at if accepted else None,
            created_at=at,
        )
        for number, (source, accepted) in zip(_numbers(product, "REQ", len(sources)), sources, strict=True)
    )
    RequirementLink.objects.bulk_create(
        RequirementLink(project_id=handover.project_id, handover=handover, source=source, target=target)
        for (source, _accepted), target in zip(sources, targets, strict=True)
    )
    _first_checks(product, zip(sources, targets, strict=True), by=by, at=at)
    return {source.pk: target for (source, _accepted), target in zip(sources, targets, strict=True)}


def _first_checks(product, pairs, *, by, at) -> None:
    """The project's evidence is the product's first check of conformance; its files come along."""
    kept = [(source, target) for (source, accepted), target in pairs if accepted]
    checks = ConformanceCheck.objects.bulk_create(
        ConformanceCheck(
            product=product,
            requirement=target,
            result="met",
            evidence=(
                "; ".join(line.evidence for line in source.criteria.all() if line.evidence)
                or _("Verified in the project")
            )[:500],
            by=by,
            at=at,
        )
        for source, target in kept
    )
    for check, (source, _target) in zip(checks, kept, strict=True):
        # So that whoever runs the product needs no role on the project to read them.
        if files := [line.file for line in source.criteria.all() if line.file]:
            check.files.set(file.also_for(product, permission=Permission.INTERNAL_VIEW) for file in files)


def _risks(product, items, *, at) -> None:
    """A carried risk keeps its number where it is free, its scores and their history, and gains its control."""
    if not items:
        return
    Counter.take(f"product:{product.pk}", "R", 0)  # the counter's lock, before the numbers are read
    taken = set(product.risks.values_list("number", flat=True))
    histories = _score_histories([item.risk_id for item in items if item.kind == "risk"])
    rows, kept = [], 0
    for item in items:
        row = ProductRisk(
            product=product,
            owner=item.new_owner,
            control=item.control,
            control_owner=item.new_owner,
            control_test_due=item.control_test_on,
        )
        if item.kind == "risk":
            for name in _RISK_FIELDS:
                setattr(row, name, getattr(item.risk, name))
            item.score_history = histories.get(item.risk_id, [])
            if item.risk.number not in taken:
                row.number = item.risk.number
                taken.add(row.number)
                kept = max(kept, row.number)
        else:
            row.title, text = words_of(item)
            row.description = "\n\n".join(part for part in (text, item.reason) if part)
            row.raised_at = at
        rows.append(row)
    _raise_counter(product, "R", kept)
    late = [row for row in rows if row.number is None]
    for number, row in zip(_numbers(product, "R", len(late)), late, strict=True):
        row.number = number
    for item, row in zip(items, ProductRisk.objects.bulk_create(rows), strict=True):
        item.became_risk = row


def _raise_counter(product: Product, prefix: str, at_least: int) -> None:
    Counter.objects.filter(subject=f"product:{product.pk}", prefix=prefix, last__lt=at_least).update(last=at_least)


def _score_histories(ids: list[int]) -> dict[int, list]:
    """[[day, probability, impact], ...] of each risk from the audit trail, one row a change."""
    found: dict[int, list] = {}
    changes = (
        Change.objects.filter(table=Risk._meta.db_table, row_id__in=ids)
        .order_by("id")
        .values_list("row_id", "at", "after__probability", "after__impact")
    )
    for pk, at, probability, impact in changes:
        history = found.setdefault(pk, [])
        if not history or history[-1][1:] != [probability, impact]:
            history.append([timezone.localtime(at).date().isoformat(), probability, impact])
    return found


def _issues(handover, product, items, targets, *, by, at) -> None:
    """Issues and defects as bugs, requirements and tasks as requests, each assigned to its new owner."""
    dues: dict[int, ProductIssue] = {}
    levels = {level.severity: level for level in product.service_levels.all()}
    rows = []
    for number, item in zip(_numbers(product, "ISS", len(items)), items, strict=True):
        title, text = words_of(item)
        is_bug = item.kind in ("issue", "defect")
        row = ProductIssue(
            product=product,
            number=number,
            type=ProductIssue.Type.BUG if is_bug else ProductIssue.Type.REQUEST,
            title=title,
            description="\n\n".join(part for part in (text, item.reason) if part),
            severity=item.issue.severity if is_bug else 3,
            requirement=targets.get(item.requirement_id),
            organisation=handover.project.client if item.kind == "requirement" else None,
            source=ProductIssue.Source.HANDOVER,
            reported_by=by,
            assignee=item.new_owner,
            created_at=at,
        )
        # All begin now: one reckoning for each severity.
        if (like := dues.get(row.severity)) is None:
            row.reckon(levels=levels)
            dues[row.severity] = row
        else:
            row.response_due, row.resolution_due = like.response_due, like.resolution_due
        rows.append(row)
    for item, row in zip(items, ProductIssue.objects.bulk_create(rows, batch_size=1000), strict=True):
        item.became_issue = row


def _gaps(product, items, targets, *, at) -> None:
    """Known errors on day one, with the workaround."""
    rows = []
    for number, item in zip(_numbers(product, "KG", len(items)), items, strict=True):
        title, text = words_of(item)
        rows.append(
            KnownGap(
                product=product,
                number=number,
                title=title,
                description="\n\n".join(part for part in (text, item.reason) if part),
                workaround=item.workaround,
                requirement=targets.get(item.requirement_id),
                accepted_at=at,
            )
        )
    for item, row in zip(items, KnownGap.objects.bulk_create(rows, batch_size=1000), strict=True):
        item.became_gap = row


def _contracts(handover, product, items, *, at) -> None:
    rows = [
        Contract(
            product=product,
            handover=handover,
            order=item.order,
            supplier=item.order.supplier,
            description=item.order.description,
            expected_on=item.order.expected_on,
            owner=item.new_owner,
            taken_at=at,
        )
        for item in items
    ]
    for item, row in zip(items, Contract.objects.bulk_create(rows), strict=True):
        item.became_contract = row


def _follow_on(items, *, by, at) -> None:
    """Into the registers of the project that goes on: a risk as a risk, a requirement as a draft, else an issue."""
    projects = {item.follow_on_id: item.follow_on for item in items}
    for pk, project in sorted(projects.items()):
        mine = [item for item in items if item.follow_on_id == pk]
        origin = _("From %(handover)s of %(project)s.")
        for prefix, model, kinds, make, name in (
            ("R", Risk, ("risk",), _risk_in, "followed_risk"),
            ("REQ", Requirement, ("requirement",), _requirement_in, "followed_requirement"),
            ("ISS", Issue, ("issue", "defect", "task", "order"), _issue_in, "followed_issue"),
        ):
            chosen = [item for item in mine if item.kind in kinds]
            first = Counter.take(f"project:{pk}", prefix, len(chosen))
            rows = []
            for number, item in enumerate(chosen, first):
                where = origin % {"handover": item.handover.ref, "project": item.handover.project.code}
                row = make(item, where, by, at)
                row.project, row.number = project, number
                rows.append(row)
            for item, row in zip(chosen, model._base_manager.bulk_create(rows), strict=True):
                setattr(item, name, row)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _risk_in(item, where, by, at) -> Any:
    row = Risk(**{name: getattr(item.risk, name) for name in _RISK_FIELDS})
    row.description = _joined(row.description, where, item.reason)
    return row


def _requirement_in(item, where, by, at) -> Any:
    source = item.requirement
    return Requirement(
        title=source.title,
        text=_joined(source.text, item.reason),
        type=source.type,
        priority=source.priority,
        source=where[:200],
        created_at=at,
        created_by=by,
    )


def _issue_in(item, where, by, at) -> Any:
    title, text = words_of(item)
    return Issue(
        title=title,
        description=_joined(text, where, item.reason),
        severity=item.issue.severity if item.issue else Issue.Severity.MEDIUM,
        raised_by=by,
        raised_at=at,
    )


# --- Ties and ends ----------------------------------------------------------------------------------------

_TIES = (
    "became_risk_id",
    "became_issue_id",
    "became_gap_id",
    "became_contract_id",
    "followed_risk_id",
    "followed_issue_id",
    "followed_requirement_id",
)


def _tie(items: list[OpenItem]) -> None:
    """What each row became, in one statement."""
    if not items:
        return
    columns = ", ".join(f"{name} = new.{name}" for name in _TIES)
    arrays = ", ".join(["%s::bigint[]"] * (1 + len(_TIES)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE handover_openitem AS item SET {columns}, score_history = new.score_history,"  # noqa: S608 - names of ours
            " consented_at = new.consented_at"
            f" FROM unnest({arrays}, %s::jsonb[], %s::timestamptz[])"
            f" AS new(id, {', '.join(_TIES)}, score_history, consented_at) WHERE item.id = new.id",
            [
                [item.pk for item in items],
                *([getattr(item, name) for item in items] for name in _TIES),
                [json.dumps(item.score_history) for item in items],
                [item.consented_at for item in items],
            ],
        )


def _end_in_project(product, items: list[OpenItem], *, by, at) -> None:
    """What left the project's hands is closed there, with the word where it went."""
    leaving = [item for item in items if item.decision != D.KEEP]
    risks = [(item.risk_id, _went(item, product)) for item in leaving if item.kind == "risk"]
    issues = [(item.issue_id, _went(item, product)) for item in leaving if item.kind in ("issue", "defect")]
    _close(Risk, "close_reason", risks, at)
    _close(Issue, "resolution", issues, at)
    for item in leaving:
        # A contract that somebody takes over goes on; one that is closed or sent elsewhere ends here.
        if item.kind == "order" and item.decision in (D.CLOSE, D.OP_RISK):
            Order.objects.filter(pk=item.order_id, state=Order.State.OPEN).update(
                state=Order.State.CLOSED, ended_by=by, ended_at=at, end_reason=_went(item, product)[:300]
            )


def _went(item: OpenItem, product: Product) -> str:
    values = {"product": product, "reason": item.reason}
    if became := item.became:
        ref = getattr(became, "ref", "")
        if item.became_gap:
            return _("Known gap %(ref)s of %(product)s: %(reason)s") % {**values, "ref": ref}
        return _("Carried over to %(product)s as %(ref)s") % {**values, "ref": ref}
    if followed := item.followed:
        return _("Sent to %(project)s as %(ref)s: %(reason)s") % {
            "project": item.follow_on,
            "ref": followed.ref,
            "reason": item.reason,
        }
    return item.reason


def _close(model, column: str, rows: list[tuple[int | None, str]], at) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} AS source"  # noqa: S608 - names of ours
            f" SET state = 'closed', closed_at = %s, {column} = new.words, version = source.version + 1"
            " FROM unnest(%s::bigint[], %s::text[]) AS new(id, words)"
            " WHERE source.id = new.id AND source.closed_at IS NULL",
            [at, [pk for pk, _words in rows], [words for _pk, words in rows]],
        )
