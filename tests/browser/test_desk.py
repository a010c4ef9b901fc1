"""The queue in a real browser: a support agent triages new issues by keyboard alone, logs one in a breath."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from delivery.models import Issue
from pmdm.accounts.roles import Role
from tests.browser.conftest import press
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
    key = page.keyboard.press
    for number in range(NEW):
        # The first is the oldest: all have the same priority and no target.
        key("j")
        expect(focused(page)).to_have_text(f"New {number}")
        with page.expect_navigation():
            key("a")
        expect(focused(page)).to_have_text(f"New {number}")
    assert set(desk.issues.values_list("assignee", flat=True)) == {desk.sue.pk}

    # Two of them selected, made critical by p and 1: they come to the top.
    for number in (2, 4):
        page.locator("a.row-link", has_text=f"New {number}").focus()
        key("x")
    key("p")
    expect(page.get_by_role("dialog", name="Priority")).to_be_visible()
    with page.expect_navigation():
        key("1")
    expect(page.locator("a.row-link").nth(0)).to_have_text("New 2")
    assert [issue(desk, number).severity for number in (2, 4, 3)] == [1, 1, 3]
    # And back.
    with page.expect_navigation():
        key("u")
    expect(page.get_by_text("2 issues are as they were.")).to_be_visible()
    assert issue(desk, 2).severity == 3

    # The state of the row in focus; then into the issue.
    page.locator("a.row-link").first.focus()
    key("s")
    with page.expect_navigation():
        key("1")
    assert issue(desk, 0).state == "in_progress"
    with page.expect_navigation():
        key("Enter")
    expect(page.get_by_role("heading", name="New 0")).to_be_visible()


class Keys:
    """The keyboard, and how often it was touched: no clock decides whether somebody is fast."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, key):
        self.pressed += 1
        self.page.keyboard.press(key)

    def type(self, text):
        self.pressed += len(text)
        self.page.keyboard.type(text)


def test_fifty_new_issues_are_triaged_by_keyboard_alone(new_page, desk):
    """Each gets somebody, every tenth is critical: two keys an issue, and two more where the priority changes."""
    now = timezone.now()
    for number in range(NEW, 50):
        at = now - datetime.timedelta(minutes=50 - number)
        Issue.report(desk, by=desk.bob, title=f"New {number}", at=at)
    page = new_page(f"{PATH}?sort=number", user=desk.sue)
    expect(page.locator("a.row-link")).to_have_count(50)
    keys = Keys(page)
    for number in range(50):
        keys.press("j")
        expect(focused(page)).to_have_text(f"New {number}")
        with page.expect_navigation():
            keys.press("a")
        expect(focused(page)).to_have_text(f"New {number}")
        if number % 10 == 0:
            keys.press("p")
            expect(page.get_by_role("dialog", name="Priority")).to_be_visible()
            with page.expect_navigation():
                keys.press("1")
            expect(focused(page)).to_have_text(f"New {number}")
    assert set(desk.issues.values_list("assignee", flat=True)) == {desk.sue.pk}
    critical = set(desk.issues.filter(severity=1).values_list("title", flat=True))
    assert critical == {f"New {number}" for number in range(0, 50, 10)}
    assert keys.pressed == 50 * 2 + 5 * 2


def test_logging_one_takes_the_title_and_two_keys(new_page, desk):
    """Ten seconds are some forty keys: c, the title, Enter."""
    keys = Keys(new_page(PATH, user=desk.sue))
    keys.press("c")
    expect(keys.page.get_by_role("dialog", name="Report an issue")).to_be_visible()
    keys.type("Printer on fire")
    with keys.page.expect_navigation():
        keys.press("Enter")
    expect(keys.page.get_by_role("link", name="Printer on fire")).to_be_visible()
    assert keys.pressed == len("Printer on fire") + 2


def test_an_issue_and_a_queue_are_printed_without_their_controls(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="New 0")).to_be_visible()
    for control in ("#bulk", "td.pick", "#shape"):
        expect(page.locator(control).first).to_be_hidden()
    heads, cells = page.locator("thead tr > :visible"), page.locator("tbody tr").first.locator("> :visible")
    assert heads.count() == cells.count(), "each column under its own head"
    expect(page.locator(".only-print")).to_contain_text("issues")
    page.emulate_media(media="screen")
    expect(page.locator(".only-print")).to_be_hidden()
    page.goto(f"{PATH}{issue(desk, 0).number}/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="New 0")).to_be_visible()
    expect(page.get_by_role("button", name="Take it")).to_be_hidden()
    for form in ("#note", "#check-text"):
        expect(page.locator(form)).to_be_hidden()


def test_a_resolution_is_asked_for_and_shown_before_it_is_done(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
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
    press(page.get_by_role("button", name="Choose the value"))
    page.get_by_label("Priority").select_option("2")
    press(page.get_by_role("button", name="See what would change"))
    expect(page.get_by_role("button", name="Change 2 issues")).to_be_visible()
    press(page.get_by_role("button", name="Change 2 issues"))
    assert [issue(desk, number).severity for number in (0, 1, 2)] == [2, 2, 3]
    press(page.get_by_role("button", name="Undo"))
    assert issue(desk, 0).severity == 3


def test_single_letters_can_be_switched_off(new_page, desk):
    page = new_page(PATH, user=desk.sue)
    page.evaluate("localStorage.setItem('single-keys-off', '1')")
    page.locator("a.row-link").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("a")
    assert page.locator('input[name="issue"]:checked').count() == 0
    assert issue(desk, 0).assignee is None


def test_what_is_typed_while_the_fields_of_a_type_arrive_is_kept(new_page, desk):
    page, held = new_page(f"{PATH}new/", user=desk.sue), []
    page.get_by_label("Title").fill("The list is slow")
    page.route("**/issues/new/", lambda route: held.append(route))
    page.get_by_label("Type").select_option("Performance")
    page.get_by_label("Priority", exact=True).select_option("Critical")
    page.get_by_label("What happens").fill("Since this morning")
    while not held:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    expect(page.get_by_label("What is measured")).to_be_visible()
    expect(page.get_by_label("Steps that lead there")).to_have_count(0)
    page.unroute("**/issues/new/")
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The list is slow")
    issue = Issue.objects.get(title="The list is slow")
    assert (issue.type, issue.severity, issue.description) == ("performance", 1, "Since this morning")
