"""Every public plan comes in whole or is refused by name; what can be reproduced is equal in the database."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from projects.lifecycle.models import Project
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

# Leaves whose dates a forward pass reproduces exactly (README and index.csv of the folder).
REPRODUCIBLE = {
    "converted-home-move-plan": 126,
    "converted-software-development-plan": 74,
    "converted-new-product-dev": 21,
    "mpxj-task-links-project2016": 16,
    "mpxj-durations": 10,
}
FILES = [
    "aspose-house-move-costs-baseline",
    "aspose-manual-and-auto-tasks",
    "converted-home-move-plan",
    "converted-new-product-dev",
    "converted-software-development-plan",
    "mpxj-calendars-project2019",
    "mpxj-durations",
    "mpxj-recurring-calendar-exceptions-project2013",
    "mpxj-relations",
    "mpxj-sample-4linktypes",
    "mpxj-splittask",
    "mpxj-task-baselines-project2007",
    "mpxj-task-links-project2016",
]


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=io.StringIO(), **options)
    return json.loads(out.getvalue())


def stored(shared_data, name):
    with (shared_data / "scheduling-mspdi" / "expected" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_list_above_is_the_folder(shared_data):
    assert sorted(path.stem for path in (shared_data / "scheduling-mspdi").glob("*.xml")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_it_imports_whole(shared_data, name):
    make_user("Ada Admin", site_role="admin")
    path = shared_data / "scheduling-mspdi" / f"{name}.xml"
    report = run("import_plan", str(path), project="REAL-1", create=True, json=True)
    answer = run("export_plan", "REAL-1", format="json")
    rows = [row for row in stored(shared_data, name) if row["uid"] != "0"]
    assert report["imported"]
    assert {task["uid"] for task in answer["tasks"]} == {int(row["uid"]) for row in rows}
    by_uid = {task["uid"]: task for task in answer["tasks"]}
    for row in rows:
        task = by_uid[int(row["uid"])]
        assert (task["name"] or "") == (row["name"] or task["name"])
        assert task["wbs"].count(".") + 1 == task["outline_level"]
        assert task["percent"] == int(row["percent_complete"]) or task["summary"]
    links = sum(len(row["predecessors(uid:type:lag_tenths_min)"].split()) for row in rows)
    assert report["counts"]["links"] == Project.objects.get(code="REAL-1").links.count()
    assert (report["counts"]["links"] > 0) == (links > 0)


@pytest.mark.parametrize("name", REPRODUCIBLE)
def test_dates_of_the_database_are_those_of_the_file(shared_data, name):
    make_user("Ada Admin", site_role="admin")
    path = shared_data / "scheduling-mspdi" / f"{name}.xml"
    report = run("import_plan", str(path), project="REAL-2", create=True, json=True)
    by_uid = {task["uid"]: task for task in run("export_plan", "REAL-2", format="json")["tasks"]}
    equal = 0
    for row in stored(shared_data, name):
        task = by_uid.get(int(row["uid"]))
        if task is None or task["summary"]:
            continue
        equal += (task["start"], task["finish"]) == (row["start"], row["finish"])
    assert equal == REPRODUCIBLE[name] == report["compared"] - report["differing"]
