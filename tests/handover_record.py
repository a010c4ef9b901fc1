"""A handover whose own lines are all settled, for walks around it."""

from handover.transfer import actions
from tests import factories
from tests.handover.conftest import make_ready


def ready_record():
    """Of a closed project with nothing open; ``record.project.people`` is the cast, Sue is nobody yet."""
    project = factories.make_project(name="Claims portal", code="NCP")
    project.people = factories.make_cast(project=project)
    factories.make_user("Sue Support")
    type(project).objects.filter(pk=project.pk).update(state="closed")
    project.refresh_from_db()
    record = actions.start(project, by=project.people.alice)
    record.project = project
    make_ready(record)
    return record
