"""Each operation, its answer, and what it refuses."""

import datetime

import pytest

from projects.schedule.models import Task

pytestmark = pytest.mark.django_db
C = Task.Constraint


def test_a_duration_moves_what_waits(api, plan):
    answer = api.set("A", duration="4d")
    assert answer["sentence"].startswith("3 tasks moved; the finish slips to 13\u00a0Jan.")
    assert answer["moved"] == 3
    assert answer["finish"] == ["2026-01-09T17:00", "2026-01-13T17:00"]
    assert {row[6] for row in answer["rows"]} == {"Phase", "A", "B", "Done", "Other", "C"}, "C has more float now"
    assert plan["A"].duration == 4 * 480


@pytest.mark.parametrize(
    ("typed", "minutes", "elapsed"),
    [("3d", 1440, False), ("2w", 4800, False), ("4h", 240, False),
     ("1.5d", 720, False), ("3ed", 4320, True), ("90m", 90, False),
     (2, 960, False), ("1,5 days", 720, False), ("3d?", 1440, False)],
)  # fmt: skip
def test_durations_as_people_type_them(api, plan, typed, minutes, elapsed):
    api.set("A", duration=typed)
    assert (plan["A"].duration, plan["A"].duration_elapsed) == (minutes, elapsed)


def test_a_typed_start_is_a_constraint_and_the_answer_says_so(api, plan):
    answer = api.set("C", start="8 Jan 2026")
    c = plan["C"]
    assert (c.constraint, c.start.hour, c.start.day) == (C.SNET, 7, 8)
    assert "“C” now has the constraint “Start no earlier than 8\u00a0Jan”" in answer["sentence"]


def test_a_typed_finish_is_a_constraint(api, plan):
    api.set("C", finish="2026-01-09")
    c = plan["C"]
    assert (c.constraint, c.finish.day, c.finish.hour) == (C.FNET, 9, 16)


def test_start_and_finish_together_give_the_length(api, plan):
    api.set("C", start="2026-01-08", finish="2026-01-09")
    c = plan["C"]
    assert (c.constraint, c.duration, c.finish.day) == (C.SNET, 960, 9)


def test_an_emptied_start_frees_the_task(api, plan):
    api.set("C", start="2026-01-08")
    api.set("C", start="")
    assert (plan["C"].constraint, plan["C"].start.day) == (C.ASAP, 5)


def test_a_manual_task_keeps_its_dates(api, plan):
    api.set("B", mode="manual")
    api.set("A", duration="9d")
    assert plan["B"].start.day == 7
    assert "not respected" in api.tasks()["B"]["violated"]
    api.set("B", start="2026-01-20")
    b = plan["B"]
    assert (b.start.day, b.finish.day, b.constraint) == (20, 22, C.ASAP)


def test_predecessors_with_lags(api, plan):
    answer = api.set("C", predecessors="2FS+2d; 3SS-50%")
    links = plan["C"].predecessor_links.order_by("predecessor__number").values_list("type", "lag", "lag_unit")
    assert list(links) == [("FS", 960, "working"), ("SS", -50, "percent")]
    assert len(answer["links"]) == 2


def test_people_by_name_and_share(api, people, plan):
    api.set("A", people=f"{people.bob.name}[50%]; {people.alice.name}")
    units = dict(plan["A"].assignments.values_list("resource__name", "units"))
    assert units == {people.bob.name: 50, people.alice.name: 100}
    assert api.tasks()["A"]["people"] == f"{people.alice.name}; {people.bob.name}[50%]"


def test_somebody_unknown_is_refused_with_who_there_is(api, people, plan):
    errors = api.set("A", people="Bobb", status=422)["errors"]
    assert people.bob.name in errors[0]["message"]
    assert errors[0]["typed"] == "Bobb"


def test_every_error_is_told_at_once(api, plan):
    answer = api.post(
        {"op": "set", "uid": plan["A"].uid, "fields": {"duration": "3x", "percent": "130", "name": "Kept?"}},
        {"op": "set", "uid": plan["C"].uid, "fields": {"deadline": "32 May"}},
        status=422,
    )
    assert [(one["op"], one["field"], one["typed"]) for one in answer["errors"]] == [
        (0, "duration", "3x"),
        (0, "percent", "130"),
        (1, "deadline", "32 May"),
    ]
    assert plan["A"].name == "A"


def test_a_circle_is_the_error_of_the_link_that_closed_it(api, plan):
    answer = api.post(
        {"op": "set", "uid": plan["C"].uid, "fields": {"name": "See"}},
        {"op": "link", "from": plan["B"].uid, "to": plan["A"].uid},
        status=422,
    )
    (error,) = answer["errors"]
    assert (error["op"], error["uid"], error["field"]) == (1, plan["A"].uid, "predecessors")
    assert "wait for each other" in error["message"]
    assert plan["C"].name == "C"


def test_dragging_a_bar_sets_a_constraint_at_working_time(api, plan):
    api.post({"op": "move", "uid": plan["C"].uid, "start": "2026-01-10T03:00"})  # a Saturday
    c = plan["C"]
    assert (c.constraint, c.start) == (C.SNET, datetime.datetime(2026, 1, 12, 7, tzinfo=datetime.UTC))


def test_dragging_a_summary_takes_its_first_tasks_along(api, plan):
    api.post({"op": "move", "uid": plan["Phase"].uid, "start": "2026-01-07T08:00"})
    a, b = plan["A"], plan["B"]
    assert (a.constraint, a.start.day, b.constraint, b.start.day) == (C.SNET, 7, C.ASAP, 9)


def test_dragging_the_right_edge_changes_the_length(api, plan):
    api.post({"op": "resize", "uid": plan["C"].uid, "finish": "2026-01-07T12:00"})
    assert plan["C"].duration == 480 * 2 + 240


def test_what_has_started_is_not_dragged(api, plan):
    api.post({"op": "progress", "uid": plan["A"].uid, "percent": "40%"})
    assert plan["A"].percent == 40
    (error,) = api.post({"op": "move", "uid": plan["A"].uid, "start": "2026-02-02T08:00"}, status=422)["errors"]
    assert "started on" in error["message"]


def test_added_tasks_can_be_named_by_later_operations(api, plan):
    answer = api.post(
        {"op": "add", "ref": "n1", "after": plan["A"].uid, "fields": {"name": "New", "duration": "2d"}},
        {"op": "add", "ref": "n2", "parent": "n1", "fields": {"name": "Inner"}},
        {"op": "link", "from": "n2", "to": plan["C"].uid, "lag": "1d"},
    )
    assert answer["added"] == {"n1": plan["New"].uid, "n2": plan["Inner"].uid}
    assert [row[2] for row in plan.outline] == ["Phase", "A", "New", "Inner", "B", "Done", "Other", "C"]
    assert answer["order"] == [plan[row[2]].uid for row in plan.outline]
    assert plan["New"].is_summary
    assert plan["C"].predecessor_links.get().lag == 480


def test_removing_and_restoring_the_numbers(api, plan):
    gone = plan["A"].uid
    assert api.post({"op": "remove", "uids": [plan["Phase"].uid]}, status=422)["errors"][0]["message"].endswith(
        "below it."
    )
    answer = api.post({"op": "remove", "uids": [gone]})
    assert answer["removed"] == [gone]
    assert [row[0] for row in plan.outline] == [1, 2, 3, 4, 5]


def test_several_rows_are_indented_and_moved_as_one(api, plan):
    api.post({"op": "outdent", "uids": [plan["A"].uid, plan["B"].uid]})
    assert [row[1:] for row in plan.outline][:3] == [("1", "Phase"), ("2", "A"), ("3", "B")]
    api.post({"op": "indent", "uids": [plan["A"].uid, plan["B"].uid]})
    assert [row[1:] for row in plan.outline][:3] == [("1", "Phase"), ("1.1", "A"), ("1.2", "B")]
    api.post({"op": "place", "uids": [plan["A"].uid, plan["B"].uid], "after": plan["C"].uid})
    assert [row[2] for row in plan.outline] == ["Phase", "Done", "Other", "C", "A", "B"]


def test_a_pasted_block_changes_rows_and_adds_the_rest(api, plan):
    answer = api.post(
        {"op": "paste", "at": plan["C"].uid, "columns": ["name", "duration", "predecessors"],
         "cells": [["C", "2d", ""], ["Dig", "3d", "6"], ["Fill", "1d", "7FS+1d"]]}
    )  # fmt: skip
    assert [row[2] for row in plan.outline][-3:] == ["C", "Dig", "Fill"]
    assert plan["Fill"].predecessor_links.get().predecessor == plan["Dig"]
    assert plan["Dig"].parent == plan["Other"]
    assert answer["moved"] == 3


def test_a_bad_cell_of_a_block_is_named_by_row_and_column(api, plan):
    answer = api.post(
        {"op": "paste", "at": None, "columns": ["name", "duration"], "cells": [["X", "1d"], ["Y", "soon"]]}, status=422
    )
    (error,) = answer["errors"]
    assert (error["row"], error["column"], error["typed"]) == (1, 1, "soon")
    assert not Task.objects.filter(name="X").exists()


def test_a_preview_saves_nothing(api, project, plan):
    before = list(Task.objects.order_by("pk").values())
    data = api.data()
    answer = api.post({"op": "set", "uid": plan["A"].uid, "fields": {"duration": "4d"}},
                      {"op": "add", "ref": "x", "fields": {"name": "X"}}, preview=True)  # fmt: skip
    assert (answer["preview"], answer["moved"]) == (True, 4)
    assert list(Task.objects.order_by("pk").values()) == before
    assert api.data()["revision"] == data["revision"]
    assert api.data()["undo"] == data["undo"]


def test_a_member_reports_progress_and_nothing_else(as_, plan):
    bob = as_("bob")
    bob.set("A", percent="50")
    assert plan["A"].percent == 50
    (error,) = bob.set("A", duration="9d", status=403)["errors"]
    assert "project manager" in error["message"]
    for other in ("cleo", "stella", "charlie"):
        assert as_(other).client.post(bob.url("plan-edits"), "{}", content_type="application/json").status_code in (
            403,
            404,
        )


def test_the_in_place_rule(api, as_, people, plan):
    alice, bob = api, as_("bob")
    alice.set("A", duration="4d", was={"duration": "2d"})
    bob.set("A", percent="10", was={"percent": 0})  # another field: merged
    answer = alice.set("A", duration="3d", was={"duration": "2d"}, status=409)
    (conflict,) = answer["conflicts"]
    assert (conflict["base"], conflict["theirs"], conflict["mine"]) == ("2d", "4d", "3d")
    assert conflict["who"] == people.alice.name
    assert plan["A"].duration == 4 * 480
    assert len(answer["rows"]) == 1


def test_a_task_that_is_gone(api, plan):
    uid = plan["C"].uid
    api.post({"op": "remove", "uids": [uid]})
    assert api.post({"op": "progress", "uid": uid, "percent": 10}, status=409)["gone"] == [uid]
