"""Pages of mail: the mailbox, what came in, what waits for a person."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from delivery.issues.views import find
from delivery.mail import filing, reading
from delivery.mail.forms import AsIssueForm, AsNoteForm, MailboxForm, MailFilter
from delivery.mail.models import InboundMail, MailAttachment, Mailbox
from delivery.mail.receiving import HEARTBEAT
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.files.views import hand_out
from pmdm.jobs.models import Heartbeat
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage


def mail_page(request, product) -> ListPage:
    return ListPage(
        request,
        product.inbound_mails.select_related("issue").defer("raw", "text"),
        sorts={"received": "received_at", "from": "sender", "subject": "subject", "state": "state"},
        default_sort="-received",
        form=MailFilter,
    )


@product_view(read=P.INTERNAL_VIEW)
def mail_list(request, product):
    """What came in, the latest first; what waits for a person stands above."""
    page = mail_page(request, product)
    mails = page.everything
    context = {
        "product": product,
        "tab": "mail",
        "mailbox": Mailbox.objects.filter(product=product).first(),
        "page": page,
        "waiting": mails.filter(state=InboundMail.State.QUARANTINED)[:20],
        "returned": product.outbound_mails.exclude(bounced_at=None).select_related("issue").defer("text")[:10],
        "fetched": Heartbeat.objects.filter(name=HEARTBEAT).first(),
    }
    return render(request, "delivery/mail/list.html", context)


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def mailbox(request, product):
    """The product's address, and what becomes of strangers' mail."""
    instance = Mailbox.objects.filter(product=product).first() or Mailbox(product=product, name=product.name[:100])
    form = MailboxForm(request.POST or None, instance=instance)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:mail-list", product.code)
    context = {"product": product, "tab": "mail", "form": form}
    return render(request, "delivery/mail/mailbox.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW)
def mail_detail(request, product, pk):
    """One mail: what was written, the whole of it, where it went."""
    return _page(request, product, _mail(product, pk))


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def mail_decision(request, product, pk):
    """Make an issue or a note of a quarantined mail, or drop it (POST)."""
    mail = _mail(product, pk)
    if request.method != "POST":
        return redirect("delivery:mail-detail", product.code, pk)
    if "drop" in request.POST:
        form = forms.Form(request.POST)
        status = attempt(form, lambda: filing.drop(mail, by=request.user))
        if status != SAVED:
            return _page(request, product, _mail(product, pk), refused=form, status=status)
        messages.success(request, _("Dropped. It stays in the log."))
        return redirect("delivery:mail-list", product.code)
    if "note" in request.POST:
        note = AsNoteForm(request.POST, prefix="note", product=product)
        status = attempt(
            note,
            lambda: filing.accept_as_note(
                mail,
                by=request.user,
                issue=note.cleaned_data["issue"],
                is_internal=not note.cleaned_data["is_public"],
            ),
        )
        if status != SAVED:
            return _page(request, product, _mail(product, pk), note_form=note, status=status)
    else:
        new = AsIssueForm(request.POST, prefix="new", product=product)
        status = attempt(new, lambda: filing.accept_as_issue(mail, by=request.user, **new.cleaned_data))
        if status != SAVED:
            return _page(request, product, _mail(product, pk), issue_form=new, status=status)
    messages.success(request, _("It stands on %s now.") % mail.issue.ref)
    return redirect("delivery:issue-detail", product.code, mail.issue.number)


@require_safe
@product_view(read=P.INTERNAL_VIEW)
def mail_original(request, product, pk):
    """The mail as it came: as a download, never as something the browser would show."""
    mail = _mail(product, pk)
    return HttpResponse(
        bytes(mail.raw),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="mail-{mail.pk}.eml"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


@require_safe
@product_view(read=P.ISSUE_VIEW)
def attachment(request, product, number, key):
    """A file that came by mail: for whoever sees the issue and the note that it came with."""
    issue = find(request, product, number)
    found = get_object_or_404(
        MailAttachment.objects.select_related("file__content", "mail__note"),
        mail__issue=issue,
        mail__state=InboundMail.State.FILED,
        file__key=key,
    )
    note = found.mail.note
    if note is not None and note.is_internal and P.INTERNAL_VIEW not in request.can:
        raise Http404
    return hand_out(found.file)


def _mail(product, pk) -> InboundMail:
    mail = get_object_or_404(product.inbound_mails.select_related("issue", "decided_by"), pk=pk)
    mail.product = product
    return mail


def _page(request, product, mail, *, issue_form=None, note_form=None, refused=None, status=200):
    waits = mail.state == InboundMail.State.QUARANTINED
    try:
        read = reading.read(bytes(mail.raw))
    except reading.Unreadable:
        read = None
    may = waits and P.ISSUE_WORK in request.can and not product.locked_reason
    thread = filing.thread_of(read, product) if may and read else None
    context = {
        "product": product,
        "tab": "mail",
        "mail": mail,
        "read": read,
        "attachments": mail.attachments.select_related("file"),
        "refused": refused,
    }
    if may and read:
        first = {"title": filing.title_of(mail)}
        context["issue_form"] = issue_form or AsIssueForm(prefix="new", product=product, initial=first)
        context["note_form"] = note_form or AsNoteForm(
            prefix="note", product=product, initial={"issue": thread and thread.number}
        )
    context["may_drop"] = may
    return render(request, "delivery/mail/detail.html", context, status=status)
