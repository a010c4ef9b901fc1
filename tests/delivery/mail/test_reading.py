"""Mails of several programs, read: plain, HTML, signed, forwarded, with files, of machines, broken."""

import datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.mail import reading, tokens
from delivery.mail.html import to_text
from delivery.mail.trimming import trim
from tests.delivery.mail.conftest import mail

THUNDERBIRD = b"""From: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <Juergen@Client.Example>
To: Support <claims+x@support.example>, other@client.example
Subject: =?UTF-8?B?UmU6IFrDpGhsdW5n?=
Message-ID: <tb-1@client.example>
In-Reply-To: <issue-1-note-2@pmdm.example>
References: <a@x> <issue-1-note-2@pmdm.example>
Date: Mon, 8 Jun 2026 10:00:00 +0200
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1; format=flowed
Content-Transfer-Encoding: quoted-printable

Es geht wieder nicht, gr=FC=DFe.

Am 08.06.26 um 09:12 schrieb Claims support:
> Bitte versuchen Sie es noch einmal.

--=20
J=FCrgen
"""

GMAIL = b"""From: Cleo <cleo@client.example>
To: claims@support.example
Subject: Re: Payment
Message-ID: <gm@mail.gmail.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="UTF-8"

Thanks, but *nothing* changed.

On Mon, Jun 8, 2026 at 9:12 AM Claims support
<claims@support.example> wrote:

> Please try again.
>
--b
Content-Type: text/html; charset="UTF-8"

<div dir="ltr">Thanks, but <b>nothing</b> changed.</div><blockquote>Please try again.</blockquote>
--b--
"""

OUTLOOK = b"""From: "Doe, Jane" <jane@client.example>
To: claims@support.example
Subject: RE: Payment
Message-ID: <ol@outlook.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: text/html; charset="utf-8"

<html><head><style>p {color: red}</style><title>x</title></head><body>
<p>It fails at <a href="https://x.example/a">this page</a>.</p>
<p>Jane</p><hr><p><b>From:</b> Claims support<br><b>Sent:</b> Monday<br><b>To:</b> Jane<br><b>Subject:</b> Payment</p>
<p>Please try again.</p><script>alert(1)</script></body></html>
--m
Content-Type: image/png; name="shot.png"
Content-Disposition: inline; filename="shot.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--m--
"""

SIGNED = b"""From: cleo@client.example
To: claims@support.example
Subject: Signed
Message-ID: <s@client.example>
MIME-Version: 1.0
Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"

--s
Content-Type: text/plain

This is signed.
--s
Content-Type: application/pkcs7-signature; name="smime.p7s"
Content-Disposition: attachment; filename="smime.p7s"
Content-Transfer-Encoding: base64

MIAGCSqGSIb3
--s--
"""


def test_a_plain_mail_of_thunderbird():
    read = reading.read(THUNDERBIRD)
    assert (read.sender, read.sender_name) == ("juergen@client.example", "Jürgen Müller")
    assert read.subject == "Re: Zählung"
    assert read.to == ("claims+x@support.example", "other@client.example")
    assert read.references == ("<a@x>", "<issue-1-note-2@pmdm.example>")
    assert read.sent_at == datetime.datetime(2026, 6, 8, 8, tzinfo=datetime.UTC)
    assert trim(read.text) == "Es geht wieder nicht, grüße."


def test_alternatives_of_gmail():
    read = reading.read(GMAIL)
    assert "<div" not in read.text
    assert trim(read.text) == "Thanks, but *nothing* changed."


def test_html_of_outlook():
    read = reading.read(OUTLOOK)
    assert trim(read.text).startswith("It fails at this page <https://x.example/a>.\n\nJane")
    assert "Please try again" not in trim(read.text)
    assert "Please try again" in read.text
    assert "alert(1)" not in read.text
    assert "color" not in read.text
    assert [(file.name, file.data) for file in read.attachments] == [("shot.png", b"\x89PNG\r\n\x1a\n")]


def test_a_signed_mail():
    read = reading.read(SIGNED)
    assert read.text.strip() == "This is signed."
    assert [file.name for file in read.attachments] == ["smime.p7s"]


def test_a_forwarded_mail_is_all_of_what_is_said():
    text = "Please look.\n\n---------- Forwarded message ---------\nFrom: x@y.example\n\nIt burns.\n\n-- \nX"
    assert "It burns." in trim(text)
    outlook = "See below.\n\nFrom: x@y.example\nSent: Monday\nTo: me\n\nIt burns."
    assert "It burns." not in trim(outlook)
    assert "It burns." in trim(outlook, forwarded=True)


def test_a_mail_in_a_mail_is_a_file():
    outer, inner = mail(text="See the mail"), mail(subject="Inner", text="Inside")
    outer.add_attachment(inner)
    read = reading.read(bytes(outer))
    assert read.text.strip() == "See the mail"
    (file,) = read.attachments
    assert file.name == "mail.eml"
    assert b"Inside" in file.data


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Hello\n-- \nBob\nTel 1", "Hello"),
        ("Hello\n\nSent from my iPhone", "Hello"),
        ("> only quoted", "> only quoted"),
        ("", ""),
        ("Top\n\n-----Original Message-----\nFrom: a\nOld", "Top"),
        ("Top\n________________________________\nVon: a\nGesendet: heute\nOld", "Top"),
        ("Le lun. 8 juin 2026 à 09:12, Support <a@b.example> a écrit :\n> Vieux\n", None),
        ("Neu\n\nAm Mo., 8. Juni 2026 um 09:12 Uhr schrieb Support <\na@b.example>:\n\n> Alt", "Neu"),
        # Answers between the lines need what they answer.
        ("On Mon, Bob wrote:\n> One?\nYes.\n> Two?\nNo.", "On Mon, Bob wrote:\n> One?\nYes.\n> Two?\nNo."),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("> quoted first\n\nMy answer", "> quoted first\n\nMy answer"),
        ("My answer\n\n> quoted last", "My answer"),
    ],
)
def test_what_was_written_now(text, own):
    assert trim(text) == (text.strip() if own is None else own)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["> q", "a", "", "-- ", "On Mon, x wrote:", "From: a", "Sent: b", "____"]), max_size=12)
)
def test_trimming_never_loses_everything(lines):
    text = "\n".join(lines)
    own = trim(text)
    assert bool(own) == bool(text.strip())
    assert {line.rstrip() for line in own.split("\n")} <= {line.rstrip() for line in text.split("\n")}


# --- Machines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated (rejected)"}, {"Precedence": "bulk"},
        {"Precedence": "auto_reply"}, {"List_Id": "<x.example>"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"}, {"List_Unsubscribe": "<mailto:x@y.example>"},
    ],
)  # fmt: skip
def test_a_machine_is_known(headers):
    assert reading.read(bytes(mail(**headers))).automatic


def test_a_person_is_no_machine():
    read = reading.read(bytes(mail(Auto_Submitted="no", Precedence="normal", Return_Path="<a@b.example>")))
    assert not read.automatic
    assert not read.is_bounce


def test_a_bounce():
    raw = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: claims@support.example
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary="r"

--r
Content-Type: text/plain

Not found.
--r
Content-Type: message/rfc822

Message-ID: <issue-1-note-2@pmdm.example>
Subject: x

y
--r--
"""
    read = reading.read(raw)
    assert read.is_bounce
    assert read.automatic == "bounce"


# --- Hostile ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0\xff", b"From:\n\nx", b"From: nobody\n\nx", b"From: <>\n\n",
        b"From: a b@c\n d\n\n",
    ],
)  # fmt: skip
def test_nobody_sent_it(raw):
    with pytest.raises(reading.Unreadable):
        reading.read(raw)


def test_broken_headers_read_as_empty():
    raw = (
        b"From: cleo@client.example\nTo: \xff\xfe, x@y.example\nSubject: =?utf-8?B?!!!?= \x00 x\nMessage-ID: nonsense\n"
        b"Date: soon\nContent-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: base64\n\n!!!!"
    )
    read = reading.read(raw)
    assert (read.message_id, read.sent_at) == ("", None)
    assert "x@y.example" in read.to
    assert "\0" not in read.subject


@pytest.mark.parametrize("charset", ["undefined", "unicode_escape", "utf-7", "idna", "rot13", "utf\0-8", "klingon"])
def test_whatever_encoding_is_named_the_words_can_be_kept(charset):
    body = rb"Paid \ud800 +2AA- \x00 twice" + b"\xff\x00"
    raw = b"From: a@b.example\nContent-Type: text/plain; charset=%s\n\n%s" % (charset.encode(), body)
    text = reading.read(raw).text
    assert "Paid" in text
    assert text.encode().decode() == text
    assert "\0" not in text


def test_what_cannot_be_kept_is_in_no_part_of_it():
    raw = (
        b"From: \xfc\x00 <a\xfc\x00@b.example>, Cleo \x01\xfc <c@d.example>\nMessage-ID: <1\x00\xfc@x>\n"
        b"References: <2\x00\xfc@x>\nAuto-Submitted: no\x00\xfc\nSubject: \x00\xfc x\n\nx"
    )
    read = reading.read(raw)
    assert read.sender == "c@d.example", "the first of them is no address"
    for said in (read.message_id, *read.references, read.automatic, read.subject, read.sender_name):
        assert "\0" not in said
        assert said.encode().decode() == said
    assert reading.envelope(raw)[0] == read.message_id


def test_parts_and_comments_without_end():
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    raw = b"From: a@b.example\nMessage-ID: <1@x>\nTo: c@d.example\n" + deep + b"\n\nx"
    assert reading.envelope(raw) == ("<1@x>", ["c@d.example"])
    with pytest.raises(reading.Unreadable):
        reading.read(raw)
    with pytest.raises(reading.Unreadable):
        reading.read(b"From: " + b"(" * 5000 + b"a@b.example\n\nx")


def test_an_alternative_that_no_person_reads_is_no_word_and_no_file():
    """The entry of an invitation, and a page for one mail program alone."""
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("Let us talk on Monday.")
    message.add_alternative("<p>Let us talk on Monday.</p>", subtype="html")
    message.add_alternative("BEGIN:VCALENDAR", subtype="calendar")
    message.add_alternative("<html amp4email></html>", subtype="x-amp-html")
    read = reading.read(bytes(message))
    assert (read.text.strip(), read.attachments) == ("Let us talk on Monday.", ())
    message.make_mixed()
    message.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="invite.ics")
    message.attach(EmailMessage())
    message.get_payload()[-1].set_content("a;b", subtype="csv")
    read = reading.read(bytes(message))
    assert [part.name for part in read.attachments] == ["invite.ics", "part.csv"]
    assert read.text.strip() == "Let us talk on Monday."


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=80))
def test_any_bytes_are_read_or_refused(body, header):
    line = header.replace("\r", "").replace("\n", "").encode("utf-8", "surrogatepass")
    for raw in (body, b"From: a@b.example\nSubject: " + line + b"\nContent-Type: " + line + b"\n\n" + body):
        reading.envelope(raw)
        try:
            read = reading.read(raw)
        except reading.Unreadable:
            continue
        assert len(read.subject) <= 250
        assert "\0" not in read.text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/abp \n&;\"'=!-", max_size=200))
def test_html_is_always_only_text(html):
    assert "<script" not in to_text(f"<p>{html}</p><script>bad</script>").lower() or "<script" in html.lower()


def test_links_that_run_programs_are_no_links():
    assert to_text('<a href="javascript:alert(1)">here</a>') == "here"
    assert to_text('<a href="https://x.example">https://x.example</a>') == "https://x.example"
    assert to_text("<ul><li>one<li>two</ul><blockquote>q<br>r</blockquote>after") == "- one\n- two\n> q\n> r\nafter"


# --- Tokens -----------------------------------------------------------------------------------------------


@given(st.integers(min_value=1, max_value=2**40))
def test_a_token_names_its_issue_and_no_other(number):
    token = tokens.token_for(number)
    assert tokens.issue_of(token) == number
    assert tokens.issue_of(token.upper()) == number
    assert tokens.issue_of(f"{number + 1:x}-{token.split('-')[1]}") is None
    address = tokens.address_with("claims@support.example", token)
    assert tokens.split(address) == ("claims@support.example", token)
    assert len(address.split("@")[0]) <= 64


@pytest.mark.parametrize("token", ["", "x", "1-", "1-" + "a" * 26, "-" + "a" * 26, "g-" + "a" * 26, "é" * 28])
def test_what_is_no_token(token):
    assert tokens.issue_of(token) is None
