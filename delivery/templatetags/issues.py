"""{% load issues %}: what stands in cells of issues, built here because lists show it on every row."""

import datetime

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from delivery.issues.models import Issue
from pmdm.registers.models import words_of
from pmdm.ui.templatetags.ui import WallClock, light

register = template.Library()

_SEVERITY_CLASSES = {1: " is-act", 2: " is-watch"}


@register.simple_tag
def severity(issue) -> SafeString:
    """{% severity issue %}: its severity as a tag, the two worst in colour."""
    return severity_of(issue.severity)


def severity_of(value: int) -> SafeString:
    css = _SEVERITY_CLASSES.get(value, "")
    word = conditional_escape(words_of(Issue, "severity").get(value, str(value)))
    return mark_safe(f'<span class="tag{css}">{word}</span>')  # noqa: S308


@register.simple_tag
def target(issue, clock, now) -> SafeString | str:
    """{% target issue "response" now %}: that target's state and due, for lists of what presses."""
    at, risk = getattr(issue, f"{clock}_due"), getattr(issue, f"{clock}_at_risk")
    answered = issue.responded_at if clock == "response" else None
    return target_of(issue.state, at, risk, answered, WallClock(now))


def target_of(
    state: str,
    at: datetime.datetime | None,
    risk: datetime.datetime | None,
    answered: datetime.datetime | None,
    clock: WallClock,
) -> SafeString | str:
    if answered:
        return light("na", _("Answered"))
    if at is None:
        return light("na", _("Stands still") if risk or state == Issue.State.WAITING else _("no target"))
    if at < clock.now:
        word = light("act", _("Breached"))
    else:
        word = light("watch", _("At risk")) if risk and risk <= clock.now else light("ok", _("In time"))
    return mark_safe(f"{word} {clock.when(at)}")  # noqa: S308 - both halves are escaped


@register.simple_tag
def due(issue, now) -> SafeString | str:
    """{% due issue now %}: when it must be resolved, and whether that has passed; else how it stands."""
    return due_of(issue.state, issue.get_state_display(), issue.resolution_due, WallClock(now))


def due_of(
    state: str, word: str, at: datetime.datetime | None, clock: WallClock, *, named: bool = False
) -> SafeString | str:
    """When it must be resolved; ``word`` is what an issue that is not open says instead.

    ``named``: its place says already that it is a due date, as the head of a column does.
    """
    if state == Issue.State.WAITING:
        return light("na", _("Waiting for customer"))
    if state not in Issue.OPEN_STATES:
        return conditional_escape(word)
    if not at:
        return mark_safe(f'<span class="muted">{conditional_escape(_("no target"))}</span>')  # noqa: S308
    if at < clock.now:
        said: str = light("act", _("Overdue"))
    elif named:
        return clock.when(at)
    else:
        said = conditional_escape(_("due"))
    return mark_safe(f"{said} {clock.when(at)}")  # noqa: S308 - both halves are escaped
