"""What the shell shows of initiation requests: a destination, with those that wait for one's word."""

from django.utils.translation import gettext_lazy as _

from pmdm.ui import nav
from projects.requests.models import InitiationRequest


def register() -> None:
    nav.register(
        _("Requests"),
        "projects:request-list",
        "clipboard-list",
        35,
        visible=lambda user: not user.organisation_id,
        badge=lambda user: InitiationRequest.objects.to_review(user).count() if user.site_role else 0,
    )
