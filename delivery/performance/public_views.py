"""Where monitoring tools post: by the token in the address or a header, and by a signature where one is asked for."""

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery.performance import alerts
from delivery.performance.alerts.signals import text
from delivery.performance.models import AlertDelivery, AlertSource, hash_of
from pmdm.accounts.access import public_view
from pmdm.accounts.middleware import client_address

MAX_BODY = 256 * 1024


@csrf_exempt
@public_view
@transaction.non_atomic_requests
@require_POST
def alert_intake(request, token=""):
    """Store first, then look: 202 taken, 400 refused (kept with the reason), 401 not signed, 404 unknown, 410 gone.

    The token stands in the address, or as ``Authorization: Bearer`` for tools that can keep it out of it.
    """
    token = token or request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    source = AlertSource.objects.select_related("product").filter(token_hash=hash_of(token)).first()
    if source is None:
        return _plain("No such address.", 404)
    if source.revoked_at or source.product.locked_reason:
        return _plain("This address is no longer in use.", 410)
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _plain(f"At most {MAX_BODY} bytes are accepted.", 413)
    if objection := source.objection(body, request.headers):
        # Anybody may have sent it: counted, and the latest kept for whoever set up the tool.
        source.note_unsigned()
        AlertDelivery.keep_unsigned(source, body, objection, sender=_sender(request))
        return _plain(objection, 401)
    with transaction.atomic():
        # Body and the order to process it together: whatever happens next, neither is lost.
        delivery, is_new = AlertDelivery.keep(source, body, sender=_sender(request))
        if is_new:
            delivery.ask_for_processing()
    if is_new:
        try:
            alerts.read(source.kind, delivery.body)
        except alerts.Refused as refusal:
            delivery.refuse(str(refusal))
            return _plain(str(refusal), 400)
    elif delivery.state == AlertDelivery.State.REFUSED:
        return _plain(delivery.error, 400)
    return _plain("Taken.", 202)


def _sender(request) -> dict[str, str]:
    """Who says to have sent it: for whoever looks for the tool that is set up wrongly."""
    said = {
        "type": request.headers.get("Content-Type", ""),
        "program": request.headers.get("User-Agent", ""),
        "address": client_address(request),
    }
    return {name: text(value, 200) for name, value in said.items() if value}


def _plain(text, status):
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
