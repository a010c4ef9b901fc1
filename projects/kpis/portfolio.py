"""Projects in the portfolio."""

import datetime

from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Role
from pmdm.activity.timetravel import end_of
from pmdm.kpis.portfolio import Provider
from projects.models import Membership, Phase, Project
from projects.schedule.localtime import zone

STAGES = {
    Phase.Kind.INITIATION.value: _("Initiation"),
    Phase.Kind.PLANNING.value: _("Planning"),
    Phase.Kind.EXECUTION.value: _("Execution"),
    Phase.Kind.CLOSING.value: _("Closing"),
    Project.State.PAUSED.value: _("Paused"),
    Project.State.CLOSED.value: _("Closed"),
    Project.State.CANCELLED.value: _("Cancelled"),
}
LEADS = Membership.objects.filter(project=OuterRef("pk"), role=Role.MANAGER)


def rows(user):
    """Projects this user may see; the stage is the phase, or the state where that says more."""
    # Monitoring only runs beside execution.
    phase = (
        Phase.objects.filter(project=OuterRef("pk"))
        .exclude(state=Phase.State.PENDING)
        .exclude(kind=Phase.Kind.MONITORING)
        .order_by("-position")
        .values("kind")
    )
    stage = Case(
        When(~Q(state=Project.State.ACTIVE), then=F("state")),
        default=Coalesce(Subquery(phase[:1]), Value("initiation")),
        output_field=CharField(),
    )
    return (
        Project.objects.visible_to(user)
        .annotate(
            stage=stage,
            is_open=Q(state__in=Project.OPEN_STATES),
            lead=Coalesce(Subquery(LEADS.values("user__name")[:1]), Value("")),
            party=Coalesce("client__name", Value("")),
            due=Coalesce(TruncDate("computed_finish"), F("target_finish")),
        )
        .annotate(
            stage_order=Case(
                *(When(stage=key, then=Value(place)) for place, key in enumerate(STAGES)),
                default=Value(0),
                output_field=IntegerField(),
            )
        )
    )


def ends(user, day: datetime.date) -> dict[int, datetime.datetime]:
    zones = Project.objects.visible_to(user).order_by().values_list("pk", "time_zone")
    return {pk: end_of(day, zone(name)) for pk, name in zones}


PROJECTS = Provider(
    kind="project",
    label=_("Project"),
    plural=_("Projects"),
    rows=rows,
    stages=STAGES,
    detail_url="projects:detail",
    figures_url="projects:figures",
    ends=ends,
    leads=LEADS,
    kpis=("on_time_forecast", "on_budget_forecast", "scope_delivered", "high_risks"),
)
