"""What becomes of a stored mail: a note on its issue, a new issue, or it waits for a person. Safe to run twice.

Which issue a mail belongs to is said by the token in an address, else by the mails it answers, never by its subject.
Who may write is asked of the sender: a token alone opens nothing.
"""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.issues import answers
from delivery.issues.models import Issue, IssueNote
from delivery.mail import outgoing, reading, tokens
from delivery.mail.models import PROCESS, InboundMail, MailAttachment, Mailbox, OutboundMail, is_too_much
from delivery.mail.thanks import only_thanks
from delivery.mail.trimming import trim
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.files.forms import MAX_SIZE
from pmdm.files.kinds import KINDS, clean_name, ending_of
from pmdm.files.models import File
from pmdm.jobs.outbox import handles

MAX_NOTE, MAX_FILES = 20_000, 20
_ANSWER = re.compile(r"^\s*((re|aw|sv|antw|fw|fwd|wg|tr|rv)\s*(\[\d+\])?\s*:\s*|\[[A-Z0-9-]{1,24} ISS-\d+\]\s*)+", re.I)
_FORWARD = re.compile(r"^\s*(fw|fwd|wg|tr|rv)\s*:", re.I)
State = InboundMail.State


@handles(PROCESS)
@transaction.atomic
def process(payload: dict) -> None:
    """Handler of the outbox: one stored mail."""
    mail = (
        InboundMail.objects.select_for_update(of=("self",))
        .select_related("product__mailbox")
        .filter(pk=payload["mail"], state=State.STORED)
        .first()
    )
    if mail is None:
        return
    try:
        read = reading.read(bytes(mail.raw))
    except reading.Unreadable as error:
        mail.settle(State.QUARANTINED, str(error))
        return
    mail.sender, mail.sender_name, mail.subject = read.sender, read.sender_name, read.subject
    mail.message_id = read.message_id
    mail.text = trim(read.text, forwarded=bool(_FORWARD.match(read.subject)))[:MAX_NOTE]
    mail.save(update_fields=["sender", "sender_name", "subject", "message_id", "text"])
    _route(mail, read)


def _route(mail: InboundMail, read: reading.Mail) -> None:
    product = mail.product
    issue = thread_of(read, product)
    if reason := _sent_by_a_machine(read):
        if read.is_bounce:
            _note_bounce(mail)
        mail.settle(State.AUTOMATIC, reason)
        return
    person = User.objects.filter(email__iexact=read.sender, is_active=True).first()
    permitted = person is not None and product.allows(person, P.ISSUE_REPORT)
    if reason := _doubt(mail, read, product):
        mail.settle(State.QUARANTINED, reason)
    elif not permitted:
        _unknown(mail, product, issue)
    elif issue is None:
        opened = Issue.report(
            product,
            by=person,
            title=title_of(mail),
            description=mail.text,
            source=Issue.Source.MAIL,
            at=mail.received_at,
        )
        file_under(mail, read, opened, by=person)
    elif not product.issues.visible_to(person, product).filter(pk=issue.pk).exists():
        mail.settle(State.QUARANTINED, _("It names an issue that is not its sender's."))
    else:
        _add(mail, read, issue, person)


def thread_of(read: reading.Mail, product) -> Issue | None:
    """The issue of this product that a mail belongs to: by the token in an address, else by the mails it answers."""
    for address in read.to:
        number = tokens.issue_of(tokens.split(address)[1])
        if number is not None and (found := product.issues.filter(pk=number).first()):
            return found
    ids = list(read.references)
    ours = product.outbound_mails.filter(message_id__in=ids).exclude(issue=None).select_related("issue")
    theirs = product.inbound_mails.filter(message_id__in=ids, state=State.FILED).exclude(issue=None)
    mail = ours.first() or theirs.select_related("issue").first()
    return mail and mail.issue


def _sent_by_a_machine(read: reading.Mail) -> str:
    if read.automatic:
        return read.automatic
    if Mailbox.objects.filter(address=tokens.split(read.sender)[0]).exists():
        return _("It came from a mailbox of ours.")
    if read.message_id and OutboundMail.objects.filter(message_id=read.message_id).exists():
        return _("It is a mail of ours that came back.")
    return ""


def _doubt(mail: InboundMail, read: reading.Mail, product) -> str:
    """Why a person should look before anything is done with it, or ''."""
    if product.locked_reason:
        return str(product.locked_reason)
    if is_too_much(read.sender, timezone.now()):
        return _("This address writes more than a person does.")
    for said in read.authentication:
        server, _semicolon, results = said.partition(";")
        ours = settings.MAIL_AUTHSERV_ID and server.strip().lower() == settings.MAIL_AUTHSERV_ID.lower()
        if ours and re.search(r"\bdmarc\s*=\s*fail\b", results, re.I):
            return _("Our mail server says that it is not from who it names (DMARC).")
    return ""


def _unknown(mail: InboundMail, product, issue) -> None:
    first = issue and outgoing.recipient_of(issue) == mail.sender
    mailbox = product.mailbox
    if first:
        mail.settle(State.QUARANTINED, _("It follows %s, whose mail this person wrote.") % issue.ref)
    elif mailbox.unknown == Mailbox.Unknown.ANSWER and outgoing.say_unknown(mailbox, mail):
        mail.settle(State.QUARANTINED, _("Unknown sender; told so."))
    else:
        mail.settle(State.QUARANTINED, _("Unknown sender."))


def _add(mail: InboundMail, read: reading.Mail, issue: Issue, person) -> None:
    """A note by the person who wrote. What one of us writes by mail stays internal: a name is easily forged."""
    at, reason = mail.received_at, ""
    note: IssueNote | None
    if issue.product.allows(person, P.INTERNAL_VIEW):
        note = issue.add_note(by=person, text=mail.text, is_internal=True, at=at)
    else:
        thanks = _says_thanks(mail, read, issue, person)
        was = issue.ref
        heard = answers.hear(issue, by=person, text=mail.text, at=at, thanks=thanks, source=Issue.Source.MAIL)
        issue, note = heard.issue, heard.note
        if heard.what == "reopened":
            reason = _("%s was solved and is open again.") % issue.ref
        elif heard.what == "follows":
            reason = _("%(old)s was solved a while ago: %(new)s follows it.") % {"old": was, "new": issue.ref}
        elif note is not None and note.leaves_solved:
            reason = _("%s is solved and stays so: this says thanks and nothing else.") % issue.ref
        elif not issue.is_open:
            reason = _("%s is solved and stays so.") % issue.ref
    file_under(mail, read, issue, by=person, note=note, reason=reason)


def _says_thanks(mail: InboundMail, read: reading.Mail, issue: Issue, person) -> bool:
    """A mail that says thanks and nothing else: no file, no other subject, no word beside."""
    subject = _ANSWER.sub("", mail.subject).strip().casefold()
    ours = " ".join(issue.title.split()).casefold()
    # Our subject is cut; a mail program may cut it too.
    same = not subject or (len(subject) > 3 and ours.startswith(subject)) or subject == ours
    if read.attachments or not (same or only_thanks(subject)):
        return False
    of_ours = issue.product.memberships.filter(user__organisation=None).values_list("user__name", flat=True)
    client = issue.organisation.name if issue.organisation else ""
    return only_thanks(mail.text, names=[person.name, client, issue.product.name, issue.product.mailbox.name, *of_ours])


def file_under(mail: InboundMail, read: reading.Mail, issue: Issue, *, by, note=None, reason="") -> None:
    """The mail is filed; its attachments are kept by the rules for uploads, or refused with the reason."""
    mail.settle(State.FILED, reason, issue=issue, note=note)
    attach(mail, read, by=by)


def attach(mail: InboundMail, read: reading.Mail, *, by) -> None:
    for number, part in enumerate(read.attachments):
        name = clean_name(part.name)
        refused = (
            _refusal(part, name) if number < MAX_FILES else _("More than %d files came with one mail.") % MAX_FILES
        )
        file = None
        if not refused:
            try:
                # Read by way of its issue only: a client must not get at another's by the product's address of files.
                file = File.keep(mail.product, _Upload(name, part.data), by=by, permission=P.INTERNAL_VIEW)
            except ValidationError as error:
                refused = error.messages[0]
        MailAttachment.objects.create(mail=mail, name=name, file=file, refused=refused[:300])


class _Upload:
    def __init__(self, name: str, data: bytes):
        self.name, self.data = name, data

    def read(self) -> bytes:
        return self.data


def _refusal(part: reading.Attachment, name: str) -> str:
    kind = KINDS.get(ending_of(name))
    if len(part.data) > MAX_SIZE:
        return _("It is larger than a file may be.")
    if kind is None:
        return _("It is of a kind that is not taken.")
    return "" if kind.fits(part.data) else _("It does not hold what its ending says.")


def title_of(mail: InboundMail) -> str:
    """The subject without what mail programs put before it; else its first words."""
    title = _ANSWER.sub("", mail.subject).strip()
    return (title or next((line for line in mail.text.splitlines() if line.strip()), "") or _("Mail of %s") % mail.who)[
        :250
    ]


def _note_bounce(mail: InboundMail) -> None:
    """The answer that could not be delivered is marked, so that somebody sees it."""
    ids = [found.decode("ascii") for found in re.findall(rb"<[!-;=?-~]{1,250}>", bytes(mail.raw)[:200_000])]
    mail.product.outbound_mails.filter(message_id__in=ids, bounced_at=None).update(bounced_at=mail.received_at)


# --- What a person decides --------------------------------------------------------------------------------


@transaction.atomic
def accept_as_issue(mail: InboundMail, *, by, title: str, person=None, organisation=None, at=None, **fields) -> Issue:
    """A quarantined mail becomes an issue: of a client's person, else of whoever wrote, who is answered by mail."""
    issue = Issue.report(
        mail.product, by=person, title=title, description=mail.text, source=Issue.Source.MAIL, at=at,
        **({} if person else {"organisation": organisation}), **fields,
    )  # fmt: skip
    mail.decide(by=by, state=State.FILED, issue=issue, reason="", at=at)
    attach(mail, reading.read(bytes(mail.raw)), by=by)
    return issue


@transaction.atomic
def accept_as_note(mail: InboundMail, *, by, issue: Issue, is_internal=True, at=None) -> None:
    """A quarantined mail becomes a note on an issue, in the name of who accepts it."""
    text = _("%(who)s wrote:") % {"who": mail.who} + "\n\n" + mail.text
    note = issue.add_note(by=by, text=text, is_internal=is_internal, at=at)
    mail.decide(by=by, state=State.FILED, issue=issue, note=note, reason="", at=at)
    attach(mail, reading.read(bytes(mail.raw)), by=by)


def drop(mail: InboundMail, *, by, at=None) -> None:
    """Nothing is done with it; it stays in the log."""
    mail.decide(by=by, state=State.DROPPED, at=at)
