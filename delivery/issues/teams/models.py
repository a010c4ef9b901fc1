"""Teams of a product's support, how an issue goes from one to another, and how long each had it.

A team that has an issue is on the issue itself (``Issue.team``). An issue that nobody's team has is given to one at
once; from team to team it is offered, and stays where it is until the other team accepts.
"""

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues import clock
from delivery.issues.service_hours import service_hours
from delivery.moves import NotNow, move
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.prepared import PreparedRows


class TeamQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at=None)


class Team(models.Model):
    """Some of a product's people who share a queue, such as first line, second line, development."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="issue_teams", verbose_name=_("people")
    )
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name"], condition=Q(ended_at=None), name="issue_team_name_unique"
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.name

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def form(cls, product, *, by, name, members=(), at=None) -> "Team":
        """A new team; its people are from those who work on issues of the product."""
        team = cls.objects.create(product=product, name=name, since=at or timezone.now())
        team.members.set(members)
        return team

    @transaction.atomic
    def revise(self, *, by, name, members) -> None:
        """Another name, other people. What it has stays with it."""
        self.name = name
        self.save(update_fields=["name"])
        self.members.set(members)

    @transaction.atomic
    def end(self, *, by, at=None) -> None:
        """It takes no more issues; only while it has none and none is on its way. How long it had them stays."""
        team = type(self).objects.select_for_update().get(pk=self.pk)
        if team.issues.open().exists() or team.offers.waiting().exists():
            raise NotNow(_("It still has open issues, or some are offered to it: hand them over first."))
        type(self).objects.filter(pk=self.pk, ended_at=None).update(ended_at=at or timezone.now())
        self.refresh_from_db(fields=["ended_at"])

    def includes(self, user) -> bool:
        return self.members.filter(pk=user.pk).exists()


class HandOffQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=HandOff.State.OFFERED)


class HandOff(models.Model):
    """An issue offered to another team: accepted, declined with a reason, or withdrawn. Kept as what happened."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="hand_offs")
    issue = models.ForeignKey("delivery.Issue", models.CASCADE, related_name="hand_offs")
    giver = models.ForeignKey(Team, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("from"))
    to = models.ForeignKey(Team, models.RESTRICT, related_name="offers", verbose_name=_("to"))
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OFFERED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("why it was declined"), blank=True)

    objects = HandOffQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue"], condition=Q(state="offered"), name="hand_off_one_offer_an_issue"),
            models.CheckConstraint(condition=Q(giver=None) | ~Q(giver=F("to")), name="hand_off_to_another_team"),
            models.CheckConstraint(
                condition=Q(state="offered", decided_at=None) | (~Q(state="offered") & Q(decided_at__isnull=False)),
                name="hand_off_decided_at_with_state",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(answer=""), name="hand_off_declined_says_why"),
        ]
        indexes = [models.Index(fields=["to"], condition=Q(state="offered"), name="hand_off_waiting")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.issue_id}: {self.giver or '–'} → {self.to}"

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def offer(cls, issue, *, to: Team, by, reason, at=None) -> "HandOff":
        """Give an issue to another team. It has it at once where no team had it, or where ``by`` belongs to it."""
        at = at or timezone.now()
        issue = _locked(issue)
        if not reason.strip():
            raise ValidationError({"reason": _("Say why the other team should have it.")})
        if to.product_id != issue.product_id or to.ended_at is not None:
            raise ValidationError({"to": _("Choose a team of this product.")})
        if to.pk == issue.team_id:
            raise ValidationError({"to": _("This team has it already.")})
        if issue.hand_offs.waiting().exists():
            raise NotNow(_("It is offered to a team already, which has to accept or decline first."))
        offer = cls.objects.create(
            product_id=issue.product_id, issue=issue, giver_id=issue.team_id, to=to, reason=reason, by=by, at=at
        )
        if issue.team_id is None or to.includes(by):
            offer._take(issue, by, at)
        return offer

    @transaction.atomic
    def accept(self, *, by, at=None) -> None:
        """The other team has it from now on. Said by one of its people, or by whoever leads the product."""
        issue = _locked(self.issue)
        self._for_the_team(by)
        self._take(issue, by, at or timezone.now())

    @transaction.atomic
    def decline(self, *, by, answer, at=None) -> None:
        """It stays where it is, and everybody can read why."""
        _locked(self.issue)
        self._for_the_team(by)
        if not answer.strip():
            raise ValidationError({"answer": _("Say why your team does not take it.")})
        self._decide(self.State.DECLINED, by, at or timezone.now(), answer=answer)

    @transaction.atomic
    def withdraw(self, *, by, at=None) -> None:
        """It is not offered any more."""
        _locked(self.issue)
        self._decide(self.State.WITHDRAWN, by, at or timezone.now())

    def _take(self, issue, by, at) -> None:
        if self.to.ended_at is not None:
            raise NotNow(_("This team is no more."))
        self._decide(self.State.ACCEPTED, by, at)
        # Whoever had it in the other team has not got it any more.
        keeps = issue.assignee_id and self.to.members.filter(pk=issue.assignee_id).exists()
        changes = {"team": self.to, **({} if keeps else {"assignee": None})}
        move(issue, issue.OPEN_STATES, **changes)
        TeamStay.follow([issue], at=at)

    def _decide(self, state, by, at, **fields) -> None:
        move(self, (self.State.OFFERED,), state=state, decided_by=by, decided_at=max(at, self.at), **fields)

    def _for_the_team(self, by) -> None:
        if not self.to.includes(by) and not self.product.allows(by, Permission.PRODUCT_TEAM_EDIT):
            words = {"team": self.to}
            raise ValidationError(_("Only the people of %(team)s, or the delivery manager, can answer.") % words)


def _locked(issue):
    """The issue under its lock, so that a hand-off and a resolution do not pass each other."""
    issue = type(issue).objects.select_for_update().get(pk=issue.pk)
    if not issue.is_open:
        raise NotNow(_("It is “%(state)s”: there is nothing to hand over.") % {"state": issue.get_state_display()})
    return issue


class TeamStay(models.Model):
    """From when till when a team had an open issue, with the service minutes that took.

    Written by ``follow`` from what happened to the issue, never by hand. Its own record: the trail does not repeat it.
    """

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="team_stays")
    issue = models.ForeignKey("delivery.Issue", models.CASCADE, related_name="team_stays")
    team = models.ForeignKey(Team, models.RESTRICT, related_name="stays")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    # Service minutes by the calendar of that time, what the customer took left out; None while it goes on.
    minutes = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue"], condition=Q(until=None), name="team_stay_one_at_a_time"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="team_stay_forwards"),
            models.CheckConstraint(
                condition=Q(until=None, minutes=None) | Q(until__isnull=False, minutes__isnull=False),
                name="team_stay_minutes_when_over",
            ),
        ]
        indexes = [models.Index(fields=["product", "until"], name="team_stay_until")]

    def __str__(self):
        return f"{self.issue_id}: {self.team_id} {self.since} – {self.until or ''}"

    @classmethod
    def follow(cls, issues: Iterable, *, at: datetime.datetime) -> None:
        """Bring the stays of these issues into line with their team and state, in a constant number of queries.

        Called by every verb that changes one of the two, under the issues' locks; the product comes with its calendar.
        """
        issues = {issue.pk: issue for issue in issues}
        offers = [key for key, issue in issues.items() if not issue.is_open]
        if offers:
            HandOff.objects.waiting().filter(issue__in=offers).update(
                state=HandOff.State.WITHDRAWN, decided_at=Greatest(F("at"), Value(at))
            )
        stays = _running(*issues) if len(issues) == 1 else TeamStay.objects.filter(issue__in=issues, until=None)
        running = {stay.issue_id: stay for stay in stays}
        over, begun = [], []
        for key, issue in issues.items():
            wanted = issue.team_id if issue.is_open else None
            stay = running.get(key)
            if stay is not None and stay.team_id != wanted:
                stay.until = max(stay.since, at)
                stay.minutes = round(stay.worked(issue, stay.until))
                over.append(stay)
            if wanted is not None and (stay is None or stay.team_id != wanted):
                since = max(at, stay.since) if stay else at
                begun.append(TeamStay(product_id=issue.product_id, issue=issue, team_id=wanted, since=since))
        if over:
            TeamStay.objects.bulk_update(over, ["until", "minutes"])
        if begun:
            TeamStay.objects.bulk_create(begun)

    def worked(self, issue, now: datetime.datetime, hours=None) -> float:
        """Service minutes of this stay until it ended or ``now``, the customer's share left out."""
        hours = hours or service_hours(issue.product)
        return clock.elapsed(self.since, self.until or now, hours, clock.pauses_from_json(issue.pauses))


_running = PreparedRows(lambda issue: TeamStay.objects.filter(issue=issue, until=None))
