"""From an idea to a project: the guided form, the review, the paper."""

import datetime
import hashlib
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.roles import Role
from projects.models import InitiationRequest, Project
from projects.requests import verbs
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

WHOLE = {
    "reason": "The old portal loses orders.",
    "goal": "Orders arrive.",
    "results": "A portal\nA manual",
    "objective": "Orders are not lost",
    "measure": "Lost orders a month",
    "baseline_value": 40,
    "target_value": 2,
    "target_start": datetime.date(2027, 1, 11),
    "target_finish": datetime.date(2027, 6, 30),
    "budget": 120000,
    "risks": "The supplier is late\n\nNobody tests",
}


@pytest.fixture
def bob():
    return make_user("Bob")


@pytest.fixture
def pmo():
    return make_user("Pia Office", site_role=Role.PMO)


@pytest.fixture
def asked(bob, pmo):
    return InitiationRequest.objects.create(asked_by=bob, name="New portal", sponsor=make_user("Sam"), **WHOLE)


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


class TestForm:
    def test_it_is_saved_step_by_step_and_resumed(self, client, bob):
        client.force_login(bob)
        answer = client.post(url("request-new"), {"name": "New portal"})
        asked = InitiationRequest.objects.get()
        assert answer.url == url("request-step", asked.pk, 1)
        first = {"name": "New portal", "reason": "Because", "version": asked.version}
        assert client.post(url("request-step", asked.pk, 1), first).url == url("request-step", asked.pk, 2)
        asked.refresh_from_db()
        half = {"results": "Something", "version": asked.version, "later": "1"}
        assert client.post(url("request-step", asked.pk, 2), half).url == url("request-list")
        page = client.get(url("request-step", asked.pk, 2))
        assert "Something" in page.text
        # Name, reason, results and the currency of twelve that are required.
        assert (page.context["percent"], [step["done"] for step in page.context["steps"]]) == (33, [False] * 4)

    def test_a_wrong_value_is_kept_and_nothing_saved(self, client, asked):
        client.force_login(asked.asked_by)
        sent = {
            "target_start": "2027-05-01", "target_finish": "2027-01-01", "budget": "1", "currency": "EUR", "version": 1,
        }  # fmt: skip
        answer = client.post(url("request-step", asked.pk, 3), sent)
        assert answer.status_code == 422
        assert "must not lie before" in answer.text
        assert 'value="2027-05-01"' in answer.text
        asked.refresh_from_db()
        assert asked.target_start == WHOLE["target_start"]

    def test_two_windows_do_not_overwrite_each_other(self, client, asked):
        client.force_login(asked.asked_by)
        sent = {"name": "One", "reason": "a", "goal": "b", "version": 1}
        assert client.post(url("request-step", asked.pk, 1), sent).status_code == 302
        answer = client.post(url("request-step", asked.pk, 1), {**sent, "name": "Two"})
        assert answer.status_code == 409
        assert InitiationRequest.objects.get().name == "One"

    def test_what_is_missing_is_named_with_its_step(self, client, asked):
        InitiationRequest.objects.update(measure="", sponsor=None)
        client.force_login(asked.asked_by)
        answer = client.post(url("request-submission", asked.pk))
        assert answer.status_code == 422
        assert "Still missing: measure, sponsor." in answer.text
        assert url("request-step", asked.pk, 2) + "#id_measure" in answer.text
        assert not asked.submissions.exists()

    def test_no_step_beyond_the_last(self, client, asked):
        client.force_login(asked.asked_by)
        assert client.get(url("request-step", asked.pk, 5)).status_code == 404


class TestWho:
    def test_a_draft_is_its_writers_alone(self, client, asked, pmo):
        for user in (pmo, make_user("Charlie")):
            client.force_login(user)
            assert client.get(url("request", asked.pk)).status_code == 404
            assert client.get(url("request-step", asked.pk, 1)).status_code == 404
            assert "New portal" not in client.get(url("request-list")).text

    def test_submitted_it_is_open_to_reviewers_and_nobody_else(self, client, asked, pmo):
        asked.submit(by=asked.asked_by)
        client.force_login(pmo)
        assert client.get(url("request", asked.pk)).status_code == 200
        assert client.get(url("request-step", asked.pk, 1)).status_code == 404
        client.force_login(make_user("Charlie"))
        assert client.get(url("request", asked.pk)).status_code == 404
        assert client.get(url("request-paper", asked.pk, 1)).status_code == 404

    def test_a_clients_people_ask_elsewhere(self, client):
        client.force_login(make_user("Cleo", organisation=make_organisation()))
        assert client.get(url("request-list")).status_code == 404
        assert client.post(url("request-new"), {"name": "X"}).status_code == 404
        assert not InitiationRequest.objects.exists()

    def test_nobody_reviews_what_they_asked_for(self, pmo):
        asked = InitiationRequest.objects.create(asked_by=pmo, name="Mine", sponsor=make_user("Sam"), **WHOLE)
        with pytest.raises(ValidationError, match="no other member"):
            asked.submit(by=pmo)
        other = make_user("Olaf Office", site_role=Role.PMO)
        asked.submit(by=pmo)
        assert asked.reviewer == other
        with pytest.raises(ValidationError, match="did not ask"):
            asked.give_to(pmo, by=pmo)

    def test_the_one_with_the_least_in_hand_reviews(self, asked, pmo):
        asked.submit(by=asked.asked_by)
        other = make_user("Zoe Office", site_role=Role.PMO)
        assert verbs.reviewers() == [other, pmo]

    def test_only_the_reviewer_decides(self, client, asked, pmo):
        other = make_user("Olaf Office", site_role=Role.PMO)
        asked.submit(by=asked.asked_by)
        named, not_named = (pmo, other) if asked.reviewer == pmo else (other, pmo)
        client.force_login(not_named)
        assert client.post(url("request-decision", asked.pk), {"decision": "return", "reason": "x"}).status_code == 403
        assert client.post(url("request-reviewer", asked.pk), {"reviewer": not_named.pk}).status_code == 302
        with pytest.raises(PermissionDenied):
            asked.send_back(by=named, reason="x")
        assert client.post(url("request-decision", asked.pk), {"decision": "return", "reason": "x"}).status_code == 302


class TestDecision:
    def test_returned_with_a_reason_and_submitted_again(self, client, asked, pmo):
        asked.submit(by=asked.asked_by)
        client.force_login(pmo)
        assert client.post(url("request-decision", asked.pk), {"decision": "return"}).status_code == 422
        client.post(url("request-decision", asked.pk), {"decision": "return", "reason": "Name the users"})
        client.force_login(asked.asked_by)
        page = client.get(url("request", asked.pk))
        assert "Name the users" in page.text
        assert page.context["may_edit"]
        assert client.post(url("request-submission", asked.pk)).status_code == 302
        assert [(one.number, one.decision) for one in asked.submissions.all()] == [(2, ""), (1, "returned")]

    def test_approved_it_becomes_a_project_with_its_charter(self, client, asked, pmo):
        asked.submit(by=asked.asked_by)
        client.force_login(pmo)
        manager = make_user("Alice")
        sent = {"decision": "approve", "code": "PORTAL", "manager": manager.pk, "sponsor": asked.sponsor.pk}
        assert client.post(url("request-decision", asked.pk), sent).status_code == 302
        project = Project.objects.get(code="PORTAL")
        assert (project.name, project.goal, project.approved_budget) == ("New portal", "Orders arrive.", 120000)
        assert (project.manager, project.sponsor, project.created_by) == (manager, asked.sponsor, pmo)
        assert (project.target_start, project.target_finish) == (WHOLE["target_start"], WHOLE["target_finish"])
        objective = project.objectives.get()
        assert (objective.statement, objective.target_value) == ("Orders are not lost", 2)
        assert not objective.higher_is_better
        assert [risk.title for risk in project.risks.order_by("number")] == ["The supplier is late", "Nobody tests"]
        assert project.phases.get(kind="initiation").state == "active"
        asked.refresh_from_db()
        assert (asked.state, asked.project) == ("approved", project)

    def test_what_approval_needs_is_said_and_the_rest_kept(self, client, asked, pmo):
        asked.submit(by=asked.asked_by)
        client.force_login(pmo)
        answer = client.post(url("request-decision", asked.pk), {"decision": "approve", "reason": "Good", "code": ""})
        assert answer.status_code == 422
        assert set(answer.context["decision_form"].errors) == {"code", "manager", "sponsor"}
        assert "Good" in answer.text
        same = {"decision": "approve", "code": "P", "manager": asked.sponsor.pk, "sponsor": asked.sponsor.pk}
        answer = client.post(url("request-decision", asked.pk), same)
        assert answer.status_code == 422
        assert "name two people" in answer.text
        assert not Project.objects.exists()

    def test_a_text_in_review_stands_still(self, client, asked):
        asked.submit(by=asked.asked_by)
        client.force_login(asked.asked_by)
        sent = {"name": "Other", "version": asked.version}
        assert client.post(url("request-step", asked.pk, 1), sent).url == url("request", asked.pk)
        assert InitiationRequest.objects.get().name == "New portal"
        assert client.post(url("request-submission", asked.pk)).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_make_one_project():
    bob, sam, pmo = make_user("Bob"), make_user("Sam"), make_user("Pia", site_role=Role.PMO)
    asked = InitiationRequest.objects.create(asked_by=bob, name="New portal", sponsor=sam, **WHOLE)
    asked.submit(by=bob)
    start, outcomes = threading.Barrier(2), []

    def approve(code):
        try:
            mine = InitiationRequest.objects.get(pk=asked.pk)
            start.wait(5)
            mine.approve(by=pmo, code=code, manager=bob, sponsor=sam)
            outcomes.append("approved")
        except ValidationError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[code]) for code in ("ONE", "TWO")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["approved", "first"]
    assert Project.objects.count() == 1


class TestPaper:
    def test_it_is_the_text_as_submitted_with_its_hash(self, client, asked, pmo):
        submission = asked.submit(by=asked.asked_by)
        assert bytes(submission.paper).startswith(b"%PDF-")
        client.force_login(pmo)
        answer = client.get(url("request-paper", asked.pk, 1))
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert hashlib.sha256(answer.content).hexdigest() == submission.sha256

    def test_markup_that_people_type_is_text(self, asked):
        InitiationRequest.objects.update(goal='#panic("x") $a^2$ [b] *c* ' + chr(92) + " <d> @e", name="#quote")
        asked.refresh_from_db()
        assert bytes(asked.submit(by=asked.asked_by).paper).startswith(b"%PDF-")

    @pytest.mark.parametrize(("field", "value"), [("paper", b"other"), ("sha256", "0" * 64), ("number", 9)])
    def test_the_database_lets_nobody_change_it(self, asked, field, value):
        submission = asked.submit(by=asked.asked_by)
        with pytest.raises(DatabaseError), transaction.atomic():
            type(submission).objects.filter(pk=submission.pk).update(**{field: value})
        with pytest.raises(DatabaseError), transaction.atomic():
            submission.delete()


def test_the_list_takes_the_same_queries_at_3_and_at_100_rows(client, asked, pmo):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("request-list")).status_code == 200
        return len(queries)

    client.force_login(pmo)
    for number in range(3):
        InitiationRequest.objects.create(asked_by=asked.asked_by, name=f"R{number}", state="returned")
    few = count()
    InitiationRequest.objects.bulk_create(
        InitiationRequest(asked_by=asked.asked_by, name=f"S{number}", state="returned") for number in range(97)
    )
    assert count() == few
