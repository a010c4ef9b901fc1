"""The phase track of a project page; what comes after closing is added by whoever knows it."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.prepared import PreparedRows
from pmdm.ui import format as fmt
from pmdm.ui.parts import Phase as Step
from projects.lifecycle.models import Phase

# provider(project, user) -> steps that follow the five phases (handover, live).
_providers: list[Callable] = []

_phases_of = PreparedRows(lambda project: Phase.objects.filter(project=project).with_progress())


def register(provider: Callable) -> None:
    """Add a function of project and user that gives further steps; called from AppConfig.ready."""
    if provider not in _providers:
        _providers.append(provider)


def steps(project, user, *, links: bool) -> list[Step]:
    """The five phases and what others add. ``links``: whether this reader may open the phases."""
    phases = _phases_of(project.pk)
    track = [_step(project, phase, links) for phase in phases]
    for provider in _providers:
        track.extend(provider(project, user))
    return track


def _step(project, phase, links: bool) -> Step:
    state = {"done": "done", "active": "now", "pending": "next"}[phase.state]
    if state == "now" and project.state == "paused":
        state = "paused"
    elif state == "now" and project.state == "cancelled":
        state = "stopped"
    return Step(
        label=str(phase),
        state=state,
        percent=round(100 * phase.lines_done / phase.lines) if phase.lines and state != "next" else 0,
        note=_note(phase),
        when=_when(phase),
        url=reverse("projects:phase", args=[project.code, phase.key]) if links else "",
    )


def _note(phase) -> str:
    if phase.state == "done":
        return phase.last_decision_label or _("Done")
    if phase.state == "pending":
        return ""
    left = phase.lines - phase.lines_done
    if not phase.lines:
        return _("No checklist")
    if not left:
        return _("Ready for the gate") if phase.has_gate else _("Up to date")
    return ngettext("%(n)d line open", "%(n)d lines open", left) % {"n": left}


def _when(phase) -> str:
    if phase.state == "done":
        return fmt.day(phase.finished_at)
    if not phase.has_gate:
        return _("Runs alongside")
    if phase.gate_due:
        return _("Gate %(day)s") % {"day": fmt.day(phase.gate_due)}
    return _("Since %(day)s") % {"day": fmt.day(phase.started_at)} if phase.started_at else ""
