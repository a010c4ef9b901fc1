"""Imports by the mapping page: readers of each tool, guesses, dry run, in the background, taken back."""

import datetime
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from delivery.issues import import_views
from delivery.issues.import_forms import guess
from delivery.issues.importing import prepare
from delivery.issues.imports.models import IssueImport
from delivery.issues.readers import read_export, tool_of
from delivery.models import Issue
from delivery.moves import NotNow
from pmdm.interchange.tabular import TableRefused
from pmdm.jobs.models import Work

pytestmark = pytest.mark.django_db

URL = "/products/CLAIMS/issues/import/"


def of(product, **fields):
    return {f"field_{name}": column for name, column in fields.items()} | {"import": "1"}


def upload(browser, name, content):
    data = content if isinstance(content, bytes) else content.encode()
    return browser.post(URL, {"file": SimpleUploadedFile(name, data)})


# --- Readers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "header"),
    [
        ("Jira", "Summary,Issue key,Issue id,Issue Type,Status,Priority,Assignee,Reporter,Created,Resolved"),
        ("Redmine", "#,Project,Tracker,Status,Priority,Subject,Author,Assignee,Created,Closed,Description"),
        ("Bugzilla", "Bug ID,Product,Component,Assignee,Status,Resolution,Summary,Changed"),
        ("Bugzilla", "bug_id,product,component,assigned_to,bug_status,resolution,short_desc,changeddate"),
        ("ServiceNow", "number,short_description,description,opened_at,priority,state,assigned_to,resolved_at"),
        ("", "What,When"),
    ],
)
def test_each_tool_is_known_by_its_header(tool, header):
    assert tool_of(header.split(",")) == tool


def test_bugzilla_has_no_date_of_resolution_so_the_last_change_stands_for_it():
    table = read_export(
        b"bug_id,bug_status,short_desc,changeddate\n"
        b"7,RESOLVED,Gone,2009-07-22 15:27:25\n8,NEW,Here,2009-07-23 10:00:00\n"
    ).table
    rows = prepare(table).values
    assert [(row["state"], row["resolved_at"]) for row in rows] == [
        ("resolved", datetime.datetime(2009, 7, 22, 15, 27, 25, tzinfo=datetime.UTC)), ("new", None),
    ]  # fmt: skip


BOARD = {
    "name": "Board",
    "lists": [{"id": "l1", "name": "Doing"}, {"id": "l2", "name": "Done"}],
    "members": [{"id": "m1", "fullName": "Sue Support"}],
    "labels": [], "checklists": [],
    "cards": [
        {"id": "59bbfb881314a339999eb855", "name": "By its id", "idList": "l1", "idMembers": ["m1"],
         "labels": [{"name": "urgent"}], "shortLink": "aa"},
        {"id": "card2", "name": "By its action", "idList": "l2", "shortLink": "bb"},
        {"id": "card3", "name": "Archived", "idList": "l1", "closed": True, "shortLink": "cc",
         "dateLastActivity": "2021-03-01T10:00:00Z"},
    ],
    "actions": [
        {"type": "updateCard", "date": "2021-02-02T10:00:00Z",
         "data": {"card": {"id": "card2"}, "listAfter": {"id": "l2"}}},
        {"type": "createCard", "date": "2021-02-01T10:00:00Z", "data": {"card": {"id": "card2"}}},
        {"type": "createCard", "date": "2021-02-01T11:00:00Z", "data": {"card": {"id": "card3"}}},
    ],
}  # fmt: skip


def test_a_trello_board():
    reading = read_export(json.dumps(BOARD).encode())
    assert (reading.tool, reading.facts["cards"], reading.facts["actions"]) == ("Trello", 3, 3)
    first, second, third = prepare(reading.table).values
    assert first["created_at"] == datetime.datetime(2017, 9, 15, 16, 10, 48, tzinfo=datetime.UTC), "59bbfb88 in hex"
    assert (first["state"], first["imported"]["assignee"]) == ("working", "Sue Support") or first[
        "state"
    ] == "in_progress"
    assert second["resolved_at"] - second["created_at"] == datetime.timedelta(days=1)
    assert third["resolved_at"].month == 3


@pytest.mark.parametrize(
    ("found", "tool", "title"),
    [
        (
            {"issues": [{"key": "A-1", "fields": {"summary": "From Jira", "priority": {"name": "High"}}}]},
            "Jira",
            "From Jira",
        ),
        (
            {"issues": [{"id": 5, "subject": "From Redmine", "tracker": {"id": 1, "name": "Bug"}}]},
            "Redmine",
            "From Redmine",
        ),
        ({"bugs": [{"id": 5, "summary": "From Bugzilla", "status": "NEW"}]}, "Bugzilla", "From Bugzilla"),
        ({"records": [{"number": "INC1", "short_description": "From ServiceNow"}]}, "ServiceNow", "From ServiceNow"),
        ([{"title": "Of nobody"}], "", "Of nobody"),
    ],
)
def test_other_json(found, tool, title):
    reading = read_export(json.dumps(found).encode())
    assert reading.tool == tool
    assert prepare(reading.table).values[0]["title"] == title


@pytest.mark.parametrize("data", [b"{", b"{}", b"[1, 2]", b'{"issues": []}', b"[" * 5000])
def test_json_that_is_no_export_is_refused_with_what_would_be_accepted(data):
    with pytest.raises(TableRefused):
        read_export(data)


# --- The page ---------------------------------------------------------------------------------------------

REDMINE = (
    "#,Tracker,Status,Priority,Subject,Author,Assignee,Created,Closed\n"
    "7,Bug,Closed,Urgent,Login fails,Cleo Client,sue.support,2026-01-05 10:00,2026-01-06 10:00\n"
    "8,Feature,On ice,Normal,A button,Somebody Else,Sue Support,2026-01-07 10:00,\n"
)


def test_people_are_guessed_only_where_one_person_fits():
    here = [(1, "Sue Support", "sue.support@example.org"), (2, "Sam", "sam@a.org"), (3, "Sam", "sam@b.org")]
    words = ("sue support", "SUE.SUPPORT@example.org", "sue.support", "Sam", "sam@a.org", "")
    assert [guess(word, here) for word in words] == [
        1, 1, 1, None, 2, None,
    ]  # fmt: skip


def test_columns_states_and_people_are_mapped_with_guesses(product, people, as_user):
    browser = as_user(people.dora)
    answer = upload(browser, "redmine.csv", REDMINE)
    page = browser.get(answer.url)
    text = page.content.decode()
    assert "looks like Redmine" in text
    assert not Issue.objects.exists(), "a dry run"
    form = page.context["form"]
    guessed = {str(field.label): field.initial for name, field in form.fields.items() if name.startswith("person_")}
    assert guessed["Cleo Client"] == people.cleo.pk
    assert guessed["Sue Support"] == people.sue.pk
    assert guessed["Somebody Else"] == ""
    data = {name: field.initial or "" for name, field in form.fields.items()}
    ice = next(name for name, field in form.fields.items() if field.label == "On ice")
    assert browser.post(answer.url, data | {ice: "waiting", "import": "1"}).status_code == 302
    first, second = Issue.objects.order_by("number")
    assert (first.reported_by, first.organisation, first.state) == (people.cleo, people.cleo.organisation, "closed")
    assert (second.state, second.assignee, second.reported_by) == ("waiting", people.sue, None)
    assert second.imported["reporter"] == "Somebody Else"
    run = IssueImport.objects.get()
    assert (run.tool, run.rows, run.count, run.by) == ("Redmine", 2, 2, people.dora)


def test_a_chosen_state_wins_over_a_date(product, people):
    table = read_export(REDMINE.encode()).table
    rows = prepare(table, states={"Closed": "in_progress"}).values
    assert (rows[0]["state"], rows[0]["resolved_at"]) == ("in_progress", None)


def test_an_import_is_taken_back_but_for_what_somebody_worked_on(product, people, as_user):
    browser = as_user(people.dora)
    answer = upload(browser, "redmine.csv", REDMINE)
    form = browser.get(answer.url).context["form"]
    data = {name: field.initial or "" for name, field in form.fields.items()}
    browser.post(answer.url, data | {"import": "1"})
    touched, _other = Issue.objects.order_by("number")
    touched.add_note(by=people.sue, text="I know this one")
    run = IssueImport.objects.get()
    other = IssueImport.objects.get()
    assert "Take back" in browser.get("/products/CLAIMS/issues/imports/").content.decode()
    answer = browser.post(f"/products/CLAIMS/issues/imports/{run.pk}/removal/", follow=True).content.decode()
    assert "1 issue is gone. 1 stays: somebody has worked on it." in answer
    assert list(Issue.objects.all()) == [touched]
    with pytest.raises(NotNow):
        other.take_back(by=people.dora)
    assert browser.post(f"/products/CLAIMS/issues/imports/{run.pk}/removal/").status_code == 409
    assert Issue.report(product, by=people.sue, title="The next").number == 3, "numbers never come again"
    assert as_user(people.sue).post(f"/products/CLAIMS/issues/imports/{run.pk}/removal/").status_code == 403


def test_a_large_file_is_work_with_progress(product, people, as_user, monkeypatch):
    monkeypatch.setattr(import_views, "AT_ONCE", 1)
    browser = as_user(people.dora)
    answer = upload(browser, "redmine.csv", REDMINE)
    form = browser.get(answer.url).context["form"]
    data = {name: field.initial or "" for name, field in form.fields.items()}
    browser.post(answer.url, data | {"import": "1"})
    work = Work.objects.get()
    heard = []
    done = import_views.import_large(lambda percent, step="": heard.append(percent), work.payload)
    assert (done, heard) == ({"issues": 2}, [10, 95])
    assert import_views.import_large(lambda percent, step="": None, work.payload) == {"issues": 0}, "once"
    assert Issue.objects.count() == 2


SNOW = "number,short_description,opened_at,priority,state,resolved_at\n"


def answers(browser, address):
    """The page of an upload, and what its form would send as it stands."""
    page = browser.get(address)
    return page, {name: field.initial or "" for name, field in page.context["form"].fields.items()}


def test_dates_of_mere_numbers_ask_for_their_order_and_are_not_guessed(product, people, as_user):
    browser = as_user(people.dora)
    address = upload(browser, "snow.csv", SNOW + "INC1,Printer,12/2/24 8:16,4 - Low,Closed,12/3/24 9:00\n").url
    page, data = answers(browser, address)
    assert "whether the day or the month comes first" in page.content.decode()
    assert data["dates"] == ""
    browser.post(address, data | {"dates": "mdy"})
    assert browser.post(address, answers(browser, address)[1] | {"import": "1"}).status_code == 302
    issue = Issue.objects.get()
    assert issue.created_at == datetime.datetime(2024, 12, 2, 8, 16, tzinfo=datetime.UTC)
    assert (issue.resolved_at - issue.created_at).days == 1


def test_an_order_that_the_file_leaves_no_doubt_about_is_taken(product, people, as_user):
    browser = as_user(people.dora)
    address = upload(browser, "snow.csv", SNOW + "INC1,x,1/2/24,,New,\nINC2,y,31/12/24,,New,\n").url
    page, data = answers(browser, address)
    assert data["dates"] == "dmy"
    assert not page.context["problems"]
    text = browser.post(address, data | {"dates": "mdy"}, follow=True).content.decode()
    assert "a day of the calendar in the order that was chosen" in text


def test_the_same_file_again_says_that_all_of_it_is_here(product, people, as_user):
    browser = as_user(people.dora)
    rows = SNOW + "INC1,x,2024-02-01,,New,\nINC2,y,2024-02-01,,New,\n"
    address = upload(browser, "snow.csv", rows).url
    assert "Import 2 issues" in browser.get(address).content.decode()
    browser.post(address, answers(browser, address)[1] | {"import": "1"})
    text = browser.get(upload(browser, "snow.csv", rows + "INC3,z,2024-02-01,,New,\n").url).content.decode()
    assert "Import 1 issue" in text
    assert "Here already" in text
    assert "there is nothing to import" in browser.get(upload(browser, "snow.csv", rows).url).content.decode()


def test_more_words_than_a_page_has_lines_for_are_answered_together(product, people, as_user):
    browser = as_user(people.dora)
    rows = "".join(f"Case {n},W-{n},Level {n}\n" for n in range(60))
    address = upload(browser, "words.csv", "Summary,Issue key,Priority\n" + rows).url
    page, data = answers(browser, address)
    assert page.context["problem_count"] == 60
    assert data["rest"] == ""
    browser.post(address, data | {"word_0": "1", "rest": "4"})
    page, data = answers(browser, address)
    assert not page.context["problems"]
    assert browser.post(address, data | {"import": "1"}).status_code == 302
    assert sorted(Issue.objects.values_list("severity", flat=True)) == [1] + [4] * 59


def test_many_dates_without_an_order_are_one_problem(product, people, as_user):
    rows = "".join(f"INC{n},x,12/2/24,,New,\n" for n in range(30))
    browser = as_user(people.dora)
    assert browser.get(upload(browser, "snow.csv", SNOW + rows).url).context["problem_count"] == 1


def test_why_rows_are_in_doubt_is_said(product, people, as_user):
    browser = as_user(people.dora)
    text = browser.get(upload(browser, "bare.csv", "Summary,Status\nA,Open\nB,Closed\n").url).content.decode()
    assert "It is closed but came without a date of resolution." in text
    assert "It came without a creation date." in text


def test_a_header_without_rows_is_refused(product, people, as_user):
    answer = upload(as_user(people.dora), "snow.csv", SNOW)
    assert answer.status_code == 422
    assert "no row below it" in answer.content.decode()


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["agile-project-jira.csv", "public-jira-time-estimates.csv", "trello-board-export.json"]
)
def test_public_files_through_the_page(product, people, as_user, shared_data, name, monkeypatch):
    monkeypatch.setattr(import_views, "AT_ONCE", 100_000)
    expected = json.loads((shared_data / "issues" / "expected.json").read_text())[name]
    browser = as_user(people.dora)
    answer = upload(browser, name, (shared_data / "issues" / name).read_bytes())
    page = browser.get(answer.url)
    form, facts = page.context["form"], dict(page.context["facts"])
    data = {field: known.initial or "" for field, known in form.fields.items()}
    for field, _known in form.fields.items():
        if field.startswith("word_") and not data[field]:
            data[field] = "3"
    assert browser.post(answer.url, data | {"import": "1"}).status_code == 302
    issues = Issue.objects.filter(product=product)
    if name.startswith("trello"):
        assert [facts[word] for word in ("Lists", "Cards", "Labels", "Checklists", "Actions", "Members")] == [
            expected[word] for word in ("lists", "cards", "labels", "checklists", "actions", "members")
        ]
        card = issues.get()
        assert card.created_at == datetime.datetime(2017, 9, 15, 16, 14, 3, 187000, tzinfo=datetime.UTC)
        assert (card.title, card.state) == ("Name Card 7", "new")
        return
    assert issues.count() == expected["rows"]
    times = sorted(
        (resolved - created).total_seconds() / 3600
        for created, resolved in issues.exclude(resolved_at=None).values_list("created_at", "resolved_at")
    )
    middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2
    if name.startswith("agile"):
        assert issues.exclude(data_problem="").count() == expected["negative_cycle_times"]
        assert sum(times) / len(times) / 24 == pytest.approx(expected["mean_cycle_time_days"], abs=0.0001)
        assert middle / 24 == expected["median_cycle_time_days"]
    else:
        report = page.context["report"]
        assert report.elapsed["n"] == expected["resolved"] == len(times)
        assert report.elapsed["mean"] == pytest.approx(expected["mean_time_to_resolve_h"], abs=0.01)
        assert report.elapsed["median"] == pytest.approx(expected["median_time_to_resolve_h"], abs=0.001)
        assert report.elapsed["p90"] == pytest.approx(expected["p90_time_to_resolve_h_linear"], abs=0.001)
        assert middle == pytest.approx(expected["median_time_to_resolve_h"], abs=0.001)
