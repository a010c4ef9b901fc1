"""The submitted request as a paper."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.lifecycle.papers import Paper, Section, pdf
from projects.requests.steps import STEPS

MONEY = ("budget",)
DATES = ("target_start", "target_finish")


def on_paper(day: datetime.date) -> str:
    """The whole date: a paper does not know in which year it is read."""
    return f"{day:%Y-%m-%d}"


def shown(request, name: str, day=on_paper) -> str:
    """A field as people read it; '–' where it is empty. ``day`` words a date."""
    value = getattr(request, name)
    if value in (None, ""):
        return fmt.DASH
    if name in DATES:
        return day(value)
    if name in MONEY:
        return fmt.money(value, request.currency, 2)
    if name in ("baseline_value", "target_value"):
        return f"{fmt.number(value)} {request.unit}".strip()
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
