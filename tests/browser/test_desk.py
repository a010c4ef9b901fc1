"""The queue in a real browser: a support agent triages new issues by keyboard alone, logs one in a breath."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from delivery.models import Issue
from pmdm.accounts.roles import Role
from tests.factories import make_product, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATH = "/products/DESK/issues/"
NEW = 6


@pytest.fixture
def desk():
    product = make_product(code="DESK", name="Desk")
    product.sue, product.bob = make_user("Sue Support"), make_user("Bob Member")
    product.memberships.create(user=product.sue, role=Role.SUPPORT)
    product.memberships.create(user=product.bob, role=Role.MEMBER)
    now = timezone.now()
    for number in range(NEW):
        at = now - datetime.timedelta(hours=NEW - number)
        Issue.report(product, by=product.bob, title=f"New {number}", at=at)
    return product


def issue(product, number):
    return product.issues.get(title=f"New {number}")


def focused(page):
    return page.locator("a.row-link:focus")


def test_new_issues_are_triaged_by_keyboard_alone(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    press = page.keyboard.press
    for number in range(NEW):
        # The first is the oldest: all have the same priority and no target.
        press("j")
        expect(focused(page)).to_have_text(f"New {number}")
        with page.expect_navigation():
            press("a")
        expect(focused(page)).to_have_text(f"New {number}")
    assert set(desk.issues.values_list("assignee", flat=True)) == {desk.sue.pk}

    # Two of them selected, made critical by p and 1: they come to the top.
    for number in (2, 4):
        page.locator("a.row-link", has_text=f"New {number}").focus()
        press("x")
    press("p")
    expect(page.get_by_role("dialog", name="Priority")).to_be_visible()
    with page.expect_navigation():
        press("1")
    expect(page.locator("a.row-link").nth(0)).to_have_text("New 2")
    assert [issue(desk, number).severity for number in (2, 4, 3)] == [1, 1, 3]
    # And back.
    with page.expect_navigation():
        press("u")
    expect(page.get_by_text("2 issues are as they were.")).to_be_visible()
    assert issue(desk, 2).severity == 3

    # The state of the row in focus; then into the issue.
    page.locator("a.row-link").first.focus()
    press("s")
    with page.expect_navigation():
        press("1")
    assert issue(desk, 0).state == "in_progress"
    with page.expect_navigation():
        press("Enter")
    expect(page.get_by_role("heading", name="New 0")).to_be_visible()


def test_one_is_logged_by_c_and_a_title(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.keyboard.press("c")
    expect(page.get_by_role("dialog", name="Report an issue")).to_be_visible()
    page.keyboard.type("Printer on fire")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Printer on fire")).to_be_visible()
    assert desk.issues.get(title="Printer on fire").reported_by == desk.sue


def test_a_resolution_is_asked_for_and_shown_before_it_is_done(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.keyboard.press("j")
    page.keyboard.press("s")
    with page.expect_navigation():
        page.keyboard.press("2")
    page.get_by_label("Resolution, for what is resolved").fill("Restarted")
    with page.expect_navigation():
        page.get_by_role("button", name="See what would change").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Change 1 issue").click()
    assert issue(desk, 0).resolution == "Restarted"


def test_without_script_the_line_above_the_table_does_it(new_page, desk):
    page = new_page(PATH, user=desk.sue, script=False)
    page.get_by_label("Select ISS-1").check()
    page.get_by_label("Select ISS-2").check()
    page.get_by_label("Change").select_option("severity")
    page.get_by_role("button", name="Choose the value").click()
    page.get_by_label("Priority").select_option("2")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("button", name="Change 2 issues")).to_be_visible()
    page.get_by_role("button", name="Change 2 issues").click()
    assert [issue(desk, number).severity for number in (0, 1, 2)] == [2, 2, 3]
    page.get_by_role("button", name="Undo").click()
    assert issue(desk, 0).severity == 3


def test_single_letters_can_be_switched_off(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.evaluate("localStorage.setItem('single-keys-off', '1')")
    page.locator("a.row-link").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("a")
    assert page.locator('input[name="issue"]:checked').count() == 0
    assert issue(desk, 0).assignee is None
