"""The place of teams in the frame: a tab beside the queue."""

from django.utils.translation import gettext_lazy as _

from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import describe
from pmdm.ui import nav


def register() -> None:
    nav.register_tab(
        "product", "teams", _("Teams"), "delivery:issue-team-list", order=80, visible=allowed(P.INTERNAL_VIEW),
        section="issues",
    )  # fmt: skip
    describe("delivery.Team", label=("name",), needs=P.INTERNAL_VIEW)
    describe("delivery.HandOff", label=("issue", "to"), needs=P.INTERNAL_VIEW)
