"""The ways in: an IMAP mailbox that is looked into every minute, and a mail piped to ``manage.py receive_mail``."""

import imaplib
import logging
import ssl
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import DataError, transaction
from django.utils import timezone

from delivery.mail import reading, tokens
from delivery.mail.models import InboundMail, Mailbox
from pmdm.jobs.models import Heartbeat

logger = logging.getLogger(__name__)

MAX_MAIL = 30 * 1024 * 1024  # bytes, as it comes: a file of 20 MB in base64
AT_ONCE = 100
HEARTBEAT = "mail"


class TooLarge(ValueError):
    """A mail of more than MAX_MAIL bytes."""


@transaction.atomic
def receive(raw: bytes, *, to: str = "") -> list[InboundMail]:
    """Keep a mail for each product that it is addressed to; ``to``: where it was delivered, by default its headers."""
    if len(raw) > MAX_MAIL:
        raise TooLarge(f"A mail may have {MAX_MAIL} bytes, this one has {len(raw)}.")
    message_id, addresses = reading.envelope(raw)
    if tokens.split(to)[1] and to.lower() not in addresses:
        # Where it was delivered names its issue and stands in no header (a blind copy): said as mail servers say it.
        raw = b"Delivered-To: %s\r\n%s" % (to.encode("ascii", "ignore").splitlines()[0], raw)
    plain = {tokens.split(address.lower())[0] for address in ([to] if to else addresses)}
    mailboxes = Mailbox.objects.filter(address__in=plain, is_active=True).select_related("product").order_by("pk")
    return [InboundMail.keep(mailbox, raw, message_id=message_id)[0] for mailbox in mailboxes]


def fetch_all() -> int:
    """Look into every mailbox of the settings; how many mails were kept. One that fails does not keep the others."""
    kept, failed = 0, False
    for url in settings.MAIL_IMAP_URLS:
        try:
            kept += fetch(url)
        except (OSError, imaplib.IMAP4.error) as error:
            failed = True
            logger.error("The mailbox at %s can't be read: %s", urlsplit(url).hostname, error)
    if settings.MAIL_IMAP_URLS and not failed:
        Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": timezone.now()})
    return kept


def fetch(url: str, connect=None) -> int:
    """Keep what is new in one mailbox: imaps://user:password@host:993/INBOX. A mail is marked as seen once it is kept;
    one that is nobody's, or too large, is flagged and left to whoever looks after the mailbox."""
    connection = (connect or _connect)(url)
    kept = 0
    try:
        _ok(connection.select(unquote(urlsplit(url).path.strip("/")) or "INBOX"))
        (found,) = _ok(connection.uid("search", "UNSEEN", "UNFLAGGED"))
        for uid in (found or b"").decode("ascii").split()[:AT_ONCE]:
            raw = _raw(connection, uid)
            try:
                mine = bool(raw is not None and receive(raw))
            except (ValueError, DataError):  # too large, or such as nothing can keep: it must not stop those behind it
                mine = False
            kept += mine
            _ok(connection.uid("store", uid, "+FLAGS", r"(\Seen)" if mine else r"(\Flagged)"))
            if not mine:
                logger.warning(
                    "A mail in %s is for no product of ours, or too large: it is flagged.", urlsplit(url).hostname
                )
    finally:
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            pass  # What was kept is kept.
    return kept


def _connect(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    host = parts.hostname or ""
    connection: imaplib.IMAP4
    if parts.scheme == "imaps":
        connection = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=20)
    else:
        connection = imaplib.IMAP4(host, parts.port or 143, timeout=20)
        connection.starttls(context)  # No password ever goes over an open line.
    connection.login(unquote(parts.username or ""), unquote(parts.password or ""))
    return connection


def _raw(connection, uid: str) -> bytes | None:
    (said,) = _ok(connection.uid("fetch", uid, "(RFC822.SIZE)"))[:1]
    if said is None:  # Somebody took it away meanwhile.
        return None
    size = int(said.rpartition(b"RFC822.SIZE ")[2].split(b")")[0].split()[0])
    if size > MAX_MAIL:
        return None
    for part in _ok(connection.uid("fetch", uid, "(BODY.PEEK[])")):
        if isinstance(part, tuple):
            return part[1]
    return None


def _ok(answer):
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status}: {data!r}")
    return data
