"""A project that is over takes no changes: every route below a project is posted to, by everybody who could.

Generated from the URL patterns: a new route is in, and must refuse, unless it is named in ``REMAINS`` with its reason.
"""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from pmdm import urls
from projects.models import Project, TimeEntry
from projects.timesheets import verbs as weeks
from tests import world as the_world
from tests.closing import close_project
from tests.test_access import OURS, path_of

HANDOVER = "projects/<slug:code>/handover/"
# What may still be asked of a project that is over.
REMAINS = {
    "projects/<slug:code>/state/": "reopening it, with a reason",
    HANDOVER: "what exists is handed over, and everything below it",
    "projects/<slug:code>/objectives/<int:number>/benefit/": "objectives are measured again after go-live",
    "projects/<slug:code>/cancellation/acceptance/": "the sponsor accepts parts of a cancelled project as they are",
    "projects/<slug:code>/cancellation/salvage/": "the list of what is used again of a cancelled project",
    "projects/<slug:code>/cancellation/salvage/<int:number>/taken/": "the list of what is used again",
    "projects/<slug:code>/cancellation/salvage/<int:number>/removal/": "the list of what is used again",
    "projects/<slug:code>/closure/withdrawal/": "an end report that waits is taken back",
    "projects/<slug:code>/closure/authorisation/": "an end report that waits is decided",
}
# Written to by every request, and by refusing one.
BOOKKEEPING = {"django_session", "accounts_user"}

PROJECT_ROUTES = {
    route: view for route, view in OURS.items() if view.subject == "projects.Project" and view.permissions[1]
}
BODY = {
    "name": "x", "title": "x", "text": "x", "reason": "x", "amount": "1", "decision": "go", "seen": "0", "version": "1",
    "state": "approved", "done": "on", "evidence": "x", "all": "close", "all-reason": "x",
}  # fmt: skip


def remains(route: str) -> bool:
    return route in REMAINS or route.startswith(HANDOVER)


def written() -> dict[str, int]:
    """Rows inserted, updated and deleted in each table since this transaction began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {table: count for table, count in cursor.fetchall() if count and table not in BOOKKEEPING}


@pytest.fixture
def world(db):
    return the_world.build()


def end(world, how: str) -> Project:
    project = Project.objects.get(pk=world.project.pk)
    if how == "awaits":
        Project.objects.filter(pk=project.pk).update(awaits_closure=True)
    else:
        Project.objects.filter(pk=project.pk).update(state=how)
    return Project.objects.get(pk=project.pk)


def posted(client, path) -> tuple[int, list[str]]:
    """The status, and the tables that were written to; taken back."""
    with transaction.atomic():
        before = written()
        status = client.post(path, BODY).status_code
        now = written()
        transaction.set_rollback(True)
    return status, sorted(table for table in now if now[table] != before.get(table))


@pytest.mark.parametrize("how", ["closed", "cancelled", "awaits"])
def test_every_post_is_refused_and_changes_nothing(how, world, monkeypatch):
    monkeypatch.setattr(urls, "handler403", lambda request, exception: HttpResponse(status=403), raising=False)
    end(world, how)
    wrong, asked = [], 0
    for person in world.people:
        if person.name not in ("project manager", "admin"):
            continue
        client = Client(raise_request_exception=False)
        client.force_login(person.user)
        for route in PROJECT_ROUTES:
            if remains(route):
                continue
            path = path_of(route, world)
            status, tables = posted(client, path)
            asked += 1
            if status != 403:
                wrong.append(f"{person}: POST {path} answered {status}")
            if tables:
                wrong.append(f"{person}: POST {path} wrote to {tables}")
    assert asked > 200, "the walk must not run empty"
    assert not wrong, "\n".join(wrong)


def test_it_is_the_state_that_refuses(world):
    """The same walk on an open project is answered otherwise: so the one above can fail."""
    client = Client(raise_request_exception=False)
    client.force_login(next(person.user for person in world.people if person.name == "admin"))
    answers = [posted(client, path_of(route, world))[0] for route in PROJECT_ROUTES]
    assert sum(status not in (403, 404, 405) for status in answers) > len(PROJECT_ROUTES) / 2


@pytest.mark.parametrize("how", ["closed", "awaits"])
def test_what_belongs_to_a_cancelled_project_changes_no_other(how, world):
    end(world, how)
    client = Client()
    client.force_login(next(person.user for person in world.people if person.name == "admin"))
    for route in REMAINS:
        if "cancellation" in route or (how == "closed" and "closure" in route):
            _status, tables = posted(client, path_of(route, world))
            assert not tables, route


def test_every_exception_is_a_route():
    assert set(REMAINS) <= set(PROJECT_ROUTES)


@pytest.mark.parametrize("how", ["closed", "cancelled", "awaits"])
def test_no_hours_are_booked_or_opened_again_from_the_week(how, world):
    """The week's grid and the approvals are pages of a person, not of the project."""
    open_one = Project.objects.get(pk=world.project.pk)
    member = open_one.memberships.get(role="member").user
    day = datetime.date(2026, 1, 5)
    weeks.set_cell(open_one, by=member, day=day, minutes=60)
    weeks.submit(member, day, by=member)
    project = end(world, how)
    with pytest.raises(ValidationError):
        weeks.set_cell(project, by=member, day=day + datetime.timedelta(days=7), minutes=60)
    part = project.timesheet_parts.select_related("user", "project").get(user=member)
    with pytest.raises(ValidationError, match="read-only"):
        weeks.reject(part, by=project.manager, note="No")
    assert TimeEntry.objects.filter(project=project, user=member).count() == 1


@pytest.mark.django_db
def test_a_project_closed_the_whole_way_refuses_too(client):
    from tests import factories

    project = factories.make_project()
    people = factories.make_cast(project)
    close_project(project, by=people.alice, sponsor=people.sam)
    client.force_login(people.alice)
    assert client.post(f"/projects/{project.code}/edit/", {"name": "x"}).status_code == 403
