"""Turns that cannot overlap, and how they change hands."""

import datetime
import threading
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from delivery.models import OnCallChange, OnCallTurn, Product
from delivery.moves import NotNow
from tests.factories import make_user

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


def turn(product, person, start, end, line=1):
    return OnCallTurn.objects.create(product=product, person=person, starts_at=start, ends_at=end, line=line)


def test_the_table_refuses_an_overlap_on_one_line_only(product, people, now):
    turn(product, people.sue, now, now + DAY)
    turn(product, people.bob, now + DAY, now + 2 * DAY)  # one ends as the next begins
    turn(product, people.bob, now, now + DAY, line=2)
    other = Product.launch(by=people.dora, code="OTHER", name="Other")
    turn(other, people.sue, now, now + DAY)
    with pytest.raises(IntegrityError, match="on_call_no_overlap"), transaction.atomic():
        turn(product, people.bob, now + DAY - HOUR, now + DAY + HOUR)
    with pytest.raises(IntegrityError, match="on_call_ends_after_start"), transaction.atomic():
        turn(product, people.bob, now + 9 * DAY, now + 9 * DAY)


def test_who_is_on_call_at_a_moment(product, people, now):
    turn(product, people.sue, now - HOUR, now + HOUR)
    turn(product, people.bob, now - HOUR, now + HOUR, line=2)
    turn(product, people.dora, now + HOUR, now + DAY)
    assert [one.person for one in product.on_call_turns.at(now)] == [people.sue, people.bob]
    assert [one.person for one in product.on_call_turns.at(now + HOUR)] == [people.dora]
    assert not product.on_call_turns.at(now + DAY)


def test_a_rota_goes_round_and_keeps_its_hour_over_the_change_to_summer_time(product, people):
    start = timezone.make_aware(datetime.datetime(2026, 3, 23, 9))
    OnCallTurn.rotate(product, [people.sue, people.bob], by=people.dora, start=start, days=7, count=3)
    rows = list(product.on_call_turns.order_by("starts_at"))
    assert [row.person for row in rows] == [people.sue, people.bob, people.sue]
    assert {timezone.localtime(row.starts_at).hour for row in rows} == {9}
    assert all(before.ends_at == after.starts_at for before, after in pairwise(rows))


def test_a_rota_that_meets_a_turn_is_refused_whole_with_its_name(product, people, now):
    turn(product, people.sue, now + 10 * DAY, now + 11 * DAY)
    with pytest.raises(ValidationError, match="Sue Support"):
        OnCallTurn.rotate(product, [people.bob], by=people.dora, start=now, days=7, count=3)
    assert product.on_call_turns.count() == 1


def test_two_turns_swap_hands_and_both_changes_are_on_record(product, people, now):
    first = turn(product, people.sue, now + DAY, now + 2 * DAY)
    second = turn(product, people.bob, now + 2 * DAY, now + 3 * DAY)
    stale = OnCallTurn.objects.select_related("person").get(pk=second.pk)
    first.swap_with(second, by=people.sue, reason="Wedding")
    assert [row.person for row in product.on_call_turns.order_by("starts_at")] == [people.bob, people.sue]
    assert OnCallChange.objects.count() == 2
    with pytest.raises(NotNow):
        stale.hand_to(people.dora, by=people.dora, reason="I saw Bob there")
    with pytest.raises(ValidationError):
        first.swap_with(first, by=people.dora, reason="x")
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        OnCallChange.objects.update(reason="y")


def test_what_is_over_changes_no_hands_and_what_has_begun_is_not_removed(product, people, now):
    over = turn(product, people.sue, now - 2 * DAY, now - DAY)
    with pytest.raises(NotNow):
        over.hand_to(people.bob, by=people.dora, reason="Too late")
    running = turn(product, people.sue, now - HOUR, now + HOUR)
    with pytest.raises(NotNow):
        running.cancel(by=people.dora)
    running.hand_to(people.bob, by=people.dora, reason="Ill")
    assert product.on_call_turns.at().get().person == people.bob


@pytest.mark.django_db(transaction=True)
def test_two_plan_the_same_hours_at_once(product, dora):
    people = [make_user("One"), make_user("Two")]
    begin = timezone.now() + DAY
    start, refused = threading.Barrier(2), []

    def plan(person):
        start.wait()
        try:
            OnCallTurn.plan(product, [(person, begin, begin + DAY)], by=dora)
        except ValidationError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=plan, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert product.on_call_turns.count() == 1


# --- Pages ------------------------------------------------------------------------------------------------


def test_the_page_plans_and_tells_what_is_taken(product, people, as_user):
    post = {
        "people": [people.sue.pk, people.bob.pk],
        "line": "1",
        "start": "2040-01-02T09:00",
        "days": "7",
        "count": "2",
    }
    browser = as_user(people.dora)
    assert browser.post("/products/CLAIMS/record/on-call/", post).status_code == 302
    again = browser.post("/products/CLAIMS/record/on-call/", post)
    assert again.status_code == 422
    assert "is on call from" in again.content.decode()
    assert product.on_call_turns.count() == 2
    assert as_user(people.sue).post("/products/CLAIMS/record/on-call/", post).status_code == 403


def test_a_turn_is_changed_by_whose_it_is(product, people, as_user, now):
    mine = turn(product, people.sue, now + DAY, now + 2 * DAY)
    url = f"/products/CLAIMS/record/on-call/{mine.pk}/"
    post = {"person": people.dora.pk, "reason": "Holiday"}
    assert as_user(people.bob).post(url, post).status_code == 403
    assert as_user(people.sue).post(url, {**post, "person": ""}).status_code == 422
    assert as_user(people.sue).post(url, post).status_code == 302
    assert product.on_call_turns.get().person == people.dora


def test_the_overview_names_who_is_on_call_to_us_only(product, people, as_user, now):
    turn(product, people.sue, now - HOUR, now + HOUR)
    link = f'href="/products/CLAIMS/record/on-call/">{people.sue.name}'
    assert link in as_user(people.bob).get("/products/CLAIMS/").content.decode()
    assert people.sue.name not in as_user(people.cleo).get("/products/CLAIMS/").content.decode()
