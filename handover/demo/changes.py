"""Change requests of the demo: one of every kind of end, and on running projects some that wait.

Nothing here throws the dice: what else happens in the demo stays as it is.
"""

import datetime
from decimal import Decimal

from handover.demo.timeline import DAY, HOUR, acting
from pmdm.jobs.models import Outbox
from projects.changes import items, mail
from projects.changes.impact import compute
from projects.models import ChangeRequest

TASK = "Second language"
# Key: title, why, what changes, kind, source, urgency.
ASKED = {
    "language": (
        "A second language for all pages",
        "A third of the users of the new region do not read the first one; without it they would call.",
        "All words of the pages and messages, the manual left out.",
        "update", "client", "high",
    ),
    "retention": (
        "Keep records as long as the new regulation asks",
        "The regulation comes into force before the go-live; keeping records shorter would be a breach.",
        "The promise that names how long records are kept says so; storage grows a little.",
        "corrective", "law", "critical",
    ),
    "spreadsheets": (
        "Every list as a spreadsheet",
        "Two departments work on with lists of their own.",
        "A button on each list.",
        "update", "client", "normal",
    ),
    "archive": (
        "Read the old archive from the new pages",
        "The old archive stays in use for questions of the auditors.",
        "A search in the archive and a page that shows what was found.",
        "update", "sponsor", "normal",
    ),
    "supplier": (
        "Another supplier for the test hardware",
        "The present one announced a delay of two weeks.",
        "",
        "preventive", "supplier", "high",
    ),
    "rehearsal": (
        "A second rehearsal of the go-live",
        "The first rehearsal took twice the time that the night before the go-live has.",
        "One more rehearsal with the data of a whole year, before the acceptance.",
        "preventive", "risk", "high",
    ),
    "reminder": (
        "Reminders by text message too",
        "Half of the reminders by mail are never opened.",
        "",
        "update", "client", "low",
    ),
    "dashboard": (
        "Figures of the service desk on the first page",
        "The team leads ask for them every Monday.",
        "",
        "update", "team", "low",
    ),
}  # fmt: skip


def compute_open(now: datetime.datetime) -> None:
    """Those in assessment on the day of the demo: their impact as of an hour ago."""
    for change in ChangeRequest.objects.filter(state="assessment").select_related("project").order_by("pk"):
        manager = change.project.manager
        with acting(manager, now - HOUR):
            compute(change, by=manager, at=now - HOUR)


class ChangesStory:
    """Follows one project from the day its plan is approved."""

    def __init__(self, story, approved: datetime.datetime) -> None:
        self.story, self.approved, self.rows = story, approved, {}
        line, team, client = story.line, story.team, story.accepter
        ask = client if client != story.sponsor else team[0]
        self._decided("language", 0.14, ask, self.approve, "Agreed: the region is worth it.", self.language)
        self._decided("retention", 0.3, team[0], self.approve, "There is no choice.", self.retention)
        self._decided("spreadsheets", 0.22, ask, self.reject, "The report builder of the second release covers it.")
        self._decided("archive", 0.4, team[1], self.defer, "After the go-live, when it is known who reads it.")
        self._at(0.33, team[-1], self.ask, "supplier")
        self._at(0.33, team[-1], self.withdraw, "supplier", "The present supplier delivers in time after all.", add=5)
        done = story.truth["User interface"][1] + 12 * DAY
        line.at(max(done, self._moment(0.14) + 8 * DAY), story.manager, self.implement, "language")
        line.at(self._moment(0.3) + 30 * DAY, story.manager, self.implement, "retention")
        if story.spec.ends == "execution" and line.now - 12 * DAY > approved + 20 * DAY:
            line.at(line.now - 9 * DAY, ask, self.ask, "rehearsal")
            line.at(line.now - 7 * DAY, story.manager, self.assess, "rehearsal", self.rehearsal)
            line.at(line.now - 3 * DAY, ask, self.ask, "reminder")
            line.at(line.now - 1 * DAY, team[0], self.ask, "dashboard", submit=False)

    def _moment(self, share: float) -> datetime.datetime:
        day = self.approved + (self.story.last - self.approved) * share
        return day.replace(hour=9, minute=40, second=0, microsecond=0)

    def _at(self, share, by, do, *args, add=0):
        self.story.line.at(self._moment(share) + add * DAY, by, do, *args)

    def _decided(self, key, share, requester, decide, said, affects=None) -> None:
        """Asked for, taken up two days later, decided two days after that."""
        self._at(share, requester, self.ask, key)
        self._at(share, self.story.manager, self.assess, key, affects, add=2)
        self._at(share, self.story.sponsor, decide, key, said, add=4)

    @property
    def project(self):
        return self.story.project

    def _change(self, key: str, state: str):
        """The request while the project runs and the request waits for this; else None."""
        if self.project.state != "active" or key not in self.rows:
            return None
        change = ChangeRequest.objects.get(pk=self.rows[key])
        change.project = self.project
        return change if change.state == state else None

    # Steps

    def ask(self, key, *, by, at, submit=True):
        if self.project.state != "active":
            return
        title, reason, description, kind, source, urgency = ASKED[key]
        change = self.project.change_requests.create(
            title=title, reason=reason, description=description, kind=kind, source=source, urgency=urgency,
            requester=by, created_by=by, created_at=at, owner=self.story.manager,
            needed_by=(at + 14 * DAY).date() if urgency in ("high", "critical") else None,
            funding="contingency" if key == "retention" else "added",
        )  # fmt: skip
        self.rows[key] = change.pk
        if submit:
            change.submit(by=by, at=at + HOUR)
        self._sent(at)

    def assess(self, key, affects, *, by, at):
        if change := self._change(key, "submitted"):
            change.assess(by=by, at=at)
            if affects:
                affects(change, by=by, at=at)
            compute(change, by=by, at=at + HOUR)

    def approve(self, key, said, *, by, at):
        if change := self._change(key, "assessment"):
            impact = compute(change, by=self.story.manager, at=at - HOUR)
            change.approve(by=by, impact=impact.pk, note=said, at=at)
            self.project.refresh_from_db(fields=["approved_budget", "version", "computed_start", "computed_finish"])
            if key == "language":
                start = max(self.story.truth["User interface"][1], at + DAY)
                self.story.truth[TASK] = (start, start + 6 * DAY)
            self._sent(at)

    def reject(self, key, said, *, by, at):
        if change := self._change(key, "assessment"):
            change.reject(by=by, note=said, at=at)
            self._sent(at)

    def defer(self, key, said, *, by, at):
        if change := self._change(key, "assessment"):
            change.defer(by=by, note=said, until=(max(self.story.last, at) + 45 * DAY).date(), at=at)
            self._sent(at)

    def withdraw(self, key, said, *, by, at):
        if change := self._change(key, "submitted"):
            change.withdraw(by=by, note=said, at=at)

    def implement(self, key, *, by, at):
        if change := self._change(key, "approved"):
            change.implement(by=by, note="Shown in the review.", at=at)

    def _sent(self, at) -> None:
        """Mails of the past are not sent today."""
        Outbox.objects.filter(kind__in=(mail.SUBMITTED, mail.DECIDED), done_at=None).update(done_at=at)

    # What they affect

    def language(self, change, *, by, at):
        tasks = {task.name: task for task in self.project.tasks.all()}
        items.add_requirement(
            change, by=by, title="All pages in a second language", priority="should", at=at,
            text="Every page and every message can be read in both languages; people choose once.",
            criteria="A person of the region reads every page\nNo word is left in the other language",
        )  # fmt: skip
        ops = [
            {
                "op": "add", "ref": "language", "after": tasks["User interface"].uid,
                "fields": {"name": TASK, "duration": "4d"},
            },
            {"op": "link", "from": tasks["User interface"].uid, "to": "language"},
            {"op": "link", "from": "language", "to": tasks["Acceptance test with the client"].uid},
        ]  # fmt: skip
        items.draft_edit(change, "add", by=by, ops=ops, name=TASK)
        self._longer(change, "Acceptance test with the client", 2, by=by)
        self._money(change, "services", "0.015", by=by)

    def retention(self, change, *, by, at):
        row = (
            self.project.requirements.filter(state__in=("approved", "built"), baseline_items__baseline__is_active=True)
            .exclude(versions__state="draft")
            .order_by("-number")
            .first()
        )
        if row:
            row.project = self.project
            text = f"{row.text} Records are kept as long as the regulation of this year asks.".strip()
            items.change_requirement(change, row, {"text": text}, by=by, at=at)
        self._money(change, "material", "0.003", by=by)

    def rehearsal(self, change, *, by, at):
        self._longer(change, "Pilot", 3, by=by)
        self._money(change, "labour", "0.008", by=by)
        self._money(change, "travel", "-0.001", by=by)

    def _longer(self, change, name: str, days: int, *, by) -> None:
        task = self.project.tasks.filter(name=name, percent=0).first()
        if task is None:
            return
        cells = items.cells_of(self.project, task)
        ops = items.set_ops(task, cells, {"duration": f"{task.duration // 480 + days}d"})
        items.draft_edit(change, "set", by=by, ops=ops, name=name, uid=task.uid)

    def _money(self, change, category: str, share: str, *, by) -> None:
        line = self.project.budget_lines.filter(category=category).first()
        if line is None:
            return
        delta = (self.story.spec.budget * Decimal(share) / 100).quantize(Decimal(1)) * 100
        if delta and line.planned + delta >= 0:
            items.move_money(change, by=by, line=line, delta=delta)
