"""Change requests, deliverables, tests, lessons and money as of a past day; and one row with all its fields."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.activity.timetravel import end_of, travel
from projects.budget import accruals, orders, reserves, verbs
from projects.changes import items
from projects.changes.impact import compute
from projects.models import TestSession
from projects.past.registers import REGISTERS
from projects.schedule.localtime import zone
from projects.sprints import verbs as sprints
from tests.factories import join, make_benefit, make_lesson, make_project, make_risk, make_user
from tests.projects.changes.conftest import make_world
from tests.projects.past.test_travel import on

pytestmark = pytest.mark.django_db
DAY = datetime.date
FIRST, LATER = DAY(2026, 2, 2), DAY(2026, 4, 6)


def titles(client, world, name, day, **query):
    answer = client.get(reverse(f"projects:{name}", args=[world.project.code]), {"as_of": day.isoformat()} | query)
    assert answer.status_code == 200
    return [(row.title, getattr(row, "state", "")) for row in answer.context["page"].rows]


@pytest.fixture
def world(db):
    with on(DAY(2026, 1, 5)):
        return make_world()


@pytest.fixture
def filled(world):
    """One row in each register on the first day."""
    alice, project = world.people.alice, world.project
    with on(FIRST):
        project.deliverables.create(title="Manual", due=DAY(2026, 3, 1), owner=alice)
        case = project.test_cases.create(title="Log in", steps="Type", owner=alice)
        TestSession.plan(project, [case], title="Round one")
        make_lesson(project, title="Ask early", tags=["law", "vendor, big"])
        make_risk(project, title="Late", probability=2, impact=3)
        project.issues.create(title="Broken")
        objective = project.objectives.create(statement="Faster", measure="Minutes", target_value=5)
        benefit = make_benefit(objective, source="The clock", due=[DAY(2026, 9, 1)])
        sprint = sprints.plan_sprint(
            project, by=alice, name="First two weeks", goal="Walk", start=FIRST, finish=DAY(2026, 2, 13)
        )
        sprints.take_in(sprint, [world.task("A")], by=alice)
        project.resources.create(uid=99, name="A crane", kind="work")
        verbs.book_time(project, by=world.people.bob, day=FIRST, minutes=90, note="Dug")
        reserve = reserves.set_allowance(project, "reserve", by=world.people.sam, amount=Decimal(900))
        reserves.request_draw(
            project, by=alice, allowance=reserve, line=world.line("Travel"), amount=Decimal(50), reason="Rain"
        )
        order = orders.place_order(
            project, by=alice, line=world.line("Travel"), supplier="Rail", description="Tickets", amount=Decimal(300),
            ordered_on=FIRST,
        )  # fmt: skip
        verbs.book_expense(
            project, by=alice, line=world.line("Travel"), order=order, amount=Decimal(100), description="First ride",
            spent_on=FIRST,
        )  # fmt: skip
        accruals.accrue(
            project, by=alice, line=world.line("Labour"), amount=Decimal(70), description="A day of work",
            accrued_on=FIRST, reverses_on=LATER,
        )  # fmt: skip
        world.change(title="More")
    with on(DAY(2026, 2, 3)):
        benefit.record(by=alice, value=Decimal(7), measured_on=DAY(2026, 2, 3), evidence="Report")
    return world


class TestChanges:
    @pytest.fixture
    def story(self, world):
        """Asked for, worded anew and submitted, assessed, approved, implemented, each on a day of its own."""
        people = world.people
        with on(DAY(2026, 2, 2)):
            change = world.change(title="First words")
        with on(DAY(2026, 2, 9)):
            change.title = "Second words"
            change.save_changes(["title"])
            change.submit(by=people.bob)
        with on(DAY(2026, 2, 16)):
            change.assess(by=people.alice)
            items.draft_edit(
                change, "add", by=people.alice, name="C",
                ops=[
                    {"op": "add", "ref": "c", "fields": {"name": "C", "duration": "2d"}},
                    {"op": "link", "from": world.task("B").uid, "to": "c"},
                ],
            )  # fmt: skip
            items.move_money(change, by=people.alice, line=world.line("Labour"), delta=Decimal("777.00"))
            compute(change, by=people.alice)
        with on(DAY(2026, 3, 2)):
            change.approve(by=people.sam, impact=change.impact_id, note="Good")
        with on(DAY(2026, 3, 9)):
            change.implement(by=people.alice)
        return change

    @pytest.mark.parametrize(
        ("day", "expected", "shift"),
        [
            (DAY(2026, 2, 1), [], None),
            (DAY(2026, 2, 2), [("First words", "draft")], None),
            (DAY(2026, 2, 8), [("First words", "draft")], None),
            (DAY(2026, 2, 9), [("Second words", "submitted")], None),
            (DAY(2026, 2, 16), [("Second words", "assessment")], Decimal("2.00")),
            (DAY(2026, 3, 2), [("Second words", "approved")], Decimal("2.00")),
            (DAY(2026, 3, 9), [("Second words", "implemented")], Decimal("2.00")),
        ],
    )
    def test_the_register_is_what_it_was(self, client, world, story, day, expected, shift):
        client.force_login(world.people.alice)
        assert titles(client, world, "change-list", day) == expected
        rows = client.get(
            reverse("projects:change-list", args=[world.project.code]), {"as_of": day.isoformat()}
        ).context["page"].rows  # fmt: skip
        assert [row.impact and row.impact.shift for row in rows] == ([shift] if expected else [])
        found = client.get(reverse("projects:past-export", args=[world.project.code, "changes"]), {"as_of": day})
        assert [title in found.text for title, _state in expected] == [True] * len(expected)

    def test_filters_mean_what_they_meant(self, client, world, story):
        client.force_login(world.people.alice)
        assert titles(client, world, "change-list", DAY(2026, 2, 20), state="assessment")
        assert not titles(client, world, "change-list", DAY(2026, 2, 20), state="approved")
        assert titles(client, world, "change-list", DAY(2026, 2, 20), state="open")
        assert not titles(client, world, "change-list", DAY(2026, 3, 5), state="open")
        assert titles(client, world, "change-list", DAY(2026, 2, 5), q="first")
        assert not titles(client, world, "change-list", DAY(2026, 2, 10), q="first")

    def test_what_was_a_draft_then_is_as_private_as_it_was(self, client, world, story):
        for person, sees in ((world.people.bob, True), (world.people.sam, False), (world.people.stella, False)):
            client.force_login(person)
            assert bool(titles(client, world, "change-list", DAY(2026, 2, 5))) == sees
            assert titles(client, world, "change-list", DAY(2026, 2, 10)) == [("Second words", "submitted")]
            for address in (
                reverse("projects:past", args=[world.project.code, "changes"]),
                reverse("projects:past-export", args=[world.project.code, "changes"]),
                reverse("projects:past-record", args=[world.project.code, "changes", story.number]),
            ):
                text = client.get(address, {"as_of": "2026-02-05"}).text
                assert ("First words" in text) == sees, (person, address)

    def test_money_of_its_impact_stays_with_those_who_may_see_cost(self, client, world, story):
        for person, sees in ((world.people.alice, True), (world.people.bob, False)):
            client.force_login(person)
            page = client.get(reverse("projects:change-list", args=[world.project.code]), {"as_of": "2026-03-05"})
            assert ("777" in page.text) == sees


class TestOthers:
    def test_deliverables_and_their_state(self, client, filled):
        with on(LATER):
            row = filled.project.deliverables.get()
            row.title = "Handbook"
            row.save_changes(["title"])
        client.force_login(filled.people.cleo)
        assert titles(client, filled, "deliverable-list", DAY(2026, 2, 1)) == []
        assert titles(client, filled, "deliverable-list", FIRST)[0][0] == "Manual"
        assert titles(client, filled, "deliverable-list", LATER)[0][0] == "Handbook"
        assert not titles(client, filled, "deliverable-list", FIRST, q="hand")

    def test_what_was_overdue_on_that_day(self, client, filled):
        client.force_login(filled.people.alice)
        address = reverse("projects:deliverable-list", args=[filled.project.code])
        assert "overdue" not in client.get(address, {"as_of": "2026-02-20"}).text
        assert "overdue" in client.get(address, {"as_of": "2026-03-20"}).text

    def test_test_cases_have_the_result_of_that_day(self, client, filled):
        with on(LATER):
            run = filled.project.test_sessions.get().runs.get()
            run.record("pass", by=filled.people.alice, at=datetime.datetime(2026, 4, 6, 12, tzinfo=datetime.UTC))
        client.force_login(filled.people.alice)
        address = reverse("projects:test-list", args=[filled.project.code])
        for day, latest, passed in ((FIRST, None, 0), (LATER, "pass", 1)):
            page = client.get(address, {"as_of": day.isoformat()})
            assert [row.latest for row in page.context["page"].rows] == [latest]
            assert [session.n_pass for session in page.context["sessions"]] == [passed]
            assert bool(client.get(address, {"as_of": day, "result": "pass"}).context["page"].rows) == bool(passed)

    def test_they_can_only_be_read(self, client, filled):
        client.force_login(filled.people.alice)
        for name, new in (("deliverable-list", "deliverable-new"), ("test-list", "case-new")):
            page = client.get(reverse(f"projects:{name}", args=[filled.project.code]), {"as_of": "2026-03-03"}).text
            assert "As of 3 March 2026." in page
            assert reverse(f"projects:{new}", args=[filled.project.code]) not in page

    def test_money_adds_up_to_what_it_was(self, client, filled):
        with on(LATER):
            verbs.change_expense(filled.project.expenses.get(), by=filled.people.alice, amount=Decimal(250))
        client.force_login(filled.people.alice)
        sums = {
            day: client.get(
                reverse("projects:past", args=[filled.project.code, "expenses"]), {"as_of": day.isoformat()}
            )
            .context["table"]
            .foot[-1][1]
            for day in (FIRST, LATER)
        }
        assert sums == {FIRST: Decimal(100), LATER: Decimal(250)}
        client.force_login(filled.people.bob)
        for register in ("orders", "expenses", "accruals"):
            for name in ("past", "past-export"):
                assert client.get(reverse(f"projects:{name}", args=[filled.project.code, register])).status_code == 403

    @pytest.mark.parametrize("name", ["order-list", "expense-list", "accrual-list", "lesson-list"])
    def test_the_field_is_on_the_page(self, client, filled, name):
        client.force_login(filled.people.alice)
        assert 'id="as-of"' in client.get(reverse(f"projects:{name}", args=[filled.project.code])).text

    @pytest.mark.parametrize("register", REGISTERS)
    def test_rows_read_from_the_trail_are_the_rows_that_stood_there(self, filled, register):
        """Every row is changed later, so that each value of it comes out of the trail's JSON."""
        found = REGISTERS[register]
        before = list(found.rows(filled.project).values())
        assert before, "nothing is compared"
        model = found.rows(filled.project).model
        names = {field.name for field in model._meta.fields}
        texts = ("title", "name", "statement", "description", "source", "note", "reason")
        text = next((name for name in texts if name in names), None)
        changes = {text: Concat(F(text), Value(" later"))} if text else {}
        if "amount" in names and not text:
            changes = {"amount": F("amount") + 1}
        elif "since" in names:
            changes = {"since": F("since") + datetime.timedelta(days=1)}
        with on(LATER):
            model._base_manager.filter(project=filled.project).update(**changes)
        known = end_of(DAY(2026, 2, 3), zone("UTC"))
        rows, of = found.rows(filled.project), {"subject": "project", "subject_id": filled.project.pk}
        then = list(travel(rows, **of, known=known, even=found.even).values())
        for row in (*before, *then):
            row.pop("search", None)  # no part of the trail
        assert then == before
        assert list(found.rows(filled.project).values()) != before


class TestPeopleAndTheirTime:
    """Team, booked time, sprints, benefits: what the issue of the lifecycle asks of every register."""

    def rows(self, client, world, register, day):
        page = client.get(reverse("projects:past", args=[world.project.code, register]), {"as_of": day.isoformat()})
        assert page.status_code == 200
        return [[value for _column, value in row] for row in page.context["table"].rows]

    def test_the_team_is_who_it_was(self, client, filled):
        """Although roles are otherwise always those of today: who may look is decided by them, not by the day."""
        newcomer = make_user("Nora Newcomer")
        bob = filled.project.memberships.get(user=filled.people.bob)
        with on(LATER):
            join(filled.project, newcomer, "member")
            bob.delete()
        client.force_login(filled.people.alice)
        then, later = (dict(row[:2] for row in self.rows(client, filled, "team", day)) for day in (FIRST, LATER))
        assert then[filled.people.bob.name] == "Team member"
        assert newcomer.name not in then
        assert newcomer.name in later
        assert filled.people.bob.name not in later
        client.force_login(filled.people.bob)
        address = reverse("projects:past", args=[filled.project.code, "team"])
        assert client.get(address, {"as_of": FIRST.isoformat()}).status_code == 404, "the day gives nobody a role back"

    def test_hours_are_those_that_were_booked_by_then(self, client, filled):
        entry = filled.project.time_entries.get()
        with on(LATER):
            verbs.change_time(entry, by=filled.people.bob, version=entry.version, minutes=30)
            verbs.book_time(filled.project, by=filled.people.bob, day=LATER, minutes=60)
        client.force_login(filled.people.alice)
        assert [row[4] for row in self.rows(client, filled, "time", FIRST)] == [Decimal("1.50")]
        assert [row[4] for row in self.rows(client, filled, "time", LATER)] == [Decimal("1.00"), Decimal("0.50")]

    def test_what_an_hour_cost_is_for_those_who_see_cost(self, client, filled):
        with on(FIRST):
            filled.project.time_entries.update(cost=Decimal("777003.00"))
        for person, sees in (("alice", True), ("bob", False)):
            client.force_login(getattr(filled.people, person))
            for name in ("past", "past-export"):
                page = client.get(
                    reverse(f"projects:{name}", args=[filled.project.code, "time"]), {"as_of": FIRST.isoformat()}
                )
                assert page.status_code == 200
                assert ("777,003" in page.text or "777003" in page.text) == sees, name
        assert client.get(reverse("projects:past", args=[filled.project.code, "reserves"])).status_code == 403

    def test_a_sprint_held_what_it_held(self, client, filled):
        sprint = filled.project.sprints.get()
        with on(LATER):
            sprint.project = filled.project
            sprints.take_out(sprint, [filled.task("A")], by=filled.people.alice)
        client.force_login(filled.people.alice)
        assert [row[6] for row in self.rows(client, filled, "sprints", FIRST)] == [1]
        assert [row[6] for row in self.rows(client, filled, "sprints", LATER)] == [0]

    def test_a_benefit_was_judged_by_what_was_measured(self, client, filled):
        with on(LATER):
            filled.project.benefits.get().record(
                by=filled.people.alice, value=Decimal(4), measured_on=LATER, evidence="Report"
            )
        client.force_login(filled.people.alice)
        values = [self.rows(client, filled, "benefits", day)[0][5] for day in (FIRST, DAY(2026, 2, 3), LATER)]
        assert values == [None, 7, 4]

    def test_benefits_of_all_projects_on_the_clock_of_each(self, client, filled):
        other = make_project(filled.people.alice, code="WEST", time_zone="America/New_York")
        join(other, filled.people.sam, "sponsor")
        with on(DAY(2026, 2, 4), 3):  # still the third in New York
            make_benefit(other.objectives.create(statement="West", measure="Minutes", target_value=5))
        client.force_login(filled.people.alice)

        def found(day, **query):
            page = client.get(reverse("projects:benefits"), {"as_of": day.isoformat()} | query)
            return {row.objective.statement: row.value for row in page.context["page"].rows}, page.context["summary"]

        assert found(FIRST)[0] == {"Faster": None}
        both, counts = found(DAY(2026, 2, 3))
        assert both == {"Faster": 7, "West": None}
        assert (counts.total, counts.measured) == (2, 1)
        assert found(DAY(2026, 2, 3), show="realised")[0] == {"Faster": 7}
        assert found(FIRST, show="realised")[0] == {}
        assert found(DAY(2026, 2, 3), q="west")[0] == {"West": None}
        export = client.get(reverse("projects:benefits-export"), {"as_of": "2026-02-02"}).text
        assert "West" not in export
        client.force_login(filled.people.charlie)
        assert found(DAY(2026, 2, 3))[0] == {}

    def test_who_owned_a_benefit_then_does_not_see_it_for_that(self, client, filled):
        stranger, benefit = filled.people.charlie, filled.project.benefits.get()
        with on(DAY(2026, 2, 4)):
            type(benefit).objects.filter(pk=benefit.pk).update(owner=stranger)
        with on(LATER):
            type(benefit).objects.filter(pk=benefit.pk).update(owner=filled.people.sam)
        client.force_login(stranger)
        page = client.get(reverse("projects:benefits"), {"as_of": "2026-02-10"})
        assert list(page.context["page"].rows) == []

    @pytest.mark.parametrize("page", ["team", "time-list", "sprint-list", "reserve-list", "traceability"])
    def test_the_page_of_today_has_the_one_date_field(self, client, filled, page):
        client.force_login(filled.people.alice)
        assert 'name="as_of"' in client.get(reverse(f"projects:{page}", args=[filled.project.code])).text

    def test_the_rest_of_that_day_is_one_click_away(self, client, filled):
        for person, sees in (("alice", True), ("bob", False)):
            client.force_login(getattr(filled.people, person))
            page = client.get(
                reverse("projects:past", args=[filled.project.code, "team"]), {"as_of": "2026-02-02"}
            ).text
            assert f"past/time/?as_of={FIRST}" in page
            assert (f"past/budget/?as_of={FIRST}" in page) == sees


class TestOneRow:
    def address(self, world, register, key):
        return reverse("projects:past-record", args=[world.project.code, register, key])

    def test_all_its_fields_then_beside_today(self, client, filled):
        risk = filled.project.risks.get()
        with on(LATER):
            risk.title, risk.probability = "Very late", 4
            risk.description = "Line one\nline two, " + "long " * 40
            risk.save_changes(["title", "probability", "description"])
        client.force_login(filled.people.alice)
        page = client.get(self.address(filled, "risks", risk.number), {"as_of": FIRST.isoformat()})
        lines = {line.label: line for line in page.context["record"].lines}
        assert (lines["title"].then, lines["title"].now) == ("Late", "Very late")
        assert (lines["probability"].then, lines["probability"].now) == ("2", "4")
        words = str(type(risk)._meta.get_field("description").verbose_name)
        assert lines[words].now == risk.description, "a text is not cut"
        assert {label for label, line in lines.items() if line.differs} == {"title", "probability", words}
        assert "As of 2 February 2026." in page.text
        assert reverse("projects:risk-edit", args=[filled.project.code, risk.number]) not in page.text

    @pytest.mark.parametrize("register", REGISTERS)
    def test_of_every_register(self, client, filled, register):
        found = REGISTERS[register]
        row = found.rows(filled.project).first()
        client.force_login(filled.people.alice)
        page = client.get(self.address(filled, register, getattr(row, found.key_field)), {"as_of": "2026-02-03"})
        record = page.context["record"]
        assert record.was_there
        assert record.is_there
        assert not any(line.differs for line in record.lines)
        if found.one:
            assert client.get(page.context["now_url"]).status_code == 200

    def test_before_it_was_there_and_after_it_went(self, client, filled):
        client.force_login(filled.people.alice)
        with on(FIRST):
            objective = filled.project.objectives.create(statement="Cheaper", measure="Cost", target_value=5)
        number = objective.number
        assert "Not there yet" in client.get(self.address(filled, "objectives", number), {"as_of": "2026-02-01"}).text
        with on(LATER):
            objective.delete()
        page = client.get(self.address(filled, "objectives", number), {"as_of": FIRST.isoformat()}).text
        assert "Cheaper" in page
        assert "not there any more" in page
        assert client.get(self.address(filled, "objectives", 99)).status_code == 404
        assert client.get(self.address(filled, "people", 1)).status_code == 404
        refused = client.get(self.address(filled, "risks", 1), {"as_of": "2099-01-01"})
        assert 'id="as-of-error"' in refused.text

    def test_who_may(self, client, filled):
        """Those who read the project's activity, and the register; money is hidden as ever."""
        filled.project.risks.update(exposure=Decimal("777001.00"))
        for person, status in (("alice", 200), ("bob", 200), ("cleo", 403), ("charlie", 404)):
            client.force_login(getattr(filled.people, person))
            assert client.get(self.address(filled, "risks", 1)).status_code == status, person
        for person, sees in (("alice", True), ("bob", False)):
            client.force_login(getattr(filled.people, person))
            assert ("777,001" in client.get(self.address(filled, "risks", 1)).text) == sees
        assert client.get(self.address(filled, "expenses", 1)).status_code == 403

    def test_the_way_there_is_on_its_page(self, client, filled):
        for person, sees in (("alice", True), ("cleo", False)):
            client.force_login(getattr(filled.people, person))
            page = client.get(reverse("projects:deliverable-detail", args=[filled.project.code, 1])).text
            assert (self.address(filled, "deliverables", 1) in page) == sees

    def test_in_as_many_queries_for_a_long_history(self, client, filled):
        client.force_login(filled.people.alice)
        address = self.address(filled, "risks", 1)

        def queries():
            client.get(address, {"as_of": FIRST.isoformat()})
            with CaptureQueriesContext(connection) as caught:
                client.get(address, {"as_of": FIRST.isoformat()})
            return len(caught)

        few = queries()
        risk = filled.project.risks.get()
        for number in range(30):
            with on(LATER, number % 20):
                risk.title = f"Title {number}"
                risk.save_changes(["title"])
        assert queries() == few
