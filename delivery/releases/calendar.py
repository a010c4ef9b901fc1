"""The calendar of releases over products: windows, freezes and what is in each other's way."""

import datetime
import re
from dataclasses import dataclass

from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone

from delivery.products.access import product_view
from delivery.products.landscape import engine
from delivery.products.landscape.models import Component, Environment, links_of_all
from delivery.products.models import Product
from delivery.releases.clash import Clash, Planned, clashes
from delivery.releases.models import FreezeWindow, Release
from pmdm.accounts.access import may_on_site, signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.ui.month import by_day, neighbours, span_of, weeks


def found_clashes(releases) -> list[Clash]:
    """Clashes among these releases (with their sets prefetched); one query for what needs what."""
    links = links_of_all()
    rows = []
    for release in releases:
        parts = frozenset(part.pk for part in release.components.all())
        hit = frozenset(key for part in parts for key in engine.effects(links, part))
        places = frozenset(place.pk for place in release.targets.all())
        rows.append(Planned(release.pk, release.starts_at, release.ends_at, places, parts, hit - parts))
    return clashes(rows)


def worded(found: list[Clash], releases) -> list[dict]:
    """Clashes with names: two queries however many."""
    known = {release.pk: release for release in releases}
    parts = {key for clash in found for key in clash.parts | clash.hit}
    places = {key for clash in found for key in clash.places}
    names = dict(Component.objects.filter(pk__in=parts).values_list("pk", "name"))
    where = dict(Environment.objects.filter(pk__in=places).values_list("pk", "name"))
    return [
        {
            "one": known[clash.one],
            "other": known[clash.other],
            "shared": sorted([*(names[key] for key in clash.parts), *(where[key] for key in clash.places)]),
            "hit": sorted(names[key] for key in clash.hit),
        }
        for clash in found
    ]


def around(release, reader) -> list[dict]:
    """Clashes of one release with those that the reader may see."""
    if release.starts_at is None or release.state in ("cancelled", "rolled_back"):
        return []
    seen = Product.objects.allowing(reader, P.INTERNAL_VIEW)
    others = Release.objects.planned().filter(
        product__in=seen, starts_at__lt=release.ends_at, ends_at__gt=release.starts_at
    )
    rows = list(others.select_related("product").prefetch_related("components", "targets"))
    found = [clash for clash in found_clashes(rows) if release.pk in (clash.one, clash.other)]
    return worded(found, rows)


def month_of(text: str, today: datetime.date) -> datetime.date:
    """The first of the month that '2026-11' names; of today's where it names none."""
    named = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text or "")
    if named and 1970 <= int(named[1]) <= 2200:
        return datetime.date(int(named[1]), int(named[2]), 1)
    return today.replace(day=1)


@dataclass(frozen=True)
class Shown:
    """A release or a freeze on the days of the calendar that it touches."""

    kind: str  # "freeze" or "release"
    row: Release | FreezeWindow
    first: datetime.date
    last: datetime.date

    @property
    def order(self) -> tuple:
        """Freezes lie above what they may stop, then by time."""
        return (self.kind != "freeze", self.row.starts_at, self.row.pk)


def shown(kind: str, row) -> Shown:
    """The local days that a window touches; one that ends at midnight does not touch the day that begins then."""
    end = row.ends_at - datetime.timedelta(microseconds=1)
    return Shown(kind, row, timezone.localdate(row.starts_at), timezone.localdate(end))


@signed_in_view
def release_calendar(request):
    """One month over all products whose inner side the reader sees."""
    return render(request, "delivery/releases/calendar.html", _month(request))


@product_view(read=P.INTERNAL_VIEW)
def product_calendar(request, product):
    """The same of one product; what it clashes with may be of another."""
    context = {"product": product, "tab": "calendar", **_month(request, product)}
    return render(request, "delivery/releases/product_calendar.html", context)


def _month(request, product=None) -> dict:
    today = timezone.localdate()
    first = month_of(request.GET.get("month", ""), today)
    before, after = neighbours("month", first)
    # Whole weeks: what lies in the days before and after the month that the grid shows.
    begin, final = span_of("month", first)
    start, end = (
        timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        for day in (begin, final + datetime.timedelta(days=1))
    )
    seen = Product.objects.allowing(request.user, P.INTERNAL_VIEW)
    releases = list(
        Release.objects.planned()
        .filter(product__in=seen, starts_at__lt=end, ends_at__gt=start)
        .select_related("product")
        .prefetch_related("components", "targets")
        .order_by("starts_at", "pk")
    )
    found = found_clashes(releases)
    if product:
        own = {release.pk for release in releases if release.product_id == product.pk}
        found = [clash for clash in found if clash.one in own or clash.other in own]
    told = worded(found, releases)
    if product:
        releases = [release for release in releases if release.pk in own]
    if product:
        met = Q(product=product) | Q(product=None)
    else:
        met = Q(product__in=seen) if request.user.organisation_id else Q(product__in=seen) | Q(product=None)
    meant = FreezeWindow.objects.filter(met, ended_at=None, starts_at__lt=end, ends_at__gt=start)
    freezes = list(meant.select_related("product"))
    in_the_way = {key for clash in found for key in (clash.one, clash.other)}
    for release in releases:
        release.clashes = release.pk in in_the_way
        release.is_frozen = any(
            freeze.product_id in (None, release.product_id)
            and freeze.starts_at < release.ends_at
            and release.starts_at < freeze.ends_at
            for freeze in freezes
        )
    _mark_endable(freezes, request.user)
    entries = [*(shown("freeze", row) for row in freezes), *(shown("release", row) for row in releases)]
    entries.sort(key=lambda entry: entry.order)
    return {
        "first": first,
        "before": before,
        "after": after,
        "today": today,
        "weeks": weeks(entries, "month", first, today),
        "days": by_day(entries, begin),
        "releases": releases,
        "freezes": freezes,
        "clashes": told,
        "may_freeze": may_freeze(request.user),
    }


def _mark_endable(freezes, user) -> None:
    """Which of these windows this person may end: one query however many."""
    everywhere = may_on_site(user, P.FREEZE_OVERRIDE)
    named = {freeze.product_id for freeze in freezes} - {None}
    own = set(Product.objects.allowing(user, P.FREEZE_OVERRIDE).filter(pk__in=named).values_list("pk", flat=True))
    for freeze in freezes:
        freeze.may_end = everywhere if freeze.product_id is None else freeze.product_id in own


def may_freeze(user) -> bool:
    """Whether there is anything that this person may freeze."""
    return may_on_site(user, P.FREEZE_OVERRIDE) or Product.objects.live().allowing(user, P.FREEZE_OVERRIDE).exists()
