"""What control of the schedule says on pages of other stories."""

from django import template

from pmdm.accounts.roles import Permission as P
from projects.control.changes import path_change

register = template.Library()


@register.inclusion_tag("projects/control/_warnings.html", takes_context=True)
def path_warning(context):
    """{% path_warning %}: that the critical path changed since last week, for those who see figures of the project."""
    request, project = context.get("request"), context.get("project")
    granted = getattr(request, "can", None)
    if project is None or granted is None or P.PROJECT_KPI_VIEW not in granted or project.locked_reason:
        return {"change": None}
    return {"change": path_change(project), "project": project}
