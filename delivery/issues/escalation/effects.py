"""What a worker does for escalations: the mail to one person (the same Message-ID, however often), clocks anew."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.issues.escalation.models import Escalation
from delivery.issues.escalation.sweep import KIND
from delivery.issues.models import Issue
from delivery.products.models import Product
from pmdm.accounts.models import User
from pmdm.jobs.outbox import handles


@handles(KIND)
def send(payload: dict) -> None:
    """Handler of the outbox: one mail to one person, who may have left since."""
    person = User.objects.filter(pk=payload["user"], is_active=True).first()
    rows = Escalation.objects.select_related("issue__product", "issue__assignee", "step")
    row = rows.filter(pk=payload["escalation"]).first()
    if person is None or row is None:
        return
    message(row, person).send()


@handles("issues.reckon")
def reckon(payload: dict) -> None:
    """Handler of the outbox: the clocks of a product's open issues anew, where an upgrade asks for it."""
    if product := Product.objects.filter(pk=payload["product"]).first():
        Issue.reckon_open(product)


def message(row: Escalation, person) -> EmailMessage:
    """The mail itself: what is late, what was promised, where it stands, the way there."""
    issue, step = row.issue, row.step
    product = issue.product
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    subject = _("[%(code)s] %(ref)s %(what)s: %(title)s") % {
        "code": product.code,
        "ref": issue.ref,
        "what": _("at risk") if step.trigger == step.Trigger.AT_RISK else _("breached"),
        "title": issue.title,
    }
    context = {
        "issue": issue,
        "product": product,
        "step": step,
        "row": row,
        "due": issue.response_due if step.clock == step.Clock.RESPONSE else issue.resolution_due,
        "person": person,
        "link": site + reverse("delivery:issue-detail", args=[product.code, issue.number]),
    }
    return EmailMessage(
        " ".join(subject.split())[:200],
        render_to_string("delivery/issues/escalation_mail.txt", context),
        to=[person.email],
        headers={"Message-ID": f"<escalation-{row.pk}-{person.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
