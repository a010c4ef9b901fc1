import datetime as dt

import pytest
from django import forms

from pmdm.ui.forms import fieldsets
from pmdm.ui.guide import WRONG, SampleForm


class Small(forms.Form):
    wide = {"title"}

    title = forms.CharField(help_text="As the client calls it.")
    due = forms.DateField(required=False)
    at = forms.DateTimeField(required=False)
    hours = forms.IntegerField(required=False)
    share = forms.DecimalField(required=False)
    notes = forms.CharField(widget=forms.Textarea, required=False)
    choice = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("due", 'type="date"'),
        ("at", 'type="datetime-local"'),
        ("hours", 'inputmode="numeric"'),
        ("share", 'inputmode="decimal"'),
        ("notes", 'rows="4"'),
    ],
)
def test_controls_are_native(name, expected):
    assert expected in str(Small()[name])


def test_dates_are_written_as_the_browser_reads_them():
    form = Small(initial={"due": dt.date(2026, 3, 1), "at": dt.datetime(2026, 3, 1, 8, 5)})
    assert 'value="2026-03-01"' in str(form["due"])
    assert 'value="2026-03-01T08:05"' in str(form["at"])


def test_a_native_date_and_time_is_understood():
    form = Small({"title": "x", "choice": "a", "due": "2026-03-01", "at": "2026-03-01T08:05"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["due"] == dt.date(2026, 3, 1)


def test_label_help_and_error_belong_to_their_control():
    html = str(Small({})["title"].as_field_group())
    assert '<label for="id_title">' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "is-wide" in html


def test_groups_of_choices_are_fieldsets():
    html = str(Small({})["choice"].as_field_group())
    assert html.startswith("<fieldset")
    assert '<fieldset class="field is-radioselect" aria-describedby="id_choice_error">' in html
    assert "<legend>Choice" in html


def test_the_summary_leads_to_each_wrong_field():
    html = str(SampleForm(WRONG, prefix="w"))
    assert html.index('role="alert"') < html.index("<fieldset")
    assert '<a href="#id_w-name">Name</a>' in html


def test_typed_text_is_kept_and_escaped():
    html = str(SampleForm({**WRONG, "name": '"><script>alert(1)</script>'}))
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert 'value="not a code!"' in html


def test_no_summary_without_errors():
    assert 'role="alert"' not in str(SampleForm())


def test_hidden_fields_and_their_errors_show():
    form = Small({"title": "x", "choice": "a"})
    form.add_error("secret", "The row changed.")
    html = str(form)
    assert 'type="hidden" name="secret"' in html
    assert "The row changed." in html


def test_fieldsets_lose_no_field():
    class Partly(Small):
        fieldsets = [("Basics", ["title", "gone"]), ("Time", "Working days.", ["due"])]

    groups = fieldsets(Partly())
    assert [group["legend"] for group in groups] == ["Basics", "Time", ""]
    assert groups[1]["help"] == "Working days."
    assert [field.name for group in groups for field in group["fields"]] == [
        "title", "due", "at", "hours", "share", "notes", "choice",
    ]  # fmt: skip


def test_one_line_forms_keep_their_labels_for_screen_readers():
    html = Small({}).render("ui/forms/row.html")
    assert '<label class="vh" for="id_title">Title</label>' in html
    assert 'id="id_title_error"' in html
