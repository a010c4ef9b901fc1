"""From a template to a closed project, walked in a real browser.

The PMO changes the template of a type, a manager makes a project of it, the sponsor lets it through every gate.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from projects.models import Project
from tests import factories
from tests.browser.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = "The trade union has been heard"
HOME = "/projects/ANCHOR/"


def shown(page: Page, text: str):
    expect(page.locator("main").get_by_text(text).first).to_be_visible()


def test_from_template_to_closed_project(new_page):
    alice, sam = factories.make_user("Alice Manager"), factories.make_user("Sam Sponsor")
    factories.make_project(by=alice, code="OTHER", name="Another project")
    office = new_page("/projects/types/", user=factories.make_user("Pia Office", site_role="pmo"))
    manager, sponsor = new_page("/", user=alice), new_page("/", user=sam)
    the_office_publishes_its_own_version(office)
    the_manager_makes_a_project_of_it(manager)
    the_plan_is_there(manager)
    a_line_asks_for_its_evidence(manager)
    for keys in (["initiation"], ["planning"], ["trial"], ["rollout", "monitoring"], ["closing"]):
        through_the_gate(manager, sponsor, keys)
    closing(manager, sponsor)
    a_newer_template_changes_nothing(office)


def the_office_publishes_its_own_version(page: Page):
    press(page.get_by_role("button", name="Add them"))
    page.get_by_role("link", name="Organisational change").click()
    press(page.get_by_role("button", name="Change the template"))
    page.get_by_role("link", name="What gates ask for").click()
    row = page.locator("form .type-row").filter(has=page.locator("input[name$='-text']:not([value])")).first
    row.locator("input[name$='-text']").fill(OWN)
    row.locator("select[name$='-phase']").select_option("Trial with one team")
    press(page.locator("main").get_by_role("button", name="Save", exact=True))
    shown(page, "saved in the draft")
    page.get_by_label("What changed").fill("Asks about the union")
    press(page.get_by_role("button", name="Publish"))
    shown(page, "Version 2")
    shown(page, OWN)


def the_manager_makes_a_project_of_it(page: Page):
    page.get_by_role("link", name="Projects", exact=True).first.click()
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name").fill("Move to teams")
    page.get_by_label("Code").fill("ANCHOR")
    page.get_by_label("Type of project").select_option("Organisational change")
    page.get_by_label("Target start").fill("2026-03-02")
    page.get_by_label("Approved budget").fill("30000")
    page.get_by_label("Sponsor").select_option("Sam Sponsor")
    press(page.get_by_role("button", name="Show what would be made"))
    shown(page, "Nothing is made yet.")
    shown(page, OWN)
    expect(page.get_by_label("Name")).to_have_value("Move to teams")
    press(page.get_by_role("button", name="Initiate project"))
    expect(page).to_have_url(re.compile(f"{HOME}$"))
    for phase in ("Trial with one team", "Roll-out"):
        shown(page, phase)


def the_plan_is_there(page: Page):
    page.goto(f"{HOME}schedule/")
    shown(page, "Talk to those concerned")
    shown(page, "Gate: Roll-out")
    page.goto(f"{HOME}risks/")
    shown(page, "Managers support the change in words only")


def a_line_asks_for_its_evidence(page: Page):
    """Words do for most lines; for a document its file or its link is asked for."""
    page.expected_errors.append("422")
    page.goto(f"{HOME}phases/initiation/")
    line = page.locator("li").filter(has_text="The works council is informed")
    line.locator("summary").click()
    line.get_by_label("Evidence").fill("They know")
    press(line.get_by_role("button", name=re.compile("^Done")))
    shown(page, "This line asks for the document")
    expect(line.get_by_label("Evidence")).to_have_value("They know")


def tick(page: Page, key: str):
    page.goto(f"{HOME}phases/{key}/")
    lines = page.locator("ul.checks > li").filter(has=page.locator("form.tick"))
    while count := lines.count():
        line = lines.first
        line.locator("summary").click()
        if line.get_by_text("A file", exact=True).count():
            proof = {"name": "proof.txt", "mimeType": "text/plain", "buffer": b"They would not go back."}
            line.locator("input[type=file]").set_input_files([proof])
        else:
            line.get_by_label("Evidence").fill("https://wiki.example.com/minutes")
        press(line.get_by_role("button", name=re.compile("^Done")))
        expect(lines).to_have_count(count - 1)


def through_the_gate(manager: Page, sponsor: Page, keys: list[str]):
    """The sponsor can't say go before everything is there; then the next phase begins."""
    gate = keys[0]
    sponsor.goto(f"{HOME}phases/{gate}/")
    if gate == "trial":
        sponsor.expected_errors.append("422")
        sponsor.get_by_label("Go", exact=True).check()
        press(sponsor.get_by_role("button", name="Record decision"))
        shown(sponsor, OWN)
        expect(sponsor.get_by_role("region", name="Decisions")).to_have_count(0)
    for key in keys:
        tick(manager, key)
    sponsor.goto(f"{HOME}phases/{gate}/")
    sponsor.get_by_label("Go", exact=True).check()
    press(sponsor.get_by_role("button", name="Record decision"))
    expect(sponsor).to_have_url(re.compile(f"{HOME}$"))
    sponsor.goto(f"{HOME}phases/{gate}/")
    expect(sponsor.get_by_role("region", name="Decisions")).to_contain_text("Go")


def closing(page: Page, sponsor: Page):
    page.goto(f"{HOME}closure/")
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_label("What was reached").first.fill("The new way is the usual one.")
    press(page.get_by_role("button", name="Save"))
    shown(page, "The new way is the usual one.")
    for kind in page.locator("section.card:has(.decide)").evaluate_all("cards => cards.map(card => card.id)"):
        form = page.locator(f"#{kind} form")
        rest = form.locator("li.all")
        for row in (rest if rest.count() else form.locator("li")).all():
            carried = row.locator("option[value=carry]").count()
            row.get_by_label("Decision").select_option("carry" if carried else "accept")
            row.get_by_label("Reason").fill("Agreed with the sponsor.")
        press(form.get_by_role("button", name=re.compile("^Save")))
        expect(page.locator(f"#{kind} li:not(.all) select").first).not_to_have_value("")
    press(page.get_by_role("button", name="Submit for authorisation"))
    shown(page, "Waiting for authorisation")
    sponsor.goto(f"{HOME}closure/")
    sponsor.get_by_label("Authorise: the project is closed and read-only").check()
    press(sponsor.get_by_role("button", name="Record decision"))
    expect(sponsor.get_by_role("heading", name="What stayed open")).to_be_visible()
    page.goto(HOME)
    shown(page, "This project is closed and read-only.")


def a_newer_template_changes_nothing(page: Page):
    page.goto("/projects/types/organisational-change/")
    press(page.get_by_role("button", name="Change the template"))
    page.get_by_label("What changed").fill("Nothing much")
    press(page.get_by_role("button", name="Publish"))
    shown(page, "Version 3")
    assert Project.objects.get(code="ANCHOR").template.number == 2
