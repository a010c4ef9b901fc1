"""Registers as of a past day, with histories made by hand."""

import datetime
from decimal import Decimal

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pmdm.activity.timetravel import end_of, travel
from pmdm.kpis.models import Snapshot
from projects.models import Objective, Project, Risk, Task
from projects.past.registers import REGISTERS
from projects.schedule.localtime import zone
from tests.factories import make_cast, make_project

pytestmark = pytest.mark.django_db
DAY = datetime.date


def on(day, hour=12):
    """What is written inside happened on that day, by UTC."""
    moment = datetime.datetime.combine(day, datetime.time(hour), datetime.UTC)
    return pghistory.context(user=None, request=f"{day} {hour}", at=moment.isoformat())


@pytest.fixture
def cast(db):
    """A risk with a history, one that came later, tasks, a budget line and an objective that were changed."""
    with on(DAY(2026, 1, 5)):
        project = make_project(code="PAST", name="Past", time_zone="Europe/Berlin")
        people = make_cast(project)
        people.project = project
        risk = project.risks.create(title="First title", probability=4, impact=5, owner=people.alice, exposure=777_001)
        requirement = project.requirements.create(title="Requirement")
        line = requirement.add_criterion("Works")
        requirement.move_on("reviewed")
        requirement.approve(by=people.alice)
        task = project.tasks.create(uid=1, number=1, name="Dig", percent=10, cost=Decimal("888002.00"))
        budget = project.budget_lines.create(name="Tools", category="services", planned=999_003, remaining=5)
        objective = project.objectives.create(statement="Faster", measure="Minutes", target_value=5)
        project.issues.create(title="An issue")
    with on(DAY(2026, 3, 3)):
        risk.title, risk.probability = "Second title", 2
        risk.save_changes(["title", "probability"])
        line.requirement = requirement
        line.record("pass", by=people.alice, evidence="seen")
        Task.objects.filter(pk=task.pk).update(name="Dig deep", percent=60)
        type(budget).objects.filter(pk=budget.pk).update(planned=111_004)
    with on(DAY(2026, 5, 5)):
        risk.close(by=people.alice, reason="Over")
        project.risks.create(title="Late risk", probability=1, impact=1)
        Objective.objects.filter(pk=objective.pk).delete()
        Task.objects.filter(pk=task.pk).delete()
    people.risk = risk
    return people


def shown(client, name, day, **query):
    """The rows of a register's page as of a day."""
    answer = client.get(reverse(f"projects:{name}", args=["PAST"]), {"as_of": day} | query)
    assert answer.status_code == 200
    return answer


def past(client, register, day):
    return client.get(reverse("projects:past", args=["PAST", register]), {"as_of": day})


class TestRisks:
    @pytest.mark.parametrize(
        ("day", "titles", "score"),
        [
            ("2026-01-04", [], None),
            ("2026-01-05", ["First title"], 20),
            ("2026-03-02", ["First title"], 20),
            ("2026-03-03", ["Second title"], 10),
            ("2026-05-04", ["Second title"], 10),
            ("2026-05-05", ["Late risk"], 1),
        ],
    )
    def test_the_list_is_what_it_was(self, client, cast, day, titles, score):
        client.force_login(cast.alice)
        rows = shown(client, "risk-list", day).context["page"].rows
        assert [row.title for row in rows] == titles
        assert [row.score_now for row in rows] == ([score] if titles else [])

    def test_filters_and_sorts_mean_what_they_meant(self, client, cast):
        client.force_login(cast.alice)

        def titles(day, **query):
            return [row.title for row in shown(client, "risk-list", day, **query).context["page"].rows]

        assert titles("2026-04-01", probability=2) == ["Second title"]
        assert titles("2026-02-01", probability=2) == []
        assert titles("2026-02-01", q="first") == ["First title"]
        assert titles("2026-06-01", state="all", sort="-number") == ["Late risk", "Second title"]
        assert titles("2026-06-01", state="closed") == ["Second title"]
        assert titles("2026-02-01", owner=cast.alice.pk) == ["First title"]

    def test_the_day_ends_on_the_projects_clock(self, client, cast):
        """22:30 UTC on 9 January is 23:30 in Berlin; 23:30 UTC is the next day there."""
        for hour, title in ((22, "At 23 h"), (23, "At midnight")):
            with on(DAY(2026, 1, 9), hour):
                cast.project.risks.create(title=title)
        client.force_login(cast.alice)
        titles = {row.title for row in shown(client, "risk-list", "2026-01-09").context["page"].rows}
        assert "At 23 h" in titles
        assert "At midnight" not in titles

    def test_the_matrix_above_is_of_the_same_day(self, client, cast):
        client.force_login(cast.alice)
        cells = shown(client, "risk-list", "2026-02-01").context["cells"]
        assert [(cell.likelihood, cell.impact) for cell in cells] == [(4, 5)]

    def test_it_says_so_and_can_only_be_read(self, client, cast):
        client.force_login(cast.alice)
        page = shown(client, "risk-list", "2026-03-03", q="second").text
        assert "As of 3 March 2026." in page
        assert 'href="/projects/PAST/risks/?q=second"' in page, "the way back keeps the filter"
        assert reverse("projects:risk-new", args=["PAST"]) not in page
        today = client.get(reverse("projects:risk-list", args=["PAST"])).text
        assert reverse("projects:risk-new", args=["PAST"]) in today
        assert "As of 3 March" not in today

    def test_sorting_and_filtering_stay_in_the_past(self, client, cast):
        client.force_login(cast.alice)
        page = shown(client, "risk-list", "2026-03-03")
        assert "as_of=2026-03-03" in page.context["page"].sort_url("title")
        assert 'type="hidden" name="as_of" value="2026-03-03"' in page.text

    @pytest.mark.parametrize("day", ["2099-01-01", "yesterday", "2026-02-30"])
    def test_a_day_that_is_none_is_refused_with_the_reason(self, client, cast, day):
        client.force_login(cast.alice)
        page = shown(client, "risk-list", day)
        assert page.context["page"].form.errors["as_of"]
        assert 'id="as-of-error"' in page.text
        assert page.context["page"].day is None

    def test_today_is_no_past_day(self, client, cast):
        client.force_login(cast.alice)
        assert shown(client, "risk-list", timezone.localdate().isoformat()).context["page"].form.errors

    def test_in_as_many_queries_as_today_and_for_any_number(self, client, cast):
        client.force_login(cast.alice)

        def queries(**query):
            client.get("/projects/PAST/risks/", query)
            with CaptureQueriesContext(connection) as caught:
                client.get("/projects/PAST/risks/", query)
            return len(caught)

        few = queries(as_of="2026-02-01")
        assert few <= queries()
        with on(DAY(2026, 1, 6)):
            Risk.objects.bulk_create(Risk(project=cast.project, number=n, title=f"Risk {n}") for n in range(100, 400))
        with on(DAY(2026, 4, 6)):
            cast.project.risks.filter(number__gte=100).update(title="Other")
        assert queries(as_of="2026-02-01") == few


class TestOthers:
    def test_requirements_count_the_criteria_of_that_day(self, client, cast):
        client.force_login(cast.alice)
        for day, passed in (("2026-02-01", 0), ("2026-03-03", 1)):
            (row,) = shown(client, "requirement-list", day).context["page"].rows
            assert (row.lines, row.passed) == (1, passed)
        assert shown(client, "requirement-list", "2026-01-01").context["page"].rows == []

    def test_issues_and_changes(self, client, cast):
        client.force_login(cast.alice)
        assert len(shown(client, "issue-list", "2026-01-05").context["page"].rows) == 1
        assert shown(client, "issue-list", "2026-01-04").context["page"].rows == []
        assert shown(client, "change-list", "2026-01-05").context["page"].rows == []

    def test_a_task_that_is_gone_is_there(self, client, cast):
        client.force_login(cast.alice)
        page = past(client, "tasks", "2026-02-01")
        assert "Dig" in page.text
        assert "10%" in page.text
        assert "Dig deep" in past(client, "tasks", "2026-04-01").text
        assert "Dig" not in past(client, "tasks", "2026-06-01").text

    def test_an_objective_that_is_gone_is_there(self, client, cast):
        client.force_login(cast.cleo)
        assert "Faster" in past(client, "objectives", "2026-04-01").text
        assert "Faster" not in past(client, "objectives", "2026-06-01").text

    def test_budget_lines_add_up_to_what_they_were(self, client, cast):
        client.force_login(cast.alice)
        assert past(client, "budget", "2026-02-01").context["table"].foot[3][1] == 999_003
        assert past(client, "budget", "2026-04-01").context["table"].foot[3][1] == 111_004

    def test_files_follow(self, client, cast):
        client.force_login(cast.alice)
        for register, day, text in (
            ("risks", "2026-02-01", "R-1,First title,Open,4,5,20,777001.00"),
            ("tasks", "2026-04-01", "Dig deep"),
            ("objectives", "2026-04-01", "Faster"),
            ("budget", "2026-02-01", "999003.00"),
            ("requirements", "2026-04-01", "REQ-1,Requirement"),
            ("issues", "2026-04-01", "ISS-1,An issue"),
        ):
            answer = client.get(reverse("projects:past-export", args=["PAST", register]), {"as_of": day})
            assert text in answer.text, register
            assert f"PAST-{register}-{day}.csv" in answer.headers["Content-Disposition"]
        assert client.get("/projects/PAST/past/risks.csv?as_of=2099-01-01").status_code == 422

    def test_without_a_day_it_is_yesterday_and_unknown_registers_are_not_there(self, client, cast):
        client.force_login(cast.alice)
        day = client.get("/projects/PAST/past/tasks/").context["asked"].day
        assert day == timezone.localdate() - datetime.timedelta(days=1)
        assert client.get("/projects/PAST/past/people/?as_of=2026-01-05").status_code == 404
        assert 'id="as-of-error"' in past(client, "tasks", "2099-01-01").text

    @pytest.mark.parametrize("register", REGISTERS)
    def test_every_register_reads_the_present_through_the_trail_alone(self, cast, register):
        """As of now every row and value is what the table holds."""
        found = REGISTERS[register]
        known = end_of(timezone.localdate() + datetime.timedelta(days=1), zone("UTC"))
        rows = found.rows(cast.project)
        past = travel(rows, subject="project", subject_id=cast.project.pk, known=known)
        assert list(past.values()) == list(rows.values())


class TestAccess:
    """Who may read what is decided by today's roles."""

    def test_cost_is_hidden_as_ever(self, client, cast):
        amounts = ("777,001", "777001", "888,002", "888002", "999,003", "999003")
        for person, sees in ((cast.alice, True), (cast.bob, False)):
            client.force_login(person)
            texts = [
                client.get(f"/projects/PAST/past/{register}{end}", {"as_of": "2026-02-01"}).text
                for register in ("risks", "tasks", "budget")
                for end in ("/", ".csv")
            ]
            texts.append(shown(client, "risk-list", "2026-02-01").text)
            assert any(amount in text for amount in amounts for text in texts) == sees
        assert client.get("/projects/PAST/past/budget/?as_of=2026-02-01").status_code == 403

    def test_a_client_reads_no_past_risk_and_a_stranger_nothing(self, client, cast):
        client.force_login(cast.cleo)
        for address in ("risks/", "past/risks/", "past/risks.csv", "past/issues/"):
            assert client.get(f"/projects/PAST/{address}", {"as_of": "2026-02-01"}).status_code == 403
        assert client.get("/projects/PAST/past/tasks/?as_of=2026-02-01").status_code == 200
        client.force_login(cast.charlie)
        assert client.get("/projects/PAST/past/tasks/?as_of=2026-02-01").status_code == 404

    def test_other_projects_stay_outside(self, client, cast):
        with on(DAY(2026, 1, 6)):
            make_project(code="OTHER").risks.create(title="Somebody else's")
        client.force_login(cast.alice)
        assert "Somebody else" not in shown(client, "risk-list", "2026-02-01", state="all").text


class TestTravel:
    def test_it_travels_subqueries_and_leaves_todays_roles(self, cast):
        """A role that was given today opens the past."""
        mine = Project.objects.allowing(cast.bob, REGISTERS["risks"].needs).values("pk")
        rows = Risk.objects.filter(project__in=mine)
        past = travel(rows, subject="project", subject_id=cast.project.pk, known=end_of(DAY(2026, 1, 5), zone("UTC")))
        assert [risk.title for risk in past] == ["First title"]
        assert rows.count() == 2, "the queryset it was made of is as it was"
        assert (past.count(), past.exists()) == (1, True)
        assert past.filter(title="First title").values_list("title", flat=True).get() == "First title"

    def test_a_column_that_is_newer_than_the_trail_has_its_default(self, cast):
        """As after a migration: what is in the trail knows nothing of the column."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE activity_change DISABLE TRIGGER USER")
            cursor.execute(
                "UPDATE activity_change SET after = after - 'version' - 'owner_id'"
                " WHERE \"table\" = 'projects_risk' AND row_id = %s",
                [cast.risk.pk],
            )
            cursor.execute("ALTER TABLE activity_change ENABLE TRIGGER USER")
        known = end_of(DAY(2026, 1, 5), zone("UTC"))
        rows = travel(Risk.objects.all(), subject="project", subject_id=cast.project.pk, known=known)
        assert [(risk.version, risk.owner) for risk in rows] == [(1, None)]


def test_figures_of_a_past_day_come_from_the_snapshots(client, cast):
    client.force_login(cast.alice)
    for day, value in ((DAY(2026, 2, 1), 40), (DAY(2026, 2, 8), 70)):
        Snapshot.objects.create(
            subject_type="project", subject_id=cast.project.pk, kpi="on_time", day=day, value=value, unit="%",
            status="watch", inputs={"due": 10, "overdue": 3},
        )  # fmt: skip
    address = reverse("projects:figures", args=["PAST"])

    def value(day):
        figures = client.get(address, {"as_of": day}).context["figures"]
        return {figure.kpi.code: figure.number for figure in figures}.get("on_time")

    assert value("2026-02-01") == value("2026-02-07") == 40
    assert value("2026-03-01") == 70
    assert client.get(address, {"as_of": "2026-01-31"}).context["figures"] == []
    assert "This figure was not kept on that day." in client.get(address, {"as_of": "2026-02-07"}).text
    codes = {figure.kpi.code for figure in client.get(address, {"as_of": "2026-02-07"}).context["figures"]}
    assert "on_budget" in codes
    client.force_login(cast.bob)
    codes = {figure.kpi.code for figure in client.get(address, {"as_of": "2026-02-07"}).context["figures"]}
    assert "on_budget" not in codes
