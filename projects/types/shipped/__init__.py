"""Templates that come along: a start to change, in our own words. ``install`` adds those that are not there yet."""

from django.db import transaction
from django.utils import timezone

from projects.types import engine
from projects.types.shipped import change, infrastructure, software

# short name: (name, description, template)
SHIPPED = {
    "software": (software.NAME, software.DESCRIPTION, software.TEMPLATE),
    "infrastructure": (infrastructure.NAME, infrastructure.DESCRIPTION, infrastructure.TEMPLATE),
    "organisational-change": (change.NAME, change.DESCRIPTION, change.TEMPLATE),
}


@transaction.atomic
def install(*, by, at=None) -> list:
    """Add the templates whose short name is not taken, each as a published version 1; those that were added."""
    from projects.types.models import ProjectType

    at = at or timezone.now()
    there = set(ProjectType.objects.values_list("slug", flat=True))
    added = []
    for slug, (name, description, template) in SHIPPED.items():
        if slug in there:
            continue
        made = ProjectType.objects.create(slug=slug, name=name, description=description, created_by=by, created_at=at)
        made.versions.create(
            number=1,
            state="published",
            content=engine.write(template),
            author=by,
            written_at=at,
            published_by=by,
            published_at=at,
        )
        added.append(made)
    return added
