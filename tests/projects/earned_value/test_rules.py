"""How tasks earn: chosen for the project, for many tasks, for one; checked; kept by the database."""

import datetime
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.earned_value import rules
from projects.earned_value.models import EarningSettings, EarningStep, TaskEarning

pytestmark = pytest.mark.django_db


def url(project, *args):
    return reverse(f"projects:earning-rule{'' if args else 's'}", args=[project.code, *args])


def steps(*lines, initial=0):
    data = {"step-TOTAL_FORMS": len(lines), "step-INITIAL_FORMS": initial}
    for at, (name, weight, reached, *removed) in enumerate(lines):
        data |= {f"step-{at}-name": name, f"step-{at}-weight": weight, f"step-{at}-reached_on": reached}
        if removed:
            data[f"step-{at}-DELETE"] = "on"
    return data


def test_the_default_and_the_thresholds(client, project, people, plan):
    client.force_login(people.alice)
    data = {"what": "default", "rule": "50/50", "watch": "0.98", "act": "0.9"}
    assert client.post(url(project), data).status_code == 302
    assert rules.settings_of(project).rule == "50/50"
    for wrong, why in (
        ({"act": "0.99"}, "at most 0.98"),
        ({"rule": "units"}, "Select a valid choice"),
        ({"watch": "0"}, "greater than or equal to 0.01"),
    ):
        refused = client.post(url(project), data | wrong)
        assert (refused.status_code, why in refused.content.decode()) == (422, True), wrong
    assert rules.settings_of(project).act == D("0.9")


def test_one_rule_for_many(client, project, people, plan):
    client.force_login(people.alice)
    uids = [plan["A"].uid, plan["B"].uid]
    assert client.post(url(project), {"what": "apply", "rule": "0/100", "task": uids}).status_code == 302
    assert set(TaskEarning.objects.values_list("task__name", "rule")) == {("A", "0/100"), ("B", "0/100")}
    client.post(url(project), {"what": "apply", "rule": "project", "task": [uids[0], plan["Build"].uid, 999, "x"]})
    assert TaskEarning.objects.get().task == plan["B"]
    nobody = client.post(url(project), {"what": "apply", "rule": "0/100"})
    assert (nobody.status_code, "tick the tasks" in nobody.content.decode()) == (422, True)
    own = client.post(url(project), {"what": "apply", "rule": "units", "task": uids})
    assert own.status_code == 422
    with pytest.raises(ValidationError, match="counts something of each task"):
        rules.apply_rule(project, [plan["A"]], by=people.alice, rule="milestones")


def test_one_task_with_what_its_rule_counts(client, project, people, plan):
    client.force_login(people.alice)
    page = url(project, plan["A"].uid)
    assert client.get(page).status_code == 200
    data = {"rule": "units", "units_total": "40", "units_done": "12.5", **steps()}
    assert client.post(page, data).status_code == 302
    assert plan["A"].earning.units_done == D("12.5")
    data = {"rule": "milestones", "units_total": "", "units_done": ""}
    lines = [("Drawn", "1", "2026-01-06"), ("Built", "3", "")]
    assert client.post(page, data | steps(*lines, ("", "", ""))).status_code == 302
    first = plan["A"].earning_steps.get(name="Drawn")
    assert client.get(page).content.decode().count("Drawn") == 1
    lines = [("Drawn", "2", "2026-01-06"), ("Built", "3", "", "remove"), ("Tested", "1", "")]
    assert client.post(page, data | steps(*lines, initial=2)).status_code == 302
    assert plan["A"].earning_steps.get(pk=first.pk).weight == 2
    assert [step.name for step in plan["A"].earning_steps.all()] == ["Drawn", "Tested"]
    assert client.post(page, {"rule": "project", **steps()}).status_code == 302
    assert not TaskEarning.objects.exists()
    assert client.get(url(project, plan["Build"].uid)).status_code == 404


def test_what_a_rule_lacks_is_said_and_what_was_typed_is_kept(client, project, people, plan):
    client.force_login(people.alice)
    page = url(project, plan["A"].uid)
    ahead = datetime.date.today() + datetime.timedelta(days=5)
    for data, why in (
        ({"rule": "units", **steps()}, "Say how many units there are"),
        ({"rule": "units", "units_total": "4", "units_done": "5", **steps()}, "At most all 4 units"),
        ({"rule": "units", "units_total": "-4", **steps()}, "greater than or equal to 0"),
        ({"rule": "milestones", **steps()}, "at least one milestone"),
        ({"rule": "milestones", **steps(("Same", "1", ""), ("same", "1", ""))}, "the same name"),
        ({"rule": "milestones", **steps(("Kept text", "0", ""))}, "A weight is above zero"),
        ({"rule": "milestones", **steps(("Kept text", "1", ahead))}, "has not come yet"),
        ({"rule": "milestones", **steps(("Kept text", "", ""))}, "required"),
        ({"rule": "x", **steps()}, "valid choice"),
        ({"rule": "percent"}, "ManagementForm"),
    ):
        refused = client.post(page, data)
        text = refused.content.decode()
        assert (refused.status_code, why in text) == (422, True), (data, why)
        assert "step-0-name" not in data or str(data["step-0-name"]) in text
    assert not TaskEarning.objects.exists()
    assert not EarningStep.objects.exists()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (TaskEarning, {"rule": "units", "units_total": None}),
        (TaskEarning, {"rule": "units", "units_total": 0}),
        (TaskEarning, {"rule": "units", "units_total": 2, "units_done": 3}),
        (TaskEarning, {"rule": "percent", "units_done": -1}),
        (TaskEarning, {"rule": "guess"}),
        (EarningStep, {"name": "x", "weight": 0}),
        (EarningSettings, {"rule": "units"}),
        (EarningSettings, {"rule": "percent", "watch": D("0.9"), "act": D("0.95")}),
    ],
)
def test_the_database_holds_it_too(project, plan, model, values):
    if model is not EarningSettings:
        values = {**values, "task": plan["A"]}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(project=project, **values)
