"""Projects of the demo under way: skills, an overload to come, a generic resource, weeks of timesheets, handovers."""

import datetime

import pytest
from django.db.models import Sum
from django.utils import timezone

from handover.demo.build import build
from handover.items.finding import keep_up
from pmdm.accounts.models import PersonSkill, User
from pmdm.activity.models import Change
from pmdm.worktime.models import Absence
from projects.models import Project, Resource, TimeEntry, TimesheetPart
from projects.team.heatmap import Choice, heat_map, monday_of
from projects.timesheets.missing import missing_of


@pytest.mark.django_db
def test_the_team_is_alive():
    now = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0) - datetime.timedelta(days=1)
    build(now=now, only={"OPY", "WRC", "DOC", "CID"})

    assert PersonSkill.objects.count() > 30
    assert Absence.objects.filter(first__gt=now.date()).exists()
    assert Resource.objects.filter(user=None, max_units=200).exists()
    heat = heat_map(User.objects.get(site_role="pmo"), Choice(first=monday_of(now.date())), now=now)
    assert heat.overloaded
    assert any(row.resource for row in heat.rows)

    parts = TimesheetPart.objects.all()
    assert set(parts.values_list("state", flat=True)) == {"submitted", "approved", "rejected", "reopened"}
    for part in parts:
        hours = TimeEntry.objects.filter(
            user=part.user, project=part.project, day__gte=part.week, day__lt=part.week + datetime.timedelta(days=7)
        )
        assert hours.aggregate(sum=Sum("minutes"))["sum"], "a part of a week has hours"
    assert missing_of(Project.objects.open(), now.date())

    # The drafts of its handovers list what is open now: the first hourly look finds nothing to change.
    changes = Change.objects.filter(table__startswith="handover_").count()
    assert keep_up(now) > 0
    assert Change.objects.filter(table__startswith="handover_").count() == changes
