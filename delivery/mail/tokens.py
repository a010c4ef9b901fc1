"""The token in an address that says which issue a mail belongs to: ``support+1f-mfrggzdfmztwq2lk…@example.org``.

The key of the issue and 128 bits of an HMAC over it, in letters that survive every mail program: addresses lose their
capitals. It names the thread and no more: who may write into it is asked of the sender.
"""

import base64
import re

from django.utils.crypto import constant_time_compare, salted_hmac

_TOKEN = re.compile(r"([0-9a-z]{1,12})-([a-z2-7]{26})")


def token_for(issue_id: int) -> str:
    """The token of an issue; the same for as long as the site's secret is."""
    digest = salted_hmac("delivery.mail.issue", str(issue_id), algorithm="sha256").digest()[:16]
    return f"{issue_id:x}-{base64.b32encode(digest).decode().rstrip('=').lower()}"


def issue_of(token: str) -> int | None:
    """The key of the issue that a token was made for; None where it was not made here."""
    found = _TOKEN.fullmatch(token.lower())
    if not found or not re.fullmatch(r"[0-9a-f]{1,12}", found[1]):
        return None
    number = int(found[1], 16)
    return number if constant_time_compare(token_for(number), token.lower()) else None


def address_with(address: str, token: str) -> str:
    """support@example.org and a token as one address."""
    local, _at, host = address.rpartition("@")
    return f"{local}+{token}@{host}"


def split(address: str) -> tuple[str, str]:
    """An address without its token, and the token; ('support@example.org', '') where there is none."""
    local, _at, host = address.rpartition("@")
    plain, _plus, token = local.partition("+")
    return f"{plain}@{host}", token
