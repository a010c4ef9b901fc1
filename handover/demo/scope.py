"""Scope of the demo after its approval: texts that change, promises that are taken back, evidence as files."""

import datetime
from io import BytesIO

from handover.demo.timeline import DAY


class Upload(BytesIO):
    """As much of an uploaded file as keeping one needs."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text.encode())
        self.name = name


def protocol(name: str, line, checker, at: datetime.datetime) -> Upload:
    """What the tester wrote down."""
    text = f"Test protocol {name}\n\n{line.text}\nResult: pass\nTested by {checker.name} on {at:%d %B %Y}.\n"
    return Upload(f"Test protocol {name}.txt", text)


class ScopeStory:
    """Follows one project from the day its plan is approved."""

    def __init__(self, story, approved: datetime.datetime) -> None:
        self.story = story
        line, span = story.line, story.last - approved
        line.at(approved + span * 0.25, story.manager, self.propose)
        line.at(approved + span * 0.25 + 3 * DAY, story.sponsor, self.approve)
        line.at(approved + span * 0.6, story.manager, self.propose_again)

    @property
    def project(self):
        return self.story.project

    def _promised(self):
        rows = self.project.requirements.filter(state__in=("approved", "built")).order_by("number")
        row = rows.exclude(versions__state="draft").first()
        if row:
            row.project = self.project
        return row

    def propose(self, *, by, at):
        row = self._promised()
        if self.project.state == "active" and row:
            text = row.text.replace("in the workshops with the client", "in the workshops, and on telephones too")
            row.propose({"text": text}, by=by, reason="Half of the users work on a telephone.", at=at)

    def approve(self, *, by, at):
        if self.project.state != "active":
            return
        for draft in self.project.requirement_versions.filter(state="draft").select_related("requirement"):
            draft.requirement.project = self.project
            draft.approve(by=by, at=at)

    def propose_again(self, *, by, at):
        """A second wish, which waits for the sponsor."""
        row = self._promised()
        if self.project.state == "active" and row and self.story.spec.ends == "execution":
            row.propose({"priority": "could"}, by=by, reason="Nobody used it in the pilot.", at=at)
