import datetime
from email.message import EmailMessage

import pytest

from delivery.mail.receiving import receive
from delivery.models import Mailbox
from pmdm.jobs import outbox


@pytest.fixture
def mailbox(product):
    return Mailbox.objects.create(product=product, address="claims@support.example", name="Claims support")


def mail(sender="Cleo Client <cleo.client@example.org>", to="claims@support.example", subject="Payment fails",
         text="Nothing is paid.", message_id="<1@client.example>", **headers) -> EmailMessage:  # fmt: skip
    """A mail as a plain program writes it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


@pytest.fixture
def deliver():
    """Take a mail in and let the worker read it; the kept rows as they are afterwards."""

    def run(message, **options):
        kept = receive(message if isinstance(message, bytes) else bytes(message), **options)
        outbox.drain()
        for each in kept:
            each.refresh_from_db()
        return kept[0] if len(kept) == 1 else kept

    return run
