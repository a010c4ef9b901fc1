"""How releases of the demo come: asked for by support, approved by the delivery manager, launched, checked; and the next."""

import datetime

from django.utils import timezone

from delivery.models import FreezeWindow, Release, ReleaseCheck, ReleaseItem
from handover.demo.timeline import DAY, HOUR

WAY_BACK = "Put the version before back from the image of the evening; the database is read by both."
CHECKS = (
    ("Sign in and open a case on each production", "Signed in as a test user; the page was there in a second."),
    ("The nightly job has run to its end", "Seen in the log of the night, 0 failures."),
)
# What the corrections of one kind are called: one, and more.
KINDS = {
    "bug": ("1 error is corrected", "%d errors are corrected"),
    "performance": ("1 thing is faster", "%d things are faster"),
}


def bring_out(story, name: str, *, by, at) -> Release:
    """A release from request to verified, with what was solved since the last."""
    product, agent = story.product, story.agents[0]
    before = product.releases.filter(released_on__isnull=False).first()
    release = _draft(story, name, at, at + 2 * HOUR)
    since = before.released_on if before else None
    solved = product.issues.filter(
        state__in=("resolved", "closed"), release_items=None, fixed_in=None, type__in=("bug", "performance")
    )
    if since:
        solved = solved.filter(resolved_at__date__gte=since)
    for issue in solved.filter(resolved_at__lt=at).order_by("number")[:12]:
        told = f"Corrected: {issue.title[0].lower()}{issue.title[1:]}" if issue.severity <= 2 else ""
        ReleaseItem.objects.create(product=product, release=release, issue=issue, public_text=told)
    _tell(release, [item.issue for item in release.items.select_related("issue").order_by("pk")])
    if not release.items.exists():
        ReleaseItem.objects.create(
            product=product, release=release, change="Newer libraries", public_text="Safer inside; nothing to see."
        )
    release.ask(by=agent, at=at - 5 * DAY)
    release.approve(by=by, reason="Tried on acceptance for a week.", at=at - 3 * DAY)
    release.launch(by=by, at=at)
    for check, (text, seen) in enumerate(CHECKS):
        row = ReleaseCheck.objects.create(product=product, release=release, text=text)
        story.line.at(at + (3 + check * 12) * HOUR, agent, _look, row, seen)
    story.line.at(at + DAY, by, _verify, release)
    return release


def _tell(release, issues) -> None:
    """Notes of what it corrects: how much of each kind, then what has no line of its own."""
    counts = [
        (one if n == 1 else more % n)
        for kind, (one, more) in KINDS.items()
        if (n := sum(issue.type == kind for issue in issues))
    ]
    said = (
        f"In {release.name}: {' and '.join(counts)}." if counts else "Newer libraries; nothing changes in how you work."
    )
    small = list(dict.fromkeys(issue.title for issue in issues if issue.severity > 2))
    release.notes = said + "".join(f"\n- {title}" if at else f"\n\n- {title}" for at, title in enumerate(small))
    release.save(update_fields=["notes"])


def _draft(story, name, start, end) -> Release:
    product = story.product
    release = Release.objects.create(
        product=product, name=name, starts_at=start, ends_at=end, rollback_note=WAY_BACK,
        internal_notes="Watch the queue of the mail gateway after the launch.",
    )  # fmt: skip
    release.product = product
    release.targets.set(story.record.environments[:2])
    release.components.set(product.components.filter(name__in=("Web pages", "Sign-in service")))
    return release


def _look(row, seen, *, by, at) -> None:
    row.record(by=by, result="passed", evidence=seen, at=at)


def _verify(release, *, by, at) -> None:
    release.verify(by=by, at=at)


def plan_next(story, *, by, at) -> None:
    """What comes next week waits for approval: at the same time as that of other products."""
    evening = timezone.localtime(at).replace(hour=20, minute=0, second=0, microsecond=0)
    start = evening + datetime.timedelta(days=6 + len(story.spec.code) % 2)
    release = _draft(story, "next", start, start + 3 * HOUR)
    for issue in story.product.issues.open().filter(type="request").order_by("number")[:3]:
        ReleaseItem.objects.create(product=story.product, release=release, issue=issue, public_text=issue.title)
    release.notes = "Wishes that came true; nothing else changes in how you work."
    release.save(update_fields=["notes"])
    ReleaseItem.objects.create(product=story.product, release=release, change="Newer certificates")
    ReleaseCheck.objects.create(product=story.product, release=release, text=CHECKS[0][0])
    release.ask(by=by, at=at)


def freeze_the_turn_of_the_year(company, now: datetime.datetime) -> None:
    """Nothing is released while most people are away."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(days=20)
    FreezeWindow.objects.create(
        name="Turn of the year", starts_at=start, ends_at=start + datetime.timedelta(days=16), by=company["pmo"],
        reason="Half of the house is away; what breaks would stay broken.",
    )  # fmt: skip
