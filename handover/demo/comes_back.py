"""What comes back: a disturbance that was solved too early with the reports that followed it, and a word of a customer so
late that it became an issue of its own. Without dice: nothing else in the demo changes by it.
"""

from delivery.issues import answers, family
from delivery.issues.escalation.sweep import told_until
from delivery.issues.queue.telling import SOLVED
from delivery.models import Issue
from handover.demo.timeline import DAY, HOUR
from pmdm.jobs.models import Outbox

TITLE = "Visits of the north are not planned"
REPORTS = ("No visits on the map since this morning", "Two depots have empty days", "The plan of tomorrow has gone")


class ComesBack:
    def __init__(self, story) -> None:
        self.story, self.line = story, story.line
        monday = story.line.now - 24 * DAY
        monday -= monday.weekday() * DAY
        monday = monday.replace(hour=8, minute=10, second=0, microsecond=0)
        self.agent = story.agents[0]
        self.reports: list[Issue] = []
        for number, title in enumerate(REPORTS):
            customer = story.customers[number % len(story.customers)]
            self.line.at(monday + number * HOUR / 4, customer, self.report, title)
        self.line.at(monday + HOUR, self.agent, self.bundle)
        self.line.at(monday + 5 * HOUR, self.agent, self.solve, "The nightly job ran again; all days are planned.")
        self.line.at(monday + 26 * HOUR, self.agent, self.reopen)
        self.line.at(monday + 31 * HOUR, self.agent, self.solve, "The job reads the depots' new codes now.")
        self.line.at(story.line.now - 3 * DAY, self.agent, self.hear_late)

    def report(self, title, *, by, at) -> None:
        fields = {"type": Issue.Type.BUG, "severity": 2, "description": f"{title}. Seen by {by.name}."}
        self.reports.append(Issue.report(self.story.product, by=by, title=title, at=at, **fields))

    def bundle(self, *, by, at) -> None:
        """One issue is worked on for all of them."""
        self.parent = Issue.report(
            self.story.product, by=by, title=TITLE, type=Issue.Type.BUG, impact=1, urgency=2, at=at,
            description="The planning of the night has skipped the north.",
        )  # fmt: skip
        for report in self.reports:
            report.respond(by=by, text="Thank you, we know of it and are working on it.", at=at)
            family.attach(report, self.parent, by=by)
        self.parent.take(by=by, at=at)

    def solve(self, resolution, *, by, at) -> None:
        self._look_at(self.parent, at)
        family.resolve(self.parent, by=by, with_children=True, resolution=resolution, at=at)
        Outbox.objects.filter(kind=SOLVED, done_at=None).update(done_at=at, created_at=at, due_at=at)

    def reopen(self, *, by, at) -> None:
        """It was not solved for all: those that see it again are open with their parent."""
        self._look_at(self.parent, at)
        again = list(self.parent.children.order_by("number")[:2])
        family.reopen(self.parent, by=by, text="Two depots are empty again this morning.", children=again, at=at)

    def hear_late(self, *, by, at) -> None:
        """The customer of what was solved long ago writes once more: it is an issue of its own, which follows the old."""
        product = self.story.product
        people = [person.pk for person in self.story.customers]
        solved = product.issues.filter(reported_by__in=people, duplicate_of=None, state=Issue.State.CLOSED)
        late = solved.filter(resolved_at__lt=at - product.reopen_days * DAY, type=Issue.Type.BUG)
        old = late.select_related("reported_by").order_by("-resolved_at", "-number").first()
        if old is None:
            return
        old.product = product
        heard = answers.hear(old, by=old.reported_by, text="It is the same again since the weekend.", at=at)
        heard.issue.product = product
        heard.issue.respond(by=by, text="Thank you. We look at what is different this time.", at=at + HOUR)
        heard.issue.take(by=by, at=at + HOUR)

    def _look_at(self, issue, at) -> None:
        told_until(issue.pk, at)
        issue.refresh_from_db()
        issue.product = self.story.product
