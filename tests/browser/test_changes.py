"""A change, walked in a real browser: written, worked out, read by the sponsor, approved, and the baselines moved."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import conftest
from tests.projects.changes.conftest import make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: Page, name: str):
    conftest.press(page.get_by_role("button", name=name, exact=True).first)


def choose(select, words: str):
    """The option that ends so: a row of the plan begins with its number."""
    expect(select).to_be_visible()
    labels = select.locator("option").all_inner_texts()
    select.select_option(label=next(label for label in labels if label.split(" ", 1)[-1].startswith(words)))


def test_from_a_wish_to_moved_baselines(new_page):
    world = make_world()
    alice, sam = new_page("/", user=world.people.alice), new_page("/", user=world.people.sam)
    base = f"/projects/{world.project.code}/changes/"
    the_manager_writes_it(alice, base)
    what_it_affects(alice)
    the_impact_is_read(alice)
    somebody_edits_the_plan_meanwhile(world)
    the_sponsor_sees_that_it_is_out_of_date(sam, base)
    the_sponsor_approves(sam)
    the_baselines_moved(alice, base)


def the_manager_writes_it(page: Page, base: str):
    page.goto(base)
    page.get_by_role("link", name="New change request").first.click()
    page.locator("#id_title").fill("A second language")
    page.locator("#id_reason").fill("The branch in Lyon joins.")
    page.locator("#id_urgency").select_option("High")
    conftest.press(page.locator("main form.form button.primary"))
    expect(page.locator("main")).to_contain_text("A second language")
    press(page, "Submit")
    press(page, "Take it up")
    expect(page.locator("main")).to_contain_text("In assessment")


def what_it_affects(page: Page):
    page.get_by_role("link", name="Add a requirement").click()
    page.locator("#id_title").fill("All pages in French")
    page.locator("#id_criteria").fill("Lyon reads every page")
    press(page, "Put it into the change")
    page.get_by_role("link", name="Change one").click()
    choose(page.locator("#id_requirement"), "Login")
    press(page, "Next")
    page.locator("#id_text").fill("Login works in both languages")
    press(page, "Put it into the change")
    page.get_by_role("link", name="Add a task").click()
    page.locator("#id_name").fill("Translate")
    page.locator("#id_duration").fill("4d")
    choose(page.locator("#id_predecessors"), "B")
    choose(page.locator("#id_successors"), "Done")
    press(page, "Put it into the change")
    page.get_by_role("link", name="Change the budget").click()
    choose(page.locator("#id_line"), "Travel")
    page.locator("#id_delta").fill("750.50")
    press(page, "Put it into the change")
    for text in ("All pages in French", "Translate", "€750.50"):
        expect(page.locator("main")).to_contain_text(text)


def the_impact_is_read(page: Page):
    press(page, "Compute the impact")
    impact = page.locator("#impact")
    expect(impact).to_contain_text("3 → 4")
    expect(impact).to_contain_text("+4")
    expect(impact).to_contain_text("12,750.50")
    # The manager asked for it and has no say in it.
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def somebody_edits_the_plan_meanwhile(world):
    from projects.schedule import edits

    edits.change_task(world.task("A"), by=world.people.alice, duration=480)


def the_sponsor_sees_that_it_is_out_of_date(page: Page, base: str):
    page.goto(base)
    page.get_by_role("link", name="A second language").click()
    expect(page.locator("#impact")).to_contain_text("Out of date")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    press(page, "Compute again")
    expect(page.get_by_role("button", name="Approve")).to_be_enabled()


def the_sponsor_approves(page: Page):
    page.locator("#decision-note").fill("Lyon is worth it.")
    press(page, "Approve")
    main = page.locator("main")
    expect(main).to_contain_text("Baselines moved")
    expect(main).to_contain_text("Lyon is worth it.")


def the_baselines_moved(page: Page, base: str):
    page.goto(base)
    page.get_by_role("link", name="A second language").click()
    page.get_by_role("link", name="Scope baseline 1").click()
    expect(page.locator("main")).to_contain_text("replaced by CR-1")
    expect(page.locator("main")).to_contain_text("Moved by approved changes")
    page.goto(base)
    page.get_by_role("link", name="A second language").click()
    page.get_by_role("link", name="With CR-1").click()
    expect(page.locator("main")).to_contain_text("Translate")
    page.goto(base + "budget-baselines/?baseline=1")
    expect(page.locator("main")).to_contain_text("2,000.00")
    page.goto(base + "budget-baselines/")
    expect(page.locator("main")).to_contain_text("2,750.50")
    page.goto(base)
    page.get_by_role("link", name="A second language").click()
    press(page, "It is implemented")
    expect(page.get_by_role("button", name="It is implemented")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(re.compile("Implemented"))


def test_the_client_asks_and_sees_days_but_no_money(new_page):
    """The client writes and submits a wish, reads what it costs in days, and can neither decide nor see money."""
    world = make_world()
    base = f"/projects/{world.project.code}/changes/"
    cleo = new_page("/", user=world.people.cleo)
    alice, sam = new_page("/", user=world.people.alice), new_page("/", user=world.people.sam)
    cleo.goto(base)
    cleo.get_by_role("link", name="New change request").first.click()
    cleo.locator("#id_title").fill("Shift rosters")
    cleo.locator("#id_reason").fill("The night shift needs them.")
    conftest.press(cleo.locator("main form.form button.primary"))
    expect(cleo.locator("main")).to_contain_text("Shift rosters")
    # Before it is handed in nobody of the others reads of it, the sponsor neither.
    sam.goto(base)
    expect(sam.locator("main")).not_to_contain_text("Shift rosters")
    sam.goto(f"/projects/{world.project.code}/activity/")
    expect(sam.locator("main")).not_to_contain_text("Shift rosters")
    press(cleo, "Submit")
    expect(cleo.locator("main")).to_contain_text("Submitted")

    alice.goto(base)
    alice.get_by_role("link", name="Shift rosters").click()
    press(alice, "Take it up")
    alice.get_by_role("link", name="Add a task").click()
    alice.locator("#id_name").fill("Rosters")
    alice.locator("#id_duration").fill("2d")
    choose(alice.locator("#id_predecessors"), "B")
    choose(alice.locator("#id_successors"), "Done")
    press(alice, "Put it into the change")
    alice.get_by_role("link", name="Change the budget").click()
    choose(alice.locator("#id_line"), "Travel")
    alice.locator("#id_delta").fill("431.70")
    press(alice, "Put it into the change")
    press(alice, "Compute the impact")
    expect(alice.locator("#impact")).to_contain_text("+2")

    sam.goto(base)
    sam.get_by_role("link", name="Shift rosters").click()
    press(sam, "Approve")
    expect(sam.locator("main")).to_contain_text("Baselines moved")

    page = f"{base}1/"
    cleo.goto(page)
    expect(cleo.locator("main")).to_contain_text("Approved")
    expect(cleo.locator("#impact")).to_contain_text("+2")
    for address in (page, base, f"/projects/{world.project.code}/requirements/", f"/projects/{world.project.code}/"):
        cleo.goto(address)
        expect(cleo.locator("main")).not_to_contain_text("431.70")
        expect(cleo.get_by_role("button", name="Approve")).to_have_count(0)
