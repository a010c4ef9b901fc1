"""The register, one request, its forms: who sees what, what is refused and how, and what it costs."""

import datetime
import re
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from pmdm.jobs import outbox
from projects.changes import items
from projects.changes.impact import compute
from projects.changes.models import ChangeRequest

D = Decimal
MONEY = D("1234.56")


def url(world, name, *args):
    return reverse(f"projects:{name}", args=[world.project.code, *args])


@pytest.fixture
def full(world):
    """CR-1 in assessment with a task and money, its impact computed."""
    change = world.assessed(title="Faster export")
    b = world.task("B")
    ops = items.set_ops(b, items.cells_of(world.project, b), {"duration": "5d"})
    items.draft_edit(change, "set", by=world.people.alice, ops=ops, name="B", uid=b.uid, cost=MONEY)
    items.move_money(change, by=world.people.alice, line=world.line("Labour"), delta=MONEY)
    compute(change, by=world.people.alice)
    return change


def as_(client, user):
    client.force_login(user)
    return client


def test_the_way_from_draft_to_implemented(client, world, full):
    """Bob writes, Alice works it out, Sam approves, Alice says it is done; each by the forms of the pages."""
    bob, alice, sam = world.people.bob, world.people.alice, world.people.sam
    form = {
        "title": "Second language", "reason": "The branch in Lyon joins.", "kind": "update", "source": "client",
        "urgency": "high", "requester": bob.pk,
    }  # fmt: skip
    answer = as_(client, bob).post(url(world, "change-new"), form)
    change = ChangeRequest.objects.get(title="Second language")
    assert answer.url == url(world, "change-detail", change.number)
    assert (change.state, change.requester, change.created_by) == ("draft", bob, bob)
    client.post(url(world, "change-submission", change.number))
    as_(client, alice).post(url(world, "change-assessment", change.number))
    client.post(
        url(world, "change-requirement-new", change.number, "add"),
        {"title": "French", "text": "All words", "type": "functional", "priority": "must", "criteria": "Lyon reads it"},
    )
    client.post(
        url(world, "change-requirement-new", change.number, "change") + f"?requirement={world.req('Login').pk}",
        {"title": "Login", "text": "In French too", "type": "functional", "priority": "must"},
    )
    b, done = world.task("B"), world.task("Done")
    client.post(
        url(world, "change-task-new", change.number, "add"),
        {"name": "Translate", "duration": "2d", "after": b.uid, "predecessors": [b.uid], "successors": [done.uid]},
    )
    client.post(
        url(world, "change-task-new", change.number, "change") + f"?task={world.task('A').uid}",
        {"name": "A", "duration": "3d", "start": "", "deadline": "", "people": ""},
    )
    client.post(
        url(world, "change-money-new", change.number), {"name": "Translators", "category": "services", "delta": "800"}
    )
    assert (change.requirements.count(), change.edits.count(), change.money.count()) == (2, 2, 1)
    client.post(url(world, "change-impact", change.number))
    page = client.get(url(world, "change-detail", change.number)).content.decode()
    assert "+3" in page
    assert "800.00" in page
    assert "Translate" in page
    change.refresh_from_db()
    as_(client, sam)
    answer = client.post(
        url(world, "change-decision", change.number), {"how": "approve", "impact": change.impact_id, "note": "Good"}
    )
    assert answer.status_code == 302
    change.refresh_from_db()
    assert change.state == "approved"
    assert world.task("Translate").finish == world.task("Done").finish
    as_(client, alice).post(url(world, "change-implementation", change.number), {"note": "Live"})
    change.refresh_from_db()
    assert change.state == "implemented"
    assert [step.state for step in change.steps.all()] == ["submitted", "assessment", "approved", "implemented"]
    assert "Baselines moved" in client.get(url(world, "change-detail", change.number)).content.decode()


def test_an_impact_that_is_out_of_date_answers_409(client, world, full):
    from projects.schedule import edits

    edits.change_task(world.task("A"), by=world.people.alice, duration=480)
    as_(client, world.people.sam)
    page = client.get(url(world, "change-detail", full.number)).content.decode()
    assert "Out of date" in page
    assert "the plan" in page
    assert re.search(r'value="approve"\s+disabled', page)
    answer = client.post(
        url(world, "change-decision", full.number), {"how": "approve", "impact": full.impact_id, "note": "Go on"}
    )
    assert answer.status_code == 409
    assert "out of date" in answer.content.decode()
    assert "Go on" in answer.content.decode()
    assert ChangeRequest.objects.get().state == "assessment"


def test_reasons_are_asked_for_and_what_was_typed_is_kept(client, world, full):
    as_(client, world.people.sam)
    address = url(world, "change-decision", full.number)
    for how in ("reject", "defer"):
        assert client.post(address, {"how": how, "until": "2999-01-01"}).status_code == 422
    answer = client.post(address, {"how": "defer", "note": "After the summer", "until": "2001-01-01"})
    assert answer.status_code == 422
    assert "After the summer" in answer.content.decode()
    assert client.post(address, {"how": "defer", "note": "After the summer", "until": "2999-01-01"}).status_code == 302
    full.refresh_from_db()
    assert (full.state, full.deferred_until) == ("deferred", datetime.date(2999, 1, 1))
    as_(client, world.people.alice).post(url(world, "change-assessment", full.number))
    full.refresh_from_db()
    assert (full.state, full.decided_by, full.deferred_until) == ("assessment", None, None)
    client.post(url(world, "change-withdrawal", full.number), {"note": ""})
    full.refresh_from_db()
    assert full.state == "assessment"
    assert (
        as_(client, world.people.bob)
        .post(url(world, "change-withdrawal", full.number), {"note": "Not needed"})
        .status_code
        == 302
    )
    full.refresh_from_db()
    assert full.state == "withdrawn"


def test_bad_input_is_refused_in_words(client, world, full):
    as_(client, world.people.alice)
    answer = client.post(url(world, "change-task-new", full.number, "add"), {"name": "X", "duration": "soon"})
    assert answer.status_code == 422
    assert "soon" in answer.content.decode()
    a, b = world.task("A"), world.task("B")
    answer = client.post(
        url(world, "change-task-new", full.number, "add"),
        {"name": "Ring", "duration": "1d", "predecessors": [b.uid], "successors": [a.uid]},
    )
    assert answer.status_code == 422
    assert "wait for each other" in answer.content.decode()
    answer = client.post(url(world, "change-money-new", full.number), {"delta": "5"})
    assert answer.status_code == 422
    answer = client.post(
        url(world, "change-money-new", full.number), {"line": world.line("Travel").pk, "delta": "-2001"}
    )
    assert answer.status_code == 422
    assert "below zero" in answer.content.decode()
    answer = client.post(url(world, "change-new"), {"title": "X"})
    assert answer.status_code == 422
    assert (full.edits.count(), full.money.count()) == (1, 1)


def test_an_affected_thing_is_taken_out_again(client, world, full):
    as_(client, world.people.alice)
    item = items.change_requirement(full, world.req("Login"), {"text": "Other"}, by=world.people.alice)
    for what, row in (("task", full.edits.get()), ("money", full.money.get()), ("requirement", item)):
        client.post(url(world, "change-item-removal", full.number, what, row.pk))
    assert not (full.edits.exists())
    assert not (full.money.exists())
    assert not (full.requirements.exists())
    assert world.req("Login").versions.get(number=2).state == "discarded"
    assert not full.trace_links.exists()


# Who sees what


def test_no_money_for_those_who_may_not_see_cost(client, world, full):
    shown = ["1,234.56", "1234.56", "9,234.56", "13,234.56"]
    places = [
        url(world, "change-detail", full.number), url(world, "change-list") + "?sort=-money",
        url(world, "change-export", "csv"),
    ]  # fmt: skip
    for name, sees in (("alice", True), ("stella", True), ("bob", False), ("cleo", False), ("dora", False)):
        as_(client, getattr(world.people, name))
        pages = "".join(client.get(place).content.decode() for place in places)
        assert ("1,234.56" in pages and "1234.56" in pages) == sees, name
        if not sees:
            assert not any(text in pages for text in shown), name
            assert client.get(url(world, "budget-baselines")).status_code == 403


def test_the_feed_tells_no_money(client, world, full):
    address = reverse("projects:activity", args=[world.project.code])
    pages = {
        name: as_(client, getattr(world.people, name)).get(address).content.decode()
        for name in ("bob", "alice", "dora")
    }
    assert all("Faster export" in page for page in pages.values())
    assert ["change money" in pages[name] for name in ("bob", "alice", "dora")] == [False, True, False]
    assert not any("1,234.56" in pages[name] for name in ("bob", "dora"))


def test_mail_goes_to_approvers_and_requester(world, full, settings):
    """Sam is told when it comes; Bob when it is decided, without money."""
    outbox.drain()
    (asked,) = mail.outbox
    assert asked.to == [world.people.sam.email]
    assert "CR-1" in asked.subject
    mail.outbox.clear()
    full.approve(by=world.people.sam, impact=full.impact_id, note="Fine")
    outbox.drain()
    (told,) = mail.outbox
    assert told.to == [world.people.bob.email]
    assert "Fine" in told.body
    texts = told.body + told.alternatives[0].content
    assert "1,234.56" not in texts
    mail.outbox.clear()
    second = world.change(requester=world.people.stella)
    second.submit(by=second.requester)
    second.assess(by=world.people.alice)
    items.move_money(second, by=world.people.alice, line=world.line("Travel"), delta=MONEY)
    compute(second, by=world.people.alice)
    second.reject(by=world.people.sam, note="No")
    outbox.drain()
    assert [one.to for one in mail.outbox] == [[world.people.stella.email]]
    assert "1,234.56" in mail.outbox[0].body


def test_a_draft_is_its_writers(client, world):
    draft = world.change(title="Only an idea")
    for name, sees in (("bob", True), ("alice", True), ("sam", False), ("cleo", False), ("dora", False)):
        as_(client, getattr(world.people, name))
        assert (client.get(url(world, "change-detail", draft.number)).status_code == 200) == sees, name
        assert ("Only an idea" in client.get(url(world, "change-list")).content.decode()) == sees, name
        found = client.get(reverse("search") + "?q=idea").content.decode()
        assert ("Only an idea" in found) == sees, name
    assert not draft.trace_links.exists()


def test_a_client_asks_for_a_change_for_itself_only(client, world):
    cleo = as_(client, world.people.cleo)
    form = {"title": "Wish", "reason": "Law", "kind": "update", "source": "client", "urgency": "low"}
    assert cleo.post(url(world, "change-new"), form | {"requester": world.people.sam.pk}).status_code == 422
    assert cleo.post(url(world, "change-new"), form | {"requester": world.people.cleo.pk}).status_code == 302
    row = ChangeRequest.objects.get()
    assert (row.requester, row.owner) == (world.people.cleo, None)
    assert cleo.post(url(world, "change-submission", row.number)).status_code == 302
    assert cleo.post(url(world, "change-assessment", row.number)).status_code == 403
    assert cleo.post(url(world, "change-impact", row.number)).status_code == 403


def test_a_closed_project_takes_no_changes(client, world, full):
    world.project.state = "closed"
    world.project.save(update_fields=["state"])
    as_(client, world.people.sam)
    page = client.get(url(world, "change-detail", full.number))
    assert page.status_code == 200
    assert '<form class="form card-f"' not in page.content.decode()
    answer = client.post(url(world, "change-decision", full.number), {"how": "approve", "impact": full.impact_id})
    assert answer.status_code == 403
    assert as_(client, world.people.bob).post(url(world, "change-new"), {"title": "X"}).status_code == 403
    assert ChangeRequest.objects.get().state == "assessment"


def test_a_number_leads_to_it(client, world, full):
    answer = as_(client, world.people.bob).get(reverse("search") + "?q=CR-1", follow=True)
    assert "Faster export" in answer.content.decode()


def test_the_matrix_shows_it(client, world, full):
    items.take_out_requirement(full, world.req("Print"), by=world.people.alice)
    address = reverse("projects:traceability", args=[world.project.code])
    page = as_(client, world.people.cleo).get(address).content.decode()
    assert "CR-1" in page
    assert "Changes" in page
    text = client.get(reverse("projects:traceability-export", args=[world.project.code, "csv"])).content.decode()
    assert "CR-1 Faster export (in assessment)" in text


def test_baselines_say_what_replaced_them(client, world, full):
    items.take_out_requirement(full, world.req("Print"), by=world.people.alice)
    compute(full, by=world.people.alice)
    full.approve(by=world.people.sam, impact=full.impact_id)
    as_(client, world.people.alice)
    page = client.get(reverse("projects:scope-baseline", args=[world.project.code]) + "?baseline=1").content.decode()
    assert "CR-1" in page
    assert "Login" in page
    for place in ("baseline-list",):
        assert "CR-1" in client.get(reverse(f"projects:{place}", args=[world.project.code])).content.decode()
    money = client.get(url(world, "budget-baselines") + "?baseline=1").content.decode()
    assert "8,000.00" in money
    assert "CR-1" in money


# Lists


def test_a_text_of_a_change_leads_to_it_and_is_not_decided_past_it(client, world, full):
    items.change_requirement(full, world.req("Login"), {"text": "Other"}, by=world.people.alice)
    address = reverse("projects:version-detail", args=[world.project.code, world.req("Login").number, 2])
    page = as_(client, world.people.alice).get(address).content.decode()
    assert "Drafted for CR-1 and decided with it." in page
    assert "Approve this version" not in page
    answer = client.post(address + "decision/", {"version": 1})
    assert answer.status_code == 422
    assert world.req("Login").text == "Login works"


def test_filter_sort_and_export(client, world, full):
    other = world.change(title="Cheaper paper", urgency="critical", kind="preventive")
    other.submit(by=other.requester)
    as_(client, world.people.alice)

    def titles(query):
        page = client.get(url(world, "change-list") + query).content.decode()
        return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)

    assert titles("") == ["Cheaper paper", "Faster export"]
    assert titles("?sort=number") == ["Faster export", "Cheaper paper"]
    assert titles("?sort=-urgency")[0] == "Cheaper paper"
    assert titles("?state=assessment") == ["Faster export"]
    assert titles("?kind=preventive") == titles("?q=cr-2") == titles("?q=paper") == ["Cheaper paper"]
    assert titles("?urgency=low") == []
    text = client.get(url(world, "change-export", "csv") + "?state=assessment").content.decode("utf-8-sig")
    assert "Faster export" in text
    assert "Cheaper" not in text
    assert "1234.56" in text
    assert client.get(url(world, "change-export", "xlsx")).content[:2] == b"PK"
    assert client.get(url(world, "change-export", "pdf")).status_code == 404


def test_a_register_costs_the_same_at_3_and_300(client, world, full):
    as_(client, world.people.alice)
    counts = []
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for rows in (3, 300):
        have = ChangeRequest.objects.count()
        ChangeRequest.objects.bulk_create(
            ChangeRequest(
                project=world.project, number=have + number + 1, title=f"Change {number}", reason="x",
                requester=world.people.bob, created_by=world.people.bob,
            )
            for number in range(rows - have)
        )  # fmt: skip
        client.get(url(world, "change-list"))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(url(world, "change-list"))
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_request_costs_the_same_however_much_it_affects(client, world, full):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    as_(client, world.people.alice)
    counts = []
    for many in (1, 30):
        for number in range(many):
            items.move_money(full, by=world.people.alice, name=f"L{many}{number}", category="other", delta=D(1))
            items.add_requirement(full, by=world.people.alice, title=f"R{many}{number}", text="")
            full.edits.create(
                project=world.project, kind="add", name=f"T{many}{number}",
                ops=[{"op": "add", "ref": f"t{many}{number}", "fields": {"name": "T", "duration": "1d"}}],
            )  # fmt: skip
        compute(full, by=world.people.alice)
        client.get(url(world, "change-detail", full.number))
        with CaptureQueriesContext(connection) as caught:
            client.get(url(world, "change-detail", full.number))
        counts.append(len(caught))
    assert counts[0] == counts[1]
