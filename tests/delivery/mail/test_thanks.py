"""A mail that says thanks and nothing else leaves a solved issue solved; anything more opens it again."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from delivery.issues.models import Issue
from delivery.mail import tokens
from delivery.mail.thanks import _PHRASE, only_thanks
from tests.delivery.mail.conftest import mail

NAMES = ["Cleo Client", "Sue Support", "Northwind GmbH"]
THANKS = [
    "Thanks!",
    "thx",
    "Thank you very much.",
    "Thank you so much for the quick fix.",
    "Great, thanks",
    "Thanks 👍",
    "Thanks again for your help :-)",
    "thanks a lot, Sue!\n\nBest regards\nCleo Client\nNorthwind GmbH",
    "Hi Sue,\n\nmany thanks for your quick reply!\n\nCleo",
    "Much appreciated. Have a nice day",
    "Danke",
    "Vielen Dank für die schnelle Hilfe!\n\nViele Grüße\nCleo",
    "Herzlichen Dank, Sue. Mit freundlichen Grüßen",
    "Merci beaucoup pour votre aide.\nCordialement",
    "¡".strip("¡") + "Muchas gracias por su ayuda!",
    "Grazie mille, buona giornata",
    "Bedankt voor de snelle reactie",
]
MORE = [
    "",
    "Great.",
    "ok",
    "Perfect",
    "No thanks",
    "Thanks for nothing",
    "Thanks in advance",
    "Thanks, but it fails again",
    "Thanks. It fails again.",
    "Thanks, it works",
    "Thanks?",
    "Thanks, what about the other one?",
    "Thanks 2",
    "Thanks for the",
    "Thanks, Bob",
    "Thanks.\n\nPS: still red",
    "Thanks\n> quoted",
    "Thanks: no",
    "Danke, geht aber nicht",
    "Danke im Voraus",
    "Merci, mais non",
    "Gracias, pero no funciona",
    "Thanks " * 100,
    "Thanks https://example.org",
    "Thänks",
]


@pytest.mark.parametrize("text", THANKS)
def test_thanks(text):
    assert only_thanks(text, names=NAMES)


@pytest.mark.parametrize("text", MORE)
def test_more_than_thanks(text):
    assert not only_thanks(text, names=NAMES)


@given(st.sampled_from(THANKS), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), st.booleans())
def test_a_word_that_is_no_phrase_makes_it_more(text, word, first):
    assume(not _PHRASE.fullmatch(word) and word not in {each for name in NAMES for each in name.lower().split()})
    # What would complete a phrase ("for the" + "help") stands apart from it.
    assert not only_thanks(f"{word}. {text}" if first else f"{text}. {word}", names=NAMES)


@given(st.text(max_size=60))
def test_what_names_no_thanks_is_none(text):
    heard = ("thank", "thx", "thnx", "tnx", "ty", "apprec", "dank", "merci", "remercie", "gracias", "grazie")
    assume(not any(word in text.lower() for word in heard))
    assert not only_thanks(text)


@given(st.sampled_from(THANKS), st.sampled_from('?%0123456789@/<>"()[]#*'), st.integers(min_value=0))
def test_a_sign_that_thanks_do_not_need_makes_it_more(text, sign, where):
    where %= len(text) + 1
    mixed = text[:where] + sign + text[where:]
    assume(":-)" not in text or sign not in ")(")
    assert not only_thanks(mixed, names=NAMES)


def test_a_client_called_still_broken_is_heard():
    assert not only_thanks("Thanks, still broken", names=["Still Broken Ltd"])


# --- By mail ----------------------------------------------------------------------------------------------


@pytest.fixture
def solved(product, people, mailbox):
    issue = Issue.report(product, by=people.cleo, title="Payment fails")
    issue.resolve(by=people.sue, resolution="Paid")
    return issue


def answer(people, issue, text, **options):
    sender = f"{people.cleo.name} <{people.cleo.email}>"
    to = tokens.address_with("claims@support.example", tokens.token_for(issue.pk))
    subject = options.pop("subject", f"Re: [CLAIMS {issue.ref}] Payment fails")
    return mail(sender, to=to, subject=subject, text=text, **options)


QUOTED = "Thank you, Sue!\n\nOn Monday Claims support wrote:\n> Paid\n> Anything else?\n\n-- \nCleo, +49 30 123"


def test_thanks_with_quotation_and_signature_leaves_it_solved(solved, people, deliver):
    kept = deliver(answer(people, solved, QUOTED))
    solved.refresh_from_db()
    note = solved.notes.get()
    assert (solved.state, solved.reopened, note.leaves_solved, note.is_internal) == ("resolved", 0, True, False)
    assert kept.note == note
    assert "thanks and nothing else" in kept.reason


@pytest.mark.parametrize("text", ["Thank you, but it fails.", "Thanks?", "> Paid\n"])
def test_more_than_thanks_opens_it(solved, people, deliver, text):
    deliver(answer(people, solved, text))
    solved.refresh_from_db()
    assert (solved.state, solved.notes.get().leaves_solved) == ("in_progress", False)


def test_another_subject_and_a_file_are_more(solved, people, deliver):
    deliver(answer(people, solved, "Thanks", subject="Fails again"))
    solved.refresh_from_db()
    assert solved.state == "in_progress"
    solved.resolve(by=people.sue, resolution="Paid")
    with_file = answer(people, solved, "Thanks", message_id="<2@x>")
    with_file.add_attachment(b"x", maintype="text", subtype="plain", filename="log.txt")
    deliver(with_file)
    solved.refresh_from_db()
    assert solved.state == "in_progress"


def test_thanks_to_what_is_open_changes_nothing(solved, people, deliver):
    solved.reopen(by=people.sue, reason="No")
    kept = deliver(answer(people, solved, "Thanks"))
    assert (kept.note.leaves_solved, kept.reason) == (False, "")


def test_thanks_while_we_wait_is_an_answer(solved, people, deliver):
    solved.reopen(by=people.sue, reason="No")
    solved.wait_for_customer(by=people.sue, text="Which?")
    deliver(answer(people, solved, "Thanks"))
    solved.refresh_from_db()
    assert solved.state == "in_progress"


def test_the_issue_says_so_and_one_click_opens_it(solved, people, deliver, as_user):
    deliver(answer(people, solved, "Thanks"))
    url = f"/products/CLAIMS/issues/{solved.number}/"
    text = as_user(people.cleo).get(url).content.decode()
    assert "Thanks only: it stayed solved." in text
    assert "reopening-by-word" not in text
    desk = as_user(people.sue)
    page = desk.get(url).content.decode()
    assert "reopening-by-word" in page
    again = f"{url}reopening-by-word/"
    assert as_user(people.cleo).post(again).status_code == 403
    desk = as_user(people.sue)
    assert desk.post(again).status_code == 302
    solved.refresh_from_db()
    assert (solved.state, solved.reopened) == ("in_progress", 1)
    assert "reopening-by-word" not in desk.get(url).content.decode()
    assert desk.post(again).status_code == 409
