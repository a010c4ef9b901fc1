"""What knowledge transfer means for the record: what blocks it, what is signed, what acceptance does."""

from django.urls import reverse
from django.utils.translation import gettext as _

from handover import hooks
from handover.knowledge import matrix
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission, Role


def register() -> None:
    hooks.register_blockers("knowledge", blockers)
    hooks.register_content("knowledge", content)
    hooks.register_section("knowledge", 40, section)
    hooks.on("accepted", "knowledge", join_the_team)


def url_of(handover: Handover) -> str:
    return reverse("handover:knowledge", args=[handover.project.code, handover.number])


def blockers(handover: Handover):
    """One for each critical topic that too few of the receiving team have proven to know."""
    found = matrix.of_handover(handover)
    for row in found.blocking:
        yield hooks.Blocker(
            matrix.gap_sentence(row), who=handover.receiver, url=url_of(handover), stage="accept", key="knowledge"
        )


def content(handover: Handover) -> dict:
    """What has to be known, by whom, and the documents; not the proofs, which go on being given."""
    return {
        "topics": [
            [topic.title, topic.description, topic.is_critical, topic.needed]
            for topic in handover.topics.order_by("pk")
        ],
        "people": [learner.user.email for learner in handover.learners.select_related("user").order_by("user__email")],
        "materials": [
            [row.kind, row.title, row.link, row.note, row.file.sha256 if row.file else ""]
            for row in handover.materials.select_related("file").order_by("pk")
        ],
    }


def section(handover: Handover, request):
    """How many topics are covered."""
    found = matrix.of_handover(handover)
    blocking = len(found.blocking)
    if not found.rows:
        note, status = _("No topic is named yet."), "watch"
    elif blocking:
        note, status = _("%(n)s critical not covered") % {"n": blocking}, "act"
    else:
        note, status = "", "ok" if found.covered == len(found.rows) else "watch"
    return hooks.Section(
        "knowledge",
        _("Knowledge transfer"),
        url=url_of(handover),
        done=found.covered if found.rows else None,
        total=len(found.rows) or None,
        note=note,
        status=status,
    )


def join_the_team(handover: Handover, *, by, at) -> None:
    """The receiving team becomes the product's: who has learned it supports it from the first day."""
    held = set(handover.product.memberships.filter(role__in=matrix.TEAM_ROLES).values_list("user", flat=True))
    for learner in handover.learners.select_related("user"):
        if learner.user_id not in held:
            handover.product.add_member(learner.user, Role.SUPPORT, by=by, at=at)


def may_see(product, user) -> bool:
    """For the tab: those who see the inside of a product that came with topics."""
    return product.allows(user, Permission.INTERNAL_VIEW)
