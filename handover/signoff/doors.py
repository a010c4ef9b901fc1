"""What sign-off means for the record: what is missing or void blocks acceptance; who signs is part of the content."""

from django.urls import reverse
from django.utils.translation import gettext as _

from handover import hooks
from handover.signoff.standing import standings
from handover.transfer.models import Handover


def register() -> None:
    hooks.register_blockers("signoff", blockers)
    hooks.register_content("signoff", content)
    hooks.register_section("signoff", 80, section)


def url_of(handover: Handover) -> str:
    return reverse("handover:signoff", args=[handover.project.code, handover.number])


def _standings(handover: Handover):
    return hooks.once(handover, "signoff", lambda: standings(handover))


def blockers(handover: Handover):
    for row in _standings(handover):
        if row.is_valid:
            continue
        words = {"user": row.signer.user, "capacity": row.signer.capacity}
        if row.signature:
            sentence = _("The signature of %(user)s (%(capacity)s) is void.") % words
        else:
            sentence = _("%(user)s (%(capacity)s) has not signed.") % words
        yield hooks.Blocker(sentence, who=row.signer.user, url=url_of(handover), stage="accept", key="signoff")


def content(handover: Handover) -> list:
    """Who has to sign, as what, in which order."""
    rows = handover.signers.select_related("user").order_by("step", "user__email")
    return [[row.step, row.user.email, row.capacity] for row in rows]


def section(handover: Handover, request):
    rows = _standings(handover)
    if not rows:
        return hooks.Section("signoff", _("Sign-off"), url=url_of(handover), note=_("Nobody else has to sign."))
    signed = sum(row.is_valid for row in rows)
    void = sum(bool(row.signature) and not row.is_valid for row in rows)
    mine = any(row.is_turn and request.user.pk in (row.signer.user_id, row.signer.delegate_id) for row in rows)
    note = _("Your signature is needed.") if mine else _("%(n)s void") % {"n": void} if void else ""
    return hooks.Section(
        "signoff",
        _("Sign-off"),
        url=url_of(handover),
        done=signed,
        total=len(rows),
        note=note,
        status="ok" if signed == len(rows) else "act" if void or mine else "watch",
    )
