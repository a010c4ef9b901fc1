"""The mail of one alert to one person: the same Message-ID, however often it is sent."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from delivery.reminders.models import DueAlert
from delivery.reminders.sweep import KIND
from pmdm.accounts.models import User
from pmdm.jobs.outbox import handles


@handles(KIND)
def send(payload: dict) -> None:
    """Handler of the outbox. Who has left since, or lost an alert to a moved date, gets nothing."""
    person = User.objects.filter(pk=payload["user"], is_active=True, organisation=None).first()
    row = DueAlert.objects.select_related("product", "agreement", "article").filter(pk=payload["alert"]).first()
    if person is None or row is None:
        return
    message(row, person).send()


def message(row: DueAlert, person) -> EmailMessage:
    site = settings.SITE_URL.rstrip("/")
    host = urlsplit(site).hostname or "localhost"
    subject = _("[%(code)s] %(about)s on %(day)s: %(thing)s") % {
        "code": row.product.code,
        "about": row.get_about_display(),
        "day": row.day.isoformat(),
        "thing": row.thing,
    }
    context = {"row": row, "person": person, "product": row.product, "link": site + url_of(row)}
    return EmailMessage(
        " ".join(subject.split())[:200],
        render_to_string("delivery/reminders/mail.txt", context),
        to=[person.email],
        headers={"Message-ID": f"<due-{row.pk}-{person.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def url_of(row: DueAlert) -> str:
    """The page of what it is about."""
    if row.agreement:
        return reverse("delivery:agreement-detail", args=[row.product.code, row.agreement.pk])
    if row.article:
        return reverse("delivery:article-detail", args=[row.product.code, row.article.number])
    return reverse("delivery:record", args=[row.product.code])
