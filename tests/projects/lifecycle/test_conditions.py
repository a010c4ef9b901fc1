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

from projects.lifecycle import order
from projects.lifecycle.conditions import Wanted
from projects.lifecycle.models import ChecklistItem, GateDecision, Project
from projects.schedule import edits
from projects.types import shipped
from projects.types.models import ProjectType
from tests.closing import close_project
from tests.factories import make_cast, make_project, make_user
from tests.projects.lifecycle.test_gates import phase_of, rows_of

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
        assert "Task 1, 0% done" in page
        assert f"/schedule/tasks/{agreed.task.uid}/" in page
        finish(agreed.task, cast.bob)
        page = client.get(f"{cast.project.get_absolute_url()}phases/planning/")
        assert "Task 1, 100% done" in page.text
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

    template: str | None = None  # the short name of the project's type

    def __init__(self):
        super().__init__()
        version = self.template and ProjectType.objects.get(slug=self.template).current
        self.project = make_project(template=version, with_plan=False)
        self.people = make_cast(self.project)
        self.keys = list(self.project.phases.values_list("key", flat=True))

    def phase(self, number):
        phase = self.project.phases.get(key=self.keys[number % len(self.keys)])
        phase.project = self.project
        return phase

    def tries(self, verb):
        try:
            verb()
        except ValidationError:
            pass
        self.project = Project.objects.get(pk=self.project.pk)

    @rule(number=st.integers(0, 6), by=st.sampled_from(["alice", "bob"]))
    def tick(self, number, by):
        phase = self.phase(number)
        keys = order.ends_with(phase.places, phase.key)
        upload = SimpleUploadedFile("proof.txt", b"It is there")
        lines = self.project.checklist_items.filter(phase__key__in=keys).select_related("phase")
        self.tries(
            lambda: [
                line.tick(by=getattr(self.people, by), evidence="https://example.org/minutes", upload=upload)
                for line in lines
            ]
        )

    @rule(number=st.integers(0, 6), evidence=st.sampled_from(["", "In the minutes", "https://example.org/x"]))
    def tick_one_without_a_file(self, number, evidence):
        line = self.phase(number).checklist.filter(done_at=None).select_related("phase").first()
        if line:
            self.tries(lambda: line.tick(by=self.people.alice, evidence=evidence))

    @rule(number=st.integers(0, 6), line=st.integers(0, 5))
    def untick(self, number, line):
        lines = list(self.phase(number).checklist.select_related("phase"))
        if lines:
            self.tries(lambda: lines[line % len(lines)].untick())

    @rule(number=st.integers(0, 6), decision=st.sampled_from(GateDecision.Decision.values))
    def decide(self, number, decision):
        gate = self.phase(number)
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
    def no_phase_begins_before_the_gate_before_it(self):
        """Said without the engine: of the phases with a gate, none has begun unless all before it were passed."""
        passed = set(
            self.project.gate_decisions.filter(decision__in=("go", "conditions")).values_list("phase__key", flat=True)
        )
        before, begun_execution = [], False
        for phase in self.project.phases.exclude(kind="monitoring").order_by("position"):
            if phase.state != "pending":
                assert set(before) <= passed, f"{phase} began without a decision at each of {before}"
                begun_execution |= phase.kind == "execution"
            before.append(phase.key)
        beside = self.project.phases.filter(kind="monitoring").exclude(state="pending")
        assert begun_execution or not beside.exists(), "monitoring began before execution"

    @invariant()
    def what_a_passed_gate_asked_for_is_there(self):
        for line in self.project.checklist_items.exclude(done_at=None).filter(required=True):
            if line.evidence_kind == "file":
                assert line.file_id
            if line.evidence_kind == "document":
                assert line.file_id or "https://" in line.evidence


class NoWayAroundAGate(TestCase):
    def walk(self, slug=None, examples=8):
        if slug:
            shipped.install(by=None)
        machine = type("Gates", (Gates,), {"template": slug})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )

    def test_no_order_of_verbs_begins_a_phase_before_its_gate(self):
        self.walk()

    def test_nor_in_a_project_of_any_type(self):
        for slug in shipped.SHIPPED:
            with self.subTest(slug):
                self.walk(slug, examples=4)
