"""{% load issues %}: what stands in cells of issues, built here because lists show it on every row."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from delivery.issues.models import Issue
from pmdm.ui.templatetags.ui import light, when

register = template.Library()

_SEVERITY_CLASSES = {1: " is-act", 2: " is-watch"}


@register.simple_tag
def severity(issue) -> SafeString:
    """{% severity issue %}: its severity as a tag, the two worst in colour."""
    css = _SEVERITY_CLASSES.get(issue.severity, "")
    return mark_safe(f'<span class="tag{css}">{conditional_escape(issue.get_severity_display())}</span>')  # noqa: S308


@register.simple_tag
def target(issue, clock, now) -> SafeString | str:
    """{% target issue "response" now %}: that target's state and due, for lists of what presses."""
    at, risk = getattr(issue, f"{clock}_due"), getattr(issue, f"{clock}_at_risk")
    if clock == "response" and issue.responded_at:
        return light("na", _("Answered"))
    if at is None:
        return light("na", _("Stands still") if risk or issue.state == Issue.State.WAITING else _("no target"))
    if at < now:
        word = light("act", _("Breached"))
    else:
        word = light("watch", _("At risk")) if risk and risk <= now else light("ok", _("In time"))
    return mark_safe(f"{word} {when(at)}")  # noqa: S308 - both halves are escaped


@register.simple_tag
def due(issue, now) -> SafeString | str:
    """{% due issue now %}: when it must be resolved, and whether that has passed; else how it stands."""
    if issue.state == Issue.State.WAITING:
        return light("na", _("Waiting for customer"))
    if not issue.is_open:
        return issue.get_state_display()
    if not issue.resolution_due:
        return mark_safe(f'<span class="muted">{conditional_escape(_("no target"))}</span>')  # noqa: S308
    word = light("act", _("Overdue")) if issue.resolution_due < now else conditional_escape(_("due"))
    return mark_safe(f"{word} {when(issue.resolution_due)}")  # noqa: S308 - both halves are escaped
