"""The way back from a page that stands outside a project's own, such as the progress of long work."""

from django.utils.translation import gettext as _

from pmdm.ui.addresses import address


def crumbs(project, *further: tuple[str, str]) -> list[tuple[str, str]]:
    """Projects, this one, and what is named further as (label, address)."""
    return [(_("Projects"), address("projects:list")), (project.code, project.get_absolute_url()), *further]


def to_schedule(project) -> list[tuple[str, str]]:
    return crumbs(project, (_("Schedule"), address("projects:schedule", project.code)))
