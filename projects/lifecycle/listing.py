"""What the list of projects shows beside each name, in one query for any number of rows."""

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from pmdm.accounts.roles import Permission, Role
from projects.lifecycle.models import Phase, Project
from projects.team.models import Membership

# The last active phase that is not monitoring: monitoring only runs beside.
CURRENT = (
    Phase.objects.filter(project=OuterRef("pk"))
    .exclude(kind=Phase.Kind.MONITORING)
    .exclude(state=Phase.State.PENDING)
    .order_by("-position")
)
LIGHT_RANK = Case(
    When(shown_light="act", then=Value(0)),
    When(shown_light="watch", then=Value(1)),
    When(shown_light="ok", then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)

# Expressions here, not annotations: only the one that is sorted by gets into the statement.
SORTS = {
    "name": "name",
    "code": "code",
    "client": "client__name",
    "manager": "manager_name",
    "phase": Coalesce(Subquery(CURRENT.values("position")[:1]), Value(0)).asc(),
    "finish": F("target_finish").asc(nulls_last=True),
    "light": LIGHT_RANK.asc(),
}


def rows_for(user):
    """Projects this user may see, with manager, phase and light as plain values.

    The light is left out where the reader's role does not see how it goes.
    """
    manager = Membership.objects.filter(project=OuterRef("pk"), role=Role.MANAGER)
    return (
        _with_shown_light(Project.objects.visible_to(user), user)
        .annotate(
            manager_name=Subquery(manager.values("user__name")[:1]),
            phase_kind=Subquery(CURRENT.values("kind")[:1]),
            phase_title=Subquery(CURRENT.values("name")[:1]),
        )
        .select_related("client")
        .only("code", "name", "state", "target_finish", "client__name")
    )


def _with_shown_light(projects, user):
    if Permission.PROJECT_KPI_VIEW in user.site_permissions:
        return projects.with_light("shown_light")
    inside = Project.objects.allowing(user, Permission.PROJECT_KPI_VIEW).filter(pk=OuterRef("pk"))
    return projects.with_light().annotate(
        shown_light=Case(When(Exists(inside), then=F("light")), default=Value(""), output_field=CharField())
    )
