"""What becomes of a customer's word on an issue, by mail or in the portal.

Open: a note, and a waiting clock runs on. Solved: within the product's days (``reopen_days``, from the moment it was
solved) it is open again and its clock continues; later the word is an issue of its own that follows the solved one,
with a clock of its own. A thank-you and a word on a duplicate, whose original is what is worked on, are notes.
"""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues.models import Issue, IssueNote
from delivery.moves import NotNow


@dataclass(frozen=True)
class Heard:
    """Where the word went: the issue, the note on it (None where it opened the issue), what happened."""

    issue: Issue
    note: IssueNote | None
    what: str  # noted, resumed, reopened, follows


def reopens_until(issue: Issue) -> datetime.datetime | None:
    """Until when a word of its customer opens it again; None for what is open or a duplicate."""
    if issue.is_open or issue.resolved_at is None or issue.duplicate_of_id:
        return None
    return issue.resolved_at + datetime.timedelta(days=issue.product.reopen_days)


@transaction.atomic
def hear(issue: Issue, *, by, text: str, at=None, thanks=False, source=Issue.Source.PORTAL) -> Heard:
    """Take the word of the customer ``by``; ``thanks``: it is only a word, and what is solved stays so."""
    at = at or timezone.now()
    # Two answers at once must not open it twice: the second finds it open.
    Issue.objects.select_for_update(of=("self",)).only("pk").get(pk=issue.pk)
    issue.refresh_from_db()
    said = text if text.strip() else _("(No words, only what is attached.)")
    if issue.state == Issue.State.WAITING:
        issue.resume(by=by, at=at)
        return Heard(issue, issue.add_note(by=by, text=said, at=at), "resumed")
    until = reopens_until(issue)
    if until is None or thanks:
        leaves = thanks and not issue.is_open
        return Heard(issue, issue.add_note(by=by, text=said, at=at, leaves_solved=leaves), "noted")
    if at <= until:
        return Heard(issue, issue.reopen(by=by, reason=said, at=at), "reopened")
    if later := _follower(issue, by):
        return hear(later, by=by, text=text, at=at, source=source)
    return Heard(_follow(issue, by=by, text=said, at=at, source=source), None, "follows")


def take_up(issue: Issue, *, by, at=None) -> IssueNote:
    """What a customer said was taken for thanks and is more: it is open again, whatever its days."""
    said = issue.notes.filter(leaves_solved=True).order_by("-at", "-pk").first()
    if said is None:
        raise NotNow(_("Its customer has said nothing since it was solved."))
    return issue.reopen(by=by, reason=_("Open again, for what %(name)s wrote.") % {"name": said.by.name}, at=at)


def _follower(issue: Issue, by) -> Issue | None:
    """The latest that follows it already and that its writer may see."""
    return issue.followed_by.visible_to(by, issue.product).order_by("-number").first()


def _follow(issue: Issue, *, by, text: str, at, source) -> Issue:
    return Issue.report(
        issue.product,
        by=by,
        title=issue.title,
        description=text,
        type=issue.type,
        severity=issue.severity,
        requirement=issue.requirement,
        team=issue.team if issue.team and issue.team.ended_at is None else None,
        source=source,
        follows=issue,
        at=at,
    )
