"""What goes on around the handovers of the demo: knowledge passed on and proven, the cutover, the signatures."""

import datetime

from handover.cutover import verbs as cutover
from handover.demo import catalogue
from handover.demo.timeline import DAY, HOUR
from handover.knowledge import verbs as knowledge
from handover.models import CutoverRun, Signer
from handover.signoff import verbs as signoff
from handover.transfer.content import content_hash
from handover.transfer.models import Handover

MINUTE = datetime.timedelta(minutes=1)
DOCUMENTS = [
    ("runbook", "Start, stop, restore", "https://wiki.brightwater.example/{code}/restore", ""),
    ("runbook", "What to do at each alert", "https://wiki.brightwater.example/{code}/alerts", ""),
    ("configuration", "Environments and settings", "", "Production, test and training; settings in the repository “{code}-config”."),
    ("licence", "Licences in use", "", "Map service, yearly, until the end of next year; database support, yearly."),
    ("contact", "Whom to call", "", "Provider of the machines: hotline 24/7. Interface partner: weekdays 8 to 18."),
]  # fmt: skip
STEPS = [  # minutes after 18:00, kind, title, minutes, roll back if, truly took
    (0, "task", "Announce and switch to the waiting page", 15, "", 12),
    (15, "task", "Last backup of the old system", 30, "the backup can't be read back", 34),
    (45, "task", "Move the data", 90, "more than 1% of the records differ", 104),
    (135, "task", "Check samples with the client", 30, "a sample of money differs", 25),
    (165, "decision", "Go live?", 10, "", 8),
    (175, "task", "Open the new system", 20, "", 15),
    (195, "task", "Watch the first hour", 60, "an error in one of ten requests", 60),
]
BACK = [("Start the old system again", 20), ("Tell everybody", 10)]


class AroundStory:
    """Follows one project from the day on which the record of its handover is opened."""

    def __init__(self, story) -> None:
        self.story = story

    @property
    def record(self) -> Handover:
        record = self.story.project.handovers.order_by("-number").first()
        record.project = self.story.project
        return record

    @property
    def learners(self) -> list:
        product = catalogue.PRODUCTS.get(self.story.spec.product)
        return [self.story.company[key] for key in (product.support if product else ("oskar", "priya"))]

    def prepared(self, *, by, at) -> None:
        """The record was opened: people, topics, documents, the plan of the cutover, and who has to sign."""
        story, record = self.story, self.record
        knowledge.add_standard_topics(record, by=by)
        for user in self.learners:
            knowledge.add_learner(record, user, by=by)
        for kind, title, link, note in DOCUMENTS:
            code = story.spec.code.lower()
            fields = {"kind": kind, "title": title, "link": link.format(code=code), "note": note.format(code=code)}
            knowledge.add_material(record, by=by, at=at, **fields)
        signoff.name_signer(record, story.company["pmo"], by=by, capacity="Project office", step=1)
        signoff.name_signer(record, story.sponsor, by=by, capacity="Sponsor", step=2)
        for topic in record.topics.filter(needed__gt=len(self.learners)):
            knowledge.change_topic(_needing(topic, len(self.learners)), ["needed"], by=by, version=topic.version)
        self._plan_cutover(by=by, at=at)
        for day, kind in ((1, "session"), (3, "shadow"), (5, "reverse")):
            story.line.at(at + day * DAY, by, self.meet, kind)
        for number, user in enumerate(self.learners):
            story.line.at(at + (6 + number) * DAY, by, self.judge, user)

    def _plan_cutover(self, *, by, at) -> None:
        story, record = self.story, self.record
        evening = max(story.truth["Go-live"][0], at + DAY).replace(hour=16, minute=0, second=0, microsecond=0)
        owners = [story.manager, *story.team]
        for number, (offset, kind, title, minutes, trigger, _took) in enumerate(STEPS):
            cutover.add_step(
                record, by=by, kind=kind, title=title, minutes=minutes, rollback_trigger=trigger,
                owner=story.sponsor if kind == "decision" else owners[number % len(owners)],
                planned_start=evening + offset * MINUTE,
            )  # fmt: skip
        for title, minutes in BACK:
            cutover.add_step(record, by=by, kind="rollback", title=title, minutes=minutes, owner=story.team[0])
        if evening - 12 * HOUR > at:
            story.line.at(evening - 12 * HOUR, by, self.rehearse)
        story.line.at(evening + 2 * MINUTE, by, self.cut_over)

    def rehearse(self, *, by, at):
        """The morning before: broken off after the data were moved, since that is what was in doubt."""
        run = cutover.begin(self.record, by=by, kind="rehearsal", at=at)
        self._run(run, by=by, at=at, steps=3)
        cutover.end(run, by=by, note="The move of the data was what we wanted to see.", at=at + 160 * MINUTE)

    def cut_over(self, *, by, at):
        run = cutover.begin(self.record, by=by, at=at)
        last = self._run(run, by=by, at=at, steps=len(STEPS))
        cutover.end(run, by=by, at=last + 5 * MINUTE)

    def _run(self, run: CutoverRun, *, by, at, steps: int) -> datetime.datetime:
        plan = list(run.handover.cutover_steps.select_related("owner"))[:steps]
        moment = at
        for step, (_offset, kind, *_rest, took) in zip(plan, STEPS, strict=False):
            if kind == "decision":
                moment += took * MINUTE
                cutover.step_on(run, step, "go", by=step.owner, note="Samples agree; we open.", at=moment)
                continue
            cutover.step_on(run, step, "start", by=step.owner, at=moment)
            if took > step.minutes + 10:
                words = "Slower than planned: the index is built while copying."
                cutover.step_on(run, step, "problem", by=step.owner, note=words, at=moment + step.minutes * MINUTE)
            moment += took * MINUTE
            cutover.step_on(run, step, "done", by=step.owner, at=moment)
        return moment

    def meet(self, kind, *, by, at):
        record, topics = self.record, list(self.record.topics.all())
        if not self._open(record):
            return
        chosen = topics[:4] if kind == "reverse" else topics
        knowledge.hold_session(
            record, by=by, kind=kind, held_on=at.date(), leader=self.story.team[0], topics=chosen,
            attendees=self.learners, materials=record.materials.filter(kind="runbook"),
        )  # fmt: skip

    def judge(self, user, *, by, at):
        """Each proves what is critical; where the handover is still under way, one thing is left to prove."""
        record = self.record
        if not self._open(record):
            return
        topics = list(record.topics.all())
        if self.story.spec.ends == "submitted":
            topics = topics[1:5]
        for number, topic in enumerate(topics):
            kind = ("teach_back", "reverse", "quiz")[number % 3]
            knowledge.prove(
                topic, user, by=by, judged_by=self.story.team[0], kind=kind, passed=True, at=at,
                score=90 if kind == "quiz" else None,
            )  # fmt: skip

    def _open(self, record) -> bool:
        return record.state in Handover.OPEN_STATES

    def submitted(self, *, at) -> None:
        """The record waits for signatures: the project office the next day, the sponsor a day later."""
        for number, signer in enumerate(self.record.signers.all(), 1):
            if self.story.spec.ends == "submitted" and number > 1:
                break
            self.story.line.at(at + number * 20 * HOUR, signer.user, self.sign, signer.pk)

    def sign(self, pk, *, by, at):
        record = self.record
        if record.is_editable or record.state not in Handover.OPEN_STATES:
            return
        signer = Signer.objects.get(pk=pk)
        signer.handover = record
        signoff.sign(signer, by=by, seen=content_hash(record), at=at)


def _needing(topic, people: int):
    topic.needed = people
    return topic
