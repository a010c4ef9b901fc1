"""Who hears of a change of many issues: reporters of what is solved, each about theirs; whoever gets or loses some, in
one mail. Nobody about their own act.

Said by a worker some minutes later, so that what is taken back at once was never said; what is taken back after that is
said to be taken back.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.issues.hooks import reached, tell
from delivery.issues.models import Issue
from delivery.issues.queue.models import BulkEdit
from delivery.search import visible_issues
from pmdm.accounts.models import User
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox

HOLD = datetime.timedelta(minutes=2)
EDIT, SOLVED, UNSOLVED, YOURS = "issues.edit", "issues.solved", "issues.unsolved", "issues.yours"


# --- Asked for in the transaction of the change -----------------------------------------------------------


def ask(edit: BulkEdit) -> None:
    """Let a worker say what this edit did, once it has stood for a while."""
    if any(_solves(change) or "assignee_id" in change["before"] for change in edit.changes):
        outbox.enqueue(EDIT, _key(edit), {"edit": edit.pk}, due_at=edit.at + HOLD)


def ask_solved(issues: Iterable[Issue], *, by, at: datetime.datetime) -> None:
    """Let a worker tell the reporters of what was resolved with another issue. The issues carry their new version."""
    first, *others = sorted(issues, key=lambda issue: issue.pk)
    pks = [issue.pk for issue in (first, *others)]
    outbox.enqueue(SOLVED, f"{SOLVED}:{first.pk}:{first.version}", {"issues": pks, "by": by.pk, "at": at.isoformat()})


def ask_given(issue: Issue, was: int | None, *, by) -> None:
    """The same for a single issue that somebody gave to somebody else."""
    _ask_people(f"{issue.pk}:{issue.version}", {issue.pk: (was, issue.assignee_id)}, by=by)


def take_back(edit: BulkEdit, back: dict[int, int | None], *, by) -> None:
    """After an undo, under the edit's lock. ``back``: {issue that is as it was: whom it was given by the edit}."""
    if not was_told(edit):
        return  # The worker will find it undone.
    made = {change["issue"]: change for change in edit.changes if change["issue"] in back}
    if unsolved := [pk for pk, change in made.items() if _solves(change)]:
        outbox.enqueue(UNSOLVED, f"{UNSOLVED}:{edit.pk}", {"edit": edit.pk, "issues": unsolved})
    given = {
        pk: (back[pk], change["before"]["assignee_id"])
        for pk, change in made.items()
        if "assignee_id" in change["before"]
    }
    _ask_people(f"undone:{edit.pk}", given, by=by, undone=True)


def held_until(edit: BulkEdit) -> datetime.datetime | None:
    """Until when undoing tells nobody; None where nobody is told, or was already."""
    waits = Outbox.objects.filter(key=_key(edit), done_at=None, failed_at=None).first()
    return waits.due_at if waits else None


def was_told(edit: BulkEdit) -> bool:
    """Whether the worker has said what the edit did. Asked under its lock, which the worker takes too."""
    return held_until(edit) is None


def of_plan(changes, batch) -> dict[str, Any]:
    """Who would be told of a planned change, for its preview: how many reporters, which people about how many."""
    changing = [change for change in changes if change.changes]
    solved = [change.issue for change in changing if _solves({"before": change.before, "issue": 0})]
    people: dict[int, int] = defaultdict(int)
    for change in changing:
        if "assignee_id" in change.before:
            for pk in {change.before["assignee_id"], change.issue.assignee_id} - {None, batch.by.pk}:
                people[pk] += 1
    names = User.objects.filter(pk__in=people, is_active=True, organisation=None).order_by("name", "pk")
    return {
        "reporters": len(reached(solved, by=batch.by)),
        "people": [(person.name, people[person.pk]) for person in names],
        "minutes": int(HOLD.total_seconds() // 60),
    }


def _key(edit: BulkEdit) -> str:
    return f"{EDIT}:{edit.pk}"


def _solves(change: dict) -> bool:
    """Whether this change resolved the issue: only that writes when it was."""
    return "resolved_at" in change["before"]


# --- Done by a worker -------------------------------------------------------------------------------------


@outbox.handles(EDIT)
@transaction.atomic
def say(payload: dict) -> None:
    """Handler of the outbox: what the edit did and nobody took back."""
    # Its lock: an undo comes before this, and is not told; or after, and says that it was taken back.
    edit = BulkEdit.objects.select_for_update(of=("self",)).select_related("by").get(pk=payload["edit"])
    left = {row["issue"] for row in edit.left}
    stands = {change["issue"]: change for change in edit.changes if edit.undone_at is None or change["issue"] in left}
    issues = {issue.pk: issue for issue in Issue.objects.filter(pk__in=stands).order_by("pk")}
    _tell_solved([pk for pk in issues if _solves(stands[pk])], by=edit.by, at=edit.at)
    given = {
        pk: (stands[pk]["before"]["assignee_id"], issue.assignee_id)
        for pk, issue in issues.items()
        if "assignee_id" in stands[pk]["before"]
    }
    _ask_people(str(edit.pk), given, by=edit.by)


@outbox.handles(SOLVED)
def say_solved(payload: dict) -> None:
    """Handler of the outbox: what was resolved with another issue."""
    _tell_solved(
        payload["issues"], by=User.objects.get(pk=payload["by"]), at=datetime.datetime.fromisoformat(payload["at"])
    )


@outbox.handles(UNSOLVED)
def say_unsolved(payload: dict) -> None:
    """Handler of the outbox: that it is solved was said, and is not so."""
    edit = BulkEdit.objects.select_related("by").get(pk=payload["edit"])
    text = _("We wrote that this is solved. That was said by mistake: we are still working on it.")
    for issue in _to_tell(payload["issues"], by=edit.by):
        if issue.is_open:
            tell(issue, text=text, by=edit.by, key=f"undone-{edit.pk}", at=edit.undone_at)


def _tell_solved(pks: list[int], *, by, at: datetime.datetime) -> None:
    """As ``Issue.resolve`` does, unless it was opened again meanwhile."""
    for issue in _to_tell(pks, by=by):
        if not issue.is_open and issue.resolved_at == max(at, issue.created_at):
            key = f"resolved-{int(issue.resolved_at.timestamp())}"
            tell(issue, text=issue.resolution, by=by, key=key, at=issue.resolved_at)


def _to_tell(pks: list[int], *, by) -> list[Issue]:
    issues = list(Issue.objects.filter(pk__in=pks).select_related("product", "reported_by").order_by("pk"))
    heard = reached(issues, by=by)
    return [issue for issue in issues if issue.pk in heard]


def _ask_people(key: str, given: dict[int, tuple[int | None, int | None]], *, by, undone=False) -> None:
    """Ask for one mail to each who got or lost issues. ``given``: {issue: (whose it was, whose it is)}."""
    got: dict[int, list[int]] = defaultdict(list)
    lost: dict[int, list[int]] = defaultdict(list)
    for pk, (was, now) in given.items():
        if was == now:
            continue
        for person, heap in ((was, lost), (now, got)):
            if person is not None and person != by.pk:
                heap[person].append(pk)
    rows = [
        (
            f"{YOURS}:{key}:{person}",
            {"user": person, "by": by.pk, "got": got[person], "lost": lost[person], "undone": undone},
        )
        for person in {*got, *lost}
    ]
    if rows:
        outbox.enqueue_many(YOURS, [(name, {**payload, "id": name}) for name, payload in sorted(rows)])


@outbox.handles(YOURS)
def send(payload: dict) -> None:
    """Handler of the outbox: one mail to one person, about the issues that this person may still see."""
    person = User.objects.filter(pk=payload["user"], is_active=True, organisation=None).first()
    if person is None:
        return
    seen = visible_issues(person).filter(pk__in=[*payload["got"], *payload["lost"]]).select_related("product")
    issues = {issue.pk: issue for issue in seen.order_by("product__code", "severity", "resolution_due", "number")}
    got, lost = ([issues[pk] for pk in issues if pk in set(payload[heap])] for heap in ("got", "lost"))
    if got or lost:
        by = User.objects.get(pk=payload["by"])
        message(payload["id"], person, got=got, lost=lost, by=by, undone=payload["undone"]).send()


def message(key: str, person, *, got: list[Issue], lost: list[Issue], by, undone: bool) -> EmailMessage:
    """The mail itself: the same Message-ID, however often."""
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    heaps = [(name, heap) for name, heap in (("got", got), ("lost", lost)) if heap]
    context = {
        "person": person,
        "by": by,
        "undone": undone,
        "heaps": [(name, [_line(issue, site) for issue in heap]) for name, heap in heaps],
        "queue": f"{site}{reverse('delivery:queue')}?view=0&assignee=me" if got else "",
    }
    return EmailMessage(
        " ".join(_subject(*heaps[0]).split())[:200],
        render_to_string("delivery/issues/yours_mail.txt", context),
        to=[person.email],
        headers={"Message-ID": f"<{key.replace(':', '-')}@{host}>", "Auto-Submitted": "auto-generated"},
    )


SUBJECTS = {  # (heap, whether it is one issue)
    ("got", True): gettext_lazy("[%(codes)s] Yours: %(ref)s %(title)s"),
    ("got", False): gettext_lazy("[%(codes)s] %(n)d issues are yours"),
    ("lost", True): gettext_lazy("[%(codes)s] No longer yours: %(ref)s %(title)s"),
    ("lost", False): gettext_lazy("[%(codes)s] %(n)d issues are no longer yours"),
}


def _subject(heap: str, issues: list[Issue]) -> str:
    codes = ", ".join(dict.fromkeys(issue.product.code for issue in issues))
    words = {"codes": codes, "ref": issues[0].ref, "title": issues[0].title, "n": len(issues)}
    return str(SUBJECTS[heap, len(issues) == 1]) % words


def _line(issue: Issue, site: str) -> dict[str, Any]:
    link = site + reverse("delivery:issue-detail", args=[issue.product.code, issue.number])
    return {"issue": issue, "due": issue.resolution_due if issue.is_open else None, "link": link}
