"""Out of service: each step with evidence and person, and only then retired."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from delivery.models import Agreement, Decommission, DecommissionStep, Product
from delivery.moves import NotNow

LATER = timezone.localdate() + datetime.timedelta(days=90)


@pytest.fixture
def process(product, dora):
    return Decommission.begin(product, by=dora, reason="Replaced", planned_on=LATER)


def step(process, kind):
    return process.steps.select_related("product").get(kind=kind)


def finish(process, by, *, but=()):
    for kind in ("notice", "data", "contracts", "access"):
        if kind not in but:
            step(process, kind).complete(by=by, evidence=f"{kind} shown")


def test_without_it_nothing_is_retired_whoever_writes(product, dora):
    with pytest.raises(NotNow, match="Take it out of service first"):
        product.change_stage("retired", by=dora, reason="Enough")
    with pytest.raises(DatabaseError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(stage="retired")


def test_the_plan_sets_the_end_of_life_and_one_runs_at_a_time(product, process, dora):
    assert product.retire_on == LATER
    with pytest.raises(NotNow):
        Decommission.begin(product, by=dora, reason="Again", planned_on=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decommission.objects.create(product=product, reason="x", planned_on=LATER, started_by=dora)


def test_only_all_steps_retire_it(product, process, people):
    finish(process, people.dora, but=("data",))
    with pytest.raises(ValidationError, match="Data kept"):
        step(process, "sign_off").complete(by=people.sue, evidence="Fine")
    with pytest.raises(NotNow, match="Data kept, moved or deleted, Sign-off"):
        process.retire(by=people.dora)
    step(process, "data").complete(by=people.dora, evidence="Tape 88")
    with pytest.raises(ValidationError, match="Nobody signs off"):
        step(process, "sign_off").complete(by=people.dora, evidence="I say so")
    with pytest.raises(DatabaseError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(stage="retired")
    step(process, "sign_off").complete(by=people.sue, evidence="Seen all of it")
    process.retire(by=people.dora)
    product.refresh_from_db()
    assert (product.stage, process.state) == ("retired", "done")
    assert product.retire_on == timezone.localdate()


def test_a_step_needs_evidence_and_is_done_once(process, people):
    row = step(process, "notice")
    with pytest.raises(ValidationError):
        row.complete(by=people.dora, evidence="  ")
    again = step(process, "notice")
    row.complete(by=people.dora, evidence="Letter of 3 May")
    with pytest.raises(NotNow, match="Dora Delivery"):
        again.complete(by=people.sue, evidence="Me too")
    with pytest.raises(NotNow):
        again.give_to(people.bob, by=people.dora)
    with pytest.raises(IntegrityError), transaction.atomic():
        DecommissionStep.objects.filter(pk=row.pk).update(evidence="")


def test_no_contract_runs_on_after_the_last_day(product, process, people):
    endless = Agreement.objects.create(product=product, title="Maps", party="Geotile", starts_on=LATER)
    Agreement.objects.create(
        product=product, title="Hosting", party="Nordhaven", starts_on=datetime.date(2020, 1, 1), ends_on=LATER
    )
    with pytest.raises(ValidationError, match="Geotile: Maps"):
        step(process, "contracts").complete(by=people.dora, evidence="Ended")
    endless.end(by=people.dora, reason="Out of service", on=LATER)
    step(process, "contracts").complete(by=people.dora, evidence="Ended")


def test_called_off_the_product_goes_on(product, process, people):
    with pytest.raises(ValidationError):
        process.call_off(by=people.dora, reason="")
    process.call_off(by=people.dora, reason="Two more years")
    with pytest.raises(NotNow):
        step(process, "notice").complete(by=people.dora, evidence="x")
    with pytest.raises(NotNow):
        product.change_stage("retired", by=people.dora, reason="After all")
    Decommission.begin(product, by=people.dora, reason="Now really", planned_on=LATER)


# --- Pages ------------------------------------------------------------------------------------------------

URL = "/products/CLAIMS/record/decommissioning/"


def test_by_the_page_from_start_to_end(product, people, as_user):
    post = {"reason": "Replaced", "planned_on": LATER.isoformat()}
    assert as_user(people.sue).post(URL, post).status_code == 403
    browser = as_user(people.dora)
    assert browser.post(URL, {"reason": "", "planned_on": "soon"}).status_code == 422
    assert browser.post(URL, post).status_code == 302
    assert browser.post(URL + "notice/", {"person": people.bob.pk}).status_code == 302
    assert as_user(people.sue).post(URL + "notice/", {"evidence": "x"}).status_code == 403
    assert as_user(people.bob).post(URL + "notice/", {"evidence": "Letters"}).status_code == 302
    browser = as_user(people.dora)
    early = browser.post(URL + "end/", {"retire": "1"})
    assert early.status_code == 409
    assert "Still open" in early.content.decode()
    for kind in ("data", "contracts", "access", "sign_off"):
        assert browser.post(f"{URL}{kind}/", {"evidence": f"proof of {kind}"}).status_code == 302, kind
    assert browser.post(URL + "end/", {"retire": "1"}).status_code == 302
    product.refresh_from_db()
    assert product.stage == "retired"
    assert "proof of access" in browser.get(URL).content.decode()
