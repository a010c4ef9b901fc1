"""What becomes of mail: threads, strangers, other clients, machines, loops; and what goes out."""

import datetime
import io
import sys
from email import message_from_string
from email.utils import parseaddr

import pytest
from django.core import mail as django_mail
from django.core.management import call_command
from django.utils import timezone

from delivery.issues.models import Issue
from delivery.mail import filing, receiving, tokens
from delivery.models import InboundMail, MailAttachment, Mailbox, OutboundMail
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox
from tests.delivery.mail.conftest import mail
from tests.factories import make_product, retire

pytestmark = pytest.mark.usefixtures("mailbox")


def of(person):
    return f"{person.name} <{person.email}>"


def back_to(issue):
    return tokens.address_with("claims@support.example", tokens.token_for(issue.pk))


def sent():
    outbox.drain()
    return django_mail.outbox


# --- In ---------------------------------------------------------------------------------------------------


def test_a_client_writes_and_it_is_an_issue_of_its_own(product, people, deliver):
    kept = deliver(mail(of(people.cleo), subject="Fwd: Re: Payment fails", text="Nothing is paid.\n-- \nCleo"))
    issue = Issue.objects.get()
    assert (issue.title, issue.reported_by, issue.organisation) == (
        "Payment fails",
        people.cleo,
        people.cleo.organisation,
    )
    assert issue.source == "mail"
    assert issue.description.startswith("Nothing is paid.")
    assert (kept.state, kept.issue, kept.note) == ("filed", issue, None)
    assert bytes(kept.raw).startswith(b"From: ")


def test_an_answer_finds_its_issue_by_the_token(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    kept = deliver(mail(of(people.cleo), to=back_to(issue), subject="anything", message_id="<2@x>"))
    assert issue.notes.get().text == "Nothing is paid."
    assert (kept.note, Issue.objects.count()) == (issue.notes.get(), 1)


def test_an_answer_finds_its_issue_by_what_it_answers(people, deliver):
    deliver(mail(of(people.cleo), message_id="<first@x>"))
    deliver(mail(of(people.cleo), message_id="<2@x>", In_Reply_To="<first@x>", subject="Re: other words"))
    issue = Issue.objects.get()
    assert issue.notes.count() == 1
    issue.respond(by=people.sue, text="Which payment?")
    (out,) = sent()
    deliver(mail(of(people.cleo), message_id="<3@x>", References=f"<z@z> {out.extra_headers['Message-ID']}"))
    assert issue.notes.count() == 3


def test_the_subject_alone_threads_nothing(people, product, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    deliver(mail(of(people.cleo), subject=f"Re: [CLAIMS {issue.ref}] Payment"))
    assert Issue.objects.count() == 2
    assert not issue.notes.exists()
    assert Issue.objects.first().title == "Payment"


def test_the_same_mail_again_changes_nothing(people, deliver):
    for _time in range(3):
        deliver(mail(of(people.cleo)))
    for _time in range(2):
        deliver(mail(of(people.cleo), message_id="", text="Without an id"))
    assert Issue.objects.count() == 2
    for row in Outbox.objects.filter(kind="mail.process"):
        filing.process(row.payload)
    assert Issue.objects.count() == 2


def test_an_answer_lets_a_waiting_clock_run(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.wait_for_customer(by=people.sue, text="Which?")
    deliver(mail(of(people.cleo), to=back_to(issue)))
    issue.refresh_from_db()
    assert issue.state == "in_progress"


def test_an_answer_without_a_word_says_what_came(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    message = mail(of(people.cleo), to=back_to(issue), text="\n")
    message.add_attachment(b"1;2", maintype="text", subtype="csv", filename="claims.csv")
    deliver(message)
    assert issue.notes.get().text == "(No words, only what is attached.)"


def test_an_answer_to_what_is_solved_opens_it_again(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.resolve(by=people.sue, resolution="Paid")
    kept = deliver(mail(of(people.cleo), to=back_to(issue)))
    issue.refresh_from_db()
    assert (issue.state, issue.reopened) == ("in_progress", 1)
    assert (kept.issue, kept.note) == (issue, issue.notes.get())
    assert issue.ref in kept.reason


def test_an_answer_long_after_is_an_issue_that_follows(product, people, deliver):
    long_ago = timezone.now() - datetime.timedelta(days=40)
    issue = Issue.report(product, by=people.cleo, title="Payment", at=long_ago)
    issue.resolve(by=people.sue, resolution="Paid", at=long_ago + datetime.timedelta(days=1))
    kept = deliver(mail(of(people.cleo), to=back_to(issue)))
    issue.refresh_from_db()
    new = Issue.objects.get(follows=issue)
    assert (issue.state, new.source, kept.issue, kept.note) == ("resolved", "mail", new, None)


def test_what_one_of_us_writes_by_mail_stays_internal(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    deliver(mail(of(people.sue), to=back_to(issue)))
    assert issue.notes.get().is_internal
    assert sent() == []


# --- Strangers and other clients --------------------------------------------------------------------------


def test_a_token_opens_nothing_to_another_client(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    for sender in (of(people.olga), "x@nowhere.example", of(people.charlie)):
        kept = deliver(mail(sender, to=back_to(issue), message_id=f"<{hash(sender)}@x>"))
        assert kept.state == "quarantined"
    assert not issue.notes.exists()
    assert sent() == []


def test_the_token_of_another_product_is_none(product, people, deliver):
    other = make_product(code="OTHER")
    issue = other.issues.create(title="Elsewhere", organisation=people.cleo.organisation)
    deliver(mail(of(people.cleo), to=back_to(issue)))
    assert not issue.notes.exists()
    assert product.issues.count() == 1


def test_a_stranger_waits_in_quarantine_without_an_answer(deliver):
    kept = deliver(mail("x@nowhere.example"))
    assert (kept.state, kept.reason) == ("quarantined", "Unknown sender.")
    assert not Issue.objects.exists()
    assert sent() == []


def test_a_stranger_is_answered_once_a_day_where_configured(mailbox, deliver):
    Mailbox.objects.update(unknown="answer")
    for number in range(3):
        deliver(mail("x@nowhere.example", message_id=f"<{number}@x>", text="secret words"))
    (out,) = sent()
    assert out.extra_headers["Auto-Submitted"] == "auto-replied"
    assert "secret words" not in out.body
    assert out.to == ["x@nowhere.example"]
    # A machine gets none at all.
    deliver(mail("y@nowhere.example", message_id="<9@x>", Auto_Submitted="auto-replied"))
    assert len(sent()) == 1


def test_no_mailbox_no_mail(product, deliver, people):
    assert deliver(mail(of(people.cleo), to="someone@else.example")) == []
    Mailbox.objects.update(is_active=False)
    assert deliver(mail(of(people.cleo))) == []
    assert deliver(mail(of(people.cleo), to="undisclosed@x.example"), to="CLAIMS+x@support.example") == []
    Mailbox.objects.update(is_active=True)
    assert deliver(mail(of(people.cleo), to="undisclosed@x.example"), to="CLAIMS+x@support.example").state == "filed"


def test_our_own_server_doubts_the_sender(settings, people, deliver):
    settings.MAIL_AUTHSERV_ID = "mx.pmdm.example"
    forged = {"Authentication_Results": "mx.pmdm.example; dmarc=fail header.from=client.example"}
    assert deliver(mail(of(people.cleo), message_id="<1@x>", **forged)).state == "quarantined"
    # What another server says may have been written by the sender.
    other = {"Authentication_Results": "mx.evil.example; dmarc=fail"}
    assert deliver(mail(of(people.cleo), message_id="<2@x>", **other)).state == "filed"


def test_a_retired_product_takes_no_issues(product, people, deliver):
    retire(product, by=people.dora)
    assert deliver(mail(of(people.cleo))).state == "quarantined"


# --- Machines and loops -----------------------------------------------------------------------------------


def test_an_auto_reply_makes_nothing(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    kept = deliver(mail(of(people.cleo), to=back_to(issue), Auto_Submitted="auto-replied", subject="Out of office"))
    assert kept.state == "automatic"
    assert not issue.notes.exists()


def test_mail_of_our_own_mailbox_or_with_our_own_id_ends_here(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.respond(by=people.sue, text="We look")
    (out,) = sent()
    back = bytes(out.message())
    assert deliver(back.replace(b"To: cleo", b"X-To: cleo"), to=back_to(issue)).state == "automatic"
    own = mail(of(people.cleo), message_id=out.extra_headers["Message-ID"], to=back_to(issue), text="other")
    InboundMail.objects.all().delete()
    assert deliver(own).state == "automatic"
    assert issue.notes.count() == 1
    assert len(sent()) == 1


def test_one_address_cannot_flood(monkeypatch, people, deliver):
    from delivery.mail import models

    monkeypatch.setattr(models, "PER_SENDER", 3)
    states = [deliver(mail(of(people.cleo), message_id=f"<{number}@x>")).state for number in range(5)]
    assert states == ["filed", "filed", "filed", "quarantined", "quarantined"]


def test_a_bounce_marks_the_answer(product, people, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.respond(by=people.sue, text="We look")
    (out,) = sent()
    bounce = mail("MAILER-DAEMON@mx.example", message_id="<b@mx>", Return_Path="<>", text=f"Sorry\n{out.message()}")
    assert deliver(bounce).state == "automatic"
    assert OutboundMail.objects.get().bounced_at


# --- Files ------------------------------------------------------------------------------------------------


def with_files(sender, **extra):
    message = mail(sender, **extra)
    message.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="../../bill.pdf")
    message.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="x.svg")
    message.add_attachment(b"MZ", maintype="application", subtype="pdf", filename="program.pdf")
    return message


def test_files_are_kept_by_the_rules_for_uploads(people, as_user, deliver):
    deliver(with_files(of(people.cleo)))
    kept = [(each.name, bool(each.file), bool(each.refused)) for each in MailAttachment.objects.all()]
    assert kept == [("bill.pdf", True, False), ("x.svg", False, True), ("program.pdf", False, True)]
    issue, file = Issue.objects.get(), MailAttachment.objects.first().file
    url = f"/products/CLAIMS/issues/{issue.number}/attachments/{file.key}/"
    page = as_user(people.cleo).get(f"/products/CLAIMS/issues/{issue.number}/").content.decode()
    assert url in page
    answer = as_user(people.cleo).get(url)
    assert (answer.content, answer["Content-Disposition"]) == (b"%PDF-1.7 x", 'attachment; filename="bill.pdf"')
    assert as_user(people.olga).get(url).status_code == 404
    # Nor by the address that all files of a product have.
    assert as_user(people.olga).get(f"/products/CLAIMS/files/{file.key}/").status_code == 403


def test_a_file_of_an_internal_note_is_internal(product, people, as_user, deliver):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    deliver(with_files(of(people.sue), to=back_to(issue)))
    file = MailAttachment.objects.first().file
    url = f"/products/CLAIMS/issues/{issue.number}/attachments/{file.key}/"
    assert as_user(people.cleo).get(url).status_code == 404
    assert as_user(people.bob).get(url).status_code == 200
    assert file.key not in as_user(people.cleo).get(f"/products/CLAIMS/issues/{issue.number}/").content.decode()


# --- Out --------------------------------------------------------------------------------------------------


def test_an_answer_goes_to_the_reporter_and_carries_its_thread(people, deliver):
    deliver(mail(of(people.cleo), message_id="<first@x>", subject="Payment\tfails"))
    issue = Issue.objects.get()
    note = issue.respond(by=people.sue, text="Which <payment>?")
    issue.respond(by=people.sue, text="And when?")
    first, second = sent()
    assert first.to == [people.cleo.email]
    assert first.reply_to == [back_to(issue)]
    assert first.subject == f"[CLAIMS {issue.ref}] Payment fails"
    assert "Which <payment>?" in first.body
    headers = message_from_string(second.message().as_string())
    assert headers["In-Reply-To"] == "<first@x>"
    assert headers["References"].split() == ["<first@x>", first.extra_headers["Message-ID"]]
    assert first.extra_headers["Message-ID"].startswith(f"<issue-{issue.pk}-note-{note.pk}@")
    assert parseaddr(headers["From"]) == ("Claims support", "claims@support.example")


def test_nothing_internal_goes_out(people, product):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    issue.add_note(by=people.sue, text="Secret suspicion", is_internal=True)
    issue.take(by=people.sue)
    issue.resolve(by=people.sue, resolution="Paid again", root_cause="Secret cause")
    issue.add_note(by=people.cleo, text="Thank you")
    (out,) = sent()
    everything = out.message().as_string()
    assert "Paid again" in everything
    for secret in ("Secret", "Bob", "Contoso", people.sue.email):
        assert secret not in everything


def test_who_is_not_written_to(people, product):
    by_staff = Issue.report(product, by=people.bob, title="Found by us")
    by_staff.respond(by=people.sue, text="Yes")
    gone = Issue.report(product, by=people.cleo, title="Payment")
    people.cleo.is_active = False
    people.cleo.save()
    gone.respond(by=people.sue, text="Still there?")
    assert sent() == []
    Mailbox.objects.update(is_active=False)
    Issue.report(product, by=people.olga, title="x").respond(by=people.sue, text="Yes")
    assert sent() == []


def test_sent_twice_is_one_mail_of_one_id(people, product):
    from delivery.mail.outgoing import send

    Issue.report(product, by=people.cleo, title="Payment").respond(by=people.sue, text="Yes")
    assert len(sent()) == 1
    row = OutboundMail.objects.get()
    send({"mail": row.pk})
    assert len(django_mail.outbox) == 1
    # A worker that died after sending and before the mark.
    OutboundMail.objects.update(sent_at=None)
    send({"mail": row.pk})
    assert len({out.extra_headers["Message-ID"] for out in django_mail.outbox}) == 1


def test_names_cannot_write_headers(people, product):
    Mailbox.objects.update(name='Evil"\r\nBcc: x@y.example\r\n<z>')
    Issue.report(product, by=people.cleo, title="Payment\nBcc: x@y.example").respond(by=people.sue, text="Yes")
    (out,) = sent()
    assert "Bcc" not in out.message()


# --- Quarantine -------------------------------------------------------------------------------------------


def test_staff_make_an_issue_of_it_and_answer_who_wrote(people, product, as_user, deliver):
    kept = deliver(with_files("New Person <new@client.example>", text="Help"))
    browser = as_user(people.sue)
    url = f"/products/CLAIMS/mail/{kept.pk}/"
    assert browser.get("/products/CLAIMS/mail/").content.decode().count("New Person") >= 1
    assert "Help" in browser.get(url).content.decode()
    data = {
        "new-title": "Help asked",
        "new-type": "request",
        "new-organisation": people.cleo.organisation_id,
        "issue": "1",
    }
    assert browser.post(f"{url}decision/", {**data, "new-title": ""}).status_code == 422
    assert browser.post(f"{url}decision/", data).status_code == 302
    assert browser.post(f"{url}decision/", data).status_code == 409
    issue = Issue.objects.get()
    assert (issue.reported_by, issue.organisation) == (None, people.cleo.organisation)
    assert MailAttachment.objects.exclude(file=None).count() == 1
    issue.respond(by=people.sue, text="We can")
    (out,) = sent()
    assert (out.to, out.extra_headers["In-Reply-To"]) == (["new@client.example"], "<1@client.example>")
    assert "/products/" not in out.body  # no link for who cannot sign in
    # The next mail of this person waits again, with the issue that it belongs to.
    again = deliver(mail("new@client.example", to=back_to(issue), message_id="<2@x>"))
    assert (again.state, issue.ref in again.reason) == ("quarantined", True)
    page = browser.get(f"/products/CLAIMS/mail/{again.pk}/")
    assert page.context["note_form"].initial["issue"] == issue.number
    browser.post(f"/products/CLAIMS/mail/{again.pk}/decision/", {"note-issue": issue.number, "note": "1"})
    note = issue.notes.latest("pk")
    assert note.is_internal
    assert "new@client.example wrote:" in note.text


def test_a_quarantined_mail_is_dropped_once(people, as_user, deliver):
    kept = deliver(mail("x@nowhere.example"))
    url = f"/products/CLAIMS/mail/{kept.pk}/decision/"
    assert as_user(people.stella).post(url, {"drop": "1"}).status_code == 403
    assert as_user(people.cleo).post(url, {"drop": "1"}).status_code == 403
    browser = as_user(people.bob)
    assert browser.post(url, {"drop": "1"}).status_code == 302
    assert browser.post(url, {"drop": "1"}).status_code == 409
    kept.refresh_from_db()
    assert (kept.state, kept.decided_by) == ("dropped", people.bob)


def test_clients_never_see_the_log(people, as_user, deliver):
    kept = deliver(mail("x@nowhere.example"))
    for name in ("cleo", "olga", "charlie"):
        browser = as_user(getattr(people, name))
        for path in ("", "address/", f"{kept.pk}/", f"{kept.pk}/original.eml"):
            assert browser.get(f"/products/CLAIMS/mail/{path}").status_code in (403, 404)


def test_the_original_is_a_download(people, as_user, deliver):
    kept = deliver(mail("x@nowhere.example", text="<script>alert(1)</script>"))
    answer = as_user(people.sue).get(f"/products/CLAIMS/mail/{kept.pk}/original.eml")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    page = as_user(people.sue).get(f"/products/CLAIMS/mail/{kept.pk}/").content.decode()
    assert "<script>alert(1)" not in page


def test_the_address_of_a_product(people, product, as_user):
    url = "/products/CLAIMS/mail/address/"
    browser = as_user(people.dora)
    good = {"address": "Claims@Support.Example", "name": "Claims", "unknown": "answer", "is_active": "on"}
    for bad in ("nonsense", "a+b@support.example", people.cleo.email):
        assert browser.post(url, {**good, "address": bad}).status_code == 422
    assert browser.post(url, good).status_code == 302
    assert (product.mailbox.address, product.mailbox.unknown) == ("claims@support.example", "quarantine")
    assert Mailbox.objects.get().unknown == "answer"
    assert as_user(people.sue).post(url, good).status_code == 403


def test_the_log_costs_the_same_at_3_and_300_rows(people, product, as_user):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, counts = as_user(people.dora), []
    for rows in (3, 300):
        InboundMail.objects.bulk_create(
            InboundMail(product=product, digest=f"{rows}-{number}", raw=b"", state="quarantined")
            for number in range(rows)
        )
        browser.get("/products/CLAIMS/mail/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/products/CLAIMS/mail/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


# --- The ways in ------------------------------------------------------------------------------------------


class Imap:
    """As much of a server as fetching needs."""

    def __init__(self, mails):
        self.mails, self.flags, self.left = mails, {}, False

    def select(self, folder):
        self.folder = folder
        return "OK", [b"1"]

    def uid(self, command, *arguments):
        if command == "search":
            new = [b"%d" % number for number in self.mails if number not in self.flags]
            return "OK", [b" ".join(new)]
        number = int(arguments[0])
        if command == "store":
            self.flags[number] = arguments[2]
            return "OK", [b""]
        if "SIZE" in arguments[1]:
            return "OK", [b"1 (UID %d RFC822.SIZE %d)" % (number, len(self.mails[number]))]
        return "OK", [(b"1 (BODY[] {9}", self.mails[number]), b")"]

    def logout(self):
        self.left = True


def test_a_mailbox_is_fetched(people, monkeypatch):
    mails = {1: bytes(mail(of(people.cleo))), 2: bytes(mail(to="nobody@x.example")), 3: b"x" * 5000}
    monkeypatch.setattr(receiving, "MAX_MAIL", 4000)
    server = Imap(mails)
    assert receiving.fetch("imaps://u:p@host/Support%20box", connect=lambda url: server) == 1
    assert server.flags == {1: r"(\Seen)", 2: r"(\Flagged)", 3: r"(\Flagged)"}
    assert (server.folder, server.left) == ("Support box", True)
    # It died after keeping, before marking: the mail comes again and is the same.
    server.flags = {}
    receiving.fetch("imaps://u:p@host", connect=lambda url: server)
    outbox.drain()
    assert Issue.objects.count() == 1


def test_a_mail_that_nothing_can_keep_does_not_keep_those_behind_it(people, monkeypatch):
    mails = {1: b"From: a@b.example\n\n", 2: bytes(mail(of(people.cleo)))}
    keep = InboundMail.keep

    def cannot(mailbox, raw, **options):
        raise ValueError("such as no database takes")

    server = Imap({1: bytes(mail(of(people.cleo))), 2: bytes(mail(of(people.cleo), message_id="<2@x>"))})
    monkeypatch.setattr(InboundMail, "keep", cannot)
    assert receiving.fetch("imaps://u:p@host", connect=lambda url: server) == 0
    assert server.flags == {1: r"(\Flagged)", 2: r"(\Flagged)"}, "left to whoever looks after the mailbox"
    monkeypatch.setattr(InboundMail, "keep", keep)
    server = Imap(mails)
    assert receiving.fetch("imaps://u:p@host", connect=lambda url: server) == 1


def test_hostile_headers_are_kept_and_settled(people, deliver):
    for number, raw in enumerate(
        [
            b"From: a\xfc\x00@b.example\nTo: claims@support.example\nMessage-ID: <1\x00\xfc@x>\n\nx",
            b"From: a@b.example\nTo: claims@support.example\nAuto-Submitted: y\x00\xfc\n\nx",
            b"From: a@b.example\nTo: claims@support.example\nReferences: <3\x00\xfc@x>\n\nx",
            b"From: " + b"a" * 64 + b"@" + b"b" * 190 + b"\nTo: claims@support.example\n\nx",
            b"From: a@b.example\nTo: claims@support.example\nContent-Type: text/plain; charset=undefined\n\nx",
        ]
    ):
        kept = deliver(raw)
        assert kept.state in ("quarantined", "automatic"), number
    assert not Outbox.objects.filter(done_at=None).exists()


def test_a_mailbox_that_fails_does_not_keep_the_others(settings, people, monkeypatch):
    settings.MAIL_IMAP_URLS = ["imaps://a", "imaps://b"]
    server = Imap({1: bytes(mail(of(people.cleo)))})

    def connect(url):
        if url.endswith("a"):
            raise OSError("no host")
        return server

    monkeypatch.setattr(receiving, "_connect", connect)
    assert receiving.fetch_all() == 1


def test_a_piped_mail(product, people, monkeypatch, capsys):
    def pipe(raw, *arguments):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        try:
            call_command("receive_mail", *arguments)
        except SystemExit as end:
            return end.code
        return 0

    assert pipe(bytes(mail(of(people.cleo)))) == 0
    assert pipe(bytes(mail(of(people.cleo), to="x@y.example"))) == 67
    assert pipe(bytes(mail(of(people.cleo), to="x@y.example")), "--to", "claims@support.example") == 0
    assert pipe(b"") == 67
    # A blind copy, or an address that was rewritten: where it was delivered alone says which issue it answers.
    issue = Issue.report(product, by=people.cleo, title="Payment")
    answer = bytes(mail(of(people.cleo), to="x@y.example", message_id="<blind@x>"))
    assert pipe(answer, "--to", back_to(issue)) == 0
    outbox.drain()
    assert issue.notes.get().mail.message_id == "<blind@x>"
    InboundMail.objects.filter(message_id="<blind@x>").delete()
    monkeypatch.setattr(receiving, "MAX_MAIL", 10)
    assert pipe(bytes(mail(of(people.cleo)))) == 65
    assert InboundMail.objects.count() == 1
