"""The week by keyboard alone, and the heat map that opens to its tasks, in a real browser."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from pmdm.accounts.roles import Role
from projects.models import TimeEntry, TimesheetPart
from projects.schedule.plan import reschedule
from projects.timesheets import verbs
from projects.timesheets.locking import monday_of
from tests import factories
from tests.browser.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
THIS = monday_of(timezone.localdate())
LAST = THIS - datetime.timedelta(days=7)
NEXT = THIS + datetime.timedelta(days=7)


@pytest.fixture
def project():
    start = timezone.make_aware(datetime.datetime.combine(NEXT, datetime.time(7)))
    return factories.make_project(factories.make_user("Alice Manager"), name="Claims portal", schedule_start=start)


@pytest.fixture
def bob(project):
    bob = factories.make_user("Bob Builder")
    factories.join(project, bob, Role.MEMBER)
    return bob


def add_task(project, name, user=None, units=100):
    number = project.tasks.count() + 1
    task = project.tasks.create(uid=number, number=number, name=name, duration=2400)
    if user:
        resource = project.resources.filter(user=user).first() or project.resources.create(
            uid=number, name=user.name, user=user
        )
        project.assignments.create(task=task, resource=resource, units=units)
    reschedule(project)
    return task


def saved(page):
    expect(page.locator("#saving")).to_have_text("Saved.")


def test_a_week_by_keyboard_alone(new_page, project, bob):
    dig, build = add_task(project, "Dig"), add_task(project, "Build")
    for task in (dig, build):
        verbs.add_row(bob, LAST, project, task)
    page = new_page(f"{reverse('projects:timesheet')}?week={LAST}", user=bob)
    monday = LAST.strftime("%a %d %b")
    page.get_by_label(f"Dig, {monday}", exact=True).focus()
    page.keyboard.type("7.5")
    page.keyboard.press("Enter")
    expect(page.get_by_label(f"Build, {monday}", exact=True)).to_be_focused()
    saved(page)
    expect(page.locator("output[data-total=week]")).to_have_text("7h 30m")
    page.keyboard.type("30m")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    tuesday = (LAST + datetime.timedelta(days=1)).strftime("%a %d %b")
    expect(page.get_by_label(f"Dig, {tuesday}", exact=True)).to_be_focused()
    page.keyboard.type("8")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label(f"Note: Dig, {tuesday}", exact=True)).to_be_focused()
    page.keyboard.type("Foundations")
    page.keyboard.press("Tab")
    saved(page)
    expect(page.locator("output[data-total=week]")).to_have_text("16h")
    assert sorted(TimeEntry.objects.values_list("minutes", flat=True)) == [30, 450, 480]
    assert TimeEntry.objects.get(minutes=480).note == "Foundations"
    page.get_by_role("button", name="Submit the week").press("Enter")
    expect(page.get_by_text("The week is submitted.")).to_be_visible()
    expect(page.get_by_label(f"Dig, {monday}", exact=True)).to_have_count(0)
    assert TimesheetPart.objects.get().state == "submitted"


def test_a_bad_cell_says_why_and_keeps_what_was_typed(new_page, project, bob):
    verbs.add_row(bob, LAST, project)
    page = new_page(f"{reverse('projects:timesheet')}?week={LAST}", user=bob)
    page.expected_errors = ["422"]
    cell = page.locator("[data-cell]").first
    cell.fill("a while")
    cell.press("Enter")
    expect(page.get_by_text("is not a length of time")).to_be_visible()
    expect(cell).to_have_value("a while")
    cell.fill("2")
    cell.press("Enter")
    saved(page)
    assert TimeEntry.objects.get().minutes == 120


def test_what_was_typed_without_a_connection_is_saved_later(new_page, project, bob):
    verbs.add_row(bob, LAST, project)
    page = new_page(f"{reverse('projects:timesheet')}?week={LAST}", user=bob)
    page.expected_errors = ["ERR_INTERNET_DISCONNECTED", "Failed to fetch", "Failed to load"]
    page.context.set_offline(True)
    cell = page.locator("[data-cell]").first
    cell.fill("3")
    cell.press("Enter")
    expect(page.locator("#saving")).to_have_text("Not saved yet: trying again.")
    assert not TimeEntry.objects.exists()
    page.context.set_offline(False)
    saved(page)
    assert TimeEntry.objects.get().minutes == 180


def test_without_script_the_week_is_a_form(new_page, project, bob):
    verbs.add_row(bob, LAST, project)
    page = new_page(f"{reverse('projects:timesheet')}?week={LAST}", user=bob, script=False)
    page.locator("[data-cell]").first.fill("4h")
    press(page.get_by_role("button", name="Save", exact=True))
    assert TimeEntry.objects.get().minutes == 240


def test_a_cell_of_the_heat_map_opens_to_its_tasks(new_page, project, bob):
    add_task(project, "Dig", bob, 80)
    add_task(project, "Build", bob, 60)
    page = new_page(reverse("projects:load"), user=project.manager)
    row = page.get_by_role("row", name=re.compile("Bob Builder"))
    cell = row.get_by_role("link", name=re.compile("140%"))
    expect(cell).to_contain_text("over 100 %")
    cell.press("Enter")
    opened = page.locator("#cell")
    expect(opened.get_by_role("heading")).to_contain_text("Bob Builder")
    expect(opened.get_by_role("link", name="1 Dig")).to_be_visible()
    expect(opened).to_contain_text("32h")
    page.get_by_role("link", name="Four weeks later").click()
    expect(row.get_by_role("link", name=re.compile("140%"))).to_have_count(0)
