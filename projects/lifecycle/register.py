"""What the shell shows of projects: destination, short list, tabs."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import nav
from projects.lifecycle.models import Project
from projects.lifecycle.tab_counts import tab_counts

SHORT_LIST = 6


def my_projects(user):
    """A handful of open projects for the sidebar: those one has a role on, else those that need attention."""
    visible = Project.objects.visible_to(user).open().with_light()
    mine = visible.filter(memberships__user=user).distinct() if user.sees_all else visible
    rows = list(mine.order_by("name").values("code", "name", "light", "pk")[:SHORT_LIST])
    if not rows and user.sees_all:
        rows = list(visible.order_by("name").values("code", "name", "light", "pk")[:SHORT_LIST])
    seen = set(
        Project.objects.allowing(user, P.PROJECT_KPI_VIEW)
        .filter(pk__in=[row["pk"] for row in rows])
        .values_list("pk", flat=True)
    )
    return [
        {
            "name": row["name"],
            "url": reverse("projects:detail", args=[row["code"]]),
            "light": row["light"] if row["pk"] in seen else "na",
        }
        for row in rows
    ]


def _may(permission):
    return lambda project, user: project.allows(user, permission)


def register() -> None:
    nav.register(_("Projects"), "projects:list", "layers", 30)
    nav.register_list(_("Projects"), my_projects, order=10, more="projects:list")
    nav.register_tab("project", "overview", _("Overview"), "projects:detail", order=10)
    nav.register_tab(
        "project",
        "scope",
        _("Scope"),
        "projects:requirement-list",
        order=30,
        count=lambda project: tab_counts(project)["open_requirements"],
        visible=_may(P.SCOPE_VIEW),
    )
    nav.register_tab(
        "project",
        "risks",
        _("Risks"),
        "projects:risk-list",
        order=40,
        count=lambda project: tab_counts(project)["open_risks"],
        visible=_may(P.RISK_VIEW),
    )
    nav.register_tab(
        "project",
        "issues",
        _("Issues"),
        "projects:issue-list",
        order=45,
        count=lambda project: tab_counts(project)["open_issues"],
        visible=_may(P.RISK_VIEW),
    )
