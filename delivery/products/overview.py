"""What the overview of a product shows, each part only for those who may see it."""

from django.db.models import Case, Count, Q, When
from django.utils import timezone

from delivery.conformance.models import Requirement
from delivery.issues.models import Issue, Severity
from delivery.products.hooks import sections_of, story_of
from delivery.products.track import stage_track
from delivery.satisfaction.results import trend_of
from pmdm.accounts.roles import Permission as P
from pmdm.activity.feed import recent
from pmdm.kpis import figures
from pmdm.prepared import PreparedRows

LATEST = 5

_urgent_of = PreparedRows(
    lambda product: (
        Issue.objects.filter(product=product)
        .open()
        .for_list()
        .order_by("severity", "resolution_due", "number")[:LATEST]
    )
)
# The worst first, before the first few are taken.
_worst = Case(When(conformance="failed", then=0), default=1)
_broken_of = PreparedRows(
    lambda product: (
        Requirement.objects.filter(product=product).broken().with_state_of_issues().order_by(_worst, "number")[:LATEST]
    )
)


def overview(product, user, can) -> dict:
    """The context of the page: a fixed number of queries, whatever the product holds."""
    changes = list(product.stage_changes.select_related("by"))
    parts = {
        "phases": stage_track(product, changes),
        "latest_change": changes[0] if changes else None,
        "clients": list(product.clients.known_to(user)),
        "story": story_of(product, user),
        "sections": sections_of(product, user) if P.PRODUCT_KPI_VIEW in can else [],
        "figures": [],
        "entries": recent(product, user, LATEST, told=3) if P.PRODUCT_ACTIVITY_VIEW in can else None,
    }
    if P.INTERNAL_VIEW in can:
        parts["called"] = list(product.on_call_turns.at().select_related("person"))
    if P.PRODUCT_KPI_VIEW in can:
        parts["figures"] = figures.headline(figures.for_subject("product", product.pk))
    if P.ISSUE_VIEW in can:
        parts |= issue_part(product, user)
    if P.PERFORMANCE_VIEW in can:
        parts["incidents"] = list(product.incidents.all()[:4])
    if P.SURVEY_VIEW in can:
        parts["satisfaction"] = trend_of(product)
    if P.REQUIREMENT_VIEW in can:
        parts |= conformance_part(product, user)
    return parts


def issue_part(product, user) -> dict:
    """Open issues by severity, and the most urgent ones."""
    visible = product.issues.visible_to(user, product)
    now = timezone.now()
    counts = {
        row["severity"]: row
        for row in visible.open()
        .order_by()
        .values("severity")
        .annotate(count=Count("pk"), overdue=Count("pk", filter=Q(resolution_due__lt=now)))
    }
    severities = [
        {
            "value": severity.value,
            "label": severity.label,
            "count": counts.get(severity, {}).get("count", 0),
            "overdue": counts.get(severity, {}).get("overdue", 0),
        }
        for severity in Severity
    ]
    if product.allows(user, P.INTERNAL_VIEW):  # who sees every issue of the product
        urgent = _urgent_of(product.pk)
        for issue in urgent:
            issue.product = product
    else:
        urgent = list(visible.open().for_list().order_by("severity", "resolution_due", "number")[:LATEST])
    return {
        "severities": severities,
        "open_issues": sum(row["count"] for row in severities),
        "overdue_issues": sum(row["overdue"] for row in severities),
        "urgent_issues": urgent,
        "now": now,
    }


def conformance_part(product, user) -> dict:
    """How many accepted requirements hold, and those that do not, the worst first."""
    accepted = product.requirements.visible_to(user, product).accepted()
    counts = dict(accepted.order_by().values_list("conformance").annotate(Count("pk")))
    broken = _broken_of(product.pk)
    if broken and not product.allows(user, P.INTERNAL_VIEW):
        readable = set(accepted.filter(pk__in=[each.pk for each in broken]).values_list("pk", flat=True))
        broken = [each for each in broken if each.pk in readable]
    for requirement in broken:
        requirement.product = product
    return {
        "conformance": [
            {"value": value, "label": label, "count": counts.get(value, 0)}
            for value, label in Requirement.Conformance.choices
        ],
        "accepted": sum(counts.values()),
        "broken": broken,
        "gaps_open": product.known_gaps.visible_to(user, product).open().count(),
    }
