"""Who hears of a change of many issues: reporters of what is solved, whoever gets or loses some; after undo, nobody."""

import datetime
import threading

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from delivery.issues import family
from delivery.issues.forms import IssueForm
from delivery.issues.queue import bulk, telling
from delivery.mail.models import Mailbox, OutboundMail
from delivery.mail.outgoing import host
from delivery.models import Issue, Membership, Product
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db

BULK, LIST = "/products/issues/edits/", "/products/CLAIMS/issues/"
LATER = telling.HOLD + datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def mailbox(product):
    return Mailbox.objects.create(product=product, address="claims@support.example", name="Claims support")


@pytest.fixture
def three(product, people):
    return [Issue.report(product, by=people.cleo, title=f"Claim {n} is not paid") for n in (1, 2, 3)]


def edit(issues, *args, by, ago=datetime.timedelta(0)):
    """A change of these issues, made some time ago."""
    return bulk.apply(dict.fromkeys(issue.pk for issue in issues), *args, by=by, at=timezone.now() - ago)


def letters(address):
    outbox.drain()
    return [letter for letter in mail.outbox if letter.to == [address]]


def test_reporters_of_what_is_solved_get_what_a_single_solve_sends(product, three, people):
    alone, *together = three
    alone.resolve(by=people.sue, resolution="Restarted")
    edit(together, "state", "resolved", "Restarted", by=people.sue, ago=LATER)
    single, *many = letters(people.cleo.email)
    assert len(many) == 2, "one for each issue"
    assert {answer.message_id for answer in OutboundMail.objects.all()} == {
        f"<issue-{issue.pk}-resolved-{int(Issue.objects.get(pk=issue.pk).resolved_at.timestamp())}@{host()}>"
        for issue in three
    }
    assert len({letter.reply_to[0] for letter in [single, *many]}) == 3, "each with the token of its issue"
    for letter, issue in zip(many, together, strict=True):
        assert letter.body == single.body.replace(alone.ref, issue.ref).replace(
            f"/issues/{alone.number}/", f"/issues/{issue.number}/"
        )


def test_an_assignee_of_many_gets_one_mail_that_lists_them(product, three, people):
    edit(three, "assignee", str(people.bob.pk), by=people.sue, ago=LATER)
    (letter,) = letters(people.bob.email)
    assert letter.subject == "[CLAIMS] 3 issues are yours"
    assert all(issue.title in letter.body for issue in three)
    assert "Sue Support gave you these 3 issues" in letter.body
    assert letters(people.cleo.email) == []
    assert letters(people.sue.email) == []


def test_whose_it_was_hears_too_and_nobody_of_their_own_act(three, people):
    edit(three[:2], "assignee", str(people.sue.pk), by=people.sue, ago=2 * LATER)
    edit(three[2:], "assignee", str(people.bob.pk), by=people.bob, ago=2 * LATER)
    outbox.drain()
    assert mail.outbox == []
    edit(three, "assignee", str(people.dora.pk), by=people.bob, ago=LATER)
    (letter,) = letters(people.sue.email)
    assert letter.subject == "[CLAIMS] 2 issues are no longer yours"
    assert three[2].title not in letter.body
    assert len(letters(people.dora.email)) == 1
    assert letters(people.bob.email) == []


def test_a_team_that_gets_issues_takes_them_from_their_assignees(product, three, people):
    from delivery.issues.teams.models import Team

    second = Team.form(product, by=people.dora, name="Second line", members=[people.bob])
    edit(three, "assignee", str(people.sue.pk), by=people.sue, ago=2 * LATER)
    edit(three, "team", str(second.pk), by=people.dora, ago=LATER)
    assert [letter.subject for letter in letters(people.sue.email)] == ["[CLAIMS] 3 issues are no longer yours"]


def test_what_is_undone_in_time_was_never_said(three, people):
    given = edit(three[:1], "assignee", str(people.bob.pk), by=people.sue)
    solved = edit(three[1:], "state", "resolved", "Restarted", by=people.sue)
    assert telling.held_until(solved) == solved.at + telling.HOLD
    outbox.drain()
    assert mail.outbox == [], "it is held"
    bulk.undo(solved.pk, by=people.sue)
    bulk.undo(given.pk, by=people.sue)
    Outbox.objects.filter(done_at=None).update(due_at=timezone.now())
    outbox.drain()
    assert mail.outbox == []
    assert not Outbox.objects.filter(done_at=None).exists()


def test_what_undo_left_is_said_and_nothing_else(three, people):
    solved = edit(three, "state", "resolved", "Restarted", by=people.sue)
    Issue.objects.get(pk=three[0].pk).close(by=people.dora)
    assert len(bulk.undo(solved.pk, by=people.sue).left) == 1
    Outbox.objects.filter(done_at=None).update(due_at=timezone.now())
    (letter,) = letters(people.cleo.email)
    assert three[0].ref in letter.subject


def test_what_is_undone_too_late_is_said_to_be_undone_once(three, people):
    given = edit(three, "assignee", str(people.bob.pk), by=people.sue, ago=LATER)
    solved = edit(three[:1], "state", "resolved", "Restarted", by=people.sue, ago=LATER)
    assert len(letters(people.cleo.email)) == 1
    bulk.undo(solved.pk, by=people.sue)
    bulk.undo(given.pk, by=people.sue)
    first, second = letters(people.cleo.email)
    assert "said by mistake" in second.body
    assert second.reply_to == first.reply_to
    assert second.extra_headers["In-Reply-To"] == first.extra_headers["Message-ID"], "the same thread"
    got, lost = letters(people.bob.email)
    assert (got.subject, lost.subject) == ("[CLAIMS] 3 issues are yours", "[CLAIMS] 3 issues are no longer yours")
    assert "Sue Support took a change back" in lost.body
    assert letters(people.sue.email) == []


def test_an_issue_opened_again_meanwhile_is_not_called_solved(three, people):
    edit(three, "state", "resolved", "Restarted", by=people.sue, ago=LATER)
    Issue.objects.get(pk=three[0].pk).reopen(by=people.cleo, reason="No, it is not")
    assert len(letters(people.cleo.email)) == 2


def test_who_may_not_see_them_any_more_hears_nothing(product, three, people):
    edit(three, "assignee", str(people.bob.pk), by=people.sue, ago=LATER)
    Membership.objects.filter(product=product, user=people.bob).delete()
    assert letters(people.bob.email) == []


def test_of_several_products_one_mail(product, three, people):
    other = Product.launch(by=people.dora, code="OTHER", name="Other", stage="live")
    for person in (people.sue, people.bob):
        Membership.objects.create(product=other, user=person, role=Role.SUPPORT)
    there = Issue.report(other, by=people.dora, title="Elsewhere")
    edit([*three, there], "assignee", str(people.bob.pk), by=people.sue, ago=LATER)
    (letter,) = letters(people.bob.email)
    assert letter.subject == "[CLAIMS, OTHER] 4 issues are yours"


def test_the_worker_that_does_it_twice_tells_once(three, people):
    done = edit(three, "state", "resolved", "Restarted", by=people.sue, ago=LATER)
    edit(three[:1], "assignee", str(people.bob.pk), by=people.sue, ago=LATER)
    outbox.drain()
    for row in Outbox.objects.filter(kind=telling.EDIT):
        telling.say(row.payload)
    outbox.drain()
    assert len(letters(people.cleo.email)) == 3
    assert len(letters(people.bob.email)) == 1
    assert telling.was_told(done)


def test_children_that_are_resolved_with_their_parent_tell_their_reporters(three, people):
    parent, *children = three
    for child in children:
        family.attach(child, parent, by=people.sue)
    family.resolve(parent, by=people.sue, with_children=True, resolution="Restarted")
    assert sorted(letter.subject for letter in letters(people.cleo.email)) == [
        f"[CLAIMS {issue.ref}] {issue.title}" for issue in three
    ]


def test_a_single_issue_given_to_somebody_is_said(product, three, people, as_user):
    page = f"{LIST}{three[0].number}/"
    form = IssueForm(instance=three[0], product=product, can=product.permissions_of(people.sue))
    facts = {name: form[name].value() for name in form.fields}
    facts = {name: value for name, value in facts.items() if value is not None}
    assert as_user(people.sue).post(page, {**facts, "assignee": people.bob.pk}).status_code == 302
    (letter,) = letters(people.bob.email)
    assert letter.subject == f"[CLAIMS] Yours: {three[0].ref} {three[0].title}"
    facts["version"] = Issue.objects.get(pk=three[0].pk).version
    assert as_user(people.sue).post(page, {**facts, "assignee": people.bob.pk, "title": "x"}).status_code == 302
    assert len(letters(people.bob.email)) == 1, "nothing was given this time"


# --- On the pages -----------------------------------------------------------------------------------------


def form(issues, **fields):
    found = Issue.objects.filter(pk__in=[issue.pk for issue in issues])
    keys = [f"{issue.pk}:{issue.version}" for issue in found]
    return {"issue": keys, "product": "CLAIMS", "query": "", **fields}


def test_the_preview_says_who_will_hear_and_the_queue_until_when(three, people, as_user):
    browser = as_user(people.sue)
    seen = browser.post(BULK, form(three, field="assignee", value=people.bob.pk)).content.decode()
    assert "Bob Member gets one mail about 3 issues." in seen
    seen = browser.post(BULK, form(three, field="state", value="resolved", text="Restarted")).content.decode()
    assert "Reporters of 3 issues hear by mail" in seen
    seen = browser.post(BULK, form(three, field="severity", value="1")).content.decode()
    assert "by mail" not in seen
    answer = browser.post(BULK, form(three, field="assignee", value=people.bob.pk, now=1), follow=True)
    assert "Undone before, nobody does" in answer.content.decode()


def test_without_a_mailbox_reporters_are_not_promised_anything(three, people, as_user, mailbox):
    mailbox.delete()
    seen = as_user(people.sue).post(BULK, form(three, field="state", value="resolved", text="x")).content.decode()
    assert "Reporters" not in seen


# --- At once ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_undo_and_the_worker_at_once_never_leave_a_word_standing(product, people):
    """Either nothing was said, or that it was taken back was said too."""
    issues = [Issue.report(product, by=people.cleo, title="x", at=timezone.now() - 10 * LATER)]
    for turn in range(6, 0, -1):
        # Each at another second: what solves an issue twice in one second is one word to its reporter.
        ago = LATER + turn * datetime.timedelta(seconds=10)
        done = edit(issues, "state", "resolved", "Restarted", by=people.sue, ago=ago)
        before = OutboundMail.objects.count()
        start = threading.Barrier(2)

        def run(work, start=start):
            start.wait()
            try:
                work()
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=run, args=(work,))
            for work in (outbox.drain, lambda done=done: bulk.undo(done.pk, by=people.sue))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outbox.drain()
        assert OutboundMail.objects.count() - before in (0, 2)
