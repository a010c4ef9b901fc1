"""Requests between departments and roadblocks: who may, in which order, what is told, what is measured."""

import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from delivery.departments.effects import LATE, late, remind, remind_of_roadblocks, tell
from delivery.departments.models import TELL, DepartmentRequest, Roadblock, time_blocked
from delivery.departments.views import blocked_tiles
from delivery.moves import NotNow
from pmdm.accounts.models import Department
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from tests.factories import make_user, retire

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture
def sales(db):
    return Department.objects.create(name="Sales")


@pytest.fixture
def sam(sales):
    """Of sales, without a role on the product."""
    user = make_user("Sam Sales")
    user.department = sales
    user.save()
    return user


@pytest.fixture
def asked(product, people, sales, sam):
    return DepartmentRequest.ask(
        product, by=people.sue, department=sales, title="A price for the add-on", due=timezone.localdate() + 5 * DAY
    )


def told(kind=TELL):
    return set(Outbox.objects.filter(kind=kind).values_list("payload__what", "payload__user"))


def test_the_department_hears_and_accepts(asked, people, sam):
    assert told() == {("asked", sam.pk)}
    assert asked.may_answer(sam)
    assert not asked.may_answer(people.sue)
    asked.accept(by=sam, owner=sam)
    assert (asked.state, asked.owner, asked.answered_by) == ("accepted", sam, sam)
    assert ("accepted", people.sue.pk) in told()
    asked.finish(by=sam, outcome="1,200 a year")
    assert asked.done_at is not None
    with pytest.raises(NotNow):
        asked.decline(by=sam, answer="Rather not")


def test_another_day_needs_a_reason_and_so_does_a_refusal(asked, sam):
    later = asked.due + 3 * DAY
    with pytest.raises(ValidationError):
        asked.accept(by=sam, owner=sam, due=later)
    with pytest.raises(ValidationError):
        asked.decline(by=sam, answer=" ")
    asked.accept(by=sam, owner=sam, due=later, answer="The list is reviewed on Monday")
    assert asked.due == later


def test_two_who_answer_at_once(asked, sam):
    other = DepartmentRequest.objects.select_related("product").get(pk=asked.pk)
    asked.accept(by=sam, owner=sam)
    with pytest.raises(NotNow):
        other.decline(by=sam, answer="No time")


def test_what_is_over_cannot_be_asked_for(product, people, sales):
    with pytest.raises(ValidationError):
        DepartmentRequest.ask(product, by=people.sue, department=sales, title="x", due=timezone.localdate() - DAY)


def test_what_a_department_asks_of_us_is_answered_by_the_team(product, people, sales, sam):
    row = DepartmentRequest.ask(
        product, by=people.dora, department=sales, title="Figures for the fair", direction="from",
        due=timezone.localdate(),
    )  # fmt: skip
    assert row.may_answer(people.sue)
    assert not row.may_answer(sam)
    assert not row.may_answer(people.stella)
    assert sam not in DepartmentRequest.objects.visible_to(sam)


def test_who_sees_what(asked, people, sam, as_user):
    url = f"/products/requests/{asked.pk}/"
    for person, status in (
        (sam, 200),
        (people.sue, 200),
        (people.stella, 200),
        (people.cleo, 404),
        (people.charlie, 404),
    ):
        assert as_user(person).get(url).status_code == status, person
    page = as_user(sam).get("/products/requests/").content.decode()
    assert "A price for the add-on" in page
    assert "A price for the add-on" in as_user(sam).get("/my-work/").content.decode()
    assert as_user(people.cleo).get("/products/requests/").status_code == 403
    assert "A price" not in as_user(people.charlie).get("/products/requests/").content.decode()
    assert as_user(people.stella).post(f"{url}acceptance/", {"owner": people.stella.pk}).status_code == 403
    assert as_user(sam).post(f"{url}acceptance/", {"owner": people.sue.pk}).status_code == 422, "not of sales"
    assert as_user(sam).post(f"{url}acceptance/", {"owner": sam.pk}).status_code == 302
    assert as_user(sam).post(f"{url}refusal/", {"text": "No"}).status_code == 409
    assert as_user(sam).post(f"{url}completion/", {"text": ""}).status_code == 422
    assert as_user(sam).post(f"{url}completion/", {"text": "Sent"}).status_code == 302
    assert as_user(people.sue).post(f"{url}withdrawal/", {"text": ""}).status_code == 409


def test_what_is_overdue_is_asked_for_once(asked, people, sam):
    now = timezone.now()
    remind(now)
    assert not Outbox.objects.filter(kind=LATE).exists()
    remind(now + 6 * DAY)
    remind(now + 7 * DAY)
    row = Outbox.objects.get(kind=LATE)
    assert row.payload["user"] == sam.pk
    late(row.payload)
    assert "Overdue" in mail.outbox[0].subject
    asked.withdraw(by=people.sue)
    late(row.payload)
    assert len(mail.outbox) == 1
    tell(Outbox.objects.filter(kind=TELL).first().payload)
    assert len(mail.outbox) == 2


# --- Roadblocks -------------------------------------------------------------------------------------------


@pytest.fixture
def roadblock(product, people):
    return Roadblock.raise_one(
        product, by=people.bob, title="No access to the test bank", at=timezone.now() - 10 * HOUR
    )


def test_it_is_owned_before_it_is_escalated_and_its_time_is_measured(roadblock, people):
    with pytest.raises(NotNow):
        roadblock.escalate(people.dora, by=people.bob, reason="Nobody answers")
    at = roadblock.raised_at
    roadblock.own(people.sue, by=people.bob, due=timezone.localdate(), at=at + HOUR)
    roadblock.escalate(people.dora, by=people.sue, reason="Nobody answers", at=at + 2 * HOUR)
    assert (roadblock.state, roadblock.escalated_to) == ("escalated", people.dora)
    roadblock.own(people.bob, by=people.sue, at=at + 3 * HOUR)
    assert roadblock.state == "escalated", "another owner does not take it down"
    roadblock.remove(by=people.bob, how="A new key came", at=at + 8 * HOUR)
    assert roadblock.blocked() == 8 * HOUR
    assert [step.kind for step in roadblock.steps.all()] == ["raised", "owned", "escalated", "owned", "removed"]
    with pytest.raises(NotNow):
        roadblock.remove(by=people.bob, how="Again")
    assert told() == {
        ("raised", people.dora.pk), ("owned", people.sue.pk), ("escalated", people.dora.pk), ("owned", people.bob.pk),
    }  # fmt: skip


def test_an_overdue_roadblock_is_told_once_for_each_day(roadblock, people):
    today = timezone.localdate()
    roadblock.own(people.sue, by=people.bob, due=today)
    remind_of_roadblocks(timezone.now())
    assert not Outbox.objects.filter(kind=LATE).exists()
    for days in (1, 1, 2):
        remind_of_roadblocks(timezone.now() + days * DAY)
    row = Outbox.objects.get(kind=LATE)
    assert row.payload["user"] == people.sue.pk
    late(row.payload)
    (sent,) = mail.outbox
    assert (sent.to, "Overdue" in sent.subject, f"/roadblocks/{roadblock.number}/" in sent.body) == (
        [people.sue.email], True, True,
    )  # fmt: skip
    roadblock.escalate(people.dora, by=people.sue, reason="Nobody answers")
    remind_of_roadblocks(timezone.now() + 3 * DAY)
    assert set(Outbox.objects.filter(kind=LATE).values_list("payload__user", flat=True)) == {
        people.sue.pk, people.dora.pk,
    }  # fmt: skip
    roadblock.own(people.sue, by=people.sue, due=today + 5 * DAY)
    late(row.payload)
    assert len(mail.outbox) == 1, "another day was agreed"
    remind_of_roadblocks(timezone.now() + 6 * DAY)
    again = Outbox.objects.filter(kind=LATE).order_by("-pk").first()
    roadblock.remove(by=people.sue, how="Gone")
    late(again.payload)
    assert len(mail.outbox) == 1, "it is removed"


def test_one_that_nobody_owns_is_told_to_the_delivery_manager(roadblock, people, product):
    type(roadblock).objects.update(due=timezone.localdate() - DAY)
    remind_of_roadblocks(timezone.now())
    assert Outbox.objects.get(kind=LATE).payload["user"] == people.dora.pk
    Outbox.objects.all().delete()
    retire(product, by=people.dora)
    remind_of_roadblocks(timezone.now() + DAY)
    assert not Outbox.objects.filter(kind=LATE).exists()


def test_one_without_owner_and_day_is_the_delivery_managers_to_give_away(roadblock, people, as_user):
    outbox.drain()
    (told,) = mail.outbox
    assert (told.to, "Somebody has to own it" in told.subject) == ([people.dora.email], True)
    assert roadblock.title in as_user(people.dora).get("/my-work/").content.decode()
    assert roadblock.title not in as_user(people.sue).get("/my-work/").content.decode()
    mail.outbox.clear()
    for days in (0, 1, 2):
        remind_of_roadblocks(roadblock.raised_at + HOUR + days * DAY)
    outbox.drain()
    (told,) = mail.outbox
    assert (told.to, "Still nobody's" in told.subject) == ([people.dora.email], True)
    roadblock.own(people.sue, by=people.sue)
    assert roadblock.title not in as_user(people.dora).get("/my-work/").content.decode()


def test_one_that_somebody_took_at_once_asks_nobody_for_an_owner(roadblock, people, product):
    roadblock.own(people.sue, by=people.sue)
    own = Roadblock.raise_one(product, by=people.dora, title="Of one's own one knows")
    own.own(people.dora, by=people.dora)
    remind_of_roadblocks(timezone.now() + 5 * DAY)
    outbox.drain()
    assert mail.outbox == []


def test_its_steps_are_never_changed(roadblock):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE delivery_roadblockstep SET text = 'x'")


def test_two_at_once_block_once(product, people, roadblock):
    now = timezone.now()
    second = Roadblock.raise_one(product, by=people.bob, title="No test data", at=now - 6 * HOUR)
    second.remove(by=people.bob, how="Copied", at=now - 2 * HOUR)
    assert time_blocked(product, now - DAY, now) == now - roadblock.raised_at
    tiles = blocked_tiles(product, now)
    assert (tiles[0].value, tiles[2].value) == ("1", "4h")


def test_the_pages(roadblock, people, as_user):
    browser = as_user(people.sue)
    own = f"/products/CLAIMS/roadblocks/{roadblock.number}/"
    assert browser.get(own).status_code == 200
    assert browser.post(f"{own}escalation/", {"person": people.dora.pk, "reason": "x"}).status_code == 409
    assert browser.post(f"{own}ownership/", {"person": people.sue.pk, "due": ""}).status_code == 302
    assert browser.post(f"{own}escalation/", {"person": people.dora.pk, "reason": "x"}).status_code == 302
    assert "No access to the test bank" in as_user(people.dora).get("/my-work/").content.decode()
    browser = as_user(people.sue)
    assert browser.post(f"{own}removal/", {"text": "Key"}).status_code == 302
    assert browser.post(f"{own}removal/", {"text": "Key"}).status_code == 409
    assert browser.post("/products/CLAIMS/roadblocks/new/", {"title": ""}).status_code == 422
    assert browser.post("/products/CLAIMS/roadblocks/new/", {"title": "Another"}).status_code == 302
    assert as_user(people.cleo).get(own).status_code == 403


@pytest.mark.parametrize("count", [3, 60])
def test_lists_ask_the_same_number_of_questions(product, people, sales, as_user, count, django_assert_max_num_queries):
    for number in range(count):
        Roadblock.raise_one(product, by=people.bob, title=f"Block {number}")
        DepartmentRequest.ask(product, by=people.sue, department=sales, title=f"Ask {number}", due=timezone.localdate())
    browser = as_user(people.dora)
    for path in ("/products/CLAIMS/roadblocks/", "/products/CLAIMS/requests/", "/products/requests/", "/my-work/"):
        browser.get(path)
        with django_assert_max_num_queries(60):
            browser.get(path)
