"""One project of the demo begins from the template of its type, by the product's own verb."""

import datetime

import pytest
from django.utils import timezone

from handover.demo.build import build
from pmdm.activity.models import Change
from projects.models import Project
from projects.types import engine


@pytest.mark.django_db
def test_the_newest_project_begins_from_a_template():
    now = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0) - datetime.timedelta(days=1)
    build(now=now, only={"GFD"})
    project = Project.objects.get()
    template = project.template.template
    assert project.template.type.slug == "software"
    assert [phase.key for phase in project.phases.order_by("position")] == [phase.key for phase in template.phases]
    rows = engine.planned_tasks(template)
    assert sorted(project.tasks.values_list("name", flat=True)) == sorted(row.name for row in rows)
    assert project.links.count() == sum(len(row.after) for row in rows)
    assert {risk.title for risk in template.risks} <= set(project.risks.values_list("title", flat=True))
    assert project.phases.exclude(kind="monitoring").filter(gate_due=None).count() == 0
    assert all(project.target_start <= task.start.date() for task in project.tasks.all())
    assert not Change.objects.filter(at__gt=now, subject_type="project").exists()
