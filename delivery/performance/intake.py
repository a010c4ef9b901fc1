"""What a stored alert does: opens incidents, closes them. Safe to run twice, whatever the order of arrival."""

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from delivery.performance import alerts
from delivery.performance.alerts import Signal
from delivery.performance.models import AlertDelivery, Incident
from delivery.products.models import Product
from pmdm.jobs.outbox import handles
from pmdm.jobs.periodic import periodic

# How far back a late 'down' looks for the 'up' that overtook it.
LATE = datetime.timedelta(days=7)


@handles("alert.process")
def process(payload: dict) -> None:
    """Handler of the outbox: one stored body."""
    delivery = AlertDelivery.objects.select_related("source").get(pk=payload["delivery"])
    apply(delivery)


@transaction.atomic
def apply(delivery: AlertDelivery) -> None:
    """Turn the body's signals into incidents and mark it processed, in one transaction. Processed once: no more."""
    # One product's alerts one after the other: two workers must not open the same incident twice.
    product = Product.objects.select_for_update(no_key=True).get(pk=delivery.source.product_id)
    delivery = AlertDelivery.objects.select_for_update(of=("self",)).select_related("source").get(pk=delivery.pk)
    if delivery.state != AlertDelivery.State.STORED:
        return
    try:
        signals = alerts.read(delivery.source.kind, delivery.body)
    except alerts.Refused as refusal:
        delivery.refuse(str(refusal))
        return
    said = []
    for signal in signals:
        did, incident = (_up if signal.is_up else _down)(product, delivery, signal)
        said.append(
            {
                "fingerprint": signal.fingerprint,
                "up": signal.is_up,
                "at": (signal.at or signal.started_at or delivery.received_at).isoformat(),
                "title": signal.title,
                "did": did,
                "incident": incident and incident.pk,
            }
        )
    delivery.signals, delivery.processed_at = said, timezone.now()
    delivery.state = AlertDelivery.State.DONE
    delivery.save(update_fields=["signals", "state", "processed_at"])


@periodic("alert-bodies", every="day")
def forget(now) -> None:
    """Bodies are kept as long as somebody may want to inspect them, and no longer."""
    AlertDelivery.forget(now)


OPENED, GOES_ON, CLOSED, KEPT, NOTHING = "opened", "goes on", "closed", "is over already", "nothing"


def _down(product, delivery, signal: Signal) -> tuple[str, Incident | None]:
    """What came of it, and the incident."""
    began = min(signal.started_at or delivery.received_at, timezone.now())
    mine = product.incidents.filter(fingerprint=signal.fingerprint)
    if incident := mine.open().first():
        incident.last_seen_at = delivery.received_at
        incident.started_at = min(incident.started_at, began)
        incident.save(update_fields=["last_seen_at", "started_at"])
        return GOES_ON, incident
    if known := mine.filter(Q(started_at__lte=began, ended_at__gt=began) | Q(started_at=began)).first():
        return KEPT, known  # The news of its end overtook this one.
    incident = Incident.objects.create(
        product=product,
        source=delivery.source,
        fingerprint=signal.fingerprint,
        title=signal.title,
        description=signal.description,
        is_outage=signal.is_outage,
        started_at=began,
        ended_at=_overtaken_by(delivery, signal, began),
        severity=signal.severity,
        link=signal.link,
        last_seen_at=delivery.received_at,
    )
    return OPENED, incident


def _up(product, delivery, signal: Signal) -> tuple[str, Incident | None]:
    ended = min(signal.at or delivery.received_at, timezone.now())
    mine = product.incidents.filter(fingerprint=signal.fingerprint)
    if incident := mine.open().first():
        if ended < incident.started_at and signal.started_at is None:
            return NOTHING, None  # An 'up' from before this outage arrived late.
        incident.end(by=None, at=max(ended, incident.started_at))
        return CLOSED, incident
    # It went down and came up before we heard of it; the tool says since when.
    if signal.started_at and not mine.filter(started_at=signal.started_at).exists():
        incident = Incident.objects.create(
            product=product,
            source=delivery.source,
            fingerprint=signal.fingerprint,
            title=signal.title,
            description=signal.description,
            is_outage=signal.is_outage,
            started_at=min(signal.started_at, ended),
            ended_at=ended,
            severity=signal.severity,
            link=signal.link,
            last_seen_at=delivery.received_at,
        )
        return CLOSED, incident
    return NOTHING, None


def _overtaken_by(delivery, signal: Signal, began) -> datetime.datetime | None:
    """When an 'up' that was processed before says it came up after ``began``; None: it is still down."""
    earlier = AlertDelivery.objects.filter(
        source__product=delivery.source.product_id,
        received_at__gte=delivery.received_at - LATE,
        state=AlertDelivery.State.DONE,
        signals__contains=[{"fingerprint": signal.fingerprint, "up": True}],
    ).values_list("signals", flat=True)
    ups = [
        datetime.datetime.fromisoformat(said["at"])
        for signals in earlier[:100]
        for said in signals
        if said["up"] and said["fingerprint"] == signal.fingerprint
    ]
    return min((at for at in ups if at > began), default=None)
