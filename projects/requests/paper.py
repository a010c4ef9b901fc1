"""The submitted request as a paper."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.lifecycle.papers import Paper, Section, pdf
from projects.requests.steps import STEPS

MONEY = ("budget",)
DATES = ("target_start", "target_finish")


def shown(request, name: str) -> str:
    """A field as people read it; '–' where it is empty."""
    value = getattr(request, name)
    if value in (None, ""):
        return fmt.DASH
    if name in DATES:
        return f"{value:%Y-%m-%d}"
    if name in MONEY:
        return f"{request.currency} {value:,.2f}"
    if name in ("baseline_value", "target_value"):
        return f"{value:,f} {request.unit}".strip()
    return str(value)


def paper_of(request, number: int, at: datetime.datetime) -> bytes:
    when = f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"
    facts = [
        (_("Request"), f"{request.ref}, {_('submission %(n)d') % {'n': number}}"),
        (_("Submitted"), when),
        (_("By"), str(request.asked_by)),
        (_("Reviewer"), str(request.reviewer)),
    ]
    sections = [
        Section(
            str(step.title),
            "\n".join(
                f"{str(request._meta.get_field(name).verbose_name).capitalize()}: {shown(request, name)}"
                for name in step.fields
            ),
        )
        for step in STEPS
    ]
    foot = f"{request.ref} / {number}, {when}"
    return pdf(Paper(_("Initiation request"), request.name, foot, facts, sections))
