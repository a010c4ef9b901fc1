"""Boards, sprints and recurring work of the demo: what the teams of running projects do with their plans each week."""

import datetime

from handover.demo.catalogue import WBS
from handover.demo.timeline import DAY, HOUR, WEEK
from projects.board.cards import cards_of, move_card, set_priority
from projects.board.columns import Wanted, arrange, columns_of, version_of
from projects.models import Recurrence, Sprint
from projects.recurrence import verbs as recurring
from projects.schedule import edits
from projects.sprints import verbs as sprints

# Code: whether it works in sprints, and what comes back: (name, fields of the rule, minutes).
TEAMS: dict[str, tuple[bool, tuple[tuple[str, dict, int], ...]]] = {
    "WRC": (
        True,
        (
            ("Restore a back-up as a test", {"every": "month", "nth": 1, "weekdays": [0]}, 120),
            ("Walk through the warehouse with the client", {"every": "week", "interval": 2, "weekdays": [3]}, 240),
        ),
    ),
    "DOC": (False, (("Check a hundred sorted letters", {"every": "month", "nth": -1, "weekdays": [4]}, 180),)),
}
WORK = [name for _summary, rows in WBS for name, days, _before in rows if days]
LIMITS = {"doing": 5, "review": 2}
REVIEW = 40  # percent from which a colleague looks at it
SPRINT = 2 * WEEK


class ViewsStory:
    """Follows one project that is under way from the day its plan is approved."""

    def __init__(self, story, approved: datetime.datetime) -> None:
        self.story = story
        if story.spec.code not in TEAMS:
            return
        in_sprints, self.rules = TEAMS[story.spec.code]
        line = story.line
        line.at(approved + 4 * HOUR, story.manager, self.set_up)
        monday = approved.replace(hour=8, minute=0, second=0, microsecond=0)
        monday += (7 - monday.weekday()) * DAY
        while monday <= story.last:
            line.at(monday + 3 * HOUR, story.team[0], self.sort_cards)
            monday += WEEK
        if in_sprints:
            first = approved.replace(hour=8, minute=0, second=0, microsecond=0)
            first += (7 - first.weekday()) * DAY
            number = 1
            while first <= story.last:
                line.at(first - 4 * DAY, story.manager, self.plan_sprint, number, first)
                line.at(first + HOUR, story.manager, self.start_sprint, number)
                line.at(first + 11 * DAY + 7 * HOUR, story.manager, self.close_sprint, number)
                first, number = first + SPRINT, number + 1

    @property
    def project(self):
        return self.story.project

    @property
    def goes_on(self) -> bool:
        return self.project.state == "active"

    def set_up(self, *, by, at):
        """Limits on the board, and the rules of what comes back."""
        wanted = [Wanted(column.name, LIMITS.get(column.key), column.key) for column in columns_of(self.project)]
        arrange(self.project, by=by, columns=wanted, version=version_of(self.project))
        for task in cards_of(self.project).filter(name__in=("Security test", "Core services")):
            set_priority(task, by=by, priority=1)
        for name, rule, minutes in self.rules:
            recurring.begin(
                self.project, by=by, name=name, duration=minutes, start=at.date(), today=at.date(), ahead=3,
                until=(self.story.last - 3 * WEEK).date(), **rule,
            )  # fmt: skip

    def sort_cards(self, *, by, at):
        """What is nearly done goes to review; what comes back was done, and the next is made."""
        if not self.goes_on:
            return
        for task in cards_of(self.project).filter(percent__range=(REVIEW, 99)).order_by("number")[: LIMITS["review"]]:
            card = getattr(task, "card", None)
            if card is None or card.column is None or card.column.key != "review":
                task.project = self.project
                move_card(task, by=by, to="review", was="doing", sure=["limit"], at=at)
        for rule in Recurrence.objects.filter(project=self.project, ended_at=None).select_related("summary"):
            rule.project = self.project
            self._do(rule, by, at)
            recurring.fill(rule, by=rule.created_by, today=at.date())

    def _do(self, rule, by, at) -> None:
        for occurrence in rule.occurrences.filter(planned__lt=at.date(), task__percent__lt=100).select_related("task"):
            task = occurrence.task
            task.project = self.project
            done = min(task.finish, at)
            edits.change_task(task, by=by, percent=100, actual_start=min(task.start, done), actual_finish=done, at=at)

    def plan_sprint(self, number, first, *, by, at):
        if not self.goes_on:
            return
        last = first + 11 * DAY
        names = self._names(first, last) or ["what is left"]
        sprints.plan_sprint(
            self.project, by=by, name=f"Sprint {number}", start=first.date(), finish=last.date(),
            goal=f"{' and '.join(names[:2])}: as far as it can be shown to the client.",
            capacity=round(len(self.story.team) * 10 * 480 * 0.8),
        )  # fmt: skip

    def start_sprint(self, number, *, by, at):
        sprint = self._sprint(number)
        if sprint is None or not self.goes_on:
            return
        names = self._names(at, at + 11 * DAY)
        sprints.take_in(sprint, cards_of(self.project).filter(name__in=names, percent__lt=100), by=by, at=at)
        if sprint.entries.filter(removed_at=None).exists():
            sprints.start(sprint, by=by, at=at)

    def close_sprint(self, number, *, by, at):
        """What is left goes to the next, which was planned the day before."""
        sprint = self._sprint(number)
        if sprint is not None and sprint.state == Sprint.State.STARTED:
            sprints.close(sprint, by=by, to=self._sprint(number + 1), at=at)

    def _names(self, first, last) -> list[str]:
        """Tasks on which somebody truly works on these days."""
        truth = self.story.truth
        return [name for name in WORK if truth[name][0] < last and truth[name][1] > first]

    def _sprint(self, number) -> Sprint | None:
        sprint = Sprint.objects.filter(project=self.project, name=f"Sprint {number}").first()
        if sprint is not None:
            sprint.project = self.project
        return sprint
