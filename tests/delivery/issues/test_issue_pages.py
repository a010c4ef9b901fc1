"""Issues in the browser's requests: report, notes, moves, import."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from delivery.models import Issue, KnownGap
from pmdm.interchange.models import Upload

pytestmark = pytest.mark.django_db
URL = "/products/CLAIMS/issues/"


def test_a_title_is_enough(product, people, as_user):
    browser = as_user(people.cleo)
    response = browser.post(URL + "new/", {"title": "It is broken", "type": "bug", "severity": "3"})
    issue = Issue.objects.get()
    assert response.status_code == 302
    assert response.url == f"{URL}{issue.number}/"
    assert (issue.reported_by, issue.organisation) == (people.cleo, people.cleo.organisation)


def test_a_client_cannot_speak_for_another(product, people, contoso, as_user):
    as_user(people.cleo).post(
        URL + "new/",
        {"title": "Sneaky", "type": "bug", "severity": "3", "organisation": contoso.pk, "assignee": people.dora.pk},
    )
    issue = Issue.objects.get()
    assert (issue.organisation, issue.assignee) == (people.cleo.organisation, None)


def test_nothing_is_saved_without_a_title_and_the_text_stays(product, people, as_user):
    response = as_user(people.cleo).post(
        URL + "new/", {"title": "", "type": "bug", "severity": "3", "description": "Long"}
    )
    assert response.status_code == 422
    assert "Long" in response.content.decode()
    assert not Issue.objects.exists()


def test_known_gaps_are_shown_before_filing(product, people, as_user):
    gap = KnownGap.accept(product, by=people.dora, title="Bulk payment is missing", workaround="One by one")
    browser = as_user(people.cleo)
    form = {"title": "No bulk payment", "type": "bug", "severity": "3"}
    response = browser.post(URL + "new/", form)
    assert response.status_code == 422
    assert "One by one" in response.content.decode()
    assert not Issue.objects.exists()
    assert browser.post(URL + "new/", {**form, "seen": str(gap.number)}).status_code == 302
    assert "One by one" in browser.get(URL + "known-gaps/?title=bulk payment").content.decode()


def test_a_staff_note_is_the_response_a_clients_note_ends_the_waiting(world, as_user, people):
    issue = world.olgas
    as_user(people.sue).post(f"{URL}{issue.number}/notes/", {"text": "Hm", "is_internal": "on"})
    issue.refresh_from_db()
    assert issue.responded_at is None
    as_user(people.sue).post(f"{URL}{issue.number}/waiting/", {"text": "Which page?"})
    issue.refresh_from_db()
    assert (issue.state, issue.responded_at is not None) == ("waiting", True)
    # A client cannot mark a note as internal.
    as_user(people.olga).post(f"{URL}{issue.number}/notes/", {"text": "The first", "is_internal": "on"})
    issue.refresh_from_db()
    assert issue.state == "in_progress"
    assert not issue.notes.get(text="The first").is_internal


@pytest.mark.parametrize("move", ["take", "waiting", "resolution", "resumption", "closure"])
def test_clients_do_not_work_on_issues(world, as_user, move):
    response = as_user(world.people.cleo).post(f"{URL}{world.cleos.number}/{move}/", {"text": "x", "resolution": "x"})
    assert response.status_code == 403


def test_a_client_may_say_that_it_is_not_solved(world, as_user):
    browser = as_user(world.people.olga)
    assert browser.get(f"{URL}{world.solved.number}/reopening/").status_code == 200
    assert browser.post(f"{URL}{world.solved.number}/reopening/", {"text": ""}).status_code == 422
    assert browser.post(f"{URL}{world.solved.number}/reopening/", {"text": "Still empty"}).status_code == 302
    world.solved.refresh_from_db()
    assert world.solved.reopened == 1


def test_a_move_that_came_too_late_is_a_conflict(world, as_user):
    response = as_user(world.people.sue).post(f"{URL}{world.solved.number}/resolution/", {"resolution": "Again"})
    assert response.status_code == 409
    assert "Resolved" in response.content.decode()


def test_two_people_edit_one_issue(world, as_user):
    issue = world.cleos
    form = {
        "title": issue.title, "type": "bug", "severity": "2", "description": "", "requirement": "",
        "organisation": "", "assignee": "", "version": str(issue.version),
    }  # fmt: skip
    browser = as_user(world.people.sue)
    assert browser.post(f"{URL}{issue.number}/", form).status_code == 302
    response = browser.post(f"{URL}{issue.number}/", {**form, "title": "My words"})
    assert response.status_code == 409
    assert "My words" in response.content.decode()
    issue.refresh_from_db()
    assert issue.title != "My words"


def test_the_queue_filters_and_sorts(world, as_user):
    browser = as_user(world.people.dora)

    def titles(query):
        page = browser.get(f"{URL}?{query}").context["page"]
        return [row[page.fields.index("title")] for row in page.rows]

    assert titles("") == [world.cleos.title, world.olgas.title]
    assert titles("state=resolved") == [world.solved.title]
    assert titles("type=performance") == [world.olgas.title]
    assert titles("severity=1") == [world.cleos.title]
    assert titles("q=contoso slow") == [world.olgas.title]
    assert titles(f"q=ISS-{world.olgas.number}") == [world.olgas.title]
    assert titles("sort=-number&state=all")[0] == world.solved.title
    assert titles("overdue=on") == []
    assert len(titles("sort=password&state=nonsense")) == 3


# --- Import -----------------------------------------------------------------------------------------------


def upload(browser, text):
    file = SimpleUploadedFile("..\\export.csv", text.encode(), content_type="text/csv")
    return browser.post(URL + "import/", {"file": file})


def test_import_through_the_browser(product, people, as_user):
    browser = as_user(people.dora)
    response = upload(browser, "Summary,Priority,Created\nA,Blocker,2026-01-05\nB,Odd,2026-01-06\n")
    assert response.status_code == 302
    check = response.url
    page = browser.get(check)
    assert "“Odd” is not accepted" in page.content.decode()
    assert not Issue.objects.exists()
    form = {"field_title": "Summary", "field_severity": "Priority", "field_created": "Created", "word_0": "1"}
    assert browser.post(check, {**form, "import": "1"}).status_code == 422
    assert not Issue.objects.exists()
    assert browser.post(check, {**form, "word_1": "4"}).status_code == 302
    assert browser.get(check).context["report"].rows == 2
    assert browser.post(check, {**form, "word_1": "4", "import": "1"}).status_code == 302
    assert list(Issue.objects.order_by("number").values_list("title", "severity")) == [("A", 1), ("B", 4)]
    # Sent twice: the upload is spent.
    browser.post(check, {**form, "word_1": "4", "import": "1"})
    assert Issue.objects.count() == 2
    assert Upload.objects.get().name == "export.csv"


def test_an_upload_that_is_no_table_is_refused(product, people, as_user):
    response = upload(as_user(people.dora), "%PDF-1.7")
    assert response.status_code == 422
    assert "a PDF" in response.content.decode()
    assert not Upload.objects.exists()


def test_uploads_are_private(product, people, as_user):
    check = upload(as_user(people.dora), "Summary\nA\n").url
    assert as_user(people.admin).get(check).status_code == 302
    assert as_user(people.cleo).get(check).status_code == 403


@pytest.mark.parametrize("state", ["new", "in_progress", "waiting", "resolved", "closed"])
def test_few_moves_stand_beside_the_title_the_others_in_a_menu(product, people, as_user, state):
    issue = Issue.report(product, by=people.cleo, title="Payment")
    if state == "in_progress":
        issue.take(by=people.sue)
    elif state == "waiting":
        issue.wait_for_customer(by=people.sue, text="Which?")
    elif state != "new":
        issue.resolve(by=people.sue, resolution="Paid")
        if state == "closed":
            issue.close(by=people.sue)
    context = as_user(people.sue).get(f"{URL}{issue.number}/").context
    beside, more = dict(context["moves"]), dict(context["more"])
    assert 1 <= len(beside) <= 3
    assert not beside.keys() & more.keys()
    if issue.is_open:
        assert "resolution" in beside
        assert {"duplicate", "parent", "problem"} <= more.keys()
    page = as_user(people.cleo).get(f"{URL}{issue.number}/").content.decode()
    assert 'popovertarget="more"' not in page
