"""What of handovers waits for a person, for "My work": criteria, waivers, consents, signatures. One query a kind.

Conditions of an acceptance come with the person's other dues; see ``handover.transfer.mine``.
"""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handover.criteria.models import Criterion
from handover.items.models import OpenItem
from handover.signoff.models import Signer
from handover.signoff.standing import standings
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission as P
from pmdm.ui import mywork
from pmdm.ui.mywork import Todo
from projects.models import Project

D = OpenItem.Decision
MOST = 200  # rows of a kind


def register() -> None:
    mywork.register(_("Criteria of a handover"), criteria, order=40)
    mywork.register(_("Consent to an open item"), consents, order=41)
    mywork.register(_("Handover to decide"), handovers, order=42)
    mywork.register(_("Signature"), signatures, order=43)


def criteria(user) -> list[Todo]:
    """One row for each handover: lines to show evidence for, to verify, and waivers to decide."""
    to_show = Q(owner=user, state="open", provided_at=None) | Q(owner=user, state="not_met")
    to_verify = Q(verifier=user, state="open", provided_at__isnull=False)
    to_waive = Q(waiver_approver=user, waived_at=None, waiver_asked_by__isnull=False)
    rows = (
        Criterion.objects.filter(to_show | to_verify | to_waive, handover__in=_open(user))
        .values("project__code", "project__name", "handover__number", "handover__target_date")
        .annotate(
            show=Count("pk", filter=to_show), verify=Count("pk", filter=to_verify), waive=Count("pk", filter=to_waive)
        ).order_by("handover__target_date", "project__code", "handover__number")
    )  # fmt: skip
    return [
        Todo(
            ", ".join(_parts(row)),
            f"HO-{row['handover__number']} · {row['project__name']}",
            reverse("handover:criteria", args=[row["project__code"], row["handover__number"]]),
            row["handover__target_date"],
        )
        for row in rows[:MOST]
    ]


def _parts(row) -> list[str]:
    words = {
        "show": _now("%(n)d to show evidence for"),
        "verify": _now("%(n)d to verify"),
        "waive": _now("%(n)d waivers to decide"),
    }
    return [text % {"n": row[key]} for key, text in words.items() if row[key]]


def consents(user) -> list[Todo]:
    """Open items that are to be the person's in operations, and to which they have not agreed yet."""
    rows = (
        OpenItem.objects.filter(
            new_owner=user, consented_at=None, decision__in=(D.CARRY, D.OP_RISK), handover__in=_open(user)
        ).exclude(handover__receiver=user)
        .values("project__code", "project__name", "handover__number", "handover__target_date")
        .annotate(n=Count("pk")).order_by("handover__target_date", "project__code", "handover__number")
    )  # fmt: skip
    return [
        Todo(
            _now("%(n)d open items are to be yours") % {"n": row["n"]},
            f"HO-{row['handover__number']} · {row['project__name']}",
            reverse("handover:items", args=[row["project__code"], row["handover__number"]]),
            row["handover__target_date"],
        )
        for row in rows[:MOST]
    ]


def handovers(user) -> list[Todo]:
    """Submitted to this receiver; returned to this giver."""
    mine = Q(receiver=user, state__in=("submitted", "in_review")) | Q(giver=user, state="returned")
    rows = Handover.objects.filter(mine, pk__in=_open(user)).select_related("project").order_by("target_date", "pk")
    words = {"returned": _now("Returned to you: mend it and submit it again")}
    return [
        Todo(
            words.get(row.state) or _now("Accept or return it"),
            f"{row.ref} · {row.project.name}",
            reverse("handover:record", args=[row.project.code, row.number]),
            row.target_date,
        )
        for row in rows[:MOST]
    ]


def signatures(user) -> list[Todo]:
    """Submitted handovers in which it is this person's turn to sign, or to sign again. Some queries for each."""
    signing = Signer.objects.filter(Q(user=user) | Q(delegate=user)).values("handover")
    rows = Handover.objects.filter(state__in=("submitted", "in_review"), pk__in=signing).filter(pk__in=_open(user))
    found = []
    for handover in rows.select_related("project").order_by("target_date", "pk")[:MOST]:
        for row in standings(handover):
            if row.is_turn and user.pk in (row.signer.user_id, row.signer.delegate_id):
                title = (
                    _now("Sign again: %(why)s") % {"why": row.why_void} if row.signature else _now("Read and sign it")
                )
                url = reverse("handover:signoff", args=[handover.project.code, handover.number])
                found.append(Todo(title, f"{handover.ref} · {handover.project.name}", url, handover.target_date))
    return found


def _open(user):
    readable = Project.objects.allowing(user, P.HANDOVER_VIEW)
    return Handover.objects.filter(state__in=Handover.OPEN_STATES, project__in=readable).order_by().values("pk")
