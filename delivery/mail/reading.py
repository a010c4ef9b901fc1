"""One mail read: who wrote, what it answers, its words as plain text, its attachments, whether a machine sent it.

Plain Python over the standard library's ``email``. Mail is hostile: any header may be missing, repeated or broken,
and a broken one reads as an empty one.
"""

import datetime
import email
import email.parser
import email.policy
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from delivery.mail.html import to_text

MAX_ADDRESSES, MAX_REFERENCES, MAX_TEXT = 50, 50, 100_000
MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
# What no database keeps as text: control signs, and halves of signs that bytes of no encoding become.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INSTEAD = "\N{REPLACEMENT CHARACTER}"
# What a program says of itself: RFC 3834, and what was there before it.
_BULK = ("bulk", "junk", "list", "auto_reply")
_VACATION = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-vacation")


class Unreadable(ValueError):
    """This is no mail; the message says why."""


@dataclass(frozen=True)
class Attachment:
    """A part that was sent as a file; ``name`` as its sender called it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """``automatic`` says why no person wrote it, or ''; ``references`` the mails it answers, the nearest last."""

    message_id: str
    sender: str
    sender_name: str
    to: tuple[str, ...]
    subject: str
    text: str
    references: tuple[str, ...] = ()
    sent_at: datetime.datetime | None = None
    automatic: str = ""
    is_bounce: bool = False
    authentication: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


def read(raw: bytes) -> Mail:
    """The mail in these bytes; Unreadable where nobody is named as its sender, or nobody can take it apart."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
    except RecursionError as error:
        raise Unreadable("Its parts lie in each other too deep.") from error
    senders = _addresses(message, "from")
    if not senders:
        raise Unreadable("No address stands in From.")
    name, sender = senders[0]
    texts, files = _parts(message)
    bounce = _is_bounce(message)
    return Mail(
        message_id=next(iter(MESSAGE_ID.findall(_header(message, "message-id"))), ""),
        sender=sender,
        sender_name=name,
        to=tuple(dict.fromkeys(a for header in _RECIPIENTS for _name, a in _addresses(message, header)))[
            :MAX_ADDRESSES
        ],
        subject=_line(_header(message, "subject"), 250),
        text=texts[:MAX_TEXT],
        references=_references(message),
        sent_at=_date(message),
        automatic=_automatic(message, bounce),
        is_bounce=bounce,
        authentication=tuple(str(value) for value in _all(message, "authentication-results")),
        attachments=tuple(files),
    )


_RECIPIENTS = ("delivered-to", "x-original-to", "to", "cc")


def _all(message: EmailMessage, name: str) -> list[str]:
    try:
        values = [str(value) for value in message.get_all(name, [])]
    except Exception:  # the parser of a header raises many kinds for one that is broken
        values = [str(value) for key, value in message.raw_items() if key.lower() == name]
    return [_NO_TEXT.sub(_INSTEAD, value) for value in values]


def _header(message: EmailMessage, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _line(value: str, limit: int) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())[:limit]


def _addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    """(name, address) of a header, addresses in small letters; what is no address is left out."""
    found = []
    try:
        pairs = getaddresses(_all(message, header))
    except RecursionError:  # comments in comments in comments
        return []
    for name, address in pairs:
        address = address.strip().lower()
        # As long as an address may be here: 254 letters.
        if re.fullmatch(rf"[^@\s<>\"(),:;{_INSTEAD}]{{1,64}}@[a-z0-9.\-]{{1,189}}", address):
            found.append((_line(name, 150), address))
    return found


def _references(message: EmailMessage) -> tuple[str, ...]:
    ids = MESSAGE_ID.findall(" ".join(_all(message, "references")))
    ids += MESSAGE_ID.findall(_header(message, "in-reply-to"))
    return tuple(dict.fromkeys(ids))[-MAX_REFERENCES:]


def _date(message: EmailMessage) -> datetime.datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "date"))
        return (at if at.tzinfo else at.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _is_bounce(message: EmailMessage) -> bool:
    is_report = message.get_content_type() == "multipart/report"
    kind = str(message.get_param("report-type", "") if is_report else "").lower()
    nobody = _header(message, "return-path").strip() == "<>"
    daemon = any(
        address.split("@")[0] in ("mailer-daemon", "postmaster") for _n, address in _addresses(message, "from")
    )
    return kind == "delivery-status" or (daemon and (nobody or is_report))


def _automatic(message: EmailMessage, bounce: bool) -> str:
    if bounce:
        return "bounce"
    said = _header(message, "auto-submitted").split(";")[0].strip().lower()
    if said and said != "no":
        return f"Auto-Submitted: {said}"[:80]
    if (said := _header(message, "precedence").strip().lower()) in _BULK:
        return f"Precedence: {said}"
    if _header(message, "list-id") or _header(message, "list-unsubscribe"):
        return "mailing list"
    if _header(message, "return-path").strip() == "<>":
        return "Return-Path: <>"
    if message.get_content_type() == "multipart/report":
        return "report"
    return next((name for name in _VACATION if _header(message, name)), "")


def _parts(message: EmailMessage) -> tuple[str, list[Attachment]]:
    """The words of the mail, and its files. Of alternatives the plain one is taken, unless it is empty.

    What else stands as an alternative and has no name (a page for one mail program, the entry of an invitation) says
    the same once more.
    """
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attachment] = []
    for part, is_alternative in _leaves(message):
        kind = part.get_content_type()
        name = _name_of(part)
        is_file = part.get_content_disposition() == "attachment" or (name and kind not in ("text/plain", "text/html"))
        if kind == "message/rfc822":
            files.append(Attachment(name or "mail.eml", _nested(part)))
        elif is_file or kind not in ("text/plain", "text/html"):
            if (data := _bytes_of(part)) and (name or not is_alternative):
                ending = mimetypes.guess_extension(kind) or f".{part.get_content_subtype()}"
                files.append(Attachment(name or f"part{ending}", data))
        elif kind == "text/html":
            rich.append(to_text(_text_of(part)))
        else:
            plain.append(_text_of(part))
    text = "\n".join(plain) if any(words.strip() for words in plain) else "\n".join(rich)
    return _NO_TEXT.sub("", text.replace("\r\n", "\n")), files


def _leaves(message: EmailMessage, depth: int = 0, is_alternative=False) -> Iterator[tuple[EmailMessage, bool]]:
    """Each part that has no parts, and whether it is one of several that say the same."""
    if message.is_multipart() and message.get_content_type() != "message/rfc822" and depth < 10:
        is_alternative = message.get_content_type() == "multipart/alternative"
        for part in message.get_payload():
            if isinstance(part, EmailMessage):
                yield from _leaves(part, depth + 1, is_alternative)
    else:
        yield message, is_alternative


def _name_of(part: EmailMessage) -> str:
    try:
        return _line(str(part.get_filename() or ""), 200)
    except Exception:  # a broken Content-Disposition: the file has no name
        return ""


def _bytes_of(part: EmailMessage) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except Exception:  # an encoding that is none
        return b""
    return data if isinstance(data, bytes) else b""


def _text_of(part: EmailMessage) -> str:
    data = _bytes_of(part)
    try:
        return data.decode(str(part.get_content_charset("utf-8")))
    except (LookupError, ValueError):  # an encoding that is none, or not this one
        return data.decode("utf-8", errors="replace")


def _nested(part: EmailMessage) -> bytes:
    payload = part.get_payload()
    try:
        inner = payload[0] if isinstance(payload, list) and payload else payload
        return inner.as_bytes() if isinstance(inner, EmailMessage) else str(inner).encode()
    except Exception:  # a mail in the mail that cannot be written again: its bytes are in the raw mail
        return b""


def envelope(raw: bytes) -> tuple[str, list[str]]:
    """Message-ID and recipients, from any bytes: as much as is needed to know where a mail belongs."""
    message = email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(raw)
    message_id = next(iter(MESSAGE_ID.findall(_header(message, "message-id"))), "")
    return message_id, [address for header in _RECIPIENTS for _name, address in _addresses(message, header)]
