"""What the two halves tell each other about benefits: when a project went live, and how its product pays off."""

from django.utils.translation import gettext as _

from delivery.products.hooks import Row, Section
from handover.transfer.models import Handover
from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from pmdm.prepared import PreparedRows
from projects.benefits.golive import After
from projects.benefits.reading import WORDS, sentence, summary
from projects.models import Benefit

TELLING = (*Handover.REVIEW_STATES, *Handover.ACCEPTED_STATES)


def after(project) -> After:
    """The go-live that the latest handover names, and who manages the delivery of its product now."""
    record = project.handovers.filter(state__in=TELLING).select_related("product").order_by("-number").first()
    if record is None:
        return After()
    go_live = (record.product.live_on if record.product else None) or record.go_live
    people = []
    if record.product:
        people = list(
            User.objects.filter(
                product_memberships__product=record.product, product_memberships__role=Role.DELIVERY_MANAGER
            )
        )
    return After(go_live, people)


_benefits_of = PreparedRows(
    lambda product: (
        Benefit.objects.filter(project__in=Handover.objects.accepted().filter(product=product).values("project"))
        .with_latest()
        .select_related("objective", "owner")
        .order_by("project", "objective__number")
    )
)


def section(product, user) -> Section | None:
    """The benefits of the projects that the product came from; each leads on for those who may read it there.

    Whoever sees the figures of a product sees whether it pays off; there is no cost in it.
    """
    benefits = _benefits_of(product.pk)
    if not benefits:
        return None
    readable = set(
        Benefit.objects.readable_by(user).filter(pk__in=[row.pk for row in benefits]).values_list("pk", flat=True)
    )
    rows = [
        Row(
            title=row.objective.statement,
            sub=sentence(row),
            status=row.state,
            word=WORDS[row.state],
            url=row.get_absolute_url() if row.pk in readable else "",
        )
        for row in benefits
    ]
    return Section("benefits", _("What it was built for"), rows, summary(benefits).text)
