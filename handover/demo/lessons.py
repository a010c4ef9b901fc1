"""What the projects of the demo learned, when they wrote it down, and what later ones made of it."""

import random

from handover.demo.timeline import DAY
from projects.lessons import uses
from projects.lessons.offers import offers_for
from projects.models import Lesson

# (title, what happened, cause, effect, recommendation, type, phase, impact, tags)
LESSONS = [
    ("Book the partner's certification before the build",
     "The partner certified our interface three weeks after we were ready.",
     "The queue at the partner was known, but nobody asked for a slot.",
     "The pilot began late and the team waited.",
     "Ask for the slot when the design freezes, and build against the sandbox until then.",
     "avoid", "planning", 1, ["interface", "partner", "certification"]),
    ("Profile the data before the design freezes",
     "A fifth of the records to be moved had gaps that the new rules refuse.",
     "Samples were taken from the newest year only.",
     "Two weeks of cleaning by hand in the middle of the tests.",
     "Profile all data in the first month and let the client name an owner for each kind.",
     "avoid", "planning", 1, ["migration", "data quality"]),
    ("Show the working thing every two weeks",
     "Each second Thursday the users tried what was built.",
     "The team kept a test environment that always worked.",
     "Two misunderstandings were found months before the acceptance test.",
     "Plan the dates with the users at the kick-off; half an hour is enough.",
     "keep", "execution", 2, ["users", "review"]),
    ("Train the support desk on the pilot, not on slides",
     "Agents answered calls of the pilot with an engineer beside them.",
     "The pilot was moved before the training.",
     "Half as many calls were passed on in the first month as in earlier projects.",
     "Let two agents of each shift take part in the pilot.",
     "keep", "execution", 2, ["support", "training", "pilot"]),
    ("Agree the shares of people in writing",
     "Two engineers were promised to two projects in the same month.",
     "Both managers had asked their line manager, neither each other.",
     "The build of the core services slipped by nine days.",
     "Write the shares per month into the charter and look at the load of the team each week.",
     "avoid", "planning", 1, ["people", "capacity"]),
    ("Run the load test on a copy of real volumes",
     "The search was slow on the first Monday although the load test had passed.",
     "The test data held a hundredth of the real articles and customers.",
     "A correction in the first week, and lost trust.",
     "Make a copy with masked names once, and keep it for all later tests.",
     "avoid", "execution", 1, ["load test", "performance", "test data"]),
    ("Let the operators write the operating manual",
     "Engineers wrote it after the go-live, from memory.",
     "It stood last in the plan and nobody of operations was asked.",
     "The handover was sent back once.",
     "Let an operator write while the engineer installs; read it together before the acceptance.",
     "avoid", "closing", 2, ["handover", "operations", "manual"]),
    ("One person of the client decides on contradictions",
     "Two departments asked for opposite things and both were in the requirements.",
     "The workshops were held one department at a time.",
     "A month of rework on the user interface.",
     "Name one person who decides, and read all requirements aloud in one room before they are frozen.",
     "avoid", "initiation", 2, ["requirements", "client"]),
    ("Scan every build for security findings",
     "The scan ran in the pipeline from the first week.",
     "The architect asked for it in the design.",
     "The security test found nothing that stopped the go-live.",
     "Keep the scan in the pipeline of each new product; look at it in the weekly meeting.",
     "keep", "execution", 2, ["security", "pipeline"]),
    ("Offer payment by phone while the online payment is young",
     "One in seven users broke off when the bank asked for a second sign-in.",
     "The banks' pages are not ours to change.",
     "Fewer fees were paid online than expected in the first quarter.",
     "Try a second way to pay for the first half year, and measure which is used.",
     "try", "execution", 3, ["payment", "online", "users"]),
    ("Ask users who cannot see the screen",
     "Three residents with screen readers tested the forms before the acceptance.",
     "The citizen office knew whom to ask.",
     "Nine faults were found that no tool had found.",
     "Pay two testers with screen readers in each project with pages for the public.",
     "try", "execution", 2, ["accessibility", "users", "forms"]),
    ("Freeze the rollout before the busy season",
     "The rollout met the busiest weeks of the year.",
     "The plan counted working days, not the year of the client.",
     "The pilot stood still for two weeks.",
     "Put the busy weeks of the client into the calendar of the plan at the start.",
     "avoid", "planning", 2, ["rollout", "calendar", "stores"]),
]  # fmt: skip
EACH = 3


class LessonStory:
    """Three lessons of each project that reached its build: written in the work, published at its end."""

    def __init__(self, story, planned):
        self.story = story
        self.dice = random.Random(f"{story.spec.code} lessons")  # its own: the rest of the demo stays as it is
        taken = [row for row in LESSONS if self.dice.random() < EACH / len(LESSONS)] or [self.dice.choice(LESSONS)]
        span = story.last - planned
        for number, row in enumerate(taken, 1):
            when = planned + span * min(0.95, 0.2 + 0.25 * number)
            story.line.at(when, self.dice.choice(story.team), self.write_down, row)
        story.line.at(story.last + 3 * DAY, story.manager, self.publish)

    def write_down(self, row, *, by, at):
        project = self.story.project
        if project.state != "active":
            return
        title, happened, cause, effect, recommendation, kind, phase, impact, tags = row
        Lesson.write_down(
            project, by=by, at=at, title=title, happened=happened, cause=cause, effect=effect,
            recommendation=recommendation, kind=kind, phase=phase, impact=impact, tags=tags,
        )  # fmt: skip

    def publish(self, *, by, at):
        """All but the last of a project that wrote several down: it waits as a draft."""
        if self.story.project.state != "active":
            return
        for lesson in list(self.story.project.lessons.filter(state="draft"))[: EACH - 1]:
            lesson.publish(by=by, at=at)


def hear(project, *, by, at) -> None:
    """What a starting project makes of the lessons that fit it: a risk of the first, a word on two more."""
    offers = offers_for(project, by)
    for offer, verdict in zip(offers[:3], ("risk", "useful", "no"), strict=False):
        if verdict == "risk":
            values = uses.prefilled_risk(offer.lesson)
            uses.make_risk(
                project, offer.lesson, by=by, at=at, probability=2, impact=3, owner=by, category="Lessons",
                review_on=(at + 45 * DAY).date(), **values,
            )  # fmt: skip
        else:
            uses.say(project, offer.lesson, verdict, by=by, at=at)
