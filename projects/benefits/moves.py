"""Planning the reviews of a benefit, recording what they find, handing it on; also when the project has ended."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt

MOST_REVIEWS = 24


class BenefitMoves:
    """The part of Benefit that changes."""

    pk: int
    owner: Any
    owner_id: int
    project: Any
    objective: Any
    reviews: Any
    measurements: Any
    save_changes: Any

    @classmethod
    @transaction.atomic
    def plan(cls, objective, *, owner, by, due: Iterable[datetime.date] = (), source: str = "", at=None):
        """Measure this objective again on these days; ValidationError where the owner leaves with the project."""
        _outlives(owner, objective.project)
        if cls.objects.filter(objective=objective).exists():  # type: ignore[attr-defined]
            raise ValidationError(_("%(ref)s has an owner and reviews already.") % {"ref": objective.ref}, code=FIRST)
        benefit = cls(  # type: ignore[call-arg]
            project=objective.project, objective=objective, owner=owner, source=source, created_at=at or timezone.now()
        )
        benefit.save()  # type: ignore[attr-defined]
        for day in sorted(set(due)):
            benefit.add_review(day, by=by)
        return benefit

    @transaction.atomic
    def hand_on(self, owner, *, by, source: str | None = None, version: int | None = None) -> None:
        """Somebody else answers for it from now on."""
        if owner.pk != self.owner_id:
            _outlives(owner, self.project)
        self.owner = owner
        if source is not None:
            self.source = source
        self.save_changes(["owner", "source"] if source is not None else ["owner"], version=version)

    @transaction.atomic
    def add_review(self, due: datetime.date, *, by):
        """One more day; after go-live, and none twice."""
        self._lock()
        self._fits(due)
        if self.reviews.count() >= MOST_REVIEWS:
            raise ValidationError(_("No more than %(n)d reviews of one benefit.") % {"n": MOST_REVIEWS})
        return self.reviews.create(project=self.project, due=due)

    @transaction.atomic
    def move_review(self, review, due: datetime.date, *, by) -> None:
        """Another day for a review that is not done; its reminder comes anew."""
        self._lock()
        self._undone(review)
        if due != review.due:
            self._fits(due)
            review.due = due
            review.save(update_fields=["due"])

    @transaction.atomic
    def drop_review(self, review, *, by) -> None:
        """A review that is not done goes; one that is done stays for good."""
        self._lock()
        self._undone(review)
        review.delete()

    @transaction.atomic
    def record(
        self,
        *,
        by,
        value,
        measured_on: datetime.date,
        evidence: str = "",
        upload=None,
        comment: str = "",
        review=None,
        at=None,
    ):
        """Keep what was found, with its evidence; ``review`` is then done. Nothing recorded is ever changed."""
        at = at or timezone.now()
        evidence = evidence.strip()
        if not evidence and upload is None:
            raise ValidationError({"evidence": _("Say where the value comes from: words, a link or a file.")})
        if measured_on > timezone.localdate(at):
            raise ValidationError({"measured_on": _("A value cannot be measured in the future.")})
        self._lock()
        if review is not None and review.benefit_id != self.pk:
            raise ValidationError({"review": _("That review is of another benefit.")})
        file = None
        if upload is not None:
            file = File.keep(self.project, upload, by=by, permission=Permission.BENEFIT_VIEW, at=at)
        return self.measurements.create(
            project=self.project,
            review=review,
            value=value,
            measured_on=measured_on,
            before_value=self.objective.baseline_value,
            target_value=self.objective.target_value,
            comment=comment.strip(),
            evidence=evidence,
            file=file,
            by=by,
            at=at,
        )

    def _lock(self) -> None:
        """Reviews of one benefit are planned and done one after another."""
        type(self).objects.select_for_update(of=("self",)).only("pk").get(pk=self.pk)  # type: ignore[attr-defined]

    def _fits(self, due: datetime.date) -> None:
        from projects.benefits import golive

        live = golive.after(self.project).go_live
        if live and due <= live:
            raise ValidationError({"due": _("A review comes after the go-live on %(day)s.") % {"day": fmt.day(live)}})
        if self.reviews.filter(due=due).exists():
            raise ValidationError({"due": _("There is a review on %(day)s already.") % {"day": fmt.day(due)}})

    def _undone(self, review) -> None:
        if review.benefit_id != self.pk or review.measurements.exists():
            raise ValidationError(_("That review is done: it stays as it is."), code=FIRST)


def _outlives(owner, project) -> None:
    from projects.benefits.owners import possible_owners

    if not possible_owners(project).filter(pk=owner.pk).exists():
        raise ValidationError(
            {
                "owner": _(
                    "%(name)s leaves with the project. Name its sponsor, its delivery manager, a stakeholder, somebody"
                    " of its product or the PMO."
                )
                % {"name": owner.name}
            }
        )
