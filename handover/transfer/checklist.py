"""What every handover asks for: the lines a new record starts with.

Drawn from what PRINCE2 (closing), ISO 21502 (transition) and ITIL (service acceptance criteria) demand alike.
"""

from django.utils.translation import gettext as _


def default_lines() -> list[tuple[str, str, bool]]:
    """(category, criterion, required) in the language of now."""
    return [
        (_("Acceptance"), _("The client has accepted the delivered scope"), True),
        (_("Documentation"), _("User guide and operating manual are up to date and where operations looks"), True),
        (_("Documentation"), _("Configuration, environments and licences are listed"), True),
        (_("Support"), _("Support hours, contacts and escalation are agreed"), True),
        (_("Support"), _("Service levels are agreed with the client"), True),
        (_("Monitoring"), _("The product is monitored and alerts reach operations"), True),
        (_("Security"), _("Access has moved from the project team to operations"), True),
        (_("Training"), _("The support team has been trained and has worked beside the project team"), True),
        (_("Legal"), _("Contracts and warranties have been checked and passed on"), False),
    ]
