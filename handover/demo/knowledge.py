"""What support of the demo wrote down: articles from issues, two runbooks, and the nights in which they were run."""

import random

from delivery.models import Article, Runbook
from handover.demo.timeline import DAY, HOUR

NIGHT = [
    ("Look at the log of the night", "The last line says where it stopped."),
    ("Stop the job", "On the job server: *stop*, then wait for the light to go out."),
    ("Put the day's file back", "From the folder of yesterday; never from that of today."),
    ("Start the job again", "It takes about twenty minutes."),
    ("Tell the delivery manager", "How many cases went late."),
]
CERTIFICATE = [
    ("Ask for the new certificate", "At the portal of the authority, with the key of the safe."),
    ("Put it on acceptance", "And open the start page there."),
    ("Put it on production", "One machine after the other."),
]
WELL_KNOWN = (
    ("How to sign in on a new phone", "Open the address, type your e-mail and follow the letter that comes.\n\n"
     "The old phone keeps working for a day.", "public"),
    ("Why a search finds nothing", "Words are compared as they are written. **Leave accents away** to find both.", "public"),
    ("Whom to call at the hosting company", "The desk, with our contract number; the folder of contracts has it.", "internal"),
)  # fmt: skip


class KnowledgeStory:
    def __init__(self, story, at) -> None:
        self.story, self.product, self.line = story, story.product, story.line
        self.dice = random.Random(f"knowledge of {story.spec.code}")
        agent = story.agents[0]
        for number, (title, text, state) in enumerate(WELL_KNOWN):
            self.line.at(at + (20 + 9 * number) * DAY, agent, self.write, title, text, state)
        self.line.at(at + 5 * DAY, story.manager, self.books)
        for night in range(3):
            self.line.at(at + (30 + 41 * night) * DAY + 2 * HOUR, self.dice.choice(story.agents), self.run, night)
        self.line.at(self.line.now - 5 * DAY, agent, self.from_issue)

    def write(self, title, text, state, *, by, at):
        day = (at + self.dice.randrange(120, 700) * DAY).date()
        row = Article.write(self.product, by=by, title=title, text=text, review_by=day, at=at)
        row.publish(state, by=self.story.manager if state == "public" else by, at=at)
        # Agents and customers say whether it helped; who looks for accents is not helped by the second.
        readers = [*self.story.agents, *(self.story.customers if state == "public" else [])]
        for number, reader in enumerate(dict.fromkeys(readers)):
            self.line.at(at + (3 + 2 * number) * DAY, reader, self.vote, row, title != WELL_KNOWN[1][0] or number == 0)

    def vote(self, row, helpful, *, by, at):
        row.vote(by=by, helpful=helpful, at=at)

    def from_issue(self, *, by, at):
        issue = self.product.issues.filter(state="closed", type="bug").order_by("-number").first()
        if issue:
            Article.write(self.product, by=by, issue=issue, at=at, **Article.from_issue(issue))

    def books(self, *, by, at):
        owner = self.story.agents[0]
        self.night = Runbook.write(
            self.product, by=by, owner=owner, title="The nightly job stopped", steps=NIGHT[:4], at=at,
            summary="The alert of the nightly job, or no figures in the morning.",
        )  # fmt: skip
        Runbook.write(self.product, by=by, owner=owner, title="New certificate", steps=CERTIFICATE, at=at)
        self.line.at(at + 60 * DAY, owner, self.better)

    def better(self, *, by, at):
        self.night.revise(by=by, steps=NIGHT, note="Somebody must know how many were late.", version=1, at=at)

    def run(self, night, *, by, at):
        run = self.night.start(by=by, reason="Alert of the night", at=at)
        for number, step in enumerate(run.book_version.steps.all()):
            moment = at + (number + 1) * HOUR / 4
            if night == 1 and number == 2:
                run.record(
                    step, by=by, result="failed", note="The folder is locked; asked the hosting desk.", at=moment
                )
            run.record(step, by=by, result="done", at=moment + HOUR / 12)
