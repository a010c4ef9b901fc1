"""Mails about reviews that are due: one to the owner on the day, one to the sponsor when it is two weeks late.

The beat starts the daily job; each mail is a row of the outbox whose key holds the review and its day, so that it is
sent once however often the job runs, and anew where the review was moved.
"""

import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic
from projects.benefits.models import BenefitReview
from projects.lifecycle.models import Project

KIND = "benefits.remind"
LATE = datetime.timedelta(days=14)


@periodic("benefit-reviews", every="day")
def remind(now: datetime.datetime) -> None:
    """Ask for every review that is due and not done; tell the sponsor of those that are late."""
    today = timezone.localdate(now)
    due = BenefitReview.objects.undone().filter(due__lte=today).exclude(project__state=Project.State.CANCELLED)
    rows = []
    for pk, day in due.values_list("pk", "due"):
        rows.append(_row(pk, day, "owner"))
        if day <= today - LATE:
            rows.append(_row(pk, day, "sponsor"))
    if rows:
        outbox.enqueue_many(KIND, rows)


def _row(pk: int, day: datetime.date, to: str) -> tuple[str, dict]:
    return f"{KIND}:{to}:{pk}:{day}", {"review": pk, "due": day.isoformat(), "to": to}


@outbox.handles(KIND)
def send(payload: dict) -> None:
    """The mail, unless the review was done, moved or dropped since. The sponsor answers for an owner who has left."""
    review = (
        BenefitReview.objects.undone()
        .filter(pk=payload["review"], due=payload["due"])
        .select_related("benefit__owner", "benefit__objective", "project")
        .first()
    )
    if review is None:
        return
    benefit, late = review.benefit, payload["to"] == "sponsor"
    person = benefit.owner
    if late or not person.is_active:
        person = review.project.person(Role.SPONSOR)
    # The sponsor who owns it is asked once.
    if person is None or not person.is_active or (late and person.pk == benefit.owner_id):
        return
    context = {
        "user": person,
        "owner": benefit.owner,
        "benefit": benefit,
        "due": review.due,
        "late": late,
        "url": f"{settings.SITE_URL.rstrip('/')}{benefit.get_absolute_url()}",
    }
    subject = _("Review overdue: %(benefit)s") if late else _("Please measure: %(benefit)s")
    mail = EmailMultiAlternatives(
        subject=" ".join((subject % {"benefit": benefit}).split()),
        body=render_to_string("projects/benefits/email/due.txt", context),
        to=[person.email],
    )
    mail.attach_alternative(render_to_string("projects/benefits/email/due.html", context), "text/html")
    mail.send()
