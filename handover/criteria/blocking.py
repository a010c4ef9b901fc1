"""Which criteria block a signature, person by person, and the section they have on the page."""

from collections import defaultdict

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.criteria.models import Criterion
from handover.hooks import Blocker, Section


def lines_of(handover) -> list[Criterion]:
    """All lines with their people; one query for an instance."""
    if "_criteria" not in handover.__dict__:
        handover._criteria = list(
            handover.criteria.select_related("owner", "verifier", "waiver_approver", "verified_by", "file").in_order()
        )
    return handover._criteria


def blockers(handover):
    """Required lines that are neither met nor waived, by whose turn it is."""
    today = timezone.localdate(handover.as_of)
    turns = defaultdict(list)
    for line in lines_of(handover):
        if line.state == "waived" and line.waiver_has_expired(today):
            turns["expired", line.owner].append(line)
        elif not line.is_required or line.is_settled:
            continue
        elif line.waiver_is_asked:
            turns["waiver", line.waiver_approver].append(line)
        elif line.state == "not_met":
            turns["not_met", line.owner].append(line)
        elif line.owner is None or line.verifier is None:
            turns["people", handover.giver].append(line)
        elif not line.has_evidence:
            turns["evidence", line.owner].append(line)
        else:
            turns["verdict", line.verifier].append(line)
    for (turn, who), lines in turns.items():
        url = (
            _url(handover)
            if len(lines) > 1
            else reverse("handover:criterion", args=[handover.project.code, handover.number, lines[0].pk])
        )
        sentence = _sentence(turn, len(lines)) % {"n": len(lines)}
        yield Blocker(sentence, who or handover.giver, url, key=f"criteria-{turn}")


def _sentence(turn: str, n: int) -> str:
    match turn:
        case "expired":
            return ngettext(
                "The waiver of %(n)s criterion has expired.", "The waivers of %(n)s criteria have expired.", n
            )
        case "waiver":
            return ngettext("%(n)s waiver waits for an answer.", "%(n)s waivers wait for an answer.", n)
        case "not_met":
            return ngettext("%(n)s required criterion is not met.", "%(n)s required criteria are not met.", n)
        case "people":
            return ngettext(
                "%(n)s required criterion has no owner or no verifier.",
                "%(n)s required criteria have no owner or no verifier.",
                n,
            )
        case "evidence":
            return ngettext("%(n)s required criterion has no evidence.", "%(n)s required criteria have no evidence.", n)
    return ngettext("%(n)s required criterion waits to be verified.", "%(n)s required criteria wait to be verified.", n)


def section(handover, request) -> Section:
    lines = lines_of(handover)
    today = timezone.localdate()
    waived = sum(line.state == "waived" for line in lines)
    failed = sum(line.state == "not_met" for line in lines)
    reopened = sum(line.state == "waived" and line.waiver_issue_id is not None for line in lines)
    # One that is an issue by now is taken care of there.
    expired = any(line.waiver_has_expired(today) and not line.waiver_issue_id for line in lines)
    note = ngettext("%(n)s waived", "%(n)s waived", waived) % {"n": waived} if waived else ""
    if reopened:
        again = ngettext("%(n)s of them an issue now", "%(n)s of them issues now", reopened) % {"n": reopened}
        note = f"{note}, {again}"
    by_category: dict[str, list[int]] = {}
    for line in lines:
        counts = by_category.setdefault(line.get_category_display(), [0, 0])
        counts[0] += line.is_settled
        counts[1] += 1
    return Section(
        "criteria",
        _("Service acceptance criteria"),
        url=_url(handover),
        done=sum(line.is_settled for line in lines),
        total=len(lines),
        note=note,
        status="act" if failed or expired else "",
        template="handover/criteria/_section.html",
        context={"categories": [(name, done, total) for name, (done, total) in by_category.items()]},
    )


def _url(handover) -> str:
    return reverse("handover:criteria", args=[handover.project.code, handover.number])


def content(handover) -> list:
    """What a signature covers; plain values in a fixed order."""
    lines = handover.criteria.select_related("owner", "verifier", "verified_by", "waiver_approver", "file").in_order()
    return [
        {
            "category": line.category,
            "criterion": line.text,
            "required": line.is_required,
            "state": line.state,
            "owner": _mail(line.owner),
            "verifier": _mail(line.verified_by or line.verifier),
            "evidence": line.evidence,
            "file": line.file.sha256 if line.file else "",
            "verdict": line.verdict,
            "verified_at": line.verified_at.isoformat() if line.verified_at else "",
            "waiver": [
                line.waiver_reason,
                _mail(line.waiver_approver),
                line.waiver_expires.isoformat() if line.waiver_expires else "",
            ],
        }
        for line in lines
    ]


def _mail(user) -> str:
    return user.email if user else ""
