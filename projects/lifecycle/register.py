"""What the shell shows of projects: destination, short list, tabs."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.prepared import PreparedFor
from pmdm.ui import nav
from pmdm.ui.addresses import address
from projects.lifecycle.models import Project
from projects.lifecycle.tab_counts import tab_counts
from projects.team.models import Membership

SHORT_LIST = 6


def _short_list(projects, reader):
    """The first few open ones, with their light and whether the reader sees how it goes."""
    inside = Project.objects.allowing(reader, P.PROJECT_KPI_VIEW).filter(pk=OuterRef("pk"))
    rows = projects.open().with_light().annotate(inside=Exists(inside))
    return rows.order_by("name").values_list("code", "name", "light", "inside")[:SHORT_LIST]


def _mine(reader):
    return _short_list(Project.objects.filter(pk__in=Membership.objects.filter(user=reader).values("project")), reader)


my_own = PreparedFor(_mine)
everybodys = PreparedFor(lambda reader: _short_list(Project.objects.visible_to(reader), reader))


def my_projects(user):
    """A handful of open projects for the sidebar: those one has a role on, else those that one may see."""
    rows = my_own(user) or (everybodys(user) if user.sees_all else [])
    return [
        {"name": name, "url": address("projects:detail", code), "light": light if inside else "na"}
        for code, name, light, inside in rows
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
