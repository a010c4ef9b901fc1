"""How the rows of a product read in its activity, and the page that tells them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from delivery.products.access import product_view
from pmdm.accounts.roles import Permission
from pmdm.activity.views import activity_page
from pmdm.activity.words import describe, shortened
from pmdm.ui import nav


@require_safe
@product_view(read=Permission.PRODUCT_ACTIVITY_VIEW)
def activity(request, product):
    return activity_page(request, product, "delivery/activity.html", product=product, tab="activity")


describe("delivery.Membership", label=("user", "role"))
describe("delivery.StageChange", added=lambda row: _("gave the reason: %(text)s") % {"text": shortened(row["reason"])})
# An internal note must not reach a client on any surface.
describe("delivery.IssueNote", label=("issue", "text"), needs=Permission.INTERNAL_VIEW)
describe("delivery.ConformanceCheck", label=("requirement", "result"))
describe("delivery.ServiceLevel", label=("severity",))
describe("delivery.PriorityRule", label=("impact", "urgency"))
# What runs where, who is called and what was agreed is not for clients; a value is hidden as every amount is.
for name, label in (
    ("Article", ("title",)),
    ("ArticleVote", ("article",)),
    ("Runbook", ("title",)),
    ("RunbookVersion", ("runbook", "number")),
    ("RunbookStep", ("title",)),
    ("RunbookRun", ("runbook",)),
    ("RunEntry", ("step", "result")),
    ("Release", ("name",)),
    ("ReleaseStep", ("release", "what")),
    ("ReleaseItem", ("release",)),
    ("ReleaseCheck", ("text",)),
    ("FreezeWindow", ("name",)),
    ("FreezeOverride", ("release", "freeze")),
    ("Environment", ("name",)),
    ("Deployment", ("release", "environment")),
    ("Component", ("name",)),
    ("Dependency", ("who", "needs")),
    ("Agreement", ("title", "party")),
    ("OnCallTurn", ("person", "starts_at")),
    ("OnCallChange", ("was", "now")),
    ("Decommission", ("reason",)),
    ("DecommissionStep", ("kind",)),
):
    describe(f"delivery.{name}", label=label, needs=Permission.INTERNAL_VIEW)
describe("delivery.EscalationStep", label=("clock", "trigger"), needs=Permission.INTERNAL_VIEW)


def register() -> None:
    nav.register_tab(
        "product",
        "activity",
        gettext_lazy("Activity"),
        "delivery:activity",
        order=90,
        section="record",
        visible=lambda product, user: product.allows(user, Permission.PRODUCT_ACTIVITY_VIEW),
    )
