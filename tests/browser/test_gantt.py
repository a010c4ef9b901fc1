"""The planning surface in a real browser, on the real endpoints: each gesture by mouse, keyboard and finger."""

import datetime
import re

import pytest
from playwright.sync_api import Page, expect

from projects.models import Link, Task
from projects.schedule import edits
from tests import factories
from tests.browser.conftest import listened_to, new_context, overflow, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MONDAY = datetime.date(2026, 5, 4)
DAY = 480


@pytest.fixture
def project():
    """Build (Dig 3d, Pour 2d, Cure 5d), Hand over, Paint 4d: a chain from 2 to 5, and 6 beside it."""
    alice = factories.make_user("Alice Manager")
    project = factories.make_project(by=alice, code="SITE", name="Site", target_start=MONDAY)
    edits.add_tasks(
        project,
        by=alice,
        rows=[
            {"name": "Build", "level": 1},
            {"name": "Dig", "level": 2, "duration": 3 * DAY},
            {"name": "Pour", "level": 2, "duration": 2 * DAY},
            {"name": "Cure", "level": 2, "duration": 5 * DAY},
            {"name": "Hand over", "level": 1, "duration": 0, "is_milestone": True},
            {"name": "Paint", "level": 1, "duration": 4 * DAY},
        ],
        links=[(1, 2), (2, 3), (3, 4)],
    )
    project.alice = alice
    return project


@pytest.fixture
def plan(new_page, project):
    """`plan(user=…)`: the schedule page of this person, with a surface that can be worked on, 32 pixels a day."""

    def opened(user=None, **look) -> Page:
        page = new_page("/projects/SITE/schedule/", user=user or project.alice, **look)
        return ready(page)

    return opened


def ready(page: Page) -> Page:
    expect(page.locator("plan-gantt.is-ready")).to_be_visible()
    page.evaluate("document.querySelector('plan-gantt').setScale(32)")
    page.evaluate("document.querySelector('plan-gantt').goSelected()")
    at_rest(page)
    return page


def at_rest(page: Page) -> None:
    """Whatever scrolls has been drawn where it stands."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def uid(name: str) -> int:
    return Task.objects.get(name=name).uid


def cell(page, name, column):
    return page.locator(f'.g-rows [data-uid="{uid(name)}"] [data-col="{column}"]')


def bar(page, name):
    return page.locator(f'.g-bars [data-uid="{uid(name)}"]')


def shape(page, name) -> dict:
    at_rest(page)
    return bar(page, name).locator(".g-shape").bounding_box()


def said(page, text):
    """The sentence in the live region."""
    expect(page.locator(".g-toasts").get_by_text(text).last).to_be_visible()


def saved(page):
    """Nothing is under way any more."""
    expect(page.locator(".g-busy")).to_be_hidden()


def drag(page, start: tuple, end: tuple):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def middle(box: dict) -> tuple:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def start_of(name) -> str:
    return f"{Task.objects.get(name=name).start:%Y-%m-%d}"


def test_typing_into_cells(plan, new_page, project):
    page = plan()
    page.expected_errors = ["422"]
    tree = page.get_by_role("treegrid", name="Tasks")
    expect(tree).to_have_attribute("aria-rowcount", "7")
    expect(tree.get_by_role("row").nth(2)).to_have_attribute("aria-level", "2")

    # Enter opens, Enter saves and goes down, the sentence says what moved.
    cell(page, "Dig", "duration").click()
    page.keyboard.press("Enter")
    page.keyboard.type("4d")
    page.keyboard.press("Enter")
    said(page, re.compile("moved|slips"))
    expect(cell(page, "Dig", "duration")).to_have_text("4d")
    expect(cell(page, "Pour", "duration")).to_be_focused()
    assert Task.objects.get(name="Dig").duration == 4 * DAY
    expect(cell(page, "Hand over", "finish")).to_have_text(re.compile("18.May|15.May"))

    # Typing begins at once; what is wrong stays in the cell with the reason beside it; Esc gives up.
    page.keyboard.type("3x")
    page.keyboard.press("Enter")
    error = page.locator(".g-error")
    expect(error).to_contain_text("3x")
    expect(page.locator(".g-editor input")).to_have_value("3x")
    page.keyboard.press("Escape")
    expect(cell(page, "Pour", "duration")).to_have_text("2d")
    expect(cell(page, "Pour", "duration")).to_be_focused()

    # Tab saves and opens the next cell; Shift+Tab goes back.
    cell(page, "Paint", "name").click()
    page.keyboard.press("F2")
    page.keyboard.press("End")
    page.keyboard.type(" walls")
    page.keyboard.press("Tab")
    expect(page.locator(".g-editor input")).to_have_value("4d")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".g-editor input")).to_have_value("Paint walls")
    page.keyboard.press("Escape")
    saved(page)
    assert Task.objects.filter(name="Paint walls").exists()

    # Dates, predecessors and progress are typed as well.
    cell(page, "Paint walls", "predecessors").click()
    page.keyboard.type("2FS+2d")
    page.keyboard.press("Enter")
    expect(cell(page, "Paint walls", "predecessors")).to_have_text("2FS+2d")
    expect(page.locator(".g-link")).to_have_count(4)
    cell(page, "Paint walls", "percent").click()
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    expect(cell(page, "Paint walls", "percent")).to_have_text("50%")

    # Undo is the person's own and survives a reload.
    page.reload()
    ready(page)
    cell(page, "Dig", "name").click()
    page.keyboard.press("Control+z")
    expect(cell(page, "Paint walls", "percent")).to_have_text("0%")
    page.keyboard.press("Control+z")
    expect(cell(page, "Paint walls", "predecessors")).to_have_text("")
    page.keyboard.press("Control+y")
    expect(cell(page, "Paint walls", "predecessors")).to_have_text("2FS+2d")
    assert Link.objects.filter(successor__name="Paint walls").count() == 1


def test_bars_by_mouse(plan):
    page = plan()

    # A drop that moves only what was dragged is saved at once.
    x, y = middle(shape(page, "Paint"))
    drag(page, (x, y), (x + 64, y))
    expect(bar(page, "Paint")).to_be_focused()
    expect(cell(page, "Paint", "start")).to_have_text(re.compile("6.May"))
    assert start_of("Paint") == "2026-05-06"

    # One that moves others asks, with ghosts where they would stand; Esc takes it back, Enter does it.
    x, y = middle(shape(page, "Dig"))
    drag(page, (x, y), (x + 32, y))
    preview = page.locator(".g-preview")
    expect(preview).to_contain_text(re.compile("moved|slips"))
    expect(page.locator(".g-would").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    assert start_of("Dig") == "2026-05-04"
    drag(page, (x, y), (x + 32, y))
    expect(preview).to_be_visible()
    page.keyboard.press("Enter")
    said(page, re.compile("moved|slips"))
    expect(cell(page, "Dig", "start")).to_have_text(re.compile("5.May"))
    assert start_of("Dig") == "2026-05-05"

    # The right edge changes the duration, the grip below the bar the progress.
    box = shape(page, "Paint")
    page.mouse.move(*middle(box))
    edge = page.locator('.g-over [data-part="resize"]').bounding_box()
    drag(page, middle(edge), (middle(edge)[0] + 32, middle(edge)[1]))
    expect(cell(page, "Paint", "duration")).to_have_text("5d")
    box = shape(page, "Paint")
    page.mouse.move(*middle(box))
    grip = page.locator('.g-over [data-part="progress"]').bounding_box()
    drag(page, middle(grip), (box["x"] + box["width"] * 0.4, middle(grip)[1]))
    expect(cell(page, "Paint", "percent")).to_have_text("40%")

    # Bar end to bar: which ends decides the type.
    for part, into_right_half, kind in [
        ("link-end", False, "FS"), ("link-start", False, "SS"), ("link-end", True, "FF"), ("link-start", True, "SF"),
    ]:  # fmt: skip
        page.mouse.move(*middle(shape(page, "Dig")))
        knob = page.locator(f'.g-over [data-part="{part}"] .g-dot').bounding_box()
        target = shape(page, "Paint")
        at = target["x"] + target["width"] * (0.8 if into_right_half else 0.2)
        drag(page, middle(knob), (at, middle(target)[1]))
        link = page.locator(f'[data-link="{uid("Dig")}>{uid("Paint")}"]')
        preview = page.locator(".g-preview:not([hidden])")
        expect(preview.or_(link).first).to_be_attached()
        if preview.count():
            page.keyboard.press("Enter")
        expect(link).to_be_attached()
        assert Link.objects.get(successor__name="Paint").type == kind
        # A click selects the link, Delete removes it.
        link.locator(".g-link-hit").dispatch_event("pointerdown", {"button": 0, "bubbles": True})
        expect(link).to_have_class(re.compile("is-sel"))
        page.keyboard.press("Delete")
        expect(link).to_have_count(0)
    assert not Link.objects.filter(successor__name="Paint").exists()


def test_bars_and_rows_by_keyboard(plan):
    page = plan()
    bar(page, "Paint").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(cell(page, "Paint", "start")).to_have_text(re.compile("6.May"))
    page.keyboard.press("Shift+ArrowRight")
    expect(cell(page, "Paint", "duration")).to_have_text("5d")
    expect(bar(page, "Paint")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(bar(page, "Hand over")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell(page, "Hand over", "name")).to_be_focused()

    # Rows: order, level, new, gone.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    expect(cell(page, "Paint", "number")).to_have_text("5")
    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(page.locator(f'.g-rows [data-uid="{uid("Paint")}"]')).to_have_attribute("aria-level", "2")
    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.locator(f'.g-rows [data-uid="{uid("Paint")}"]')).to_have_attribute("aria-level", "1")
    page.keyboard.press("Insert")
    expect(page.locator(".g-editor input")).to_have_value("New task")
    page.keyboard.type("Scaffold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="Scaffold")).to_be_visible()
    expect(page.locator(".g-rows .g-row")).to_have_count(7)
    saved(page)
    cell(page, "Scaffold", "name").click()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog", name="Delete “Scaffold”?")
    dialog.get_by_role("button", name="Keep").click()
    page.keyboard.press("Delete")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("rowheader", name="Scaffold")).to_have_count(0)

    # A summary folds; Home and End, Page keys stay in the grid; ? lists the keys of the plan.
    cell(page, "Build", "name").click()
    page.keyboard.press(" ")
    expect(page.locator(".g-rows .g-row")).to_have_count(3)
    expect(page.locator(f'.g-rows [data-uid="{uid("Build")}"]')).to_have_attribute("aria-expanded", "false")
    page.keyboard.press(" ")
    page.keyboard.press("Control+End")
    expect(cell(page, "Hand over", "name")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Why these dates")
    page.keyboard.press("Escape")

    # Why a task stands where it stands.
    cell(page, "Pour", "start").click()
    page.keyboard.press("Alt+w")
    expect(page.get_by_role("dialog", name=re.compile("Why these dates"))).to_contain_text("Dig")
    page.keyboard.press("Escape")
    expect(cell(page, "Pour", "start")).to_be_focused()


def test_a_row_is_dragged_by_its_number(plan):
    page = plan()
    grip = cell(page, "Paint", "number").bounding_box()
    target = cell(page, "Pour", "number").bounding_box()
    drag(page, middle(grip), (middle(target)[0] + 20, target["y"] + 1))
    expect(cell(page, "Paint", "number")).to_have_text("3")
    paint = Task.objects.get(name="Paint")
    assert (paint.number, paint.outline_level) == (3, 2)


PASTE = """([selector, text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const cell = selector ? document.querySelector(selector) : document.activeElement;
    cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
COPY = """() => {
    const data = new DataTransfer();
    const copy = new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(copy);
    return data.getData("text/plain");
}"""


def test_blocks_and_many_rows_at_once(plan):
    page = plan()
    page.expected_errors = ["422"]

    # A block of a spreadsheet goes over what is there and on beyond the end.
    cell(page, "Hand over", "name").click()
    page.evaluate(PASTE, [None, "Hand in\t0d\nPaint inside\t6d\nClean\t1d\n"])
    expect(page.get_by_role("rowheader", name="Clean")).to_be_visible()
    assert Task.objects.get(name="Paint inside").duration == 6 * DAY
    # What is wrong is named, the block is kept to be corrected, nothing was saved.
    cell(page, "Clean", "duration").click()
    page.evaluate(PASTE, [None, "2d\nmany"])
    dialog = page.get_by_role("dialog", name="Nothing was pasted yet")
    expect(dialog.get_by_role("alert")).to_contain_text("many")
    assert Task.objects.get(name="Clean").duration == DAY
    dialog.get_by_label("The block, one row a line").fill("2d")
    dialog.get_by_role("button", name="Paste again").click()
    expect(cell(page, "Clean", "duration")).to_have_text("2d")

    # Selected rows are copied as a block.
    cell(page, "Dig", "name").click()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".g-counts")).to_contain_text("2 selected")
    rows = page.evaluate(COPY).splitlines()
    assert [row.split("\t")[:2] for row in rows] == [["Dig", "3d"], ["Pour", "2d"]]

    # Both changed at once: first the count, then one step that is one undo.
    page.keyboard.press("Alt+b")
    form = page.get_by_role("dialog", name="Change 2 tasks")
    form.get_by_label("Duration").fill("nonsense")
    form.get_by_role("button", name="See what would change").click()
    expect(form.get_by_role("alert")).to_contain_text("nonsense")
    form.get_by_label("Duration").fill("1d")
    form.get_by_role("button", name="See what would change").click()
    expect(page.locator(".g-preview")).to_contain_text("2 tasks change.")
    page.keyboard.press("Enter")
    expect(cell(page, "Pour", "duration")).to_have_text("1d")
    assert set(Task.objects.filter(name__in=["Dig", "Pour"]).values_list("duration", flat=True)) == {DAY}
    page.keyboard.press("Control+z")
    expect(cell(page, "Pour", "duration")).to_have_text("2d")
    expect(cell(page, "Dig", "duration")).to_have_text("3d")


def test_two_people_at_once(plan, project):
    """The manager plans, a member reports progress."""
    bob = factories.make_user("Bob Second")
    factories.join(project, bob, "member")
    hers, his = plan(), plan(user=bob)
    his.expected_errors = ["409"]

    # His save arrives while she types elsewhere, and what she types stays.
    cell(hers, "Paint", "name").click()
    hers.keyboard.press("F2")
    hers.keyboard.type("Paint twice")
    cell(his, "Dig", "percent").click()
    his.keyboard.type("30")
    his.keyboard.press("Enter")
    expect(cell(hers, "Dig", "percent")).to_have_text("30%")
    said(hers, re.compile("Bob"))
    expect(hers.locator(".g-editor input")).to_have_value("Paint twice")
    expect(hers.locator(".g-editor input")).to_be_focused()
    hers.keyboard.press("Enter")
    saved(hers)
    expect(cell(his, "Paint twice", "name")).to_have_text("Paint twice")

    # The same cell: he began before her save, so he is asked which one stays.
    cell(his, "Cure", "percent").click()
    his.keyboard.press("Enter")
    his.keyboard.type("90")
    cell(hers, "Cure", "percent").click()
    hers.keyboard.type("70")
    hers.keyboard.press("Enter")
    expect(cell(hers, "Cure", "percent")).to_have_text("70%")
    saved(hers)
    his.keyboard.press("Enter")
    dialog = his.get_by_role("dialog", name="Two versions of one cell")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("70")
    assert Task.objects.get(name="Cure").percent == 70
    dialog.get_by_role("button", name="Keep yours").click()
    expect(cell(hers, "Cure", "percent")).to_have_text("90%")


def test_what_is_shown_and_kept(plan):
    page = plan()
    # Filter: what fits, with what stands above it; in the address.
    page.get_by_role("searchbox", name="Name, number, person").fill("cure")
    expect(page.locator(".g-rows .g-row")).to_have_count(2)
    expect(page.locator(".g-counts")).to_have_text("1 of 6 tasks fit")
    expect(page).to_have_url(re.compile(r"\?q=cure$"))
    page.keyboard.press("Escape")
    expect(page.locator(".g-rows .g-row")).to_have_count(6)
    page.get_by_label("Show", exact=True).select_option("milestones")
    expect(page.locator(".g-rows .g-row")).to_have_count(1)
    page.get_by_label("Show", exact=True).select_option("")
    page.get_by_label("Levels shown").select_option("1")
    expect(page.locator(".g-rows .g-row")).to_have_count(3)

    # Columns, widths, the split, the zoom and what is folded are there again after a reload.
    page.locator(".g-menu summary").click()
    page.get_by_label("Deadline").check()
    page.get_by_label("Float", exact=True).first.check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="Deadline")).to_be_attached()
    grip = page.locator('[data-resize="name"]').bounding_box()
    drag(page, middle(grip), (middle(grip)[0] + 60, middle(grip)[1]))
    page.get_by_role("separator").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name=re.compile("Zoom in")).click()
    kept = """() => {
        const g = document.querySelector("plan-gantt");
        return [g.scale.perDay, g.split.width, g.columns.width("name"), g.plan.rows.length, g.show.float];
    }"""
    before = page.evaluate(kept)
    page.reload()
    expect(page.locator("plan-gantt.is-ready")).to_be_visible()
    assert page.evaluate(kept) == before
    assert before[3:] == [3, True]
    expect(page.get_by_role("columnheader", name="Deadline")).to_be_attached()


def test_on_a_phone_by_finger(project, chromium, live_server):
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 800},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    signed_in = new_context(chromium, live_server.url, user=project.alice)
    context.add_cookies(signed_in.cookies())
    signed_in.close()
    page = listened_to(context.new_page())
    try:
        page.goto("/projects/SITE/schedule/")
        ready(page)
        assert overflow(page) <= 0
        expect(page.locator(".g-tree")).to_be_visible()
        page.get_by_role("button", name="Timeline only").tap()
        expect(page.locator(".g-time")).to_be_visible()
        assert overflow(page) <= 0
        page.evaluate("document.querySelector('plan-gantt').setScale(32)")
        page.evaluate("document.querySelector('plan-gantt').goSelected()")
        page.evaluate("document.querySelector('plan-gantt').scrollIntoView({ block: 'end' })")
        x, y = middle(shape(page, "Paint"))
        touch = page.context.new_cdp_session(page)

        def finger(kind, *points):
            touch.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": a, "y": b, "id": n} for n, (a, b) in enumerate(points)]},
            )

        # A long press lifts the bar; then it follows the finger.
        finger("touchStart", (x, y))
        expect(bar(page, "Paint")).to_have_class(re.compile("is-lifted"))
        finger("touchMove", (x + 30, y))
        finger("touchMove", (x + 64, y))
        finger("touchEnd")
        said(page, re.compile(r"\w"))
        assert start_of("Paint") == "2026-05-06"
        # Two fingers widen time; above the toast.
        y = middle(shape(page, "Dig"))[1]
        wide = page.evaluate("document.querySelector('plan-gantt').scale.perDay")
        finger("touchStart", (100, y), (160, y))
        finger("touchMove", (70, y), (190, y))
        finger("touchEnd")
        until(page, "wide => document.querySelector('plan-gantt').scale.perDay > wide", arg=wide)
        assert page.errors == []
    finally:
        context.close()


def test_who_may_not_plan(plan, new_page, project):
    """Members report progress; a client reads; a closed project is only read; without script the table is the plan."""
    cast = factories.make_cast(project)
    page = plan(user=cast.bob)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    cell(page, "Dig", "duration").click()
    page.keyboard.press("Enter")
    expect(page.locator(".g-editor")).to_have_count(0)
    cell(page, "Dig", "percent").click()
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(cell(page, "Dig", "percent")).to_have_text("20%")

    page = plan(user=cast.cleo)
    cell(page, "Dig", "percent").click()
    page.keyboard.press("Enter")
    expect(page.locator(".g-editor")).to_have_count(0)

    project.cancel(by=project.alice, reason="No money")
    page = plan()
    expect(page.get_by_text(re.compile("cancelled and read-only"))).to_be_visible()
    cell(page, "Dig", "duration").click()
    page.keyboard.press("F2")
    expect(page.locator(".g-editor")).to_have_count(0)
    page.mouse.move(*middle(shape(page, "Dig")))
    expect(page.locator(".g-over [data-part]")).to_have_count(0)
    expect(page.get_by_placeholder(re.compile("Add a task"))).to_have_count(0)

    page = new_page("/projects/SITE/schedule/", user=project.alice, script=False)
    expect(page.get_by_role("row").filter(has_text="Dig")).to_be_visible()
    expect(page.locator("svg.gantt")).to_be_visible()


def test_without_a_connection(plan):
    page = plan()
    page.expected_errors = ["ERR_", "403"]
    page.context.set_offline(True)
    cell(page, "Dig", "duration").click()
    page.keyboard.type("7d")
    page.keyboard.press("Enter")
    expect(page.locator(".g-banner.is-offline")).to_be_visible()
    expect(cell(page, "Dig", "duration")).to_contain_text("7d")
    expect(cell(page, "Dig", "duration")).to_have_attribute("aria-invalid", "true")
    page.context.set_offline(False)
    expect(page.locator(".g-banner.is-offline")).to_have_count(0)
    cell(page, "Dig", "duration").click()
    page.keyboard.press("Enter")
    expect(page.locator(".g-editor input")).to_have_value("7d")
    page.keyboard.press("Enter")
    said(page, re.compile("moved|slips"))
    assert Task.objects.get(name="Dig").duration == 7 * DAY

    # Signed out elsewhere: nobody is sent away from what is being typed.
    page.context.clear_cookies()
    cell(page, "Pour", "duration").click()
    page.keyboard.type("8d")
    page.keyboard.press("Enter")
    expect(page.locator(".g-banner.is-away")).to_contain_text("signed out")
    expect(cell(page, "Pour", "duration")).to_contain_text("8d")
    assert page.url.endswith("/schedule/")


def test_a_long_plan(plan, project):
    """Only what is near the window exists; the keyboard and the labels reach all of it."""
    rows = [{"name": f"Step {n}", "duration": DAY} for n in range(400)]
    edits.add_tasks(project, by=project.alice, rows=rows, links=[(n, n + 1) for n in range(0, 398, 2)])
    page = plan()
    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "407")
    cell(page, "Dig", "name").click()
    page.keyboard.press("Control+End")
    last = cell(page, "Step 399", "name")
    expect(last).to_be_focused()
    expect(page.locator(f'.g-rows [data-uid="{uid("Step 399")}"]')).to_have_attribute("aria-rowindex", "407")
    assert page.locator(".g-rows .g-row").count() < 70
    assert page.locator("plan-gantt *").count() < 2000
    page.keyboard.press("Control+Home")
    expect(cell(page, "Build", "name")).to_be_focused()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(page.locator(".g-rows :focus")).to_be_in_viewport()
    assert page.locator(".g-rows :focus").evaluate("cell => +cell.parentElement.ariaRowIndex") > 20
    assert overflow(page) <= 0


MODULES = """async (base) => {
    const { WorkTime } = await import(base + "worktime.js");
    const { Scale, LEVELS } = await import(base + "scale.js");
    const { minutes, iso } = await import(base + "time.js");
    const { placeAt } = await import(base + "reorder.js");
    const { parseBlock, formatBlock } = await import(base + "clipboard.js");
    const day = [["08:00", "12:00"], ["13:00", "17:00"]];
    const exceptions = [{ from: "2026-05-14", to: "2026-05-14", hours: [] }];
    const work = new WorkTime({ week: [day, day, day, day, day, [], []], exceptions });
    const at = (text) => minutes(text);
    const scale = new Scale(32, at("2026-05-01"), at("2026-12-01"));
    const rows = [[1, 1, true], [2, 2], [3, 2], [4, 1]].map(([uid, level, summary]) => ({ uid, level, summary }));
    return {
        overNoon: iso(work.add(at("2026-05-04T11:00"), 120)),
        overWeekend: iso(work.add(at("2026-05-08T16:00"), 120)),
        overHoliday: iso(work.add(at("2026-05-13T17:00"), 60)),
        back: iso(work.add(at("2026-05-11T09:00"), -120)),
        between: work.between(at("2026-05-08T08:00"), at("2026-05-11T17:00")),
        snapStart: iso(work.snapStart(at("2026-05-09T03:00"), 1440)),
        snapFinish: iso(work.snapFinish(at("2026-05-10T20:00"), 1440)),
        roundTrip: [0, 17, 4000].every((x) => Math.abs(scale.x(scale.at(x)) - x) < 0.05),
        wider: scale.step(1) > 32 && scale.step(-1) < 32,
        levels: LEVELS.every((level, index) => !index || level.day < LEVELS[index - 1].day),
        first: placeAt(rows, 1, 2), last: placeAt(rows, 3, 2), after: placeAt(rows, 4, 1), under: placeAt(rows, 4, 2),
        block: parseBlock('a\\t"b ""c""\\nd"\\r\\ne\\t\\n'),
        same: formatBlock(parseBlock('a\\t"x\\ny"\\n"q""q"\\tz')),
    };
}"""


def test_the_pure_modules(plan):
    page = plan()
    found = page.evaluate(MODULES, "/static/js/gantt/")
    assert found["overNoon"] == "2026-05-04T14:00"
    assert found["overWeekend"] == "2026-05-11T09:00"
    assert found["overHoliday"] == "2026-05-15T09:00"
    assert found["back"] == "2026-05-08T16:00"
    assert found["between"] == 2 * DAY
    assert found["snapStart"] == "2026-05-11T08:00"
    assert found["snapFinish"] == "2026-05-08T17:00"
    assert [found[name] for name in ("roundTrip", "wider", "levels")] == [True] * 3
    assert found["first"] == {"level": 2, "before": 2}
    assert found["last"] == {"level": 2, "after": 3}
    assert found["after"] == {"level": 1, "after": 4}
    assert found["under"] == {"level": 1, "after": 4}  # a leaf takes nothing below it by a drop beside it
    assert found["block"] == [["a", 'b "c"\nd'], ["e", ""]]
    assert found["same"] == 'a\t"x\ny"\n"q""q"\tz'
