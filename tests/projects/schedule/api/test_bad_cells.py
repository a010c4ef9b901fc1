"""Two thousand cells that nobody should type: no error of the server, nothing lost, nothing half saved."""

import json
import random

import pytest

from projects.schedule.api.cells import FIELDS
from projects.schedule.models import Assignment, Link, Task

pytestmark = pytest.mark.django_db

PIECES = [
    "3d", "4h", "2w", "-3d", "1e9d", "9" * 40 + "d", "soon", "12FS+2d", "99", "0", "1", "2", "3FS", "7XX",
    "2SS-50%", "1FS+999999999999d",
    "-", "+", ";", ",", "%", "[", "]", "Ann Lee", "Bob[50%]", "Bob[-1%]", "Bob[1e5%]", "Bob[]", "[]", "40%",
    "101", "-1", "1.5", "NaN", "Infinity",
    "2026-05-04", "2026-02-30", "0000-00-00", "9999-12-31", "4 May", "31.2.2026", "05/06/07",
    "2026-05-04T25:61", "24:00", "T", "today", "Mon 4 May",
    "MSO", "SNET", "8", "99999999999999999999", "manual", "auto", "yes", "no", "maybe", "\x00", "\ud800",
    "\u202e", "🙂", "\u00a0", "\t", "\n", "'", '"',
    "=1+1", "<b>", "{{", "%s", "%(x)s", "\\", "--", "/*", "NULL", "٣d", "３d", "½d", "1_000", "1,5d", " ", "",
    "e", "3e", "eee", "A" * 400, "A" * 30_000,
]  # fmt: skip
ODD = [None, True, False, 0, -1, 3, 1.5, 1e308, 10**30, [], {}, ["3d"], {"a": 1}, float("inf"), float("nan")]
NUMBER, SEED = 2_000, 20_260_504


def made(dice):
    kind = dice.random()
    if kind < 0.12:
        return dice.choice(ODD)
    if kind < 0.55:
        return dice.choice(PIECES)
    if kind < 0.9:
        return "".join(dice.choice(PIECES)[:60] for _ in range(dice.randint(2, 4)))
    letters = [chr(dice.choice([dice.randrange(32, 127), dice.randrange(0x110000)])) for _ in range(12)]
    return "".join(letters[: dice.randint(1, 12)])


def picture(project):
    tasks = list(Task.objects.filter(project=project).order_by("pk").values())
    return tasks, sorted(Link.objects.values_list("pk", "lag")), sorted(Assignment.objects.values_list("pk", "units"))


def test_no_cell_breaks_the_server_or_is_half_saved(api, project, plan):
    dice = random.Random(SEED)
    uids = [plan[name].uid for name in ("Phase", "A", "B", "Done", "C")]
    refused = saved = 0
    now = picture(project)
    for at in range(0, NUMBER, 4):
        ops, typed = [], {}
        for index in range(4):
            field = FIELDS[(at + index) % len(FIELDS)]
            value = made(dice)
            ops.append({"op": "set", "uid": dice.choice(uids), "fields": {field: value}})
            typed[index, field] = value
        # Each alone half of the time, so that good ones are saved as well as refused with their neighbours.
        for batch in [ops] if at % 8 else [[op] for op in ops]:
            body = json.dumps({"ops": batch})
            answer = api.client.post(api.url("plan-edits"), body, content_type="application/json")
            assert answer.status_code in (200, 422), (batch, answer.status_code, answer.content[:500])
            if answer.status_code == 200:
                saved += 1
                now = picture(project)
                continue
            refused += 1
            assert picture(project) == now, batch
            for error in answer.json()["errors"]:
                assert error["message"]
                fields = batch[error["op"]]["fields"]
                # What was typed comes back as it was.
                if error["field"] in fields:
                    assert json.dumps(error["typed"]) == json.dumps(fields[error["field"]])
    assert refused > 300
    assert saved > 50
    numbers = list(project.tasks.order_by("number").values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5, 6]


NO_EDITS = ["", "null", "[]", "3", "{}", '{"ops": null}', '{"ops": {}}', '{"ops": [3]}', '{"ops": []}', '{"ops": [{}]}']
ODD_OPS = [
    {"op": ["set"]},
    {"op": "drop"},
    {"op": "set"},
    {"op": "set", "uid": "x"},
    {"op": "set", "uid": True, "fields": {"name": "x"}},
    {"op": "set", "uid": 1, "fields": 3},
    {"op": "set", "uid": 1, "fields": {"id": 3, "project_id": 7}},
    {"op": "move", "uid": 1},
    {"op": "move", "uid": 6, "start": 3},
    {"op": "move", "uid": 6, "start": {"a": 1}},
    {"op": "resize", "uid": 6, "finish": "1980-01-01"},
    {"op": "link", "from": 2, "to": 2},
    {"op": "link", "from": 2, "to": 6, "type": "XX"},
    {"op": "link", "from": 2, "to": 6, "lag": []},
    {"op": "link", "from": 2, "to": 6, "lag": "1d;2FS"},
    {"op": "link", "from": 2, "to": 6, "lag": "99999999999d"},
    {"op": "add", "ref": 3},
    {"op": "add", "fields": [1]},
    {"op": "add", "fields": {"name": ""}},
    {"op": "remove", "uids": 3},
    {"op": "remove", "uids": [[]]},
    {"op": "place", "uids": [2]},
    {"op": "place", "uids": [1], "parent": 2},
    {"op": "place", "uids": [1], "after": 1},
    {"op": "indent", "uids": [1]},
    {"op": "paste"},
    {"op": "paste", "columns": ["x"], "cells": [["a"]]},
    {"op": "paste", "columns": ["name"], "cells": [["a", "b"]]},
    {"op": "paste", "columns": ["name"], "cells": [3]},
    {"op": "paste", "columns": [["name"]], "cells": [["a"]]},
    {"op": "progress", "uid": 1, "percent": 3},
    {"op": "progress", "uid": 2, "percent": None},
    {"op": "?", "uid": 2, "fields": {"name": "x"}, "was": 3},
]
SHAPES = [*NO_EDITS, "{" * 5000, "[" * 100_000, *[json.dumps({"ops": [op]}) for op in ODD_OPS]]


@pytest.mark.parametrize("body", SHAPES, ids=range(len(SHAPES)))
def test_what_is_no_edit_is_refused_with_a_reason(api, project, plan, body):
    before = picture(project)
    answer = api.client.post(api.url("plan-edits"), body, content_type="application/json")
    assert answer.status_code == 422, (answer.status_code, answer.content[:500])
    assert all(error["message"] for error in answer.json()["errors"])
    assert picture(project) == before


def test_too_much_at_once_is_413(api, plan):
    ops = [{"op": "set", "uid": plan["A"].uid, "fields": {"name": "x"}}] * 2001
    assert "2000" in api.post(*ops, status=413)["errors"][0]["message"]
    api.post({"op": "paste", "columns": ["name"] * 50, "cells": [[""] * 50] * 1000}, status=413)
    answer = api.client.post(api.url("plan-edits"), b"x" * 6_000_000, content_type="application/json")
    assert answer.status_code == 413
