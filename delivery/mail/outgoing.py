"""Answers to the person who reported an issue: written with the change, sent by a worker; sent twice, the same mail."""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues.hooks import reaches, told
from delivery.mail.models import SEND, InboundMail, Mailbox, OutboundMail
from delivery.mail.tokens import address_with, token_for
from pmdm.accounts.models import User
from pmdm.jobs.outbox import handles
from pmdm.prepared import PreparedRows

MAX_REFERENCES = 20

_mailbox_of = PreparedRows(lambda product: Mailbox.objects.filter(product=product, is_active=True).order_by("pk")[:1])


def host() -> str:
    """The host in our Message-IDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def recipient_of(issue) -> str:
    """Who is answered: the client's person who reported it, else who wrote the mail that opened it; ''."""
    person = issue.reported_by
    if person is not None:
        return person.email if person.is_active and person.organisation_id else ""
    opened = issue.mails.filter(note=None, state=InboundMail.State.FILED).order_by("received_at").first()
    return opened.sender if opened else ""


@reaches
def reached(issues, *, by) -> set[int]:
    """Keys of the issues that ``tell_reporter`` would write about, in three queries."""
    places = Mailbox.objects.filter(product__in={issue.product_id for issue in issues}, is_active=True)
    answered = set(places.values_list("product", flat=True))
    issues = [issue for issue in issues if issue.product_id in answered]
    people = User.objects.filter(pk__in={issue.reported_by_id for issue in issues}, is_active=True)
    addresses = dict(people.exclude(organisation=None).values_list("pk", "email"))
    nobodys = [issue.pk for issue in issues if issue.reported_by_id is None]
    opened = InboundMail.objects.filter(issue__in=nobodys, note=None, state=InboundMail.State.FILED)
    senders = dict(opened.order_by("issue", "received_at").distinct("issue").values_list("issue", "sender"))
    to = {issue.pk: addresses.get(issue.reported_by_id) or senders.get(issue.pk) for issue in issues}
    return {pk for pk, address in to.items() if address and (by is None or address != by.email)}


@told
def tell_reporter(issue, *, text: str, by, key: str, note=None, at=None) -> None:
    """A public word on an issue goes to its reporter, where the product has a mailbox. Internal ones never come."""
    to = recipient_of(issue) if _mailbox_of(issue.product_id) else ""
    if not to or (by is not None and by.email == to):
        return
    came = list(
        issue.mails.filter(state=InboundMail.State.FILED)
        .exclude(message_id="")
        .order_by("received_at")
        .values_list("message_id", "sender")
    )
    ours = list(issue.answers.filter(to=to).order_by("asked_at", "pk").values_list("message_id", flat=True))
    theirs = [message_id for message_id, sender in came if sender == to]
    link = settings.SITE_URL.rstrip("/") + reverse("delivery:issue-detail", args=[issue.product.code, issue.number])
    # A link only for who can sign in.
    context = {"issue": issue, "text": text, "link": link if issue.reported_by_id else "", "by": by}
    OutboundMail.ask(
        product=issue.product,
        issue=issue,
        note=note,
        message_id=f"<issue-{issue.pk}-{key}@{host()}>",
        to=to,
        subject=subject_of(issue),
        text=render_to_string("delivery/mail/answer.txt", context),
        in_reply_to=theirs[-1] if theirs else (ours[-1] if ours else ""),
        references=[*theirs, *ours][-MAX_REFERENCES:],
        at=at,
    )


def subject_of(issue) -> str:
    return " ".join(f"[{issue.product.code} {issue.ref}] {issue.title}".split())[:250]


def say_unknown(mailbox: Mailbox, mail: InboundMail) -> bool:
    """Tell an unknown sender that we do not know them: once a day at most."""
    now = timezone.now()
    lately = OutboundMail.objects.filter(to=mail.sender, issue=None, asked_at__gt=now - datetime.timedelta(days=1))
    if lately.exists():
        return False
    OutboundMail.ask(
        product=mailbox.product,
        message_id=f"<unknown-{mail.pk}@{host()}>",
        to=mail.sender,
        # Nothing that they wrote goes back: whose address it is nobody knows.
        subject=_("Your message to %s") % mailbox.name,
        text=render_to_string("delivery/mail/unknown.txt", {"mailbox": mailbox}),
        in_reply_to=mail.message_id,
        references=[mail.message_id] if mail.message_id else [],
        is_automatic=True,
    )
    return True


@handles(SEND)
@transaction.atomic
def send(payload: dict) -> None:
    """Handler of the outbox: one mail. A worker that dies before it is marked sends it again, under the same id."""
    mail = (
        OutboundMail.objects.select_for_update(of=("self",)).select_related("product__mailbox").get(pk=payload["mail"])
    )
    if mail.sent_at or not hasattr(mail.product, "mailbox"):
        return
    message(mail).send()
    mail.sent_at = timezone.now()
    mail.save(update_fields=["sent_at"])


def message(mail: OutboundMail) -> EmailMessage:
    """The mail itself; the answer to it comes back with the token of its issue."""
    mailbox = mail.product.mailbox
    headers = {"Message-ID": mail.message_id}
    if mail.in_reply_to:
        headers |= {"In-Reply-To": mail.in_reply_to, "References": " ".join(mail.references)}
    if mail.is_automatic:
        headers["Auto-Submitted"] = "auto-replied"
    back = address_with(mailbox.address, token_for(mail.issue_id)) if mail.issue_id else mailbox.address
    name = "".join(sign for sign in mailbox.name if sign.isprintable() and sign not in '"\\<>')
    return EmailMessage(
        mail.subject, mail.text, f'"{name}" <{mailbox.address}>', to=[mail.to], reply_to=[back], headers=headers
    )
