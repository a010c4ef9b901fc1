"""Around a handover, walked in a browser: knowledge, signatures, the cutover on a phone, hypercare and its relapse."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from delivery.models import Issue
from handover.cutover import verbs as cutovers
from handover.hypercare import verbs as hypercare
from handover.models import Handover, Hypercare
from tests.browser.conftest import press
from tests.handover_record import ready_record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = datetime.timedelta(days=1)


def shown(page: Page, text: str):
    expect(page.locator("main").get_by_text(text).first).to_be_visible()


def button(page: Page, word: str, thing: str):
    """The button of a line; what it is about is read, not seen."""
    return page.get_by_role("button", name=re.compile(rf"^{word}\s*: {re.escape(thing)}"))


def test_from_the_first_topic_to_the_relapse(new_page):
    record = ready_record()
    people = record.project.people
    base = f"/projects/{record.project.code}/handover/{record.number}"
    alice, dora, stella = (new_page("/", user=getattr(people, name)) for name in ("alice", "dora", "stella"))
    bob = new_page("/", user=people.bob, width=390)
    for page in (alice, dora, stella, bob):
        page.on("dialog", lambda dialog: dialog.accept())

    knowledge(alice, base)
    signers(alice, base)
    cutover(alice, bob, base)
    alice.goto(f"/projects/{record.project.code}/handover/")
    press(alice.get_by_role("button", name="Sign and submit"))
    shown(alice, "to accept or return it")
    the_acceptance_waits(dora, record)
    signing(stella, base)
    proof(alice, base)
    dora.goto(f"{base}/review/")
    press(dora.get_by_role("button", name="Sign and accept"))
    expect(dora).to_have_url(re.compile(rf"/products/{record.product_code}/"))
    relapse(dora, record)


def knowledge(page: Page, base: str):
    page.goto(f"{base}/knowledge/")
    page.get_by_role("combobox", name="Person").select_option("Sue Support")
    press(page.get_by_role("button", name="Add", exact=True))
    shown(page, "Sue Support")
    page.goto(f"{base}/knowledge/topics/new/")
    page.get_by_role("textbox", name="Topic").fill("Restore from a backup")
    page.get_by_role("checkbox", name="Critical").check()
    press(page.get_by_role("button", name="Save"))
    shown(page, "These block the acceptance")


def signers(page: Page, base: str):
    page.goto(f"{base}/signoff/")
    page.get_by_role("combobox", name="Person").select_option("Stella")
    page.get_by_role("textbox", name="Signs as").fill("Finance")
    press(page.get_by_role("button", name="Name a signer"))
    shown(page, "Finance")


def cutover(manager: Page, owner: Page, base: str):
    for title, kind in (("Stop the old system", "Step"), ("Go live?", "Go / no-go point")):
        manager.goto(f"{base}/cutover/steps/new/")
        manager.get_by_role("combobox", name="Kind").select_option(kind)
        manager.get_by_role("textbox", name="Step").fill(title)
        manager.get_by_role("combobox", name="Owner").select_option("Bob")
        manager.get_by_label("Planned start").fill("2026-05-02T20:00" if kind == "Step" else "2026-05-02T21:00")
        press(manager.get_by_role("button", name="Save"))
        shown(manager, title)
    press(manager.get_by_role("button", name="Begin"))
    shown(manager, "0 of 2 steps are over.")
    owner.goto(manager.url)
    button(owner, "Start", "Stop the old system").click()
    shown(owner, "running")
    button(owner, "Done", "Stop the old system").click()
    shown(owner, "1 of 2 steps are over.")
    button(owner, "Go", "Go live?").click()
    # Nobody touches the manager's page: it follows by itself.
    expect(manager.locator("main").get_by_text("2 of 2 steps are over.").first).to_be_visible()
    manager.locator("summary", has_text="End the run").click()
    manager.get_by_role("button", name="End the run").click()
    shown(manager, "Completed")


def test_a_note_begun_in_a_live_run_outlives_the_steps_of_others(new_page):
    record = ready_record()
    people = record.project.people
    at = timezone.now()
    step = cutovers.add_step(
        record,
        by=people.alice,
        kind="task",
        title="Stop the old system",
        minutes=15,
        owner=people.bob,
        planned_start=at,
    )
    run = cutovers.begin(record, by=people.alice, at=at)
    page = new_page(
        f"/projects/{record.project.code}/handover/{record.number}/cutover/runs/{run.number}/", user=people.alice
    )
    page.locator("summary", has_text="End the run").click()
    fold = page.locator("details[open]")
    fold.get_by_role("textbox").fill("All went well")
    note = page.locator("form").filter(has=page.get_by_role("button", name="Write into the log")).get_by_role("textbox")
    note.fill("The vendor is on the line")
    cutovers.step_on(run, step, "start", by=people.bob)
    button(page, "Done", "Stop the old system").wait_for()  # nobody touched this page
    expect(note).to_have_value("The vendor is on the line")
    expect(fold.get_by_role("textbox")).to_have_value("All went well")
    # Once it is in the log it is not there to be sent twice.
    page.get_by_role("button", name="Write into the log").click()
    shown(page, "The vendor is on the line")
    expect(note).to_have_value("")


def the_acceptance_waits(page: Page, record):
    """What blocks it is said in sentences, and the button can't be pressed."""
    page.goto(f"/projects/{record.project.code}/handover/")
    press(page.get_by_role("button", name="Begin the review"))
    shown(page, "Restore from a backup")
    shown(page, "has not signed")
    expect(page.get_by_role("button", name="Sign and accept")).to_be_disabled()
    assert Handover.objects.get(pk=record.pk).accepted_at is None


def signing(page: Page, base: str):
    page.goto(f"{base}/signoff/")
    press(page.get_by_role("button", name="Sign", exact=True))
    shown(page, "All signatures")


def proof(page: Page, base: str):
    page.goto(f"{base}/knowledge/")
    page.get_by_role("link", name="Restore from a backup, Sue Support").click()
    page.get_by_role("combobox", name="Judged by").select_option("Alice Manager")
    press(page.get_by_role("button", name="Record"))
    shown(page, "1 of 1 topics covered")


def relapse(page: Page, record):
    """Thirty quiet days are told by moving the start back; then the exit, a critical issue, and hypercare again."""
    row = Hypercare.objects.select_related("product").get(handover=record)
    now = timezone.now()
    Hypercare.objects.filter(pk=row.pk).update(started_at=now - 31 * DAY, until=now - DAY)
    url = f"/products/{row.product.code}/hypercare/"
    page.goto(url)
    shown(page, "Eligible: every meter is met")
    page.get_by_role("textbox", name="What the exit rests on").fill("A month without a critical issue")
    press(page.get_by_role("button", name="End hypercare"))
    expect(page.locator(".lead").get_by_text("Ended", exact=True)).to_be_visible()
    Issue.report(row.product, by=record.receiver, title="Everything is down", severity=1)
    assert hypercare.watch_all(timezone.now()) == 1
    page.goto(url)
    shown(page, "Began again")
    shown(page, "until eligible")
    page.get_by_role("combobox", name="Class").first.select_option("Release defect")
    press(button(page, "Class", "Everything is down"))
    expect(page.locator("li b", has_text="Release defect")).to_be_visible()
