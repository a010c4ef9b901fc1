"""The frozen scope: what was promised, what came after, how much of it is delivered."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.prepared import Prepared
from projects.lifecycle.standing import while_open
from projects.scope.models import Requirement, RequirementVersion, ScopeBaseline, ScopeBaselineItem


@while_open
def freeze(project, *, by, at=None) -> ScopeBaseline:
    """Freeze the approved requirements under the next number; the former baseline stays readable."""
    # The guard's lock: two people freezing at once would take the same number.
    approved = list(project.requirements.approved())
    if not approved:
        raise ValidationError(_("No requirement is approved yet: a baseline freezes approved requirements."))
    last = project.scope_baselines.values_list("number", flat=True).first() or 0
    project.scope_baselines.filter(is_active=True).update(is_active=False)
    baseline = project.scope_baselines.create(number=last + 1, frozen_by=by, frozen_at=at or timezone.now())
    # By number: the highest approved one of each is written last.
    versions = {
        version.requirement_id: version
        for version in project.requirement_versions.filter(state="approved").order_by("number")
    }
    ScopeBaselineItem.objects.bulk_create(
        ScopeBaselineItem(
            baseline=baseline, requirement=row, version=versions[row.pk], title=row.title, priority=row.priority
        )
        for row in approved
    )
    return baseline


@dataclass(frozen=True)
class ScopeProgress:
    """Against the active baseline: promised, verified, and what was approved after it."""

    baseline: ScopeBaseline | None
    promised: int = 0
    verified: int = 0
    creep: int = 0  # approved after it
    removed: int = 0  # frozen, but taken out since
    changed: int = 0  # frozen, but approved with another text since
    by_change: int = 0  # moved by approved change requests since the first baseline: not creep

    @property
    def percent(self) -> float | None:
        return 100 * self.verified / self.promised if self.promised else None

    @property
    def volatility(self) -> float | None:
        """(Added + changed + removed) ÷ frozen, in percent: PMI, Requirements Management: A Practice Guide."""
        moved = self.creep + self.changed + self.removed
        return 100 * moved / self.promised if self.promised else None


def removed_since(baseline):
    """Frozen items whose requirement is no longer promised; of a baseline or its key."""
    items = ScopeBaselineItem.objects.filter(baseline=baseline)
    return items.exclude(requirement__state__in=Requirement.LOCKED_STATES)


def changed_since(baseline):
    """Frozen items whose requirement was approved with another text since; of a baseline or its key."""
    newer = RequirementVersion.objects.filter(
        requirement=OuterRef("requirement"), state="approved", number__gt=OuterRef("version__number")
    )
    items = ScopeBaselineItem.objects.filter(baseline=baseline)
    return items.filter(Exists(newer), requirement__state__in=Requirement.LOCKED_STATES)


def _count_by(rows, key: str, **counts):
    """Counts as a queryset of one row, for ``Prepared``; no row where there is nothing."""
    return rows.order_by().values(key).annotate(**(counts or {"n": Count("pk")})).values_list(*(counts or ("n",)))


_counts = Prepared(
    lambda baseline: _count_by(
        ScopeBaselineItem.objects.filter(baseline=baseline),
        "baseline",
        promised=Count("pk"),
        verified=Count("pk", filter=Q(requirement__state="verified")),
    )
)
_creep = Prepared(
    lambda project: _count_by(
        Requirement.objects.filter(project=project).after_baseline(),  # type: ignore[attr-defined]
        "project",
    )
)
_removed = Prepared(lambda baseline: _count_by(removed_since(baseline), "baseline"))
_changed = Prepared(lambda baseline: _count_by(changed_since(baseline), "baseline"))


def _only(rows: list[tuple]) -> int:
    return rows[0][0] if rows else 0


def by_changes(project):
    """What approved change requests added, worded anew or took out: scope that moved as it should."""
    return project.change_requirements.filter(change__state__in=("approved", "implemented"))


def progress(project) -> ScopeProgress:
    """The numbers in six queries; no baseline: nothing is promised."""
    baseline = project.scope_baselines.filter(is_active=True).select_related("frozen_by").first()
    if baseline is None:
        return ScopeProgress(None)
    promised, verified = next(iter(_counts(baseline.pk)), (0, 0))
    return ScopeProgress(
        baseline,
        promised=promised,
        verified=verified,
        creep=_only(_creep(project.pk)),
        removed=_only(_removed(baseline.pk)),
        changed=_only(_changed(baseline.pk)),
        by_change=by_changes(project).count(),
    )
