"""How long each team had an issue, and how long the issues that went through a product's teams took each of them.

Measured from stays, which follow from what happened: service minutes, the time that the customer took left out.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Min, Q, Sum

from delivery.issues.service_hours import service_hours
from delivery.issues.teams.models import HandOff, Team, TeamStay


@dataclass
class TeamTime:
    """Service minutes that one team had one issue, up to now where it has it still."""

    team: Team
    minutes: float = 0
    stays: int = 0
    has_it: bool = False


def of_issue(issue, now: datetime.datetime) -> list[TeamTime]:
    """Each team that had the issue, the first first."""
    hours = service_hours(issue.product)
    found: dict[int, TeamTime] = {}
    for stay in issue.team_stays.select_related("team"):
        time = found.setdefault(stay.team_id, TeamTime(stay.team))
        running = stay.until is None
        time.minutes += stay.worked(issue, now, hours) if running else stay.minutes
        time.stays += 1
        time.has_it = time.has_it or running
    return list(found.values())


@dataclass
class TeamRow:
    """A team as it stands: its people, what it has and is offered, and what went through it in the period."""

    team: Team
    people: list
    open: int = 0
    offered: int = 0
    oldest: datetime.datetime | None = None
    issues: int = 0  # whose stay ended in the period
    minutes: int = 0
    declined: int = 0

    @property
    def average(self) -> float | None:
        """Service minutes an issue; None where none went through."""
        return self.minutes / self.issues if self.issues else None


def of_product(product, since: datetime.datetime) -> list[TeamRow]:
    """All teams of a product that are, or that had issues since then; a constant number of queries."""
    rows = {
        team.pk: TeamRow(team, list(team.members.all()))
        for team in product.teams.prefetch_related("members").order_by("name", "pk")
    }
    have = product.issues.open().exclude(team=None).order_by().values_list("team").annotate(n=Count("pk"))
    for key, count in have:
        rows[key].open = count
    running = TeamStay.objects.filter(product=product, until=None).order_by().values_list("team")
    for key, oldest in running.annotate(oldest=Min("since")):
        rows[key].oldest = oldest
    over = TeamStay.objects.filter(product=product, until__gte=since).order_by().values_list("team")
    for key, issues, minutes in over.annotate(n=Count("issue", distinct=True), took=Sum("minutes")):
        rows[key].issues, rows[key].minutes = issues, minutes
    answers = HandOff.objects.filter(product=product).order_by().values_list("to")
    counted = answers.annotate(
        waiting=Count("pk", filter=Q(state="offered")),
        declined=Count("pk", filter=Q(state="declined", decided_at__gte=since)),
    )
    for key, waiting, declined in counted:
        rows[key].offered, rows[key].declined = waiting, declined
    return [row for row in rows.values() if row.team.ended_at is None or row.issues]
