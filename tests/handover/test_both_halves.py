"""What ties the halves together on their pages: the continuity table, the product's card, the gate, the thread."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from delivery.models import Issue
from handover.models import Criterion
from handover.story import continuity
from handover.transfer import actions
from handover.transfer.actions import Wanted
from pmdm.kpis import figures
from pmdm.kpis.models import Snapshot
from projects.models import Closure, Membership
from tests.handover.conftest import LATER, make_ready

DAY = datetime.timedelta(days=1)
ACCEPTED = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC)


@pytest.fixture
def accepted(record):
    """Accepted on 5 January on one condition, with one criterion waived."""
    people, project = record.project.people, record.project
    line = record.criteria.filter(owner=people.alice).first()
    Criterion.objects.filter(pk=line.pk).update(
        state="waived", verified_by=None, verified_at=None, waiver_reason="Later", waiver_expires=LATER,
        waiver_approver=people.sam, waived_at=ACCEPTED,
    )  # fmt: skip
    record.__dict__.pop("_criteria", None)
    actions.submit(record, by=record.giver, at=ACCEPTED - DAY)
    condition = Wanted("Night roster", people.bob, (ACCEPTED + 20 * DAY).date())
    actions.accept(record, by=record.receiver, conditions=[condition], at=ACCEPTED)
    record.refresh_from_db()
    record.project, record.project.people, record.waived = project, people, line
    return record


# --- From close to today ----------------------------------------------------------------------------------


class TestContinuity:
    def snap(self, product, days, value, kpi="satisfaction"):
        day = ACCEPTED.date() + days * DAY
        Snapshot.objects.create(
            subject_type="product", subject_id=product.pk, kpi=kpi, day=day, value=Decimal(value), unit="%",
            status="ok", inputs={},
        )  # fmt: skip

    def table(self, product, user, today):
        looks, lines = continuity.after(product, ACCEPTED, user, today=today)
        values = {line.kpi.code: [one.number if one else None for one in line.figures] for line in lines}
        return [days for days, _day in looks], values

    def test_each_look_takes_the_last_snapshot_of_its_week(self, accepted):
        product = accepted.product
        for days, value in ((20, 10), (24, 40), (29, 41), (31, 99), (85, 50), (179, 60), (365, 70)):
            self.snap(product, days, value)
        days, values = self.table(product, accepted.receiver, ACCEPTED.date() + 400 * DAY)
        assert days == [30, 90, 180, 365]
        assert values["satisfaction"] == [41, 50, 60, 70]

    def test_what_is_still_to_come_or_too_old_is_not_shown(self, accepted):
        product = accepted.product
        for days, value in ((22, 10), (90, 50), (91, 51)):
            self.snap(product, days, value)
        _days, values = self.table(product, accepted.receiver, ACCEPTED.date() + 91 * DAY)
        assert values["satisfaction"] == [None, 50, None, None]
        _days, values = self.table(product, accepted.receiver, ACCEPTED.date() + 89 * DAY)
        assert values == {}

    def test_the_page_sets_close_and_product_side_by_side(self, client, accepted):
        project = accepted.project
        result = figures.result("project", project.pk, as_of=ACCEPTED)
        Closure.objects.create(project=project, closed_by=accepted.giver, result=result)
        self.snap(accepted.product, 30, "4.5")
        client.force_login(accepted.receiver)
        url = reverse("handover:story", args=[project.code])
        with CaptureQueriesContext(connection) as few:
            page = client.get(url).content.decode()
        assert "The project at its close" in page
        assert "The product after acceptance" in page
        for word in ("30 days", "90 days", "180 days", "365 days", "4.5"):
            assert word in page, word
        for days in (88, 89, 90, 175, 180):
            self.snap(accepted.product, days, "4.5")
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        assert len(many) == len(few)

    def test_a_client_sees_no_figure_that_is_not_theirs(self, client, accepted):
        self.snap(accepted.product, 30, "4.5")
        client.force_login(accepted.project.people.charlie)
        assert client.get(reverse("handover:story", args=[accepted.project.code])).status_code == 404


# --- The product's card -----------------------------------------------------------------------------------


def card(client, product):
    page = client.get(product.get_absolute_url()).content.decode()
    found = re.search(r"From the handover.*?</section>", page, re.S)
    return found[0] if found else ""


def test_the_product_shows_what_the_handover_left(client, accepted):
    client.force_login(accepted.receiver)
    text = card(client, accepted.product)
    assert "Night roster" in text
    assert "late" in text  # it was due on 25 January
    assert accepted.waived.text in text
    assert reverse("handover:record", args=[accepted.project.code, accepted.number]) in text
    assert reverse("handover:criterion", args=[accepted.project.code, accepted.number, accepted.waived.pk]) in text


def test_what_is_settled_leaves_the_card(client, accepted):
    condition = accepted.conditions.get()
    condition.handover = accepted
    actions.meet(condition, by=condition.owner, evidence="Roster")
    client.force_login(accepted.receiver)
    assert "waits to be confirmed" in card(client, accepted.product)
    actions.confirm(condition, by=accepted.receiver, met=True)
    assert "Night roster" not in card(client, accepted.product)


def test_who_may_not_read_the_handover_gets_no_link_to_it(client, accepted):
    people = accepted.project.people
    accepted.product.memberships.get_or_create(user=people.charlie, role="support")
    client.force_login(people.charlie)
    text = card(client, accepted.product)
    assert "Night roster" in text
    assert "/handover/" not in text


def test_the_card_is_not_for_the_client(client, accepted):
    client.force_login(accepted.project.people.cleo)
    assert client.get(accepted.product.get_absolute_url()).status_code == 200
    assert card(client, accepted.product) == ""


# --- The gate ---------------------------------------------------------------------------------------------


class TestTheGate:
    def page(self, client, project, kind):
        client.force_login(project.people.alice)
        return client.get(reverse("projects:phase", args=[project.code, kind])).content.decode()

    @pytest.mark.parametrize("kind", ["planning", "execution", "closing"])
    def test_a_missing_delivery_manager_is_red(self, client, running, kind):
        Membership.objects.filter(project=running, role="delivery_manager").delete()
        page = self.page(client, running, kind)
        word = "Not named: operations has no voice yet"
        assert re.search(rf'<span class="light is-act"><svg[^>]*>((?!</span>).)*</svg>{word}', page, re.S)

    @pytest.mark.parametrize("kind", ["planning", "execution", "closing"])
    def test_a_named_one_is_shown(self, client, running, kind):
        page = self.page(client, running, kind)
        assert "Not named" not in page
        assert "Delivery manager</dt>" in page

    def test_before_planning_nobody_misses_one(self, client, running):
        Membership.objects.filter(project=running, role="delivery_manager").delete()
        assert "Delivery manager</dt>" not in self.page(client, running, "initiation")


@pytest.fixture
def running(project):
    type(project).objects.filter(pk=project.pk).update(state="active")
    return project


# --- The thread -------------------------------------------------------------------------------------------


def hrefs(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, url
    return set(re.findall(r'href="([^"#?]+)', answer.content.decode()))


def test_the_thread_is_walked_both_ways(client, accepted):
    """Every step is a link of the page before: from the promise to a live issue, and back."""
    project, product = accepted.project, accepted.product
    source = project.requirements.get(title="Report a claim")
    target = product.requirements.get(title="Report a claim")
    issue = Issue.report(product, by=accepted.receiver, title="Fails", type="bug", severity=2, requirement=target)
    promise = reverse("projects:requirement-detail", args=[project.code, source.number])
    record = reverse("handover:record", args=[project.code, accepted.number])
    thread = reverse("handover:thread", args=[project.code, source.number])
    kept = reverse("delivery:requirement-detail", args=[product.code, target.number])
    live = reverse("delivery:issue-detail", args=[product.code, issue.number])
    client.force_login(accepted.receiver)
    assert {record, kept, thread} <= hrefs(client, promise)
    assert {promise, record, kept, live} <= hrefs(client, thread)
    assert {thread, promise} <= hrefs(client, kept)
    assert kept in hrefs(client, live)


def test_the_thread_shows_no_way_that_is_closed_to_the_reader(client, accepted):
    project, people = accepted.project, accepted.project.people
    source = project.requirements.get(title="Report a claim")
    promise = reverse("projects:requirement-detail", args=[project.code, source.number])
    for person in (people.cleo, people.stella, people.bob):
        client.force_login(person)
        for url in hrefs(client, promise):
            if "/handover/" in url or url.startswith(("/products/", "/stories/")):
                assert client.get(url).status_code == 200, (person, url)


def test_a_requirement_that_no_handover_names_has_nowhere_to_go(client, running):
    client.force_login(running.people.alice)
    source = running.requirements.get(title="Report a claim")
    found = hrefs(client, reverse("projects:requirement-detail", args=[running.code, source.number]))
    assert not any(url.startswith("/stories/") and "requirements" in url for url in found)


def test_a_line_that_waits_says_which_handover(client, project):
    record = actions.start(project, by=project.people.alice)
    make_ready(record)
    client.force_login(project.people.alice)
    source = project.requirements.get(title="Report a claim")
    promise = reverse("projects:requirement-detail", args=[project.code, source.number])
    assert reverse("handover:record", args=[project.code, record.number]) in hrefs(client, promise)
    assert timezone.now() > record.created_at
