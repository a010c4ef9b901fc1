"""The board in a real browser: by mouse, by keyboard, by touch, without script, and two people at once."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from projects.board.columns import Wanted, arrange
from projects.schedule import edits
from tests.browser.conftest import assert_silent, listened_to, new_context
from tests.factories import make_cast, make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project():
    project = make_project(code="BRD", target_start=datetime.date(2026, 1, 5))
    project.people = make_cast(project)
    rows = [{"name": name, "duration": 960} for name in ("Dig", "Pour", "Build")]
    edits.add_tasks(project, by=project.people.alice, rows=rows)
    return project


def task(project, name):
    return project.tasks.get(name=name)


def column(page, title):
    return page.locator(f'[data-column][data-title="{title}"]')


def card(page, name):
    return page.locator(f'[data-card][data-name="{name}"]:not(.is-ghost)')


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


PATH = "/projects/BRD/schedule/board/"


def test_by_mouse(new_page, project):
    page = new_page(PATH, user=project.people.bob)
    page.mouse.move(*middle(card(page, "Pour")))
    page.mouse.down()
    x, y = middle(column(page, "In progress"))
    page.mouse.move(x - 20, y, steps=5)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()
    expect(page.get_by_text("“Pour” is in “In progress”.")).to_be_visible()
    expect(column(page, "In progress").locator("[data-card]")).to_have_count(1)
    assert task(project, "Pour").actual_start is not None
    # Order within a column.
    page.mouse.move(*middle(card(page, "Build")))
    page.mouse.down()
    box = card(page, "Dig").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 8, steps=8)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.mouse.up()
    expect(column(page, "To do").locator("[data-card]").first).to_have_attribute("data-name", "Build")
    page.reload()
    expect(column(page, "To do").locator("[data-card]").first).to_have_attribute("data-name", "Build")


def test_escape_leaves_it_where_it_was(new_page, project):
    page = new_page(PATH, user=project.people.bob)
    page.mouse.move(*middle(card(page, "Dig")))
    page.mouse.down()
    page.mouse.move(*middle(column(page, "Done")), steps=6)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(column(page, "To do").locator("[data-card]")).to_have_count(3)
    assert page.locator(".is-ghost").count() == 0
    assert task(project, "Dig").percent == 0


def test_by_keyboard_and_said_aloud(new_page, project):
    page = new_page(PATH, user=project.people.bob)
    live = page.locator("#board-live")
    page.get_by_role("button", name="Move Dig").focus()
    page.keyboard.press("Space")
    expect(live).to_contain_text("Dig picked up from To do.")
    page.keyboard.press("ArrowRight")
    expect(live).to_have_text("In progress, place 1 of 1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(live).to_have_text("Done, place 1 of 1")
    page.keyboard.press("Space")
    expect(page.get_by_text("“Dig” is in “Done”.")).to_be_visible()
    assert task(project, "Dig").percent == 100
    expect(page.get_by_role("button", name="Move Dig")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Move Pour")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(live).to_have_text("To do, place 2 of 2")
    page.keyboard.press("Escape")
    expect(live).to_have_text("Pour stays in To do.")
    expect(page.get_by_role("button", name="Move Pour")).to_be_focused()


def touch(session, kind, x=None, y=None):
    points = [] if x is None else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_by_long_press(chromium, live_server, project):
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    signed_in = new_context(chromium, live_server.url, user=project.people.bob)
    context.add_cookies(signed_in.cookies())
    page = listened_to(context.new_page())
    page.goto(PATH)
    session = context.new_cdp_session(page)
    x, y = middle(card(page, "Dig"))
    touch(session, "touchStart", x, y)
    expect(card(page, "Dig")).to_have_class(re.compile(r"\bis-lifted\b"))
    to_x = min(middle(column(page, "In progress"))[0], 370)
    for step in range(1, 9):
        touch(session, "touchMove", x + (to_x - x) * step / 8, y)
    touch(session, "touchEnd")
    expect(page.get_by_text("“Dig” is in “In progress”.")).to_be_visible()
    assert task(project, "Dig").actual_start is not None
    # A finger that moves at once scrolls the board and lifts nothing.
    x, y = middle(card(page, "Pour"))
    touch(session, "touchStart", x, y)
    touch(session, "touchMove", x, y - 60)
    touch(session, "touchEnd")
    assert page.locator(".is-lifted").count() == 0
    assert_silent(page)
    context.close()
    signed_in.close()


def test_a_full_column_asks(new_page, project):
    wanted = [Wanted("To do", None, "todo"), Wanted("Doing", 1, "doing"), Wanted("Done", None, "done")]
    arrange(project, by=project.people.alice, columns=wanted, version=0)
    page = new_page(PATH, user=project.people.bob)
    page.expected_errors.append("422")
    for name in ("Dig", "Pour"):
        card(page, name).locator("summary").click()
        card(page, name).get_by_role("button", name="Doing").click()
        if name == "Dig":
            expect(column(page, "Doing").locator("[data-card]")).to_have_count(1)
    expect(page.get_by_text("its limit is 1")).to_be_visible()
    assert task(project, "Pour").actual_start is None
    page.get_by_role("button", name="Move it anyway").click()
    expect(column(page, "Doing").locator("[data-card]")).to_have_count(2)
    expect(page.get_by_text("over its limit")).to_be_visible()


def test_two_people_and_one_card(new_page, project):
    """The second drops what the first has moved: told by whom, and shown the board as it is."""
    one, two = (new_page(PATH, user=user) for user in (project.people.bob, project.people.alice))
    two.expected_errors.append("409")
    for page, to in ((one, "Review"), (two, "Done")):
        card(page, "Dig").locator("summary").click()
        card(page, "Dig").get_by_role("button", name=to).click()
        if page is one:
            expect(column(one, "Review").locator("[data-card]")).to_have_count(1)
    expect(two.get_by_text("“Dig” lies in “Review” by now")).to_be_visible()
    expect(two.get_by_text("Bob changed it last")).to_be_visible()
    expect(column(two, "Review").locator("[data-card]")).to_have_count(1)
    assert task(project, "Dig").percent == 0


def test_without_script(new_page, project):
    page = new_page(PATH, user=project.people.alice, script=False)
    card(page, "Dig").locator("summary").click()
    card(page, "Dig").get_by_role("button", name="Review").click()
    expect(column(page, "Review").locator("[data-card]")).to_have_count(1)
    page.get_by_role("textbox", name="New card").fill("Paint")
    page.get_by_role("button", name="Add").click()
    expect(card(page, "Paint")).to_be_visible()


def test_c_creates(new_page, project):
    page = new_page(PATH, user=project.people.alice)
    page.keyboard.press("c")
    page.keyboard.type("Paint")
    page.keyboard.press("Enter")
    expect(card(page, "Paint")).to_be_visible()
    assert task(project, "Paint").duration == 480
