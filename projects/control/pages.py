"""The pages of control, and what each of them has in common: who may see them and how one gets from one to another."""

from django.urls import reverse
from django.utils.translation import gettext as _


def control_tabs(project, current: str) -> list[dict]:
    """Forecast, milestones, simulation: items for {% tabs %}."""
    pages = [
        ("control", _("Forecast"), "projects:control"),
        ("milestones", _("Milestone trend"), "projects:milestone-trend"),
        ("quality", _("Quality"), "projects:schedule-quality"),
        ("simulation", _("Simulation"), "projects:simulation"),
    ]
    return [
        {"label": label, "url": reverse(name, args=[project.code]), "current": key == current}
        for key, label, name in pages
    ]


def frame(project, current: str) -> dict:
    """Context that every page of control gives its template."""
    return {"project": project, "tab": "schedule", "view": "control", "control_tabs": control_tabs(project, current)}
