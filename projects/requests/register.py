"""What the shell shows of initiation requests: a destination, with those that wait for one's word."""

from django.utils.translation import gettext_lazy as _

from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from projects.requests.models import InitiationRequest

_waiting = PreparedFor(lambda reader: InitiationRequest.objects.to_review(reader).order_by().values_list("pk"))


def register() -> None:
    nav.register(
        _("Requests"),
        "projects:request-list",
        "clipboard-list",
        35,
        visible=lambda user: not user.organisation_id,
        badge=lambda user: len(_waiting(user)) if user.site_role else 0,
    )
