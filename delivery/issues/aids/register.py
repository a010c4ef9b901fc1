"""The place of answers and checklists in the frame: a tab beside the queue."""

from django.utils.translation import gettext_lazy as _

from delivery.products.register import allowed
from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import describe
from pmdm.ui import nav


def register() -> None:
    works = allowed(P.ISSUE_WORK)
    nav.register_tab(
        "product", "aids", _("Answers and checklists"), "delivery:aid-list", order=90, visible=works, section="issues"
    )
    describe("delivery.CheckLine", label=("issue", "text"), needs=P.INTERNAL_VIEW)
    describe("delivery.ChecklistTemplate", label=("name",), needs=P.INTERNAL_VIEW)
