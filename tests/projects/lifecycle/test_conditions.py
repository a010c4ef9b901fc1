"""Go with conditions: each is a task that holds the next gate; evidence may be a file."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from projects.lifecycle.conditions import Wanted
from projects.lifecycle.gates import ENDS_WITH, NEXT
from projects.lifecycle.models import ChecklistItem, GateDecision, Project
from projects.schedule import edits
from tests.closing import close_project
from tests.factories import make_cast, make_project, make_user
from tests.projects.lifecycle.test_gates import phase_of, rows_of, tick_all

DAY = datetime.date(2099, 5, 4)


@pytest.fixture
def cast(db):
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = f"{project.get_absolute_url()}phases/initiation/"
    return people


@pytest.fixture
def agreed(cast):
    """The condition of the first gate, with the line it put on the next."""
    phase_of(cast.project, "initiation").decide(
        "conditions", by=cast.sam, conditions=[Wanted("Name a client contact", cast.bob, DAY)]
    )
    return cast.project.gate_conditions.get()


def finish(task, by):
    edits.change_task(task, by=by, percent=100)


class TestConditions:
    def test_each_is_a_task_with_its_owner_and_day(self, cast, agreed):
        task = agreed.task
        assert (task.project, task.name, task.percent) == (cast.project, "Name a client contact", 0)
        assert task.deadline.date() == DAY
        assert [one.resource.user for one in task.assignments.all()] == [cast.bob]
        assert agreed.decision == cast.project.gate_decisions.get()
        assert (agreed.owner, agreed.due, agreed.line.phase.kind) == (cast.bob, DAY, "planning")

    def test_it_holds_the_next_gate_until_the_task_is_finished(self, cast, agreed):
        for line in phase_of(cast.project, "planning").checklist.filter(condition=None):
            line.tick(by=cast.alice, evidence="Minutes")
        with pytest.raises(ValidationError, match="Name a client contact"):
            phase_of(cast.project, "planning").decide("go", by=cast.sam)
        finish(agreed.task, cast.bob)
        phase_of(cast.project, "planning").decide("go", by=cast.sam)
        agreed.line.refresh_from_db()
        assert (agreed.line.done_by, agreed.line.evidence) == (cast.bob, "Task 1 of the plan is finished.")

    def test_nobody_ticks_it_by_hand_or_takes_it_off(self, client, cast, agreed):
        with pytest.raises(ValidationError, match="task 1 of the plan"):
            phase_of(cast.project, "planning").checklist.get(pk=agreed.line.pk).tick(by=cast.alice, evidence="Trust me")
        client.force_login(cast.alice)
        page = client.post(f"{cast.project.get_absolute_url()}phases/planning/checklist/{agreed.line.pk}/removal/")
        assert page.status_code == 302
        assert ChecklistItem.objects.filter(pk=agreed.line.pk).exists()

    def test_without_its_task_it_is_ticked_with_evidence(self, cast, agreed):
        edits.delete_task(agreed.task, by=cast.alice)
        line = phase_of(cast.project, "planning").checklist.get(pk=agreed.line.pk)
        assert line in phase_of(cast.project, "planning").missing()
        with pytest.raises(ValidationError, match="Say what shows it"):
            line.tick(by=cast.alice)
        line.tick(by=cast.alice, evidence="Letter of 4 May")
        assert line not in phase_of(cast.project, "planning").missing()

    def test_the_page_says_where_it_stands(self, client, cast, agreed):
        client.force_login(cast.bob)
        page = client.get(f"{cast.project.get_absolute_url()}phases/planning/").text
        assert "Task 1, 0 % done" in page
        assert f"/schedule/tasks/{agreed.task.uid}/" in page
        finish(agreed.task, cast.bob)
        page = client.get(f"{cast.project.get_absolute_url()}phases/planning/")
        assert "Task 1, 100 % done" in page.text
        assert page.context["done"] == 1
        assert phase_of(cast.project, "planning").project.phases.with_progress().get(kind="planning").lines_done == 1

    @pytest.mark.parametrize(
        ("broken", "message"),
        [
            ({"condition-0-text": ""}, "needs its text, its owner and its day"),
            ({"condition-0-owner": ""}, "needs its text, its owner and its day"),
            ({"condition-0-due": "soon"}, "needs its text, its owner and its day"),
            ({"condition-0-due": "2001-01-01"}, "would be due before the decision"),
            ({"decision": "go"}, "You named conditions"),
        ],
    )
    def test_a_row_that_is_not_whole_is_kept_and_nothing_saved(self, client, cast, broken, message):
        client.force_login(cast.sam)
        sent = {"decision": "conditions", "seen": 0, **rows_of(("Ask the client", cast.bob, DAY)), **broken}
        answer = client.post(f"{cast.url}decisions/", sent)
        assert answer.status_code == 422
        assert message in answer.text
        assert all(
            str(value) in answer.text for name, value in sent.items() if name.startswith("condition-0") and value
        )
        assert not cast.project.gate_decisions.exists()
        assert not cast.project.tasks.exists()

    def test_an_owner_is_one_of_the_team(self, client, cast):
        stranger = make_user()
        with pytest.raises(ValidationError, match="no role on this project"):
            phase_of(cast.project, "initiation").decide(
                "conditions", by=cast.sam, conditions=[Wanted("Ask", stranger, DAY)]
            )
        client.force_login(cast.sam)
        sent = {"decision": "conditions", "seen": 0, **rows_of(("Ask", stranger, DAY))}
        assert client.post(f"{cast.url}decisions/", sent).status_code == 422

    def test_more_rows_without_script(self, client, cast):
        client.force_login(cast.sam)
        sent = {"decision": "conditions", "seen": 0, "more": "1", **rows_of(("Ask the client", cast.bob, DAY))}
        answer = client.post(f"{cast.url}decisions/", sent)
        assert answer.status_code == 200
        assert len(answer.context["condition_rows"].forms) == 4
        assert "Ask the client" in answer.text
        assert not cast.project.gate_decisions.exists()


class TestEvidence:
    def upload(self, name="minutes.pdf", content=b"%PDF-1.7 minutes"):
        return SimpleUploadedFile(name, content)

    def line(self, cast):
        return phase_of(cast.project, "initiation").checklist.filter(required=True).first()

    def test_a_file_is_evidence(self, client, cast):
        client.force_login(cast.alice)
        line = self.line(cast)
        url = f"{cast.url}checklist/{line.pk}/"
        assert client.post(url, {"done": "on", "upload": self.upload()}).status_code == 302
        line.refresh_from_db()
        assert (line.file.name, line.done_by) == ("minutes.pdf", cast.alice)
        client.force_login(cast.sam)
        page = client.get(cast.url).text
        address = line.file.url_below(cast.project)
        assert address in page
        assert client.get(address).content == b"%PDF-1.7 minutes"

    def test_a_client_does_not_get_it(self, client, cast):
        self.line(cast).tick(by=cast.alice, upload=self.upload())
        client.force_login(cast.cleo)
        address = self.line(cast).file.url_below(cast.project)
        assert client.get(address).status_code == 403

    def test_a_file_that_is_not_what_it_says_is_refused(self, client, cast):
        client.force_login(cast.alice)
        line = self.line(cast)
        answer = client.post(
            f"{cast.url}checklist/{line.pk}/",
            {"done": "on", "evidence": "See file", "upload": self.upload(content=b"x")},
        )
        assert answer.status_code == 422
        assert "does not hold what its ending says" in answer.text
        assert "See file" in answer.text
        line.refresh_from_db()
        assert line.done_at is None

    def test_taking_the_tick_back_keeps_the_file(self, cast):
        line = self.line(cast)
        line.tick(by=cast.alice, upload=self.upload())
        line.untick()
        line.refresh_from_db()
        assert (line.done_at, line.file.name) == (None, "minutes.pdf")

    def test_a_link_is_shown_as_one(self, client, cast):
        self.line(cast).tick(by=cast.alice, evidence="https://example.org/minutes")
        client.force_login(cast.sam)
        assert 'href="https://example.org/minutes"' in client.get(cast.url).text


class Gates(RuleBasedStateMachine):
    """Everything people can do with gates and states, in any order; phases begin by decisions only."""

    def __init__(self):
        super().__init__()
        self.project = make_project()
        self.people = make_cast(self.project)

    def tries(self, verb):
        try:
            verb()
        except ValidationError:
            pass
        self.project = Project.objects.get(pk=self.project.pk)

    @rule(kind=st.sampled_from(list(NEXT)), by=st.sampled_from(["alice", "bob"]))
    def tick(self, kind, by):
        self.tries(
            lambda: [tick_all(self.project, one, getattr(self.people, by)) for one in ENDS_WITH.get(kind, [kind])]
        )

    @rule(kind=st.sampled_from([*NEXT, "monitoring"]), number=st.integers(0, 5))
    def untick(self, kind, number):
        lines = list(phase_of(self.project, kind).checklist.all())
        self.tries(lambda: lines[number % len(lines)].untick())

    @rule(kind=st.sampled_from([*NEXT, "monitoring"]), decision=st.sampled_from(GateDecision.Decision.values))
    def decide(self, kind, decision):
        gate = phase_of(self.project, kind)
        missing = gate.missing()
        before = self.project.gate_decisions.count()
        wanted = [Wanted("Mend it", self.people.bob, DAY)] if decision == "conditions" else []
        self.tries(lambda: gate.decide(decision, by=self.people.sam, conditions=wanted, note="Because"))
        if decision == "go" and self.project.gate_decisions.count() > before:
            assert not missing

    @rule(number=st.integers(0, 3))
    def finish_a_condition(self, number):
        tasks = list(self.project.tasks.filter(percent__lt=100))
        if tasks and not self.project.locked_reason:
            self.tries(lambda: finish(tasks[number % len(tasks)], self.people.bob))

    @precondition(lambda self: not self.project.locked_reason)
    @rule()
    def add_line(self):
        phase = self.project.phases.filter(state="active").first()
        if phase:
            self.tries(lambda: phase.add_line("One more"))

    @rule(move=st.sampled_from(["pause", "resume", "cancel", "reopen"]))
    def move(self, move):
        self.tries(lambda: getattr(self.project, move)(by=self.people.alice, reason="Because"))

    @rule()
    def close(self):
        def whole():
            with transaction.atomic():
                close_project(self.project, by=self.people.alice, sponsor=self.people.sam)

        self.tries(whole)

    @invariant()
    def no_phase_begins_before_its_gate(self):
        passed = set(
            self.project.gate_decisions.filter(decision__in=("go", "conditions")).values_list("phase__kind", flat=True)
        )
        begun = set(self.project.phases.exclude(state="pending").values_list("kind", flat=True))
        for kind, following in NEXT.items():
            if kind not in passed:
                assert not begun & set(following), f"{following} began without a decision at {kind}"


class NoWayAroundAGate(TestCase):
    def test_no_order_of_verbs_begins_a_phase_before_its_gate(self):
        run_state_machine_as_test(
            Gates,
            settings=settings(
                max_examples=12, stateful_step_count=18, deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
