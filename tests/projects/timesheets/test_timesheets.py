"""A week: cells, states, who may decide, what the database refuses."""

import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.accounts.roles import Role
from projects.budget import verbs as budget
from projects.budget.models import TimeEntry
from projects.timesheets import verbs
from projects.timesheets.locking import monday_of
from projects.timesheets.models import Timesheet, TimesheetPart
from projects.timesheets.verbs import Changed
from tests.factories import join, make_cast, make_organisation, make_project, make_user

pytestmark = pytest.mark.django_db
WEEK = monday_of(timezone.localdate()) - datetime.timedelta(days=7)
TUESDAY = WEEK + datetime.timedelta(days=1)


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def people(project):
    return make_cast(project)


@pytest.fixture
def task(project):
    now = timezone.now()
    return project.tasks.create(uid=1, number=1, name="Dig", start=now, finish=now + datetime.timedelta(days=5))


def part_of(project, user) -> TimesheetPart:
    return TimesheetPart.objects.select_related("project", "user").get(project=project, user=user, week=WEEK)


def submitted(project, user, minutes=60) -> TimesheetPart:
    verbs.set_cell(project, by=user, day=TUESDAY, minutes=minutes)
    verbs.submit(user, WEEK, by=user)
    return part_of(project, user)


# Cells


def test_a_cell_books_changes_and_removes(project, people, task):
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=90, task=task, note="Spike")
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.note, entry.task) == (90, "Spike", task)
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=120, task=task, was=90)
    entry.refresh_from_db()
    assert (entry.minutes, entry.note) == (120, "Spike")
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=0, task=task, was=120)
    assert not TimeEntry.objects.exists()


def test_several_entries_of_a_cell_become_one(project, people):
    for minutes, note in ((30, "Call"), (45, "Mail")):
        budget.book_time(project, by=people.bob, day=TUESDAY, minutes=minutes, note=note)
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=80, was=75)
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.note) == (80, "Call; Mail")


def test_a_cell_changed_meanwhile_is_not_overwritten(project, people):
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=60)
    with pytest.raises(Changed) as error:
        verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=120, was=0)
    assert error.value.minutes == 60
    assert TimeEntry.objects.get().minutes == 60


# States


def test_submit_approve_and_the_hours_stand_still(project, people):
    part = submitted(project, people.bob)
    with pytest.raises(ValidationError, match="submitted"):
        verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=90)
    verbs.approve(part, by=people.alice)
    assert (part.state, part.decided_by) == ("approved", people.alice)
    entry = TimeEntry.objects.get()
    for change in (
        lambda: budget.book_time(project, by=people.bob, day=TUESDAY, minutes=5),
        lambda: budget.change_time(entry, by=people.bob, minutes=5),
        lambda: budget.remove_time(entry, by=people.bob),
    ):
        with pytest.raises(ValidationError, match="approved"):
            change()


@pytest.mark.parametrize(
    "change",
    [
        lambda project, bob: project.time_entries.create(user=bob, day=TUESDAY, minutes=5),
        lambda project, bob: TimeEntry.objects.update(minutes=5),
        lambda project, bob: TimeEntry.objects.update(day=TUESDAY - datetime.timedelta(days=30)),
        lambda project, bob: TimeEntry.objects.all()._raw_delete("default"),
    ],
    ids=["insert", "update", "move", "delete"],
)
def test_the_database_itself_refuses_changes_of_a_submitted_week(project, people, change):
    submitted(project, people.bob)
    with pytest.raises(IntegrityError, match="time_entry_of_a_submitted_week"), transaction.atomic():
        change(project, people.bob)


def test_cost_and_task_of_a_submitted_week_may_follow(project, people, task):
    submitted(project, people.bob)
    TimeEntry.objects.update(cost=5, task=task)
    budget.set_rate(people.bob, by=people.alice, hourly=60, currency="EUR", valid_from=WEEK)
    assert TimeEntry.objects.get().cost == 5


def test_other_weeks_people_and_projects_stay_open(project, people):
    submitted(project, people.bob)
    other = make_project(by=people.alice)
    join(other, people.bob, Role.MEMBER)
    budget.book_time(project, by=people.bob, day=WEEK - datetime.timedelta(days=1), minutes=5)
    budget.book_time(project, by=people.alice, day=TUESDAY, minutes=5)
    budget.book_time(other, by=people.bob, day=TUESDAY, minutes=5)
    assert verbs.submit(people.bob, WEEK, by=people.bob) == 1


def test_reject_needs_a_note_opens_the_hours_and_is_submitted_again(project, people):
    part = submitted(project, people.bob)
    with pytest.raises(ValidationError, match="Say why"):
        verbs.reject(part, by=people.alice, note="  ")
    verbs.reject(part, by=people.alice, note="Tuesday was a holiday")
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=30)
    assert verbs.submit(people.bob, WEEK, by=people.bob) == 1
    part.refresh_from_db()
    assert (part.state, part.decided_by, part.note) == ("submitted", None, "")


def test_unlock_needs_a_reason(project, people):
    part = submitted(project, people.bob)
    verbs.approve(part, by=people.alice)
    with pytest.raises(ValidationError):
        verbs.unlock(part, by=people.alice, note="")
    verbs.unlock(part, by=people.alice, note="Wrong project")
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=0)
    verbs.submit(people.bob, WEEK, by=people.bob)
    assert not TimesheetPart.objects.exists(), "nothing is left of a part without hours"


def test_nobody_decides_on_their_own_hours(project, people):
    part = submitted(project, people.alice)
    with pytest.raises(ValidationError, match="their own hours"):
        verbs.approve(part, by=people.alice)
    with pytest.raises(IntegrityError, match="never_by_oneself"), transaction.atomic():
        TimesheetPart.objects.update(state="approved", decided_by=people.alice, decided_at=timezone.now())
    verbs.approve(part, by=people.sam)


@pytest.mark.parametrize("who", ["bob", "dora", "stella", "cleo", "charlie", "pmo"])
def test_others_do_not_decide(project, people, who):
    part = submitted(project, people.alice)
    with pytest.raises(PermissionDenied):
        verbs.approve(part, by=getattr(people, who))


def test_a_week_taken_back_is_open(project, people):
    submitted(project, people.bob)
    verbs.withdraw(people.bob, WEEK, by=people.bob)
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=5)
    with pytest.raises(ValidationError, match="nothing to take back"):
        verbs.withdraw(people.bob, WEEK, by=people.bob)


def test_an_empty_week_is_submitted_once(people):
    assert verbs.submit(people.bob, WEEK, by=people.bob) == 0
    assert Timesheet.objects.get().submitted_at
    with pytest.raises(ValidationError, match="submitted already"):
        verbs.submit(people.bob, WEEK, by=people.bob)
    with pytest.raises(ValidationError, match="not come yet"):
        verbs.submit(people.bob, monday_of(timezone.localdate()) + datetime.timedelta(days=7), by=people.bob)


def test_a_week_begins_on_a_monday(people):
    with pytest.raises(IntegrityError, match="monday"), transaction.atomic():
        Timesheet.objects.create(user=people.bob, week=TUESDAY)


def at_once(*acts) -> list:
    """What each act raised (or None), all begun together, each on a connection of its own."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            gate.wait()
            act()
        except Exception as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_wins_and_the_other_reads_who(project, people):
    part = submitted(project, people.bob)
    mine, theirs = part_of(project, people.bob), part_of(project, people.bob)
    found = at_once(
        lambda: verbs.approve(mine, by=people.alice), lambda: verbs.reject(theirs, by=people.sam, note="No")
    )
    part.refresh_from_db()
    assert part.state in ("approved", "rejected")
    lost = [error for error in found if error]
    assert len(lost) == 1
    assert part.decided_by.name in str(lost[0])


@pytest.mark.django_db(transaction=True)
def test_submitting_and_booking_at_once_never_leave_open_hours_in_a_submitted_week(project, people):
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=60)
    at_once(
        lambda: verbs.submit(people.bob, WEEK, by=people.bob),
        lambda: verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=90),
        lambda: verbs.submit(people.bob, WEEK, by=people.bob),
    )
    assert TimesheetPart.objects.count() == 1
    assert TimeEntry.objects.get().minutes in (60, 90)
    with pytest.raises(ValidationError):
        verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=1)


# Pages


def url(week=WEEK):
    return f"{reverse('projects:timesheet')}?week={week}"


def test_the_grid_saves_cells_by_script(client, project, people, task):
    client.force_login(people.bob)
    verbs.add_row(people.bob, WEEK, project, task)
    key = f"{project.pk}-{task.pk}-{TUESDAY}"
    values = {"do": "save", f"c-{key}": "1:30", f"w-{key}": "0", f"n-{key}": "Spike"}
    answer = client.post(url(), values, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["saved"][key] == {"text": "1h 30m", "was": 90, "note": "Spike"}
    assert answer.json()["totals"]["week"] == "1h 30m"
    answer = client.post(url(), {**values, f"c-{key}": "3"}, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["conflicts"][key]["was"] == 90
    assert TimeEntry.objects.get().minutes == 90


def test_without_script_all_cells_are_saved_or_none_and_what_was_typed_stays(client, project, people, task):
    client.force_login(people.bob)
    verbs.add_row(people.bob, WEEK, project, task)
    good, bad = (f"{project.pk}-{task.pk}-{WEEK + datetime.timedelta(days=day)}" for day in (0, 1))
    answer = client.post(url(), {f"c-{good}": "2", f"w-{good}": "0", f"c-{bad}": "a while", f"w-{bad}": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "a while" in page
    assert "not a length of time" in page
    assert not TimeEntry.objects.exists()
    assert client.post(url(), {f"c-{good}": "2", f"w-{good}": "0"}).status_code == 302
    assert TimeEntry.objects.get().minutes == 120


@pytest.mark.parametrize(
    ("typed", "words"), [("25h", "24 hours"), ("-3", "length of time"), ("1e9", "length of time"), ("ü", "length")]
)
def test_bad_cells_say_what_would_be_accepted(client, project, people, typed, words):
    client.force_login(people.bob)
    verbs.add_row(people.bob, WEEK, project)
    key = f"{project.pk}-0-{TUESDAY}"
    answer = client.post(url(), {f"c-{key}": typed}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert words in answer.json()["errors"][key]


def test_a_cell_of_somebody_elses_project_is_refused(client, project, people):
    foreign = make_project()
    client.force_login(people.bob)
    key = f"{foreign.pk}-0-{TUESDAY}"
    answer = client.post(url(), {f"c-{key}": "1"}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    client.post(url(), {"do": "add", "row": f"{foreign.pk}-0"})
    assert not Timesheet.objects.exists()
    assert not TimeEntry.objects.exists()


def test_rows_of_last_week_come_without_hours(client, project, people, task):
    verbs.set_cell(project, by=people.bob, day=TUESDAY - datetime.timedelta(days=7), minutes=60, task=task)
    client.force_login(people.bob)
    client.post(url(), {"do": "copy"})
    page = client.get(url()).content.decode()
    assert "Dig" in page
    assert TimeEntry.objects.count() == 1


def test_submitting_takes_along_what_was_typed_last(client, project, people, task):
    client.force_login(people.bob)
    verbs.add_row(people.bob, WEEK, project, task)
    key = f"{project.pk}-{task.pk}-{TUESDAY}"
    client.post(url(), {"do": "submit", f"c-{key}": "4", f"w-{key}": "0"})
    assert part_of(project, people.bob).state == "submitted"
    assert TimeEntry.objects.get().minutes == 240


def test_clients_have_no_timesheet(client, people):
    outsider = make_user("Outside", organisation=make_organisation())
    client.force_login(outsider)
    assert client.get(url()).status_code == 404


def test_the_manager_approves_sends_back_and_unlocks_on_the_page(client, project, people):
    part = submitted(project, people.bob)
    page = reverse("projects:timesheet-approvals", args=[project.code])
    client.force_login(people.bob)
    assert client.get(page).status_code == 403
    client.force_login(people.alice)
    assert "Bob" in client.get(page).content.decode()
    answer = client.post(page, {"part": part.pk, "do": "reject", "note": ""})
    assert answer.status_code == 422
    assert client.post(page, {"part": part.pk, "do": "approve"}).status_code == 302
    assert client.post(page, {"part": part.pk, "do": "approve"}).status_code == 409
    assert client.post(page, {"part": part.pk, "do": "unlock", "note": "Typo"}).status_code == 302
    part.refresh_from_db()
    assert part.state == "reopened"
    client.force_login(people.bob)
    assert "Typo" in client.get(url()).content.decode()


def test_a_part_of_another_project_is_not_found(client, project, people):
    other = make_project()
    dan = make_user("Dan")
    join(other, dan, Role.MEMBER)
    part = submitted(other, dan)
    client.force_login(people.alice)
    page = reverse("projects:timesheet-approvals", args=[project.code])
    assert client.post(page, {"part": part.pk, "do": "approve"}).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_hours_are_exported_with_what_was_done_and_cost_for_those_who_may(client, project, people, kind):
    from pmdm.interchange.tabular import read

    budget.set_rate(people.bob, by=people.alice, hourly=60, currency="EUR", valid_from=WEEK)
    verbs.set_cell(project, by=people.bob, day=TUESDAY, minutes=90, note="=Spike")
    page = reverse("projects:time-export", args=[project.code, kind])
    client.force_login(people.alice)
    table = read(client.get(page).content)
    assert table.column("What was done") == ["'=Spike"]
    assert float(table.column("Hours")[0]) == 1.5
    assert float(table.column("Cost")[0]) == 90
    client.force_login(people.bob)
    assert "Cost" not in read(client.get(page).content).header
    own = read(client.get(f"{reverse('projects:timesheet-export', args=[kind])}?week={WEEK}").content)
    assert own.column("State") == ["Open"]
    assert "Cost" not in own.header


@pytest.mark.parametrize("name", ["timesheet", "approvals"])
def test_queries_stay_the_same_from_3_to_300_rows(client, project, people, name):
    page = url() if name == "timesheet" else reverse("projects:timesheet-approvals", args=[project.code])
    client.force_login(people.alice)
    now = timezone.now()

    def rows(first, count):
        for number in range(first, first + count):
            task = project.tasks.create(uid=number, number=number, name=f"T{number}", start=now, finish=now)
            day = WEEK + datetime.timedelta(days=number % 7)
            project.time_entries.create(user=people.alice, day=day, minutes=1, task=task)
            user = make_user()
            join(project, user, Role.MEMBER)
            project.time_entries.create(user=user, day=TUESDAY, minutes=1)
            sheet = Timesheet.objects.create(user=user, week=WEEK, submitted_at=now)
            if number % 2:
                project.timesheet_parts.create(sheet=sheet, user=user, week=WEEK, submitted_at=now)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    rows(1, 3)
    few = queries()
    rows(4, 297)
    assert queries() == few <= 30
