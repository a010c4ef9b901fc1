"""The first weeks of a handed over product: hypercare with its meters, its exit or extension, a relapse, the score."""

import random

from django.core.exceptions import ValidationError
from django.db import transaction

from handover.demo.timeline import DAY, HOUR, WEEK
from handover.hypercare import verbs
from handover.models import Hypercare
from handover.pack import making
from handover.quality import mail, reading
from pmdm.jobs.models import Outbox

# What an early issue usually turns out to be; the rest are defects of the release.
USUALLY = {
    "request": ("request", "request", "pre_existing"),
    "complaint": ("training", "pre_existing", "training"),
    "bug": ("defect", "defect", "gap"),
    "performance": ("defect", "pre_existing", "defect"),
}


class EarlyLife:
    """Follows one product from the day it was accepted."""

    def __init__(self, story, at) -> None:
        self.story, self.line, self.manager = story, story.line, story.manager
        self.dice = random.Random(f"early life of {story.spec.code}")
        line = self.line
        line.at(at + HOUR, self.manager, self.pack)
        for week in range(1, 13):
            line.at(at + week * WEEK, story.agents[0], self.class_issues)
        line.at(at + 30 * DAY + HOUR, self.manager, self.decide)
        line.at(at + 90 * DAY + HOUR, self.manager, self.score)

    @property
    def hypercare(self) -> Hypercare:
        return Hypercare.objects.select_related("product", "handover").get(product=self.story.product)

    def pack(self, *, by, at):
        making.make(self.hypercare.handover, by=by, at=at)

    def class_issues(self, *, by, at):
        """Two days after they came, so that it is known what they are about."""
        row = self.hypercare
        for issue in verbs.early_issues(row).filter(early_class=None, created_at__lt=at - 2 * DAY):
            verbs.classify(row, issue, self.dice.choice(USUALLY[issue.type]), by=by, at=at)

    def decide(self, *, by, at):
        """Leave it, or extend it by ten days where a meter is not met."""
        row = self.hypercare
        if row.state != Hypercare.State.RUNNING:
            return
        try:
            verbs.leave(row, by=by, reason="Every meter is met; support is content.", at=at)
        except ValidationError as refused:
            # Refused before anything was written; without savepoints the whole demo would count as failed.
            transaction.set_rollback(False)
            if at - row.started_at > 120 * DAY:
                values = {"issues_per_day": row.issues_per_day, "availability": None, "critical_free_days": 5}
                reason = "The outages of the first weeks can't be made up for any more; agreed with the sponsor."
                verbs.change(row, values, by=by, version=row.version, reason=reason, at=at)
            until = max(row.until, at) + 10 * DAY
            verbs.extend(row, by=by, until=until, reason=refused.messages[0], at=at)
            self.line.at(until + HOUR, by, self.decide)
            return
        self.story.read_levels()
        for day in range(1, row.relapse_days + 1):
            self.line.at(at + day * DAY, None, self.watch)

    def watch(self, *, by, at):
        row = self.hypercare
        if verbs.watch(row, now=at):
            row.refresh_from_db()
            self.story.read_levels()
            self.line.at(row.until + HOUR, self.manager, self.decide)

    def score(self, *, by, at):
        reading.freeze(at)
        # These mails went out in the past.
        Outbox.objects.filter(kind=mail.KIND, done_at=None).update(done_at=at, created_at=at, due_at=at)
