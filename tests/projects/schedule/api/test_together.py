"""Several people edit one plan: nobody overwrites what they have not seen, and the plan is whole after each edit."""

import json
import random
import threading

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse

from pmdm.accounts.roles import Role
from pmdm.activity.models import Change
from projects.schedule import edits
from projects.schedule.models import Link, Task
from projects.schedule.plan import Plan
from tests.factories import make_project, make_user

SEED = 20_260_504
KINDS = ["name", "name", "name", "duration", "add", "remove", "link", "in", "out", "place", "undo", "undo", "redo"]
NAMES = "Phase", "A", "B", "Done", "Other", "C"


def check_whole(project):
    """Numbers without gaps, parents before children, summaries where there are children, dates that are computed."""
    rows = list(project.tasks.order_by("number"))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    seen, parents = set(), {row.parent_id for row in rows}
    by_id = {row.pk: row for row in rows}
    for row in rows:
        assert row.parent_id is None or row.parent_id in seen
        seen.add(row.pk)
        assert row.is_summary == (row.pk in parents)
        assert row.wbs.startswith(f"{by_id[row.parent_id].wbs}." if row.parent_id else "")
    assert len({row.wbs for row in rows}) == len(rows)
    for before, after in Link.objects.filter(project=project).values_list("predecessor_id", "successor_id"):
        assert before in by_id
        assert after in by_id
    project.refresh_from_db()
    plan = Plan(project)
    assert plan.preview().is_empty, "what is stored is what is computed"


class Editor:
    """A person with a view of the plan that may be old."""

    def __init__(self, user, project, dice):
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.user, self.project, self.dice = user, project, dice
        self.taken = []  # (task, what it was, what it became) of names that were saved
        self.made = 0
        self.look()

    def url(self, name):
        return reverse(f"projects:{name}", args=[self.project.code])

    def look(self):
        data = self.client.get(self.url("plan-data")).json()
        self.revision = data["revision"]
        self.rows = {row[0]: dict(zip(data["fields"], row, strict=True)) for row in data["tasks"]}

    def edit(self):
        """One edit of a kind chosen by the dice; the answer's status."""
        dice = self.dice
        if dice.random() < 0.5:
            self.look()
        if not self.rows:
            return None
        uid, other = dice.choice(list(self.rows)), dice.choice(list(self.rows))
        kind = dice.choice(
            ["name", "name", "name", "duration", "add", "remove", "link", "in", "out", "place", "undo", "undo", "redo"]
        )
        self.made += 1
        if kind in ("undo", "redo"):
            return self._send(f"plan-{kind}", {})
        name = f"{self.user.name} {self.made}"
        was = {"name": self.rows[uid]["name"]}
        op = {
            "name": {"op": "set", "uid": uid, "fields": {"name": name}, "was": was},
            "duration": {"op": "set", "uid": uid, "fields": {"duration": f"{dice.randint(1, 9)}d"}},
            "add": {"op": "add", "after": uid, "fields": {"name": name}},
            "remove": {"op": "remove", "uids": [uid], "with_children": dice.random() < 0.3},
            "link": {"op": "link", "from": uid, "to": other},
            "in": {"op": "indent", "uids": [uid]},
            "out": {"op": "outdent", "uids": [uid]},
            "place": {"op": "place", "uids": [uid], "before": other},
        }[kind]
        status = self._send("plan-edits", {"revision": self.revision, "ops": [op]})
        if kind == "name" and status == 200:
            self.taken.append((uid, was["name"], name))
        return status

    def _send(self, name, body):
        answer = self.client.post(self.url(name), json.dumps(body), content_type="application/json")
        assert answer.status_code in (200, 409, 422), answer.content[:500]
        return answer.status_code


def check_nothing_overwritten(project, editors):
    """In the history each new name stands on the name that its author had before their eyes."""
    history = set()
    for change in Change.objects.filter(table="projects_task", subject_id=project.pk, operation="U"):
        if "name" in change.before:
            history.add((change.after["uid"], change.before["name"], change.after["name"]))
    for editor in editors:
        assert set(editor.taken) <= history


def a_plan():
    alice = make_user("Alice")
    project = make_project(by=alice)
    rows = [{"name": name, "level": level} for name, level in zip(NAMES, (1, 2, 2, 1, 1, 2), strict=True)]
    edits.add_tasks(project, by=alice, rows=rows, links=[(1, 2), (2, 3)])
    return project, alice, make_user("Ben", site_role=Role.ADMIN)


@pytest.mark.django_db
def test_three_hundred_edits_of_two_people_by_turns():
    project, alice, ben = a_plan()
    dice = random.Random(SEED)
    editors = [Editor(alice, project, dice), Editor(ben, project, dice)]
    statuses = []
    for _number in range(300):
        statuses.append(dice.choice(editors).edit())
        check_whole(project)
    check_nothing_overwritten(project, editors)
    assert statuses.count(200) > 60
    assert statuses.count(409) > 10


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once():
    project, alice, ben = a_plan()
    problems, editors = [], []

    def work(user, seed):
        try:
            editor = Editor(user, project, random.Random(seed))
            editors.append(editor)
            for _number in range(60):
                editor.edit()
        except Exception as problem:  # told by the test, not by the thread
            problems.append(problem)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work, args=(user, SEED + at)) for at, user in enumerate((alice, ben))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    check_whole(project)
    check_nothing_overwritten(project, editors)
    revisions = list(project.plan_changes.order_by("revision").values_list("revision", flat=True))
    assert revisions == list(range(1, len(revisions) + 1))


@pytest.mark.django_db(transaction=True)
def test_the_same_field_at_once_is_saved_once():
    project, alice, ben = a_plan()
    uid = Task.objects.get(name="A").uid
    gate, statuses = threading.Barrier(2), []

    def work(user):
        client = Client()
        client.force_login(user)
        op = {"op": "set", "uid": uid, "fields": {"name": f"{user.name}'s"}, "was": {"name": "A"}}
        gate.wait()
        address = reverse("projects:plan-edits", args=[project.code])
        answer = client.post(address, json.dumps({"ops": [op]}), content_type="application/json")
        statuses.append(answer.status_code)
        connection.close()

    threads = [threading.Thread(target=work, args=(user,)) for user in (alice, ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
