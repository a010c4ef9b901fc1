"""The client's word on each requirement that a handover carries, and which requirements those are."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.hooks import Blocker, Section
from handover.items import finding
from handover.transfer.locking import AlreadyMoved, lock
from handover.transfer.models import Handover, ScopeLine
from pmdm.accounts.roles import Permission, Role
from projects.models import Requirement

R = ScopeLine.Result


def is_client_of(project, user) -> bool:
    """Holds the client's role here and belongs to the client of this project."""
    return bool(
        project.client_id
        and user.organisation_id == project.client_id
        and project.memberships.filter(user=user, role=Role.CLIENT).exists()
    )


def to_decide(handover: Handover):
    """Lines that the client decides on: what is verified; the rest is an open item."""
    return handover.scope_lines.filter(requirement__state=Requirement.State.VERIFIED)


@transaction.atomic
def choose(handover: Handover, requirements, *, by) -> None:
    """Which requirements a release carries: those of the project that no other handover carried."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    if current.is_final:
        raise ValidationError(_("The last handover carries everything that is promised and not carried yet."))
    ids = {row.pk for row in requirements}
    free = current.project.requirements.filter(pk__in=ids, product_link=None).exclude(state="rejected")
    if free.count() != len(ids):
        raise ValidationError(_("One of these requirements was carried by another handover or taken out meanwhile."))
    current.scope_lines.exclude(requirement__in=ids).delete()
    ScopeLine.objects.bulk_create(
        (ScopeLine(project_id=current.project_id, handover=current, requirement_id=pk) for pk in sorted(ids)),
        ignore_conflicts=True,
    )
    finding.refresh(current)


@transaction.atomic
def ask(handover: Handover, *, by, at=None) -> None:
    """Open the lines to the client. ValidationError where there is no client, or nothing to decide."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    if current.project.client_id is None:
        raise ValidationError(_("The project has no client."))
    finding.refresh(current)
    if not to_decide(current).exists():
        raise ValidationError(_("Nothing is verified yet: there is nothing the client could accept."))
    current.client_asked_at = at or timezone.now()
    current.save(update_fields=["client_asked_at"])
    handover.client_asked_at = current.client_asked_at


@transaction.atomic
def decide(line: ScopeLine, *, by, accept: bool, comment: str = "", seen: str | None = None, at=None) -> None:
    """Accept or reject one line; ``seen`` is the decision that was shown. A rejection says why."""
    handover = lock(line.handover, expect=Handover.EDITABLE_STATES)
    if not is_client_of(line.handover.project, by):
        raise PermissionDenied(_("The client decides here."))
    if handover.client_asked_at is None:
        raise ValidationError(_("You have not been asked yet."))
    _write(line, by=by, accept=accept, comment=comment, seen=seen, at=at)


@transaction.atomic
def record(line: ScopeLine, *, by, accept: bool, protocol: str, comment="", seen: str | None = None, at=None) -> None:
    """The project manager records what the client signed elsewhere, and names that protocol."""
    lock(line.handover, expect=Handover.EDITABLE_STATES)
    if not protocol.strip():
        raise ValidationError({"protocol": _("Name the protocol that the client signed, and where it is.")})
    _write(line, by=by, accept=accept, comment=comment, seen=seen, at=at, protocol=protocol.strip())


@transaction.atomic
def record_all(handover: Handover, *, by, protocol: str, at=None) -> int:
    """One signed protocol for all lines that are still open; how many. Decisions that the client made here stay."""
    current = lock(handover, expect=Handover.EDITABLE_STATES)
    if not protocol.strip():
        raise ValidationError({"protocol": _("Name the protocol that the client signed, and where it is.")})
    ids = list(to_decide(current).filter(result="").values_list("pk", flat=True))
    return ScopeLine.objects.filter(pk__in=ids).update(
        result=R.ACCEPTED, protocol=protocol.strip(), decided_by=by, decided_at=at or timezone.now()
    )


def _write(line: ScopeLine, *, by, accept, comment, seen, at, protocol="") -> None:
    if not accept and not comment.strip():
        raise ValidationError({"comment": _("Say what is missing, so that it can be put right.")})
    rows = to_decide(line.handover).filter(pk=line.pk)
    if seen is not None:
        rows = rows.filter(result=seen)
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        raise AlreadyMoved(
            _("“%(line)s” was decided while you looked at it. Nothing of yours was saved.") % {"line": line}
        )
    ScopeLine.objects.filter(pk=pk).update(
        result=R.ACCEPTED if accept else R.REJECTED,
        comment=comment.strip(),
        protocol=protocol,
        decided_by=by,
        decided_at=at or timezone.now(),
    )
    line.refresh_from_db()
    finding.refresh(line.handover)


def blockers(handover: Handover):
    project = handover.project
    url = reverse("handover:client", args=[project.code, handover.number])
    if not handover.is_final and not handover.scope_lines.exists():
        yield Blocker(_("No requirement is chosen for this release."), handover.giver, url, key="client-scope")
    if project.client_id is None:
        return
    undecided = to_decide(handover).filter(result="").count()
    if not undecided:
        return
    if handover.client_asked_at is None:
        yield Blocker(
            _("The client has not been asked to accept what was delivered."), handover.giver, url, key="client-ask"
        )
        return
    text = ngettext(
        "The client has not decided on %(n)s requirement.",
        "The client has not decided on %(n)s requirements.",
        undecided,
    )
    clients = project.memberships.filter(role=Role.CLIENT, user__organisation=project.client_id, user__is_active=True)
    first = clients.select_related("user").first()
    yield Blocker(text % {"n": undecided}, first.user if first else handover.giver, url, key="client-decide")


def section(handover: Handover, request) -> Section | None:
    lines = list(to_decide(handover).values_list("result", flat=True))
    if handover.project.client_id is None and handover.is_final:
        return None
    rejected = sum(result == R.REJECTED for result in lines)
    counts = handover.project.client_id is not None
    if rejected:
        note = ngettext("%(n)s rejected", "%(n)s rejected", rejected) % {"n": rejected}
    else:
        note = "" if handover.client_asked_at or not counts else _("The client has not been asked yet")
    return Section(
        "client",
        _("Client acceptance") if counts else _("Requirements of this release"),
        url=reverse("handover:client", args=[handover.project.code, handover.number]),
        done=sum(bool(result) for result in lines) if counts else None,
        total=len(lines) if counts else None,
        note=note,
        status="act" if rejected else "",
    )


def may_see(request, project) -> bool:
    """Staff who see the handover, and the client once asked."""
    return Permission.HANDOVER_VIEW in request.can or is_client_of(project, request.user)
