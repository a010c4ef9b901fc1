"""What the planning surface draws and where: splits, manual and inactive tasks, deadlines, what is violated, floats,
baselines; several bars at once, zoom and scrolling by wheel, columns in another order, times where time is by hours."""

import datetime
import re

import pytest
from playwright.sync_api import Page, expect

from projects.models import Task
from projects.schedule import edits
from projects.schedule.baselines import take_baseline
from projects.schedule.localtime import to_wall
from projects.schedule.plan import reschedule
from tests.browser.conftest import until
from tests.browser.test_gantt import DAY, bar, cell, drag, middle, plan, project, saved, shape, start_of, uid

__all__ = ["plan", "project"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY_WIDTH = 32  # pixels, as `ready` sets it


def change(project, name, **fields):
    edits.apply_ops(project, by=project.alice, ops=[{"op": "set", "uid": uid(name), "fields": fields}])


def columns(page: Page) -> list[str]:
    return page.evaluate("document.querySelector('plan-gantt').columns.keys")


def show(page: Page, label: str) -> None:
    page.locator(".g-menu summary").click()
    page.locator(".g-pop").get_by_label(label, exact=True).first.check()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_no_column_is_cut_where_the_timeline_begins(plan, width):
    page = plan()
    page.evaluate("localStorage.clear()")
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()
    expect(page.locator("plan-gantt.is-ready")).to_be_visible()
    edge = page.locator(".g-splitter").bounding_box()["x"]
    ends = [box["x"] + box["width"] for box in (cell.bounding_box() for cell in page.locator(".g-head .g-th").all())]
    assert any(abs(end - edge) < 2 for end in ends), (edge, ends)


def test_what_bars_say(plan, project):
    Task.objects.filter(name="Dig").update(splits=[[DAY, 2 * DAY]])  # a day, two days nothing, two days
    reschedule(project)
    change(project, "Paint", deadline="2026-06-30")
    change(project, "Cure", deadline="2026-05-06")
    page = plan()

    # Interrupted work: two pieces with a line between, as far apart as the pause.
    pieces = [piece.bounding_box() for piece in bar(page, "Dig").locator("rect.g-shape").all()]
    assert len(pieces) == 2
    assert pieces[0]["width"] == pytest.approx(9 / 24 * DAY_WIDTH, abs=1.5)
    assert pieces[1]["x"] - pieces[0]["x"] == pytest.approx(3 * DAY_WIDTH, abs=1.5)
    expect(bar(page, "Dig").locator(".g-split")).to_have_count(1)

    # A deadline is an arrow; one that is missed says so in another colour and in words.
    expect(bar(page, "Paint").locator(".g-deadline")).not_to_have_class(re.compile("is-missed"))
    expect(bar(page, "Cure").locator(".g-deadline")).to_have_class(re.compile("is-missed"))
    expect(cell(page, "Cure", "info")).to_contain_text("misses its deadline")

    # Inactive: struck through and counted for nothing.
    change(project, "Hand over", active="no")
    expect(bar(page, "Hand over")).to_have_class(re.compile("is-off"))
    expect(page.locator(f'.g-rows [data-uid="{uid("Hand over")}"]')).to_have_class(re.compile("is-off"))

    # Float, when asked for: from the bar to the latest finish.
    expect(page.locator(".g-float")).to_have_count(0)
    show(page, "Float")
    expect(bar(page, "Paint").locator(".g-float")).to_have_count(1)
    expect(bar(page, "Cure").locator(".g-float")).to_have_count(0)
    line, box = bar(page, "Paint").locator(".g-float").bounding_box(), shape(page, "Paint")
    late = Task.objects.get(name="Paint").late_finish - Task.objects.get(name="Paint").finish
    assert line["width"] == pytest.approx(late.total_seconds() / 86400 * DAY_WIDTH, abs=5)  # its end has a width
    assert line["x"] == pytest.approx(box["x"] + box["width"], abs=2)


def test_a_manual_task_that_breaks_its_link(plan, project):
    page = plan()
    link = page.locator(f'[data-link="{uid("Dig")}>{uid("Pour")}"]')
    expect(link).not_to_have_class(re.compile("is-violated"))
    change(project, "Pour", mode="manual")
    expect(bar(page, "Pour")).to_have_class(re.compile("is-manual"))
    change(project, "Pour", start="2026-05-04")
    expect(link).to_have_class(re.compile("is-violated"))
    expect(bar(page, "Pour")).to_have_class(re.compile("is-violated"))
    expect(bar(page, "Pour").locator(".g-alarm")).to_have_count(1)
    expect(cell(page, "Pour", "info")).to_contain_text("is not respected")
    expect(link.locator("title")).to_contain_text("is not respected")
    # The reason is red by more than colour: dashed.
    dashes = link.locator(".g-link-line").evaluate("line => getComputedStyle(line).strokeDasharray")
    assert dashes != "none"
    change(project, "Pour", mode="auto")
    expect(link).not_to_have_class(re.compile("is-violated"))


def test_another_baseline(plan, project):
    take_baseline(project, by=project.alice, name="First")
    change(project, "Paint", start="2026-05-11")
    take_baseline(project, by=project.alice, name="Second")
    change(project, "Paint", start="2026-05-18")
    page = plan()
    page.locator(".g-menu summary").click()
    choice = page.get_by_label("Compared with")

    def gap():
        return shape(page, "Paint")["x"] - bar(page, "Paint").locator(".g-base").bounding_box()["x"]

    for name, days in (("First", 14), ("Second", 7), ("First", 14)):
        choice.select_option(label=name)
        saved(page)
        ghost = bar(page, "Paint").locator(".g-base")
        expect(ghost).to_have_count(1)
        until(
            page,
            "([uid, gap]) => { const bar = document.querySelector(`.g-bars [data-uid='${uid}']`);"
            " const x = (css) => bar.querySelector(css).getBoundingClientRect().x;"
            " return Math.abs(x('.g-shape') - x('.g-base') - gap) < 2; }",
            arg=[uid("Paint"), days * DAY_WIDTH],
        )
        assert gap() == pytest.approx(days * DAY_WIDTH, abs=2)
    page.locator(".g-pop").get_by_label("Baseline", exact=True).uncheck()
    expect(page.locator(".g-base")).to_have_count(0)


def test_several_bars_are_dragged_together(plan, project):
    edits.add_tasks(project, by=project.alice, rows=[{"name": "Clean", "duration": DAY}])
    page = plan()
    cell(page, "Paint", "number").click()
    cell(page, "Clean", "number").click(modifiers=["Control"])
    expect(page.locator(".g-counts")).to_contain_text("2 selected")
    x, y = middle(shape(page, "Paint"))
    drag(page, (x, y), (x + 2 * DAY_WIDTH, y))
    expect(cell(page, "Clean", "start")).to_have_text(re.compile("6.May"))
    expect(cell(page, "Paint", "start")).to_have_text(re.compile("6.May"))
    saved(page)
    assert (start_of("Paint"), start_of("Clean"), start_of("Dig")) == ("2026-05-06", "2026-05-06", "2026-05-04")
    # One step: one undo.
    cell(page, "Dig", "name").click()
    page.keyboard.press("Control+z")
    expect(cell(page, "Clean", "start")).to_have_text(re.compile("4.May"))
    expect(cell(page, "Paint", "start")).to_have_text(re.compile("4.May"))


def test_the_wheel_with_control_zooms_around_the_pointer(plan):
    page = plan()
    x, y = middle(shape(page, "Paint"))
    under = """x => {
        const g = document.querySelector("plan-gantt");
        return [g.scale.perDay, g.scale.at(g.timeline.left + x - g.timeline.box.getBoundingClientRect().left)];
    }"""
    wide, moment = page.evaluate(under, x)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    until(page, "wide => document.querySelector('plan-gantt').scale.perDay > wide", arg=wide)
    wider, there = page.evaluate(under, x)
    assert abs(there - moment) < 1440 / wider * 3  # three pixels
    page.mouse.wheel(0, 120)
    until(page, "wide => document.querySelector('plan-gantt').scale.perDay < wide", arg=wider)
    page.keyboard.up("Control")


ROWS = """() => {
    const g = document.querySelector("plan-gantt");
    const wrong = [];
    const rows = [...document.querySelectorAll(".g-rows .g-row")];
    for (const row of rows) {
        const task = g.plan.rows[+row.getAttribute("aria-rowindex") - 2];
        const text = (key) => row.querySelector(`[data-col="${key}"]`).textContent.trim();
        const level = row.getAttribute("aria-level");
        const expanded = row.getAttribute("aria-expanded");
        const place = row.style.transform === `translateY(${(+row.getAttribute("aria-rowindex") - 2) * g.rowHeight}px)`;
        const right = String(task.uid) === row.dataset.uid && text("name") === task.name && place &&
            text("number") === String(task.number) && text("duration") === task.duration &&
            level === String(task.level) &&
            (expanded !== null) === task.summary && text("predecessors") === task.predecessors;
        if (!right) wrong.push([row.dataset.uid, row.textContent]);
    }
    const order = rows.map((row) => +row.getAttribute("aria-rowindex"));
    const ordered = order.every((at, index) => !index || order[index - 1] < at);
    return { wrong, rows: rows.length, ordered };
}"""


# What the function finds, asked once it has found the same for ten pictures in a row: the wheel rolls on for a while,
# and the rows are put in order after it.
AT_REST = (
    """async () => {
    const ask = """
    + ROWS
    + """;
    const picture = () => new Promise(requestAnimationFrame);
    let found = "", same = 0;
    for (let turns = 0; turns < 2000 && same < 10; turns++) {
        await picture();
        const now = JSON.stringify([ask(), document.querySelector(".g-tree").scrollTop]);
        same = now === found ? same + 1 : 0;
        found = now;
    }
    return JSON.parse(found)[0];
}"""
)


def test_rows_that_the_wheel_brings_hold_their_own_task(plan, project):
    """Rows that leave are filled again with those that come: nothing of the one before may stay."""
    rows = [{"name": f"Step {n}", "duration": DAY * (n % 4 + 1), "level": 1 if n % 9 == 0 else 2} for n in range(300)]
    edits.add_tasks(project, by=project.alice, rows=rows, links=[(n, n + 1) for n in range(1, 290, 9)])
    page = plan()
    box = page.locator(".g-tree").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    for down in (600, 2400, -900, 5000, -12_000, 700):
        page.mouse.wheel(0, down)
        found = page.evaluate(AT_REST)
        assert found["wrong"] == []
        assert found["ordered"]
        assert 10 < found["rows"] < 70


def test_columns_in_another_order(plan):
    page = plan()
    before = columns(page)
    assert before[:5] == ["number", "info", "name", "duration", "start"]

    # By the mouse: the heading is taken to another gap.
    heading = page.locator('.g-head [data-col="start"]').bounding_box()
    target = page.locator('.g-head [data-col="duration"]').bounding_box()
    drag(page, middle(heading), (target["x"] + 3, middle(target)[1]))
    expect(page.locator(".g-toasts").get_by_text("Start is column 4 of 10.").last).to_be_visible()
    assert columns(page)[:5] == ["number", "info", "name", "start", "duration"]
    expect(cell(page, "Dig", "start")).to_have_text(re.compile("4.May"))

    # By the keyboard, from a cell of the column, which keeps the focus.
    cell(page, "Dig", "duration").click()
    page.keyboard.press("Control+Shift+ArrowRight")
    assert columns(page)[3:6] == ["start", "finish", "duration"]
    expect(cell(page, "Dig", "duration")).to_be_focused()
    page.keyboard.press("Control+Shift+ArrowLeft")
    assert columns(page)[3:6] == ["start", "duration", "finish"]

    # By buttons; the row's number stays first whatever is done.
    page.locator(".g-menu summary").click()
    page.get_by_role("button", name="Move Signs to the right").click()
    assert columns(page)[:3] == ["number", "name", "info"]
    page.get_by_role("button", name="Move Task to the right").click()
    assert columns(page)[:3] == ["number", "info", "name"]
    expect(page.get_by_role("button", name="Move Signs to the left")).to_be_disabled()
    page.keyboard.press("Escape")
    first = page.locator('.g-head [data-col="number"]').bounding_box()
    drag(page, middle(page.locator('.g-head [data-col="name"]').bounding_box()), (first["x"] + 2, middle(first)[1]))
    assert columns(page)[:2] == ["number", "name"]

    # Kept, and by person.
    kept = columns(page)
    page.reload()
    expect(page.locator("plan-gantt.is-ready")).to_be_visible()
    assert columns(page) == kept
    reader = page.locator("plan-gantt").get_attribute("data-reader")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('gantt:'))") == [
        f"gantt:SITE:{reader}"
    ]


def test_dates_by_day_and_by_hour(plan, project):
    page = plan()
    expect(cell(page, "Paint", "start")).to_have_text(re.compile(r"^4.May$"))
    page.evaluate("document.querySelector('plan-gantt').setScale(960)")
    expect(cell(page, "Paint", "start")).to_have_text(re.compile(r"^4.May, 08:00$"))
    cell(page, "Paint", "start").click()
    page.keyboard.press("Enter")
    field = page.locator(".g-editor input")
    expect(field).to_have_attribute("type", "datetime-local")
    expect(field).to_have_value("2026-05-04T08:00")
    field.fill("2026-05-05T13:00")
    page.keyboard.press("Enter")
    expect(cell(page, "Paint", "start")).to_have_text(re.compile(r"^5.May, 13:00$"))
    saved(page)
    paint = Task.objects.get(name="Paint")
    assert to_wall(paint.start, project) == datetime.datetime(2026, 5, 5, 13)
    # At coarser zooms a day is shown and typed; what nobody changed keeps its hour.
    page.evaluate("document.querySelector('plan-gantt').setScale(32)")
    expect(cell(page, "Paint", "start")).to_have_text(re.compile(r"^5.May$"))
    cell(page, "Dig", "name").click()
    cell(page, "Paint", "start").click()
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("type", "date")
    page.keyboard.press("Enter")
    saved(page)
    paint.refresh_from_db()
    assert to_wall(paint.start, project) == datetime.datetime(2026, 5, 5, 13)
