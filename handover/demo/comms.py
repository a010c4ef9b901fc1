"""What comes from outside: mail of clients and strangers, and messages of monitoring that were no outage."""

import datetime
import json
from email.message import EmailMessage

from delivery.mail import filing, tokens
from delivery.mail.models import SEND, InboundMail, Mailbox, OutboundMail
from delivery.models import AlertDelivery, AlertSource, Product
from delivery.performance.intake import apply
from handover.demo.timeline import acting
from handover.models import Announcement
from pmdm.accounts.roles import Role
from pmdm.jobs.models import Outbox

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
PRODUCTS = 2


def hear_from_outside(now: datetime.datetime) -> None:
    """The first live products with clients get an address and their monitoring; what came in the last days."""
    told = Product.objects.filter(stage=Product.Stage.LIVE, memberships__role=Role.CLIENT).distinct()
    for product in told.order_by("code")[:PRODUCTS]:
        with acting(product.delivery_manager, now - 9 * DAY):
            _mail(product, now)
            _monitoring(product, now)
            _announce(product, now)


def _announce(product, now) -> None:
    told = {"product": product, "created_by": product.delivery_manager}
    night = (now + 5 * DAY).replace(hour=20, minute=0, second=0, microsecond=0)
    Announcement.objects.create(
        title=f"Maintenance on {night:%A} night",
        text=f"From {night:%H:%M} to {night + 2 * HOUR:%H:%M} UTC pages may answer late. Nothing is lost.",
        starts_at=now - DAY, ends_at=night + 2 * HOUR, **told,
    )  # fmt: skip
    Announcement.objects.create(
        title="Closed on the holiday", text="Support answered from the next working day on.",
        starts_at=now - 40 * DAY, ends_at=now - 38 * DAY, **told,
    )  # fmt: skip
    Announcement.objects.create(
        title="Quarterly close: no restarts before Friday", audience=Announcement.Audience.STAFF,
        text="Finance closes the books. Ask the delivery manager before you restart anything.",
        starts_at=now - 6 * HOUR, ends_at=now + 3 * DAY, **told,
    )  # fmt: skip


def _mail(product, now) -> None:
    manager = product.delivery_manager
    client = product.memberships.filter(role=Role.CLIENT).select_related("user").order_by("pk").first().user
    support = product.person(Role.SUPPORT) or manager
    mailbox = Mailbox.objects.create(
        product=product, address=f"{product.code.lower()}@support.brightwater.example", name=f"{product.name} support"
    )
    sender = f"{client.name} <{client.email}>"
    first = _take(
        mailbox, sender, "How do we add a second approver?", now - 2 * DAY,
        "Good morning,\n\nour rules ask for two approvals from July on. Where do we set that?\n\n-- \n" + client.name,
    )  # fmt: skip
    issue = first.issue
    answered = now - 2 * DAY + HOUR
    issue.respond(by=support, text="Under Settings, Approvals. Shall we switch it on for all teams?", at=answered)
    # This mail went out then: no worker must send it today.
    OutboundMail.objects.filter(issue=issue).update(sent_at=answered)
    for row in Outbox.objects.filter(kind=SEND, done_at=None):
        Outbox.objects.filter(pk=row.pk).update(done_at=answered, created_at=answered, due_at=answered)
    back = tokens.address_with(mailbox.address, tokens.token_for(issue.pk))
    _take(
        mailbox, sender, "Re: How do we add a second approver?", now - 2 * DAY + 4 * HOUR,
        "Yes, for all teams please.\n\nOn Monday the support team wrote:\n> Under Settings, Approvals.\n", to=back,
    )  # fmt: skip
    _take(
        mailbox, sender, "Out of office", now - 2 * DAY + 2 * HOUR, "I am back on Monday.", to=back,
        automatic="auto-replied",
    )  # fmt: skip
    _take(
        mailbox, "Rita Moss <rita.moss@auditors.example>", "Access for the audit", now - 9 * HOUR,
        "Dear team,\n\nwe audit your client and need read access to the product for two weeks.\n\nRita Moss",
    )  # fmt: skip


def _take(mailbox, sender, subject, at, text, *, to="", automatic="") -> InboundMail:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = sender, to or mailbox.address, subject, at
    message["Message-ID"] = f"<{at:%Y%m%d%H%M%S}.{mailbox.product_id}@mail.example>"
    if automatic:
        message["Auto-Submitted"] = automatic
    message.set_content(text)
    mail, _created = InboundMail.keep(mailbox, bytes(message), message_id=message["Message-ID"], at=at)
    filing.process({"mail": mail.pk})
    Outbox.objects.filter(key=f"mail.process:{mail.pk}").update(done_at=at, created_at=at, due_at=at)
    mail.refresh_from_db()
    return mail


def _monitoring(product, now) -> None:
    manager = product.delivery_manager
    source, _token = AlertSource.connect(
        product, by=manager, name="Grafana Frankfurt", kind="grafana", at=now - 60 * DAY
    )
    rule = {"ruleId": 12, "ruleName": "Disk of the database", "ruleUrl": "https://grafana.brightwater.example/d/db"}
    rule |= {"tags": {"severity": "warning"}, "message": "Over 80 % full"}
    for state, at in (("alerting", now - 3 * DAY), ("ok", now - 3 * DAY + 5 * HOUR)):
        _post(source, json.dumps({**rule, "state": state}), at)
    _post(source, "ping from the firewall", now - 4 * DAY)


def _post(source, body: str, at) -> None:
    sender = {"type": "application/json", "program": "Grafana/10.4", "address": "192.0.2.14"}
    delivery, _new = AlertDelivery.keep(source, body.encode(), sender=sender, at=at)
    apply(delivery)
    AlertDelivery.objects.filter(pk=delivery.pk).update(processed_at=at)
