"""How a handover of the demo goes: criteria shown and verified, rows decided, one waiver, one return, a condition."""

from handover.client import verbs as client
from handover.criteria import sweep
from handover.criteria import verbs as criteria
from handover.demo.timeline import DAY, HOUR
from handover.items import deciding, finding
from handover.transfer import actions
from handover.transfer.models import Condition

EVIDENCE = {
    "utility": "Protocol of the acceptance, folder 1, page {n}",
    "warranty": "Test record {n}, with date and values",
    "security": "List of access {n}, signed by the administrator",
    "support": "Roster and contacts, support folder, sheet {n}",
    "monitoring": "Alert of the trial, ticket {n}",
    "documentation": "Operating manual, chapter {n}",
    "training": "Attendance list {n}",
    "legal": "Contract folder, register {n}",
}

# Conditions: one that is met in time, one that somebody still has before them.
MANUAL = "The manual gets a chapter on the restart after a power cut"
YEARLY = "After a year the restore is tried again, by somebody who was not there"


class HandoverStory:
    """``story`` is the project's; all goes through the verbs people use."""

    def __init__(self, story):
        self.story = story

    @property
    def is_hurried(self) -> bool:
        """A project that ran late hands over with a waiver and a condition."""
        return self.story.spec.pace > 1.03

    def sit_in(self, *, by, at):
        """The delivery manager opens the record in planning and says what operations will look at."""
        record = actions.start(self.story.project, by=by, at=at)
        lines = {line.source.key: line for line in record.criteria.select_related("source")}
        for key, text in (
            ("runbook", "Please write it with Sue: she is on duty at night and has to work by it alone."),
            ("service-levels", "Two hours at night need a second person. Can the client live with four?"),
        ):
            if line := lines.get(key):
                criteria.comment(line, by=by, text=text, at=at)

    def prepare(self, record, *, by, at):
        """Everything that submission asks for; what was settled in an earlier round stays."""
        before = at - HOUR
        if record.target_date is None:
            record.target_date = (at + 10 * DAY).date()
            record.save_changes(["target_date"])
        finding.refresh(record)
        for remark in record.remarks.filter(answer="").exclude(sent_at=None):
            remark.handover = record
            actions.answer_remark(remark, by=by, answer="Corrected; the manual names the new server.", at=before)
        for item in record.open_items.select_related("risk").filter(decision=""):
            item.handover = record
            self._decide(item, by, before)
        for number, line in enumerate(record.criteria.exclude(state__in=("met", "waived")).in_order(), 1):
            line.handover = record
            key = line.source.key if line.source else ""
            if self.is_hurried and key == "capacity":
                until = (at + 45 * DAY).date()
                reason = "The load test waits for the new test machines; load is low until the second site joins."
                approver = record.project.sponsor
                criteria.ask_waiver(line, by=by, reason=reason, expires=until, approver=approver, at=before - HOUR)
                criteria.answer_waiver(line, by=approver, approve=True, at=before)
                self.story.line.at(at + 46 * DAY, record.receiver, self.expire)
                continue
            if not line.has_evidence:
                words = EVIDENCE[line.category].format(n=number)
                criteria.provide(line, by=line.owner, evidence=words, at=before - HOUR)
            criteria.judge(line, by=line.verifier, met=True, at=before)
        if record.project.client_id:
            if record.client_asked_at is None:
                client.ask(record, by=by, at=before - 2 * HOUR)
                record.refresh_from_db()
            person = self.story.customers[0]
            for line in client.to_decide(record).filter(result=""):
                line.handover = record
                if client.is_client_of(record.project, person):
                    client.decide(line, by=person, accept=True, comment="", at=before)
                else:
                    client.record(line, by=by, accept=True, protocol="Signed protocol, folder 1", at=before)

    def _decide(self, item, by, at):
        owner = item.handover.receiver
        choice = {"decision": "carry", "new_owner": owner}
        if item.kind == "risk":
            choice |= {
                "control": item.risk.response_plan or "Looked at in each service review",
                "control_test_on": (at + 90 * DAY).date(),
            }
        elif item.kind == "requirement":
            choice = {"decision": "known_gap", "reason": "Little used; planned for the second release."}
            choice["workaround"] = "Call the service desk: it enters the case by hand."
        elif item.kind == "task":
            choice = {"decision": "close", "reason": "Not needed any more: what it was for is delivered."}
        deciding.decide(item, by=by, at=at, **choice)

    def give_back(self, record, *, by, at):
        actions.take_up(record, by=by, at=at - 2 * HOUR)
        runbook = record.criteria.filter(source__key="runbook").first()
        text = "Chapter 4 names a server that no longer exists. Please correct it; all else reads well."
        actions.remark(record, by=by, text=text, criterion=runbook, at=at - HOUR)
        actions.give_back(record, by=by, reason="One chapter is out of date; the rest is ready to be signed.", at=at)

    def accept(self, record, *, by, at):
        """Sign; where the project was hurried, with a condition."""
        actions.take_up(record, by=by, at=at - HOUR)
        conditions = []
        if self.is_hurried:
            conditions = [
                actions.Wanted(MANUAL, record.giver, (at + 21 * DAY).date()),
                actions.Wanted(YEARLY, record.giver, (at + 365 * DAY).date()),
            ]
            self.story.line.at(at + 17 * DAY, record.giver, self.meet)
            self.story.line.at(at + 18 * DAY, by, self.confirm)
        return actions.accept(record, by=by, conditions=conditions, at=at)

    def _condition(self) -> Condition:
        rows = Condition.objects.select_related("handover", "owner")
        return rows.get(handover__project=self.story.project, text=MANUAL)

    def meet(self, *, by, at):
        actions.meet(self._condition(), by=by, evidence="Operating manual, chapter 9, tried on Saturday", at=at)

    def confirm(self, *, by, at):
        actions.confirm(self._condition(), by=by, met=True, at=at)

    def expire(self, *, by, at):
        """What the beat does every hour."""
        sweep.expire(at)
