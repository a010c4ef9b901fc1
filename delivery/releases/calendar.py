"""The calendar of releases over products: windows, freezes and what is in each other's way."""

import datetime
import re

from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone

from delivery.products.landscape import engine
from delivery.products.landscape.models import Component, Environment, links_of_all
from delivery.products.models import Product
from delivery.releases.clash import Clash, Planned, clashes
from delivery.releases.models import FreezeWindow, Release
from pmdm.accounts.access import may_on_site, signed_in_view
from pmdm.accounts.roles import Permission as P


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


@signed_in_view
def release_calendar(request):
    """One month over all products whose inner side the reader sees."""
    first = month_of(request.GET.get("month", ""), timezone.localdate())
    after = (first + datetime.timedelta(days=32)).replace(day=1)
    before = (first - datetime.timedelta(days=1)).replace(day=1)
    start, end = (timezone.make_aware(datetime.datetime.combine(day, datetime.time())) for day in (first, after))
    seen = Product.objects.allowing(request.user, P.INTERNAL_VIEW)
    releases = list(
        Release.objects.planned()
        .filter(product__in=seen, starts_at__lt=end, ends_at__gt=start)
        .select_related("product")
        .prefetch_related("components", "targets")
        .order_by("starts_at", "pk")
    )
    freezes = FreezeWindow.objects.filter(ended_at=None, starts_at__lt=end, ends_at__gt=start)
    mine = Q(product__in=seen) if request.user.organisation_id else Q(product__in=seen) | Q(product=None)
    freezes = list(freezes.filter(mine).select_related("product"))
    found = found_clashes(releases)
    in_the_way = {key for clash in found for key in (clash.one, clash.other)}
    for release in releases:
        release.clashes = release.pk in in_the_way
        release.is_frozen = any(
            freeze.product_id in (None, release.product_id)
            and freeze.starts_at < release.ends_at
            and release.starts_at < freeze.ends_at
            for freeze in freezes
        )
    context = {
        "first": first,
        "before": before,
        "after": after,
        "releases": releases,
        "freezes": freezes,
        "clashes": worded(found, releases),
        "may_freeze": may_freeze(request.user),
    }
    return render(request, "delivery/releases/calendar.html", context)


def may_freeze(user) -> bool:
    """Whether there is anything that this person may freeze."""
    return may_on_site(user, P.FREEZE_OVERRIDE) or Product.objects.live().allowing(user, P.FREEZE_OVERRIDE).exists()
