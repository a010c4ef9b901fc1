"""A plan through the browser: uploaded, run dry, confirmed."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pmdm.jobs.models import Work
from projects.schedule import import_views, uploads
from projects.schedule.models import PlanUpload
from tests.factories import make_project

pytestmark = pytest.mark.django_db

CSV = b"ID,Name,Duration,Predecessors\n1,Dig,2d,\n2,Pour,3d,1FS+1d\n3,Done,0d,2\n"


@pytest.fixture
def alice(client, people):
    client.force_login(people.alice)
    return client


def url(project, *args):
    return reverse("projects:plan-import-check" if args else "projects:plan-import", args=[project.code, *args])


def upload(client, project, data=CSV, name="plan.csv"):
    return client.post(url(project), {"file": SimpleUploadedFile(name, data)})


def test_a_dry_run_lists_what_would_come_and_changes_nothing(alice, project):
    response = upload(alice, project)
    assert response.status_code == 302
    page = alice.get(response.url).content.decode()
    for text in ("Dry run", "Dig", "Pour", "12\u00a0Jan"):
        assert text in page
    assert project.tasks.count() == project.links.count() == 0
    assert not hasattr(project, "plan_settings") or project.plan_settings.pk is None


def test_confirming_imports_all_of_it_once(alice, project):
    address = upload(alice, project).url
    assert alice.post(address).status_code == 302
    assert list(project.tasks.values_list("number", "name", "duration")) == [
        (1, "Dig", 960),
        (2, "Pour", 1440),
        (3, "Done", 0),
    ]
    assert project.links.count() == 2
    assert alice.post(address).status_code == 404, "the upload is used up"
    assert PlanUpload.objects.count() == 0


def test_a_plan_is_replaced_only_when_said(alice, project, plan):
    address = upload(alice, project).url
    assert "Replace the plan of 6 tasks" in alice.get(address).content.decode()
    assert alice.post(address).status_code == 422
    assert project.tasks.count() == 6
    assert alice.post(address, {"replace": "1"}).status_code == 302
    assert project.tasks.count() == 3


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("plan.csv", b"ID,Name,Duration,Predecessors\n1,Dig,soon,\n", "soon"),
        ("plan.csv", b"ID,Name,Duration,Predecessors\n1,Dig,1d,2\n2,Pour,1d,1\n", "cycle"),
        ("plan.csv", b"ID,Name,Duration,Predecessors\n1,Dig,1d,7\n", "7"),
        ("plan.xml", b"<Project><Tasks>", "XML"),
        ("plan.xml", b'<!DOCTYPE x [<!ENTITY e "x">]><Project>&e;</Project>', "give"),
        ("plan.xml", b"", "empty"),
        ("plan.csv", b"PK\x03\x04rest", "CSV"),
    ],
)
def test_what_cannot_be_read_is_refused_by_place_and_nothing_kept(alice, project, name, data, words):
    response = upload(alice, project, data, name)
    assert response.status_code == 422
    assert words.lower() in response.content.decode().lower()
    assert project.tasks.count() == PlanUpload.objects.count() == 0


def test_an_upload_is_bound_to_person_project_and_time(alice, client, people, project):
    from projects.team.verbs import give_role

    address = upload(alice, project).url
    token = address.rstrip("/").split("/")[-1]
    other = make_project(by=people.alice)
    assert alice.post(url(other, token)).status_code == 404
    assert uploads.find(project, people.bob, token) is None
    give_role(project, by=people.alice, user=people.dora, role="manager")
    client.force_login(people.dora)
    assert client.post(address).status_code == 404
    PlanUpload.objects.update(uploaded_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert uploads.find(project, people.alice, token) is None
    uploads.forget_old(datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC))
    assert PlanUpload.objects.count() == 0


def test_the_token_is_kept_as_its_hash(alice, project):
    token = upload(alice, project).url.rstrip("/").split("/")[-1]
    assert token not in PlanUpload.objects.get().token_hash


def test_a_large_file_is_work_for_a_worker(alice, project, monkeypatch):
    monkeypatch.setattr(import_views, "AT_ONCE", 10)
    upload(alice, project)
    work = Work.objects.get()
    assert work.kind == "plan.check"
    import_views.check_work(lambda percent, step="": None, work.payload)
    address = work.result_url
    assert "Dig" in alice.get(address).content.decode()
    alice.post(address)
    work = Work.objects.latest("pk")
    assert (work.kind, project.tasks.count()) == ("plan.import", 0)
    result = import_views.import_work(lambda percent, step="": None, work.payload)
    assert result == {"tasks": 3, "links": 2}
    assert project.tasks.count() == 3


def test_a_member_may_not_import(client, people, project):
    client.force_login(people.bob)
    assert upload(client, project).status_code == 403
