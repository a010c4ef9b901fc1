"""A release from draft to verified or back: who decides, what must be there, when it is frozen."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery.models import FreezeWindow, Issue, Product, Release, ReleaseCheck, ReleaseItem
from delivery.moves import NotNow

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def start():
    return timezone.now() + 10 * DAY


@pytest.fixture
def release(product, start):
    row = Release.objects.create(
        product=product, name="2.0", starts_at=start, ends_at=start + HOUR, rollback_note="Image of the evening",
        internal_notes="Secret worry",
    )  # fmt: skip
    row.targets.add(product.environments.create(name="Production"))
    ReleaseItem.objects.create(product=product, release=row, change="Newer libraries")
    return row


def freeze(by, start, product=None):
    return FreezeWindow.objects.create(
        product=product, name="Turn of the year", starts_at=start - HOUR, ends_at=start + 3 * HOUR, reason="x", by=by
    )


@pytest.mark.parametrize("lacking", ["rollback_note", "window", "targets", "items"])
def test_nothing_is_asked_for_half_done(release, people, lacking):
    if lacking == "window":
        Release.objects.update(starts_at=None, ends_at=None)
    elif lacking == "rollback_note":
        Release.objects.update(rollback_note="")
    elif lacking == "targets":
        release.targets.clear()
    else:
        release.items.all().delete()
    release.refresh_from_db()
    with pytest.raises(ValidationError, match="Still missing"):
        release.ask(by=people.bob)
    assert not release.steps.exists()


def test_nobody_approves_what_they_asked_for(release, people):
    release.ask(by=people.dora)
    for decide in (lambda: release.approve(by=people.dora), lambda: release.refuse(by=people.dora, reason="x")):
        with pytest.raises(ValidationError, match="themselves"):
            decide()
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.update(state="approved", decided_by=people.dora)
    release.approve(by=people.pmo)
    assert release.state == "approved"
    with pytest.raises(NotNow):
        release.approve(by=people.admin)


def test_a_launch_puts_it_on_its_environments_and_says_what_it_fixed(release, people, product):
    issue = Issue.report(product, by=people.sue, title="Broken", type="bug")
    ReleaseItem.objects.create(product=product, release=release, issue=issue)
    with pytest.raises(ValidationError, match="not approved"):
        release.targets.get().deploy(release, by=people.dora)
    with pytest.raises(NotNow):
        release.launch(by=people.bob)
    release.ask(by=people.bob)
    release.approve(by=people.dora)
    issue.resolve(by=people.sue, resolution="Mended")
    release.launch(by=people.bob)
    issue.refresh_from_db()
    assert issue.fixed_in == release
    assert product.environments.with_version().get().version_name == "2.0"
    assert release.released_on == timezone.localdate()


def test_it_is_verified_when_every_check_has_passed(release, people, product):
    check = ReleaseCheck.objects.create(product=product, release=release, text="Sign in")
    with pytest.raises(NotNow):
        check.record(by=people.sue, result="passed", evidence="Early")
    release.ask(by=people.bob)
    release.approve(by=people.dora)
    release.launch(by=people.bob)
    with pytest.raises(ValidationError, match="not passed"):
        release.verify(by=people.bob)
    check.record(by=people.sue, result="failed", evidence="White page")
    with pytest.raises(ValidationError, match="not passed"):
        release.verify(by=people.bob)
    check.record(by=people.sue, result="passed", evidence="Works now")
    release.verify(by=people.bob)
    assert release.state == "verified"


def test_back_to_the_version_before(release, people, product):
    before = Release.objects.create(product=product, name="1.9", state="verified", released_on=timezone.localdate())
    place = release.targets.get()
    place.deploy(before, by=people.dora, at=timezone.now() - DAY)
    new = product.environments.create(name="New place")
    release.targets.add(new)
    release.ask(by=people.bob)
    release.approve(by=people.dora)
    release.launch(by=people.bob)
    assert release.roll_back(by=people.bob, reason="Payments fail") == ["New place"]
    row = place.deployments.first()
    assert (row.release, row.is_rollback, row.note) == (before, True, "Payments fail")
    assert release.state == "rolled_back"


def test_a_freeze_refuses_until_whoever_may_overrides_it(release, people, product, start):
    frozen = freeze(people.pmo, start)
    with pytest.raises(ValidationError, match="frozen from"):
        release.ask(by=people.bob)
    with pytest.raises(ValidationError, match="project office"):
        release.override(frozen, by=people.dora, reason="Urgent")
    with pytest.raises(ValidationError):
        release.override(frozen, by=people.pmo, reason=" ")
    release.override(frozen, by=people.pmo, reason="A hole in security")
    release.ask(by=people.bob)
    with pytest.raises(NotNow):
        release.override(frozen, by=people.pmo, reason="Again")


def test_a_freeze_set_later_holds_the_approval_and_the_launch(release, people, product, start):
    release.ask(by=people.bob)
    own = freeze(people.dora, start, product)
    with pytest.raises(ValidationError, match="frozen"):
        release.approve(by=people.dora)
    own.end(by=people.dora)
    release.approve(by=people.dora)
    now = freeze(people.dora, timezone.now(), product)
    with pytest.raises(ValidationError, match="frozen"):
        release.launch(by=people.bob)
    release.override(now, by=people.dora, reason="Cannot wait")
    release.launch(by=people.bob)


def test_a_freeze_of_another_product_and_one_that_only_touches_hold_nothing(release, people, start, dora):
    freeze(dora, start, Product.launch(by=dora, code="OTHER", name="Other"))
    FreezeWindow.objects.create(name="After", starts_at=start + HOUR, ends_at=start + DAY, reason="x", by=dora)
    release.ask(by=people.bob)


def test_planned_anew_an_approval_is_void(release, people):
    release.ask(by=people.bob)
    release.approve(by=people.dora)
    release.take_back(by=people.bob, reason="One more day")
    assert (release.state, release.decided_by) == ("draft", None)
    with pytest.raises(NotNow):
        release.launch(by=people.bob)


# --- Pages ------------------------------------------------------------------------------------------------

URL = "/products/CLAIMS/releases/"


def test_clients_read_the_public_part_of_what_is_out_and_nothing_else(release, people, product, as_user):
    issue = Issue.report(product, by=people.olga, title="Contoso loses money")
    ReleaseItem.objects.create(product=product, release=release, issue=issue, public_text="Sums are right again")
    for path in (f"{URL}{release.pk}/", f"{URL}{release.pk}/notes/"):
        assert as_user(people.cleo).get(path).status_code == 404, "planned: ours"
    release.ask(by=people.bob)
    release.approve(by=people.dora)
    release.launch(by=people.bob)
    for path in (f"{URL}{release.pk}/", f"{URL}{release.pk}/notes/", URL):
        text = as_user(people.cleo).get(path).content.decode()
        for secret in ("Secret worry", "Image of the evening", "Contoso loses", "Newer libraries", "Bob Member"):
            assert secret not in text, (path, secret)
        if path != URL:
            assert "Sums are right again" in text
    release.roll_back(by=people.bob, reason="Fails")
    assert as_user(people.cleo).get(f"{URL}{release.pk}/notes/").status_code == 404


def test_release_notes_name_no_client(release, people, product, northwind, contoso, as_user):
    product.clients.add(northwind, contoso)
    dora, page = as_user(people.dora), f"/products/{product.code}/releases/{release.pk}/"
    kept = {
        "name": "2.0", "starts_at": "", "ends_at": "", "targets": [], "components": [], "rollback_note": "x",
        "notes": f"As {contoso.name} wished.", "internal_notes": f"Paid by {contoso.name}", "version": release.version,
    }  # fmt: skip
    answer = dora.post(page, kept)
    assert answer.status_code == 422
    assert "names another client" in answer.content.decode()
    assert f"As {contoso.name} wished." in answer.content.decode(), "what was typed is kept"
    assert Release.objects.get(pk=release.pk).notes == ""
    item = {
        "change": f"Report of {contoso.name}",
        "public_text": f"The report of {contoso.name.upper()} is right again",
    }
    assert dora.post(f"{page}items/", item).status_code == 422
    assert dora.post(f"{page}items/", item | {"public_text": "A report is right again"}).status_code == 302
    assert dora.post(page, kept | {"notes": "As wished."}).status_code == 302


def test_a_client_sees_its_own_version_only(product, people, northwind, contoso, as_user):
    old, new = (
        Release.objects.create(product=product, name=name, state="verified", released_on=timezone.localdate())
        for name in ("7.1", "7.2")
    )
    product.environments.create(name="P North", organisation=northwind).deploy(old, by=people.dora)
    product.environments.create(name="P Contoso", organisation=contoso).deploy(new, by=people.dora)

    def seen(person):
        running = as_user(person).get(URL).context["running"]
        return [(row["client"].name, row["place"].version_name) for row in running]

    assert seen(people.cleo) == [("Northwind", "7.1")]
    assert seen(people.dora) == [("Contoso", "7.2"), ("Northwind", "7.1")]


def test_each_step_by_its_button(release, people, as_user):
    steps = f"{URL}{release.pk}/steps/"
    assert as_user(people.stella).post(steps + "ask/").status_code == 403
    assert as_user(people.bob).post(steps + "launch/").status_code == 409
    assert as_user(people.bob).post(steps + "ask/").status_code == 302
    assert as_user(people.bob).post(steps + "approve/").status_code == 403
    assert as_user(people.dora).post(steps + "refuse/", {"reason": ""}).status_code == 422
    assert as_user(people.dora).post(steps + "approve/", {"reason": "Fine"}).status_code == 302
    answer = as_user(people.dora).post(f"{URL}{release.pk}/items/", {"change": "Late idea"})
    assert answer.status_code == 422
    assert "plan it anew" in answer.content.decode()
    assert as_user(people.bob).post(steps + "launch/").status_code == 302
    release.refresh_from_db()
    assert release.state == "released"


def test_a_reason_is_marked_where_it_lacks_and_never_lost(release, people, as_user):
    release.ask(by=people.bob)
    url = f"{URL}{release.pk}/steps/refuse/"
    lacking = as_user(people.dora).post(url, {"reason": ""}).content.decode()
    assert 'id="id_refuse_reason" maxlength="2000" aria-required="true" value="" aria-invalid="true"' in lacking
    assert lacking.count('aria-invalid="true"') == 1, "only the reason of what was tried"
    release.approve(by=people.dora)
    late = as_user(people.dora).post(url, {"reason": "Too near to Christmas"})
    assert late.status_code == 409
    assert "You wrote: Too near to Christmas" in late.content.decode()


def test_an_approved_release_takes_new_notes_but_no_new_window(release, people, as_user):
    release.ask(by=people.bob)
    url = f"{URL}{release.pk}/"
    post = {"name": "3.0", "notes": "Read this", "internal_notes": "", "version": release.version}
    assert as_user(people.bob).post(url, post).status_code == 302
    release.refresh_from_db()
    assert (release.name, release.notes) == ("2.0", "Read this")


def test_the_calendar_shows_clashes_over_products_through_a_shared_part(release, people, product, start, as_user):
    other = Product.launch(by=people.dora, code="OTHER", name="Other")
    sign_in, web = other.components.create(name="Sign-in"), product.components.create(name="Web")
    web.depend_on(sign_in, by=people.dora)
    release.components.add(web)
    theirs = Release.objects.create(
        product=other, name="5", starts_at=start, ends_at=start + 2 * HOUR, rollback_note="x"
    )
    theirs.components.add(sign_in)
    text = as_user(people.dora).get(f"{URL}{release.pk}/").content.decode()
    assert "Other 5" in text
    page = as_user(people.dora).get(f"/products/releases/?month={start:%Y-%m}")
    assert len(page.context["clashes"]) == 1
    assert page.context["clashes"][0]["hit"] == ["Web"]
    assert not as_user(people.sue).get(f"/products/releases/?month={start:%Y-%m}").context["clashes"], "Other is hers"
    assert not as_user(people.cleo).get(f"/products/releases/?month={start:%Y-%m}").context["releases"]


def test_freezes_are_set_by_whoever_may(product, people, as_user):
    post = {"name": "Fair", "product": product.pk, "starts_at": "2040-01-01T00:00", "ends_at": "2040-01-02T00:00",
            "reason": "x"}  # fmt: skip
    assert as_user(people.sue).post("/products/releases/freezes/new/", post).status_code == 404
    assert as_user(people.dora).post("/products/releases/freezes/new/", {**post, "product": ""}).status_code == 422
    assert as_user(people.dora).post("/products/releases/freezes/new/", post).status_code == 302
    row = FreezeWindow.objects.get()
    assert as_user(people.sue).post(f"/products/releases/freezes/{row.pk}/end/").status_code == 404
    assert as_user(people.dora).post(f"/products/releases/freezes/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.ended_at
    assert as_user(people.pmo).post("/products/releases/freezes/new/", {**post, "product": ""}).status_code == 302
