"""The style guide in a real browser: every part, both themes, desk and phone, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import WCAG_22_AA, assert_accessible
from tests.browser.conftest import LOOKS, overflow
from tests.factories import make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/ui/", "/ui/form/", "/no-such-page/"]


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_it_is_accessible_and_fits(new_page, path, theme, width):
    page = new_page(path, theme, width)
    page.expected_errors = ["404"]
    assert_accessible(page, [*WCAG_22_AA, "best-practice"])
    assert overflow(page) <= 0


def test_it_prints_without_the_frame(new_page):
    page = new_page("/ui/")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.get_by_role("heading", name="Northwind Claims Portal")).to_be_visible()


def test_the_menu_opens_on_a_phone(new_page):
    page = new_page("/ui/", width=390)
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_typing_narrows_the_list_and_back_widens_it(new_page):
    page = new_page("/ui/")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(12)
    # In one breath: half a word that is answered on a slow machine would be a step of its own in the history.
    page.locator("[data-search]").focus()
    page.keyboard.insert_text("payroll")
    expect(page.locator("#list")).not_to_contain_text("Atlas")
    expect(page).to_have_url(re.compile(r"/ui/\?q=payroll$"))
    page.go_back()
    expect(page.locator("#list")).to_contain_text("Atlas")


def test_sort_and_pages_keep_the_filter(new_page):
    page = new_page("/ui/?q=atlas")
    page.get_by_role("link", name="Cost", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Cost")
    page.get_by_role("link", name="Page 2").click()
    expect(page).to_have_url(re.compile(r"/ui/\?q=atlas&sort=cost&page=2$"))
    expect(page.locator("#list")).not_to_contain_text("Payroll")


def test_the_list_works_without_script(new_page):
    page = new_page("/ui/", script=False)
    page.locator("[data-search]").fill("payroll")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#list")).not_to_contain_text("Atlas")
    page.get_by_role("link", name="Due", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Due")


def test_a_refused_form_keeps_what_was_typed(new_page):
    page = new_page("/ui/form/")
    page.expected_errors = ["422"]
    page.get_by_label("Name").fill("Northwind")
    page.get_by_label("Code").fill("not a code!")
    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Northwind")
    assert_accessible(page)
    summary.get_by_role("link", name="Code").click()
    expect(page.get_by_label("Code")).to_be_focused()


def test_a_refused_form_works_without_script(new_page):
    page = new_page("/ui/form/", script=False)
    page.expected_errors = ["422"]
    page.get_by_label("Name").fill("Northwind")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Code")
    expect(page.get_by_label("Name")).to_have_value("Northwind")


def test_a_busy_server_is_said_once_and_the_form_stays(new_page):
    page = new_page("/ui/form/")
    page.expected_errors = ["503"]
    page.route("**/ui/form/", lambda route: route.fulfill(status=503, body="<h1>Busy</h1>"))
    page.get_by_label("Name").fill("Northwind")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("try again in a few seconds")
    expect(page.get_by_label("Name")).to_have_value("Northwind")


def test_a_double_click_sends_once(new_page):
    page = new_page("/ui/form/")
    page.expected_errors = ["422"]
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("alert")).to_be_visible()
    assert len(sent) == 1


def test_keys_move_create_and_explain(new_page):
    page = new_page("/ui/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#list tbody tr").first.locator("a.row-link")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/ui/form/$"))


def test_single_letters_can_be_switched_off(new_page):
    page = new_page("/ui/")
    page.keyboard.press("?")
    page.get_by_label("Single letters work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page).to_have_url(re.compile("/ui/$"))


def test_the_numbers_of_a_chart_open(new_page):
    page = new_page("/ui/")
    details = page.locator("details.data").first
    details.get_by_text("Show the numbers").click()
    expect(details.get_by_role("columnheader", name="Planned")).to_be_visible()


def test_what_is_chosen_to_look_at_is_kept(new_page):
    page = new_page("/ui/")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_ctrl_k_jumps_to_what_is_typed(new_page):
    alice = make_user("Alice Manager")
    project = make_project(by=alice, name="Northwind Claims Portal")
    page = new_page("/ui/", user=alice)
    page.keyboard.press("Control+k")
    page.keyboard.insert_text("northwind")
    expect(page.locator("#palette-results a").first).to_contain_text("Northwind")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/projects/{project.code}/"))


def test_the_theme_is_chosen_in_the_menu(new_page):
    page = new_page("/ui/", user=make_user("Alice Manager"))
    page.get_by_role("button", name="Alice Manager").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/ui/")
