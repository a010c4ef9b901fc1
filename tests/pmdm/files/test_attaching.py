"""What is taken as a file, how it is kept, and how it is handed out."""

import hashlib

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from pmdm.accounts.roles import Permission
from pmdm.files import models
from pmdm.files.forms import MAX_SIZE, AttachmentField
from pmdm.files.kinds import KINDS, NAME_LENGTH, clean_name, ending_of
from pmdm.files.models import Content, File
from tests import factories

PDF = b"%PDF-1.7 the agreed minutes"


class AttachForm(forms.Form):
    file = AttachmentField()


def asked(name, content):
    form = AttachForm({}, {"file": SimpleUploadedFile(name, content)})
    return form, form.errors.get("file", [""])[0]


@pytest.fixture
def project(db):
    return factories.make_project()


def kept(project, content=PDF, name="minutes.pdf", permission=Permission.PROJECT_VIEW):
    return File.keep(project, SimpleUploadedFile(name, content), by=None, permission=permission)


def test_a_known_kind_is_taken_and_no_file_is_fine():
    form, error = asked("Minutes May.PDF", PDF)
    assert not error
    assert form.cleaned_data["file"].name == "Minutes May.PDF"
    empty = AttachForm({}, {})
    assert empty.is_valid()
    assert empty.cleaned_data["file"] is None


@pytest.mark.parametrize("name", ["run.exe", "page.html", "drawing.svg", "no ending", "page.pdf.js"])
def test_an_unknown_kind_is_refused_with_what_is_taken(name):
    _form, error = asked(name, b"<script>alert(1)</script>")
    assert name in error
    assert "pdf" in error


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("minutes.pdf", b"<html>not a PDF</html>"),
        ("photo.png", b"\xff\xd8\xff JPEG"),
        ("table.xlsx", b"a,b\n1,2"),
        ("notes.txt", b"one\0two"),
        ("notes.txt", b"\xff\xfe\x41"),
    ],
)
def test_a_name_that_lies_is_refused(name, content):
    _form, error = asked(name, content)
    assert ending_of(name) in error


def test_a_file_that_is_too_large_is_refused_with_the_limit():
    _form, error = asked("large.pdf", PDF + b"0" * MAX_SIZE)
    assert "20.0" in error


@given(st.text(max_size=400))
def test_a_cleaned_name_is_short_printable_and_leads_nowhere(name):
    clean = clean_name(name)
    assert 0 < len(clean) <= NAME_LENGTH + 1
    assert clean.isprintable()
    assert not set('/\\"<>') & set(clean)
    assert clean not in (".", "..")


@given(st.sampled_from(sorted(KINDS)), st.text(min_size=200, max_size=300))
def test_a_long_name_keeps_its_ending(ending, stem):
    assert ending_of(clean_name(f"x{stem.replace('/', '').replace(chr(92), '')}.{ending}")) == ending


def test_the_same_content_is_stored_once(project):
    first, second = kept(project), kept(project, name="copy.pdf")
    assert first.key != second.key
    assert first.sha256 == second.sha256 == hashlib.sha256(PDF).hexdigest()
    assert Content.objects.count() == 1


def test_a_subject_holds_only_so_many(project, monkeypatch):
    monkeypatch.setattr(models, "MAX_FILES", 1)
    kept(project)
    with pytest.raises(ValidationError, match="1 files"):
        kept(project)
    assert File.objects.of(project).count() == 1


def test_it_is_handed_out_as_a_download_that_nothing_runs_in(project, client):
    cast = factories.make_cast(project)
    file = kept(project, name='Ärger & "mehr".pdf')
    client.force_login(cast.bob)
    response = client.get(file.url_below(project))
    assert response.content == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_it_asks_for_the_permission_it_names(project, client):
    cast = factories.make_cast(project)
    receipt = kept(project, permission=Permission.COST_VIEW)
    for person, status in ((cast.alice, 200), (cast.stella, 200), (cast.bob, 403), (cast.cleo, 403)):
        client.force_login(person)
        assert client.get(receipt.url_below(project)).status_code == status, person
    client.force_login(factories.make_user("Charlie Stranger"))
    assert client.get(receipt.url_below(project)).status_code == 404


def test_it_is_found_only_through_its_own_subject(project, client):
    other = factories.make_project()
    cast, _other = factories.make_cast(project), factories.make_cast(other)
    file = kept(other)
    client.force_login(cast.alice)
    assert client.get(f"/projects/{project.code}/files/{file.key}/").status_code == 404
