"""Major incidents of the demo: led, told about, resolved, reviewed; one that is led right now."""

import datetime

from delivery.incidents.models import TELL, MajorIncident
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.incidents.sweep import OVERDUE, sweep
from delivery.models import Incident, Issue
from handover.demo.timeline import DAY
from pmdm.jobs.models import Outbox

MINUTE = datetime.timedelta(minutes=1)
# What happened: title, headline, cause, actions (text, days until due, days until done or None).
STORIES = (
    (
        "Database ran out of connections", "Pages do not open or open very slowly.",
        "A nightly export kept its connections open.\nNo alarm on the number of connections.",
        (("Close connections of the export after use", 10, 6), ("Alarm at 80 % of the connections", 14, 17),
         ("Try the failover each quarter", 45, None)),
    ),
    (
        "Certificate of the interface expired", "Data from other systems does not arrive.",
        "The renewal mail went to somebody who had left.\nCertificates are watched by hand.",
        (("Watch the days left of every certificate", 12, 9), ("Send renewals to a shared mailbox", 7, 2)),
    ),
)  # fmt: skip
LED_NOW = "FLD"  # one product is in the middle of it


class MajorIncidents:
    """Those of one product; called when its life is planned."""

    def __init__(self, story, start) -> None:
        self.story, self.line = story, story.line
        when = self.line.morning(self.line.now - (38 + 3 * len(story.spec.name) % 9) * DAY)
        # In its first months a product is under hypercare, which has figures of its own.
        if when - start > 120 * DAY:
            happened = STORIES[len(story.spec.code + story.spec.name) % len(STORIES)]
            self.line.at(when, story.agents[0], self.happen, happened)
        if story.spec.code == LED_NOW:
            self.line.at(self.line.now - 95 * MINUTE, story.agents[0], self.begin_now)

    @property
    def team(self) -> dict:
        agents = self.story.agents
        return {"commander": self.story.manager, "communications": agents[-1], "operations": agents[0]}

    def _declare(self, happened, *, by, at, cadence) -> MajorIncident:
        title, headline, _causes, _actions = happened
        product = self.story.product
        outage = Incident.begin(product, by=by, title=title, started_at=at - 6 * MINUTE)
        issue = Issue.report(
            product, by=by, title=title, type="bug", impact=1, urgency=1, incident=outage,
            requirement=product.requirements.filter(is_accepted=True).first(), at=at - 4 * MINUTE,
        )  # fmt: skip
        issue.take(by=by, at=at)
        incident = MajorIncident.declare(
            product, by=by, issue=issue, title=title, headline=headline, cadence=cadence, is_for_all=True,
            detected_at=at - 4 * MINUTE, at=at, **self.team,
        )  # fmt: skip
        issue.respond(by=by, text="We are at it; updates follow.", at=at)
        incident.note(
            by=by, text="Restarting did not help. Looking at the last change.", is_public=False, at=at + MINUTE
        )
        return incident

    def happen(self, happened, *, by, at):
        incident = self._declare(happened, by=by, at=at, cadence=30)
        self.line.at(at + 25 * MINUTE, self.team["communications"], self.update, incident)
        # The second update comes late: the clock tells.
        self.line.at(at + 71 * MINUTE, self.team["communications"], self.update_late, incident)
        self.line.at(at + 95 * MINUTE, by, self.mitigate, incident)
        self.line.at(at + 190 * MINUTE, by, self.resolve, incident, happened)
        self.line.at(at + 2 * DAY, self.story.manager, self.review, incident, happened)

    def update(self, incident, *, by, at):
        sweep(at, incident=incident.pk)
        incident.note(by=by, text="The cause is narrowed down; we work on it.", is_public=True, at=at)

    def update_late(self, incident, *, by, at):
        sweep(at - 10 * MINUTE, incident=incident.pk)
        self.update(incident, by=by, at=at)
        entry = incident.entries.filter(kind="note").first()
        incident.correct(entry, by=by, text="Restarting did help, for four minutes.", at=at + MINUTE)

    def mitigate(self, incident, *, by, at):
        incident.mitigate(by=by, text="It works again; we watch it.", at=at)
        incident.issue.incident.end(by=by, at=at, cause="See the review.")

    def resolve(self, incident, happened, *, by, at):
        sweep(at - 20 * MINUTE, incident=incident.pk)
        incident.resolve(by=by, text="The cause is removed.", at=at)
        issue = Issue.objects.get(pk=incident.issue_id)
        issue.product = self.story.product
        if issue.is_open:
            issue.resolve(by=by, resolution="The cause is removed.", root_cause=happened[2], at=at + MINUTE)
        incident.stand_down(by=self.story.manager, text="Quiet since; the review is on Thursday.", at=at + 60 * MINUTE)
        self._read(at)

    def review(self, incident, happened, *, by, at):
        review = IncidentReview.open(incident, by=by, at=at)
        review.causes, review.went_well = happened[2], "Somebody led within minutes, and clients heard from us first."
        review.revise(["causes", "went_well"], by=by, version=review.version)
        people = (*self.story.agents, by)
        for number, (text, due, done) in enumerate(happened[3]):
            owner = people[number % len(people)]
            action = ReviewAction.agree(review, by=by, text=text, owner=owner, due=(at + due * DAY).date(), at=at)
            if done is not None:
                self.line.at(at + done * DAY, owner, self.finish, action)
        review.agree(by=by, at=at + 60 * MINUTE)

    def finish(self, action, *, by, at):
        action.finish(by=by, outcome="Done and tried.", at=at)

    def begin_now(self, *, by, at):
        incident = self._declare(STORIES[1], by=by, at=at, cadence=60)
        self.line.at(at + 40 * MINUTE, self.team["communications"], self.update, incident)
        self.line.at(at + 70 * MINUTE, by, self.mitigate, incident)
        self.line.at(self.line.now, None, self.mails_are_read)

    def mails_are_read(self, *, by, at):
        self._read(at)

    def _read(self, at) -> None:
        """What was written then was sent then."""
        waiting = Outbox.objects.filter(kind__in=(TELL, OVERDUE), done_at=None)
        waiting.update(done_at=at, created_at=at, due_at=at)
