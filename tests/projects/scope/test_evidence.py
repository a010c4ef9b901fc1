"""Evidence of a criterion: words, a link or a file; earlier checks stay readable."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from projects.scope.models import AcceptanceCriterion
from tests.factories import make_cast, make_project, make_requirement

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 the protocol"


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.requirement = make_requirement(project)
    people.line = people.requirement.add_criterion("Opens")
    people.requirement.move_on("reviewed")
    people.requirement.approve(by=people.sam)
    people.line.requirement = people.requirement
    people.page = f"{project.get_absolute_url()}requirements/{people.requirement.number}/"
    people.url = f"{people.page}criteria/{people.line.pk}/check/"
    return people


def pdf(name="protocol.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def test_a_file_is_evidence_and_those_who_see_the_scope_read_it(client, cast):
    client.force_login(cast.dora)
    assert client.post(cast.url, {"result": "pass", "file": pdf()}).status_code == 302
    cast.line.refresh_from_db()
    assert (cast.line.result, cast.line.file.name, cast.line.file.uploaded_by) == ("pass", "protocol.pdf", cast.dora)
    address = cast.line.file.url_below(cast.project)
    client.force_login(cast.cleo)
    assert address in client.get(cast.page).text
    assert client.get(address).content == PDF
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404


def test_a_file_that_is_not_taken_leaves_everything_as_it_was(client, cast):
    client.force_login(cast.dora)
    answer = client.post(cast.url, {"result": "pass", "evidence": "See there", "file": pdf("run.exe")})
    assert answer.status_code == 422
    assert "run.exe is of a kind that is not taken" in answer.text
    assert 'value="See there"' in answer.text
    cast.line.refresh_from_db()
    assert (cast.line.result, cast.line.checks.count()) == ("not_run", 0)


def test_a_web_address_becomes_a_link_and_nothing_else_does(client, cast):
    client.force_login(cast.dora)
    client.post(cast.url, {"result": "pass", "evidence": "https://example.org/run/7"})
    assert '<a href="https://example.org/run/7"' in client.get(cast.page).text
    client.post(cast.url, {"result": "pass", "evidence": "javascript:alert(1)"})
    assert 'href="javascript' not in client.get(cast.page).text


def test_earlier_checks_stay_readable(client, cast):
    cast.line.record("fail", by=cast.dora, evidence="Empty page")
    cast.line.record("pass", by=cast.alice, file=pdf())
    checks = [(check.result, check.evidence, check.by) for check in cast.line.checks.all()]
    assert checks == [("pass", "", cast.alice), ("fail", "Empty page", cast.dora)]
    client.force_login(cast.bob)
    page = client.get(cast.page).text
    assert "2 checks on record" in page
    assert "Empty page" in page


def test_the_database_refuses_a_pass_without_evidence(cast):
    with pytest.raises(IntegrityError, match="criterion_pass_has_evidence"), transaction.atomic():
        AcceptanceCriterion.objects.filter(pk=cast.line.pk).update(
            result="pass", checked_by=cast.dora, checked_at=cast.project.created_at
        )
