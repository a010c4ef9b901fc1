"""The rows behind each figure of a product."""

import datetime

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Answer, Incident, Issue, Requirement
from pmdm.kpis.tables import Cell, Table
from pmdm.ui import format as fmt

LIMIT = Table.LIMIT


def link(name, *args) -> str:
    """The page, or '' while its story is not installed."""
    try:
        return reverse(f"delivery:{name}", args=args)
    except NoReverseMatch:
        return ""


def answers(product, inputs) -> Table:
    """Answers of the last 180 days, the latest first; never who gave them."""
    since = timezone.now() - datetime.timedelta(days=180)
    found = Answer.objects.filter(product=product, answered_at__gt=since).select_related("survey")
    return Table(
        title=_("Answers of the last 180 days"),
        columns=[_("Survey"), _("Answered"), _("Satisfaction"), _("Recommendation"), _("Comment")],
        numbers=frozenset({2, 3}),
        rows=[
            [
                Cell(str(answer.survey), url=link("survey-detail", product.code, answer.survey_id)),
                Cell(fmt.day(answer.answered_at)),
                Cell(_rating(answer.satisfaction, 5), number=True),
                Cell(_rating(answer.recommendation, 10), number=True),
                Cell(answer.comment[:200]),
            ]
            for answer in found[:LIMIT]
        ],
        total=found.count(),
        more_url=link("survey-list", product.code),
        empty=_("No answer in the last 180 days."),
    )


def _rating(value, top) -> str:
    return _("blank") if value is None else f"{value}/{top}"


CONFORMANCE_LIGHTS = {"met": "ok", "degraded": "watch", "failed": "act", "unknown": "na"}


def requirements(product, inputs) -> Table:
    """Accepted requirements: failed ones first, met ones last."""
    rank = Case(
        *(When(conformance=word, then=Value(at)) for at, word in enumerate(("failed", "degraded", "unknown", "met"))),
        output_field=IntegerField(),
    )
    found = Requirement.objects.filter(product=product, is_accepted=True)
    return Table(
        title=_("Accepted requirements"),
        columns=[_("Requirement"), _("Conformance"), _("Checked")],
        rows=[
            [
                Cell(
                    str(requirement),
                    url=link("requirement-detail", product.code, requirement.number),
                    light=CONFORMANCE_LIGHTS[requirement.conformance],
                ),
                Cell(requirement.get_conformance_display()),
                Cell(fmt.day(requirement.checked_at)),
            ]
            for requirement in found.order_by(rank, "number")[:LIMIT]
        ],
        total=found.count(),
        more_url=link("requirement-list", product.code),
        empty=_("No requirement has been accepted."),
    )


def incidents(product, inputs) -> Table:
    """Outages that reach into the last 30 days, the latest first."""
    now = timezone.now()
    since = now - datetime.timedelta(days=30)
    found = Incident.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), product=product, is_outage=True)
    return Table(
        title=_("Outages of the last 30 days"),
        columns=[_("Incident"), _("Started"), _("Ended"), _("Length")],
        numbers=frozenset({3}),
        rows=[
            [
                Cell(
                    incident.title,
                    url=link("performance", product.code),
                    light="act" if not incident.ended_at else "na",
                ),
                Cell(fmt.when(incident.started_at)),
                Cell(fmt.when(incident.ended_at) if incident.ended_at else _("still open")),
                Cell(fmt.elapsed((incident.ended_at or now) - incident.started_at), number=True),
            ]
            for incident in found[:LIMIT]
        ],
        total=found.count(),
        more_url=link("performance", product.code),
        empty=_("No outage in the last 30 days."),
    )


def issues(product, inputs) -> Table:
    """Issues decided in the last 90 days: breached ones first."""
    now = timezone.now()
    since = now - datetime.timedelta(days=90)
    from django.db.models import F

    late = Q(resolved_at__gt=F("resolution_due")) | Q(resolved_at=None, resolution_due__lt=now)
    found = (
        Issue.objects.filter(product=product, resolution_due__isnull=False)
        .annotate(is_late=Case(When(late, then=Value(1)), default=Value(0), output_field=IntegerField()))
        .filter(Q(is_late=1, resolution_due__gt=since) | Q(is_late=0, resolved_at__gt=since))
    )
    return Table(
        title=_("Issues decided in the last 90 days"),
        columns=[_("Issue"), _("Priority"), _("Due"), _("Resolved")],
        rows=[
            [
                Cell(
                    str(issue),
                    url=link("issue-detail", product.code, issue.number),
                    light="act" if issue.is_late else "ok",
                    sub=_("Breached") if issue.is_late else _("In time"),
                ),
                Cell(issue.get_severity_display()),
                Cell(fmt.when(issue.resolution_due)),
                Cell(fmt.when(issue.resolved_at) if issue.resolved_at else issue.get_state_display()),
            ]
            for issue in found.order_by("-is_late", Coalesce("resolved_at", "resolution_due").desc())[:LIMIT]
        ],
        total=found.count(),
        more_url=link("issue-list", product.code),
        empty=_("No issue was resolved or fell due in the last 90 days."),
    )
