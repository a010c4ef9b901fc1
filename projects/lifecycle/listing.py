"""What the list of projects shows beside each name, in one query for any number of rows."""

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from pmdm.accounts.roles import Permission, Role
from projects.lifecycle.models import Phase, Project
from projects.team.models import Membership

LIGHT_RANK = Case(
    When(shown_light="act", then=Value(0)),
    When(shown_light="watch", then=Value(1)),
    When(shown_light="ok", then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)

SORTS = {
    "name": "name",
    "code": "code",
    "client": "client__name",
    "manager": "manager_name",
    "phase": "phase_position",
    "finish": F("target_finish").asc(nulls_last=True),
    "light": "light_rank",
}


def rows_for(user):
    """Projects this user may see, with manager, phase and light as plain values.

    The light is left out where the reader's role does not see how it goes.
    """
    manager = Membership.objects.filter(project=OuterRef("pk"), role=Role.MANAGER)
    # The last active phase that is not monitoring: monitoring only runs beside.
    current = (
        Phase.objects.filter(project=OuterRef("pk"))
        .exclude(kind=Phase.Kind.MONITORING)
        .exclude(state=Phase.State.PENDING)
        .order_by("-position")
    )
    inside = Project.objects.allowing(user, Permission.PROJECT_KPI_VIEW)
    return (
        Project.objects.visible_to(user)
        .with_light()
        .annotate(
            manager_name=Subquery(manager.values("user__name")[:1]),
            manager_id=Subquery(manager.values("user_id")[:1]),
            phase_kind=Subquery(current.values("kind")[:1]),
            phase_position=Coalesce(Subquery(current.values("position")[:1]), Value(0)),
            inside=Exists(inside.filter(pk=OuterRef("pk"))),
            shown_light=Case(When(inside=True, then=F("light")), default=Value(""), output_field=CharField()),
        )
        .annotate(light_rank=LIGHT_RANK)
        .select_related("client")
        .only("code", "name", "state", "target_finish", "client__name")
    )
