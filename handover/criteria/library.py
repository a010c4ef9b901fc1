"""The library of criteria: what new handovers start with, and how often each line was waived, failed or came back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Avg, Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Round
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.criteria.models import ORDER, Criterion, LibraryCriterion
from handover.criteria.shipped import lines
from handover.transfer.locking import AlreadyMoved
from handover.transfer.models import Remark

# From so many uses on a share says something, and from this share on a line is marked.
FEW, OFTEN = 3, 0.25
# So many points of quality less say that it was missed.
WORSE = 10


def fill() -> None:
    """Put the shipped criteria in; those that were there once, edited or retired, stay as they are."""
    LibraryCriterion.objects.bulk_create(
        (
            LibraryCriterion(
                key=line.key,
                category=line.category,
                text=line.text,
                guidance=line.guidance,
                kinds=list(line.kinds),
                is_required=line.is_required,
                provided_by=line.provided_by,
            )
            for line in lines()
        ),
        ignore_conflicts=True,
    )


def template_of(kind: str):
    """What a handover of this kind of product starts with, in order."""
    if not LibraryCriterion.objects.exists():
        fill()
    return LibraryCriterion.objects.filter(retired_at=None, kinds__contains=[kind]).order_by(ORDER, "pk")


def with_figures():
    """The library with what handovers made of each line: one query.

    ``used`` lines of handovers that were submitted once; of those ``waived`` and ``failed`` (not met at some time is
    not kept here: not met when last judged); ``returned``: handovers sent back because of it; ``reopened``: waivers
    that ended as an issue in operations; ``share`` of waived or failed, in percent. ``judged_without`` and
    ``quality_without``: how many handovers that lacked it have a quality score by now, and their mean;
    ``quality_with``: the mean of those that did not lack it.
    """
    used = Q(copies__handover__submitted_at__isnull=False)
    bad = Q(copies__state__in=("waived", "not_met")) & used
    rows = LibraryCriterion.objects.annotate(
        used=Count("copies", filter=used, distinct=True),
        waived=Count("copies", filter=used & Q(copies__state="waived"), distinct=True),
        failed=Count("copies", filter=used & Q(copies__state="not_met"), distinct=True),
        returned=Count("copies", filter=Q(copies__remarks__sent_at__isnull=False), distinct=True),
        reopened=Count("copies", filter=Q(copies__waiver_issue__isnull=False), distinct=True),
        troubled=Count("copies", filter=bad | Q(copies__remarks__sent_at__isnull=False), distinct=True),
    )
    share = Case(
        When(used=0, then=Value(None)), default=F("troubled") * 100 / F("used"), output_field=IntegerField(null=True)
    )
    lacked = Q(state__in=("waived", "not_met")) | Exists(
        Remark.objects.filter(criterion=OuterRef("pk"), sent_at__isnull=False)
    )
    judged = Criterion.objects.filter(source=OuterRef("pk"), handover__quality_score__isnull=False).order_by()
    return rows.annotate(
        share=share,
        judged_without=Coalesce(_over(judged.filter(lacked), Count("pk")), 0),
        quality_without=_over(judged.filter(lacked), Round(Avg("handover__quality_score__value"))),
        quality_with=_over(judged.exclude(lacked), Round(Avg("handover__quality_score__value"))),
    ).order_by(ORDER, "pk")


def _over(copies, figure):
    return Subquery(copies.values("source").annotate(n=figure).values("n"), output_field=IntegerField(null=True))


def is_marked(row) -> bool:
    """Waived, failed or sent back often, its lack came back as an issue, or handovers that lacked it were judged worse
    by ``WORSE`` points or more. ``row`` of ``with_figures``."""
    often = row.used >= FEW and row.troubled >= OFTEN * row.used
    return bool(row.reopened) or often or is_worse_without(row)


def is_worse_without(row) -> bool:
    """Among at least ``FEW`` judged handovers that lacked it."""
    if row.judged_without < FEW or row.quality_with is None:
        return False
    return row.quality_with - row.quality_without >= WORSE


@transaction.atomic
def retire(row: LibraryCriterion, *, by, at=None) -> None:
    """New handovers start without it; its figures stay. AlreadyMoved if somebody retired it first."""
    if not LibraryCriterion.objects.filter(pk=row.pk, retired_at=None).update(
        retired_at=at or timezone.now(), version=F("version") + 1
    ):
        raise AlreadyMoved(_("“%(line)s” is retired already.") % {"line": row})


@transaction.atomic
def bring_back(row: LibraryCriterion, *, by) -> None:
    """New handovers start with it again."""
    LibraryCriterion.objects.filter(pk=row.pk).update(retired_at=None, version=F("version") + 1)


@transaction.atomic
def copy_to_library(line: Criterion, *, by) -> LibraryCriterion:
    """Keep a line that somebody added to one handover for those to come of the same kind of product."""
    if line.source_id:
        raise ValidationError(_("It came from the library."))
    row = LibraryCriterion.objects.create(
        category=line.category,
        text=line.text,
        guidance=line.guidance,
        kinds=[line.handover.kind_of_product],
        is_required=line.is_required,
    )
    Criterion.objects.filter(pk=line.pk).update(source=row, version=F("version") + 1)
    return row
