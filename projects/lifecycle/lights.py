"""One light for a project: what its manager said last, else the worst of its figures."""

from django.db.models import Case, CharField, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from pmdm.kpis import registry
from pmdm.kpis.models import Value as Figure
from pmdm.prepared import Prepared

WORST_FIRST = ("act", "watch", "ok")


@Prepared
def light_of(project_id):
    """The light of one project, for the pages of that project."""
    from projects.lifecycle.models import Project

    return with_light(Project.objects.filter(pk=project_id)).order_by().values_list("light")


def with_light(projects, name="light"):
    """Annotate ``light``, or under another ``name``; 'na' where nothing was said and nothing can be computed."""
    from projects.lifecycle.models import StatusUpdate

    said = StatusUpdate.objects.filter(project=OuterRef("pk")).order_by("-at").values("overall")[:1]
    # Everybody on the project sees the light, so money, which not everybody may see, does not set it.
    shared = [kpi.code for kpi in registry.of("project") if kpi.permission is None]
    rank = Case(
        *(When(status=status, then=Value(place)) for place, status in enumerate(WORST_FIRST)),
        output_field=IntegerField(),
    )
    worst = (
        Figure.objects.filter(subject_type="project", subject_id=OuterRef("pk"), kpi__in=shared, status__in=WORST_FIRST)
        .order_by(rank)
        .values("status")[:1]
    )
    light = Coalesce(Subquery(said), Subquery(worst), Value("na"), output_field=CharField())
    return projects.annotate(**{name: light})
