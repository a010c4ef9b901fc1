import datetime
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from projects.closing.authorising import open_report
from projects.closing.content import parts
from projects.closing.matters import ACCEPT, CARRY, CLOSE
from projects.lifecycle.models import Project
from projects.models import EndReport, EndReportSubmission
from projects.timesheets import verbs as weeks
from tests.closing import close_project, decide_all, submit_report
from tests.factories import make_cast, make_issue, make_project, make_requirement, make_risk

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project(approved_budget=1000)
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "closure/"
    return people


def kinds(project):
    return {matter.kind.code: matter.count for matter in project.open_matters()}


def order_of(cast, **fields):
    line = cast.project.budget_lines.create(name="Services", category="services", planned=500)
    values = {"supplier": "Secret Supplier", "description": "x", "amount": Decimal(10), "placed_by": cast.alice}
    return cast.project.orders.create(line=line, **values | fields)


def fresh(project):
    return Project.objects.get(pk=project.pk)


# --- What is open ------------------------------------------------------------------------------------------


def test_everything_open_is_listed_kind_by_kind(cast):
    project = cast.project
    make_risk(project)
    make_risk(project).close(by=cast.alice, reason="Over")
    make_issue(project)
    project.tasks.create(uid=1, number=1, name="Half", percent=50)
    project.tasks.create(uid=2, number=2, name="Whole", percent=100)
    project.tasks.create(uid=3, number=3, name="Sum", percent=50, is_summary=True)
    make_requirement(project, state="approved", approved_by=cast.sam, approved_at=project.created_at)
    make_requirement(project)
    project.deliverables.create(title="Manual")
    project.time_entries.create(user=cast.bob, minutes=60)
    order_of(cast)
    assert kinds(project) == {
        "gates": 4, "tasks": 1, "requirements": 1, "deliverables": 1, "issues": 1, "risks": 1, "orders": 1, "hours": 1,
        "money": 1,
    }  # fmt: skip


def test_money_still_expected_ends_with_the_project_or_is_carried(cast):
    lines = cast.project.budget_lines
    settled = lines.create(name="Licences", category="services", planned=100, remaining=0)
    ordered = order_of(cast, amount=Decimal(500)).line  # all that is to come on it is ordered
    ends = lines.create(name="Labour", category="labour", planned=700)
    goes_on = lines.create(name="Hosting", category="services", planned=100, remaining=Decimal(40))
    (money,) = [matter for matter in cast.project.open_matters() if matter.kind.code == "money"]
    assert {item.key for item in money.items} == {ends.pk, goes_on.pk}
    assert "€700" in money.items[0].title

    report = open_report(cast.project, by=cast.alice)
    report.decide("money", [ends.pk], CLOSE, by=cast.alice, reason="Nobody books any more")
    report.decide("money", [goes_on.pk], CARRY, by=cast.alice, reason="Operations pays it")
    close_project(cast.project, by=cast.alice, sponsor=cast.sam)
    kept = dict(lines.values_list("pk", "remaining"))
    assert kept == {settled.pk: 0, ordered.pk: None, ends.pk: 0, goes_on.pk: 40}


def test_a_report_is_submitted_only_with_its_words_and_every_decision(client, cast):
    make_risk(cast.project, title="Certification slips")
    client.force_login(cast.alice)
    assert "Certification slips" in client.get(cast.url).text
    assert client.post(f"{cast.url}report/", {"reached": "", "version": 1}).status_code == 422
    assert client.post(f"{cast.url}report/", {"reached": "Nearly all", "version": 1}).status_code == 302
    answer = client.post(f"{cast.url}submission/")
    assert answer.status_code == 422
    assert "Open risks: 1 is not decided." in answer.text
    assert not EndReportSubmission.objects.exists()
    row = cast.project.risks.get().pk
    assert client.post(f"{cast.url}decisions/risks/", {f"row{row}": "carry"}).status_code == 422
    client.post(f"{cast.url}decisions/risks/", {f"row{row}": "carry", f"row{row}-reason": "It lives on"})
    client.post(f"{cast.url}decisions/gates/", {"all": "accept", "all-reason": "By word of mouth"})
    assert client.post(f"{cast.url}submission/").status_code == 302
    assert fresh(cast.project).awaits_closure


def test_one_choice_covers_all_that_are_left(client, cast):
    ids = [make_risk(cast.project).pk for _ in range(3)]
    client.force_login(cast.alice)
    form = {f"row{ids[0]}": "close", f"row{ids[0]}-reason": "Over", "all": "carry", "all-reason": "They live on"}
    assert client.post(f"{cast.url}decisions/risks/", form).status_code == 302
    report = cast.project.end_reports.get()
    assert dict(report.decisions.values_list("row", "decision")) == {ids[0]: "close", ids[1]: "carry", ids[2]: "carry"}


@pytest.mark.parametrize(
    ("kind", "decision"), [("gates", "carry"), ("orders", "accept"), ("hours", "close"), ("nothing", "close")]
)
def test_what_does_not_fit_a_kind_is_not_decided(cast, kind, decision):
    report = open_report(cast.project, by=cast.alice)
    with pytest.raises(ValidationError, match="can't be decided"):
        report.decide(kind, [1], decision, by=cast.alice, reason="x")


def test_a_row_of_another_project_is_not_decided(cast):
    other = make_risk(make_project())
    report = open_report(cast.project, by=cast.alice)
    assert report.decide("risks", [other.pk], CLOSE, by=cast.alice, reason="x") == 0


def test_what_must_be_settled_first_holds_the_submission(cast):
    line = cast.project.budget_lines.create(name="Services", category="services", planned=500)
    reserve = cast.project.allowances.create(kind="reserve", amount=100)
    cast.project.draws.create(allowance=reserve, line=line, amount=10, reason="x", requested_by=cast.alice)
    with pytest.raises(ValidationError, match="before the project closes"):
        submit_report(cast.project, by=cast.alice)


def test_weeks_that_wait_lead_to_their_approval(client, cast):
    day = datetime.date(2026, 1, 5)
    weeks.set_cell(cast.project, by=cast.bob, day=day, minutes=60)
    weeks.submit(cast.bob, day, by=cast.bob)
    client.force_login(cast.alice)
    for page in ("", "preview/"):
        assert "2026-01-05" in client.get(f"{cast.url}{page}").text
    assert f"/projects/{cast.project.code}/time/approvals/" in client.get(cast.url).text


# --- Authorising -------------------------------------------------------------------------------------------


def test_the_sponsor_authorises_and_the_project_is_closed(client, cast):
    approved = {"state": "approved", "approved_by": cast.sam, "approved_at": timezone.now()}
    for _ in range(3):
        make_risk(cast.project)
        make_issue(cast.project)
        make_requirement(cast.project, **approved)
        order_of(cast)
    submit_report(cast.project, by=cast.alice, decision=CLOSE)
    client.force_login(cast.sam)
    page = client.get(cast.url)
    assert page.context["authorisation"] is not None
    assert client.post(f"{cast.url}authorisation/", {"decision": "authorise"}).status_code == 302
    project = fresh(cast.project)
    assert (project.state, project.awaits_closure) == ("closed", False)
    assert project.closure.closed_by == cast.sam
    assert project.closure.result
    assert all({"value", "status", "inputs"} <= set(figure) for figure in project.closure.result.values())
    assert set(project.phases.values_list("kind", "state")) >= {("initiation", "done"), ("planning", "pending")}
    text = client.get(cast.url).text
    assert "All that was promised." in text
    assert "Agreed with the sponsor." in text
    assert client.post(f"{cast.url}authorisation/", {"decision": "authorise"}).status_code == 302
    assert project.state_changes.count() == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 403), ("bob", 403), ("dora", 403), ("stella", 403), ("cleo", 403), ("charlie", 404)],
)
def test_nobody_else_authorises(client, cast, name, status):
    submit_report(cast.project, by=cast.alice)
    client.force_login(getattr(cast, name))
    assert client.post(f"{cast.url}authorisation/", {"decision": "authorise"}).status_code == status
    assert fresh(cast.project).state == "active"


@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("sam", 403), ("dora", 403), ("cleo", 403), ("charlie", 404)]
)
@pytest.mark.parametrize("page", ["report/", "submission/", "withdrawal/", "decisions/gates/"])
def test_only_the_manager_prepares(client, cast, name, status, page):
    client.force_login(getattr(cast, name))
    assert client.post(f"{cast.url}{page}", {"reached": "x"}).status_code == status


def test_nobody_authorises_what_they_submitted(client, cast):
    report = submit_report(cast.project, by=cast.admin)
    with pytest.raises(PermissionDenied):
        report.authorise(by=cast.admin)
    client.force_login(cast.admin)
    assert client.get(cast.url).context["authorisation"] is None
    assert client.post(f"{cast.url}authorisation/", {"decision": "authorise"}).status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        report.submissions.update(decision="authorised", decided_by=cast.admin, decided_at=timezone.now())
    assert fresh(cast.project).state == "active"


def test_nothing_is_submitted_that_nobody_could_authorise():
    project = make_project()
    with pytest.raises(ValidationError, match="sponsor's role"):
        submit_report(project, by=project.manager)
    assert not fresh(project).awaits_closure


def test_returned_with_a_reason_and_submitted_again(client, cast):
    report = submit_report(cast.project, by=cast.alice)
    client.force_login(cast.sam)
    assert client.post(f"{cast.url}authorisation/", {"decision": "return"}).status_code == 422
    answer = client.post(f"{cast.url}authorisation/", {"decision": "return", "reason": "Measure the objective"})
    assert answer.status_code == 302
    assert not fresh(cast.project).awaits_closure
    client.force_login(cast.alice)
    assert "Measure the objective" in client.get(cast.url).text
    assert client.post(f"{cast.url}submission/").status_code == 302
    assert list(report.submissions.values_list("number", "decision")) == [(2, ""), (1, "returned")]


def test_withdrawn_it_can_be_changed_again(client, cast):
    submit_report(cast.project, by=cast.alice)
    client.force_login(cast.alice)
    edit = cast.project.get_absolute_url() + "edit/"
    assert client.post(edit, {"name": "x"}).status_code == 403
    assert client.post(f"{cast.url}withdrawal/").status_code == 302
    assert client.post(edit, {"name": "x"}).status_code == 422


def test_while_it_waits_the_state_stands_still(cast):
    submit_report(cast.project, by=cast.alice)
    for move in ("pause", "cancel"):
        with pytest.raises(ValidationError, match="waits for the sponsor"):
            getattr(fresh(cast.project), move)(by=cast.alice, reason="x")


def test_what_was_opened_meanwhile_is_not_closed_over(cast):
    report = submit_report(cast.project, by=cast.alice)
    make_issue(cast.project, title="Late")
    with pytest.raises(ValidationError, match="ISS-1"):
        report.authorise(by=cast.sam)
    assert fresh(cast.project).state == "active"
    assert fresh(cast.project).awaits_closure


def test_decisions_take_effect_at_the_authorisation_and_not_before(cast):
    risks = {decision: make_risk(cast.project) for decision in (CLOSE, ACCEPT, CARRY)}
    issues = {decision: make_issue(cast.project) for decision in (CLOSE, ACCEPT, CARRY)}
    order = order_of(cast)
    approved = {"state": "approved", "approved_by": cast.sam, "approved_at": timezone.now()}
    needs = {decision: make_requirement(cast.project, **approved) for decision in (CLOSE, ACCEPT, CARRY)}
    report = open_report(cast.project, by=cast.alice)
    for kind, rows in (("risks", risks), ("issues", issues), ("requirements", needs)):
        for decision, row in rows.items():
            report.decide(kind, [row.pk], decision, by=cast.alice, reason=f"Because {decision}")
    report.decide("orders", [order.pk], CLOSE, by=cast.alice, reason="All invoiced")
    report = submit_report(cast.project, by=cast.alice)
    risks[CLOSE].refresh_from_db()
    assert risks[CLOSE].is_open
    report.authorise(by=cast.sam)
    for row in (*risks.values(), *issues.values(), *needs.values(), order):
        row.refresh_from_db()
    assert (risks[CLOSE].state, risks[CLOSE].close_reason) == ("closed", "Because close")
    assert risks[ACCEPT].close_reason == "Accepted as it is: Because accept"
    assert risks[CARRY].is_open
    assert issues[CARRY].is_open
    assert issues[ACCEPT].resolution == "Accepted as it is: Because accept"
    assert (needs[CLOSE].state, needs[CLOSE].removed_reason) == ("rejected", "Because close")
    assert needs[ACCEPT].state == needs[CARRY].state == "approved"
    assert (order.state, order.end_reason) == ("closed", "All invoiced")
    kept = cast.project.closure.left_open
    assert kept["risks"]["decisions"] == {"close": 1, "accept": 1, "carry": 1}
    assert kept["risks"]["to_handover"]
    assert kept["orders"]["refs"] == ["PO-1"]


def test_the_paper_stays(cast):
    report = submit_report(cast.project, by=cast.alice)
    submission = report.submissions.get()
    assert bytes(submission.paper.content.data).startswith(b"%PDF")
    assert submission.paper.sha256 != submission.paper_without_money.sha256
    report.authorise(by=cast.sam)
    for change in ({"number": 7}, {"reason": "Other"}, {"decision": "returned", "reason": "x"}):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            EndReportSubmission.objects.filter(pk=submission.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_the_sponsor_and_the_manager_at_once():
    """Authorising and withdrawing meet: one wins, the other is told, and the project is whole."""
    project = make_project()
    people = make_cast(project)
    report = submit_report(project, by=people.alice)
    start, outcomes = threading.Barrier(2), []

    def act(verb, by):
        try:
            mine = EndReport.objects.get(pk=report.pk)
            start.wait(5)
            getattr(mine, verb)(by=by)
            outcomes.append(verb)
        except ValidationError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=("authorise", people.sam)),
        threading.Thread(target=act, args=("withdraw", people.alice)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    now = fresh(project)
    assert "first" in outcomes
    assert ("authorise" in outcomes) == (now.state == "closed")
    assert not now.awaits_closure
    assert report.submissions.get().decision == ("authorised" if now.state == "closed" else "withdrawn")


# --- What the report says ----------------------------------------------------------------------------------


def test_the_report_is_filled_from_the_project(cast):
    project = cast.project
    project.objectives.create(
        statement="Faster", measure="Days", unit="d", target_value=5, higher_is_better=False,
        actual_value=4, measured_on=datetime.date(2026, 5, 1),
    )  # fmt: skip
    day = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    project.tasks.create(
        uid=1, number=1, name="Dig", percent=100, start=day, finish=day, actual_start=day,
        actual_finish=day + datetime.timedelta(days=3),
    )  # fmt: skip
    baseline = project.baselines.create(number=1, start=day, finish=day, taken_by=cast.alice)
    baseline.tasks.create(task=project.tasks.get(), uid=1, number=1, name="Dig", start=day, finish=day)
    order = order_of(cast, amount=Decimal(400))
    project.expenses.create(
        line=order.line, order=order, amount=Decimal("123.45"), description="x", booked_by=cast.alice
    )
    project.time_entries.create(user=cast.bob, minutes=90, cost=Decimal("30.00"))
    make_requirement(project, state="approved", approved_by=cast.sam, approved_at=day)
    project.lessons.create(title="Ask early", happened="x", recommendation="Ask in week one", author=cast.alice)
    report = open_report(project, by=cast.alice)
    report.released_on = datetime.date(2026, 4, 1)
    told = {part.key: part for part in parts(report)}
    assert ("Faster (Days)", "–", "≤ 5 d", "4 d", "Met") in told["objectives"].rows
    assert told["dates"].rows[1][-2:] == ("2026-03-05", "3 days")
    assert "Spent: €153.45, which is €846.55 less." in told["cost"].text
    assert told["orders"].rows[0][1:4] == ("Secret Supplier: x", "€400.00", "€123.45")
    assert ("Bob", "Team member", "1.5") in [row[:3] for row in told["people"].rows]
    assert "2026-04-01" in told["people"].text
    assert told["lessons"].rows == [("LL-1", "Ask early", "Ask in week one", "Avoid")]
    assert "Requirements that are not verified" in [row[0] for row in told["open"].rows]
    assert all(told[key].money for key in ("cost", "earned-value", "orders", "open-money"))
    assert not any(told[key].money for key in ("objectives", "dates", "scope", "people", "open"))


def test_nobody_without_the_permission_sees_money(client, cast):
    order_of(cast)
    report = submit_report(cast.project, by=cast.alice)
    submission = report.submissions.get()
    urls = [cast.url, f"{cast.url}preview/"]
    client.force_login(cast.bob)
    for url in urls:
        text = client.get(url).text
        assert "Secret Supplier" not in text
        assert "€" not in text
    assert client.get(submission.paper.url_below(cast.project)).status_code == 403
    assert client.get(submission.paper_without_money.url_below(cast.project)).status_code == 200
    client.force_login(cast.sam)
    assert "Secret Supplier" in client.get(urls[1]).text
    assert client.get(submission.paper.url_below(cast.project)).status_code == 200
    report.authorise(by=cast.sam)
    client.force_login(cast.bob)
    assert "PO-1" not in client.get(cast.url).text


def test_the_page_asks_as_often_for_many_things_as_for_few(client, cast, django_assert_max_num_queries):
    client.force_login(cast.alice)
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(cast.url)
        return len(queries)

    for _ in range(3):
        make_risk(cast.project)
        make_issue(cast.project)
    asked()
    few = asked()
    for _ in range(60):
        make_risk(cast.project)
        make_issue(cast.project)
    assert asked() == few


# --- What comes after --------------------------------------------------------------------------------------


def test_the_result_stays_as_it_was(cast):
    close_project(cast.project, sponsor=cast.sam)
    before = cast.project.closure.result
    from pmdm.kpis.recompute import recompute

    Project.objects.filter(pk=cast.project.pk).update(target_finish=datetime.date(2020, 1, 1), target_start=None)
    recompute("project", [cast.project.pk])
    assert fresh(cast.project).closure.result == before


def test_bob_sees_the_result_without_money(client, cast):
    close_project(cast.project, sponsor=cast.sam)
    client.force_login(cast.bob)
    shown = {figure.kpi.code for figure in client.get(cast.url).context["figures"]}
    client.force_login(cast.sam)
    everything = {figure.kpi.code for figure in client.get(cast.url).context["figures"]}
    assert shown < everything


def test_closing_in_the_past_keeps_that_time(cast):
    at = datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC)
    close_project(cast.project, sponsor=cast.sam, at=at)
    assert cast.project.closure.closed_at == at
    assert cast.project.state_changes.get().at == at
    assert EndReportSubmission.objects.get().submitted_at == at


def test_reopening_goes_on_where_closing_ended(cast):
    close_project(cast.project, sponsor=cast.sam)
    project = fresh(cast.project)
    project.reopen(by=cast.alice, reason="A gap was found")
    assert project.state == "active"
    assert dict(project.phases.values_list("kind", "state"))["initiation"] == "active"
    assert not hasattr(fresh(project), "closure")
    close_project(project, sponsor=cast.sam)
    assert [report.state for report in project.end_reports.all()] == ["authorised", "authorised"]


def test_a_paused_project_is_resumed_before_it_is_closed(client, cast):
    cast.project.pause(by=cast.alice, reason="Audit")
    with pytest.raises(ValidationError, match="resume it first"):
        open_report(cast.project, by=cast.alice)
    client.force_login(cast.alice)
    assert client.post(f"{cast.url}report/", {"reached": "x"}).status_code == 302
    assert not EndReport.objects.exists()


def test_nothing_closes_a_project_without_an_authorised_report(cast):
    report = submit_report(cast.project, by=cast.alice)
    with pytest.raises(ValueError, match="does not authorise"):
        cast.project.close_with(report, {}, by=cast.alice)
    other = make_project()
    make_cast(other)
    theirs = close_project(other)
    with pytest.raises(ValueError, match="does not authorise"):
        cast.project.close_with(theirs, {}, by=cast.alice)


def test_two_people_write_the_report(client, cast):
    client.force_login(cast.alice)
    client.post(f"{cast.url}report/", {"reached": "Mine", "version": 1})
    version = cast.project.end_reports.get().version
    client.post(f"{cast.url}report/", {"reached": "Second", "version": version})
    answer = client.post(f"{cast.url}report/", {"reached": "Third", "version": version})
    assert answer.status_code == 409
    assert "Third" in answer.text
    assert cast.project.end_reports.get().reached == "Second"


def test_decide_all_leaves_nothing(cast):
    make_risk(cast.project)
    report = open_report(cast.project, by=cast.alice)
    decide_all(report, by=cast.alice)
    assert [matter for matter in report.matters() if matter.undecided] == []
