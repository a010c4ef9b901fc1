"""Parents and children: many reports of one disturbance, of which one is worked on and the others follow.

One level: a parent is nobody's child. What a child's customer reads never names the parent.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues.models import Issue
from delivery.issues.queue.bulk import reopen_together, resolve_together
from delivery.moves import NotNow


@transaction.atomic
def attach(issue: Issue, parent: Issue, *, by) -> None:
    """``issue`` follows ``parent``; its own children follow to that one, too."""
    both = Issue.objects.filter(pk__in=[issue.pk, parent.pk], product=issue.product_id)
    # In one order: two that are attached at once must not become each other's children. Without joins, whose rows would
    # be those of before the wait.
    locked = {row.pk: row for row in both.order_by("pk").select_for_update(of=("self",))}
    parent = locked.get(parent.pk, issue)
    if parent.pk == issue.pk:
        raise ValidationError({"parent": _("Name another issue of this product.")})
    if parent.parent_id is not None:
        words = {"parent": parent.ref, "above": parent.parent.ref}
        raise ValidationError({"parent": _("%(parent)s is itself a child of %(above)s: name that one.") % words})
    for row in locked.values():
        if not row.is_open:
            raise NotNow(_("%(issue)s is “%(state)s”.") % {"issue": row.ref, "state": row.get_state_display()})
    Issue.objects.filter(parent=issue).update(parent=parent, version=F("version") + 1)
    Issue.objects.filter(pk=issue.pk).update(parent=parent, version=F("version") + 1)
    issue.refresh_from_db()


def detach(issue: Issue, *, by) -> None:
    """It is something of its own. Doing it twice changes nothing."""
    Issue.objects.filter(pk=issue.pk).exclude(parent=None).update(parent=None, version=F("version") + 1)
    issue.refresh_from_db()


@transaction.atomic
def resolve(issue: Issue, *, by, with_children=False, at=None, **fields) -> int:
    """Resolve an issue; ``with_children``: its open children too, with the same words. How many were."""
    at = at or timezone.now()
    issue.resolve(by=by, at=at, **fields)
    if not with_children:
        return 0
    return resolve_together(
        issue.children.open(), by=by, at=at, resolution=fields["resolution"], fixed_in=fields.get("fixed_in")
    )


@transaction.atomic
def reopen(issue: Issue, *, by, text, children=(), at=None) -> int:
    """Open an issue again, and those of its solved children that are named. How many children were."""
    at = at or timezone.now()
    issue.reopen(by=by, reason=text, at=at)
    named = issue.children.exclude(state__in=Issue.OPEN_STATES).filter(pk__in=[child.pk for child in children])
    if not named.exists():
        return 0
    return reopen_together(named, by=by, at=at, reason=text)
