"""The place of problems in the frame: a tab beside the queue, words of the feed."""

from django.utils.translation import gettext_lazy as _

from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import describe
from pmdm.ui import nav


def register() -> None:
    inside = allowed(P.INTERNAL_VIEW)
    nav.register_tab(
        "product", "problems", _("Problems"), "delivery:problem-list", order=25, visible=inside, section="issues"
    )
    describe("delivery.Problem", label=("title",), needs=P.INTERNAL_VIEW)
    describe("delivery.ProblemNote", label=("problem", "text"), needs=P.INTERNAL_VIEW)
