"""The library of criteria: what new handovers start with, and how often each line was waived, failed or came back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.criteria.models import ORDER, Criterion, LibraryCriterion
from handover.criteria.shipped import lines
from handover.transfer.locking import AlreadyMoved

# From so many uses on a share says something, and from this share on a line is marked.
FEW, OFTEN = 3, 0.25


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
    that ended as an issue in operations; ``share`` of waived or failed, in percent.
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
    return rows.annotate(share=share).order_by(ORDER, "pk")


def is_marked(row) -> bool:
    """Waived, failed or sent back often, or its lack came back as an issue. ``row`` of ``with_figures``."""
    return bool(row.reopened) or (row.used >= FEW and row.troubled >= OFTEN * row.used)


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
