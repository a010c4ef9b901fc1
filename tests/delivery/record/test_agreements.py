"""Contracts: their dates, who sees what they are worth, ending one early."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from delivery.models import Agreement
from delivery.moves import NotNow

START, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)
DAY = datetime.timedelta(days=1)
POST = {
    "title": "Hosting", "kind": "hosting", "side": "supplier", "party": "Nordhaven", "starts_on": "2026-01-01",
    "ends_on": "2026-12-31", "notice_on": "2026-09-30", "value": "12000.50", "currency": "eur", "alert_days": "60, 10",
}  # fmt: skip


@pytest.fixture
def agreement(product):
    return Agreement.objects.create(
        product=product, title="Hosting", party="Nordhaven", starts_on=START, ends_on=END,
        notice_on=datetime.date(2026, 9, 30), value=Decimal("77123.45"), currency="EUR", alert_days=[30],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (START - DAY, "ahead"),
        (START, "running"),
        (datetime.date(2026, 8, 30), "running"),
        (datetime.date(2026, 8, 31), "due"),
        (datetime.date(2026, 9, 30), "due"),
        (datetime.date(2026, 10, 1), "late"),
        (END, "late"),
        (END + DAY, "over"),
    ],
)
def test_how_it_stands_on_a_day(agreement, day, expected):
    assert agreement.standing(day) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": START - DAY, "notice_on": None},
        {"notice_on": END + DAY},
        {"value": None},
        {"currency": ""},
        {"terminated_on": END},
    ],
)
def test_the_table_refuses_what_cannot_be(agreement, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(**wrong)


def test_it_is_ended_once_with_a_reason(agreement, dora):
    again = Agreement.objects.get(pk=agreement.pk)
    with pytest.raises(ValidationError):
        agreement.end(by=dora, reason=" ")
    agreement.end(by=dora, reason="Too slow", on=START + DAY)
    assert not Agreement.objects.running(START).exists()
    with pytest.raises(NotNow):
        again.end(by=dora, reason="Me too")


def test_the_value_is_shown_to_those_who_may_see_cost(agreement, people, as_user):
    pages = (f"record/contracts/{agreement.pk}/", "record/contracts/", "activity/")
    for path in (f"/products/CLAIMS/{page}" for page in pages):
        for name, shown in (("dora", True), ("stella", True), ("pmo", True), ("sue", False), ("bob", False)):
            text = as_user(getattr(people, name)).get(path).content.decode()
            if path.endswith("contracts/"):
                assert ("77,123" in text) == shown, (path, name)
            elif not shown:
                assert "77,123" not in text, (path, name)
    assert as_user(people.cleo).get("/products/CLAIMS/record/contracts/").status_code == 403


def test_a_contract_by_the_form(product, dora, as_user):
    browser = as_user(dora)
    assert browser.post("/products/CLAIMS/record/contracts/new/", POST).status_code == 302
    row = Agreement.objects.get()
    assert (row.value, row.currency, row.alert_days) == (Decimal("12000.50"), "EUR", [60, 10])
    url = f"/products/CLAIMS/record/contracts/{row.pk}/"
    renewed = {**POST, "ends_on": "2027-12-31", "notice_on": "2027-09-30", "version": row.version}
    assert browser.post(url, renewed).status_code == 302
    stale = browser.post(url, {**renewed, "title": "Mine"})
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_on": "2025-12-31"}, "ends_on"),
        ({"notice_on": "2027-01-01"}, "notice_on"),
        ({"currency": "euros"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"alert_days": "soon"}, "alert_days"),
        ({"alert_days": "0"}, "alert_days"),
        ({"value": "-1"}, "value"),
    ],
)
def test_the_form_says_what_is_wrong_and_saves_nothing(product, dora, as_user, wrong, field):
    answer = as_user(dora).post("/products/CLAIMS/record/contracts/new/", {**POST, **wrong})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Agreement.objects.exists()
