"""What a template makes of a new project, and how templates are changed."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from pmdm.accounts.models import Skill
from pmdm.registers.models import StaleVersion
from projects.models import ChecklistItem, Project, ProjectType
from projects.requests.models import InitiationRequest
from projects.types import engine, shipped
from projects.types.preview import preview
from tests.factories import make_cast, make_project, make_user

pytestmark = pytest.mark.django_db
START = datetime.date(2026, 3, 2)  # a Monday


@pytest.fixture
def types():
    shipped.install(by=None)
    return {kind.slug: kind for kind in ProjectType.objects.all()}


@pytest.fixture
def pmo():
    return make_user("Pia Office", site_role="pmo")


def made(types, slug="software", **fields):
    return make_project(template=types[slug].current, target_start=START, target_finish=None, **fields)


@pytest.mark.parametrize("slug", shipped.SHIPPED)
def test_everything_is_copied_in(types, slug):
    template = shipped.SHIPPED[slug][2]
    project = made(types, slug)
    phases = list(project.phases.order_by("position"))
    assert [(one.key, one.name, one.kind) for one in phases] == [
        (one.key, one.name, one.kind) for one in template.phases
    ]
    assert [one.state for one in phases] == ["active"] + ["pending"] * (len(phases) - 1)
    assert project.checklist_items.count() == len(template.lines) + len(template.documents)
    assert project.checklist_items.filter(evidence_kind="document").count() == len(template.documents) + sum(
        line.evidence == "document" for line in template.lines
    )
    assert set(project.risks.values_list("title", flat=True)) == {risk.title for risk in template.risks}
    assert set(project.resources.values_list("name", flat=True)) == {role.name for role in template.roles}
    assert project.tasks.filter(is_summary=False).count() == len(template.tasks) + sum(
        phase.kind != "monitoring" for phase in template.phases
    )
    assert project.template == types[slug].current
    assert not project.phases.exclude(kind="monitoring").filter(gate_due=None).exists()


def test_the_dates_follow_the_gates_and_are_those_of_the_preview(types):
    project = made(types)
    shown = preview(types["software"].current, start=START)
    dates = {phase.name: phase.gate for phase in shown.phases if phase.gate}
    assert {str(phase): phase.gate_due for phase in project.phases.exclude(kind="monitoring")} == dates
    due = [phase.gate_due for phase in project.phases.exclude(kind="monitoring").order_by("position")]
    assert due == sorted(due)
    kickoff = project.tasks.get(name="Kick-off")
    assert kickoff.start.date() == START
    measure = project.tasks.get(name="Measure the objectives")
    gate = project.tasks.get(name="Gate: Stage 2: pilot and completion")
    assert (measure.start - gate.finish).days >= 5, "five working days after the phase begins"
    assert shown.finish == project.tasks.order_by("-finish").first().finish.date()


def test_without_the_plan_there_are_phases_and_no_tasks(types):
    project = made(types, with_plan=False)
    assert not project.tasks.exists()
    assert project.phases.count() == 6


def test_a_gate_asks_for_its_evidence(client, types):
    project = made(types, with_plan=False)
    people = make_cast(project)
    line = project.checklist_items.filter(evidence_kind="document", required=True, phase__key="initiation").get()
    line.phase = project.phases.get(key="initiation")
    with pytest.raises(ValidationError, match="asks for the document"):
        line.tick(by=people.alice, evidence="It lies in my drawer")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChecklistItem.objects.filter(pk=line.pk).update(done_by=people.alice, done_at=project.created_at)
    client.force_login(people.alice)
    url = f"{project.get_absolute_url()}phases/initiation/checklist/{line.pk}/"
    assert client.post(url, {"done": "on", "evidence": "in my drawer"}).status_code == 422
    upload = SimpleUploadedFile("charter.txt", b"Charter")
    assert client.post(url, {"done": "on", "evidence": "", "upload": upload}).status_code == 302
    gate = project.phases.get(key="initiation")
    gate.project = project
    with pytest.raises(ValidationError, match="not ticked"):
        gate.decide("go", by=people.sam)
    for other in gate.checklist.filter(done_at=None, required=True):
        other.phase = gate
        other.tick(by=people.alice, evidence="Minutes of 3 March")
    gate.decide("go", by=people.sam)
    assert dict(project.phases.values_list("key", "state"))["planning"] == "active"


def test_stages_of_execution_follow_each_other_and_monitoring_runs_beside(types):
    project = made(types, with_plan=False)
    people = make_cast(project)
    seen = []
    for key in ("initiation", "planning", "core", "pilot", "closing"):
        gate = project.phases.get(key=key)
        gate.project = project
        for line in gate.missing():
            line.phase = project.phases.get(pk=line.phase_id)
            line.tick(by=people.alice, evidence="https://example.org/x", upload=SimpleUploadedFile("x.txt", b"x"))
        gate.decide("go", by=people.sam)
        seen.append(sorted(project.phases.filter(state="active").values_list("key", flat=True)))
    assert seen == [["planning"], ["core", "monitoring"], ["monitoring", "pilot"], ["closing"], []]


def test_a_phase_has_its_page_under_its_key(client, types):
    project = made(types, with_plan=False)
    people = make_cast(project)
    client.force_login(people.alice)
    for phase in project.phases.all():
        page = client.get(f"{project.get_absolute_url()}phases/{phase.key}/")
        assert page.status_code == 200
        assert phase.name in page.text
    assert client.get(f"{project.get_absolute_url()}phases/execution/").status_code == 404
    assert "Stage 1: usable core" in client.get(project.get_absolute_url()).text


def test_alice_sees_what_would_be_made_and_makes_it(client, types):
    alice = make_project().manager
    client.force_login(alice)
    form = {
        "name": "Portal", "code": "PORTAL", "goal": "Better", "currency": "EUR", "target_start": "2026-03-02",
        "manager": alice.pk, "type": types["software"].pk, "with_plan": "on",
    }  # fmt: skip
    page = client.post("/projects/new/", form | {"preview": "1"})
    assert page.status_code == 200
    assert "Stage 1: usable core" in page.text
    assert 'value="Portal"' in page.text
    assert not Project.objects.filter(code="PORTAL").exists()
    assert client.post("/projects/new/", form).status_code == 302
    project = Project.objects.get(code="PORTAL")
    assert project.template == types["software"].current
    assert project.tasks.filter(name="Kick-off").exists()


def test_an_approved_request_becomes_a_project_of_a_type(types, pmo):
    alice, sam = make_user("Alice"), make_user("Sam")
    asked = InitiationRequest.objects.create(
        asked_by=alice, name="Servers", reason="-", goal="-", results="-", objective="-", measure="-", target_value=1,
        target_start=START, target_finish=START, budget=1, manager=alice, sponsor=sam,
    )  # fmt: skip
    asked.submit(by=alice)
    project = asked.approve(
        by=asked.reviewer, code="SRV", manager=alice, sponsor=sam, template=types["infrastructure"].current
    )
    assert project.phases.filter(key="decommissioning").exists()
    assert project.tasks.filter(name="Survey of systems and dependencies").exists()


# --- Changing a template -----------------------------------------------------------------------------------


def test_a_change_makes_a_new_version_and_projects_keep_theirs(client, types, pmo):
    before = made(types, with_plan=False)
    kind = types["software"]
    client.force_login(pmo)
    url = kind.get_absolute_url()
    assert client.post(f"{url}draft/").status_code == 302
    assert client.get(f"{url}draft/").status_code == 200
    page = client.get(f"{url}draft/documents/")
    form = {"version": page.context["form"].initial["version"], "row-TOTAL_FORMS": 2, "row-INITIAL_FORMS": 2}
    form |= {"row-0-title": "Charter", "row-0-phase": "initiation", "row-0-required": "on", "row-1-title": ""}
    assert client.post(f"{url}draft/documents/", form).status_code == 302
    assert client.post(f"{url}draft/publication/", {"note": ""}).status_code == 422
    assert client.post(f"{url}draft/publication/", {"note": "One document is enough"}).status_code == 302
    assert kind.current.number == 2
    assert [one.title for one in kind.current.template.documents] == ["Charter"]
    assert Project.objects.get(pk=before.pk).template.number == 1
    assert client.get(f"{url}versions/1/").status_code == 200
    after = made(types, with_plan=False)
    assert after.checklist_items.filter(text__startswith="Document").count() == 1


def test_what_is_wrong_is_not_published(client, types, pmo):
    kind = types["software"]
    draft = kind.start_draft(by=pmo)
    kind.save_section("phases", engine.write(draft.template)["phases"][1:], version=draft.version)
    client.force_login(pmo)
    page = client.get(f"{kind.get_absolute_url()}draft/")
    assert "At least one phase of initiation is needed." in page.text
    with pytest.raises(ValidationError):
        kind.publish(by=pmo, note="x")
    assert kind.current.number == 1


def test_two_people_edit_a_draft(types, pmo):
    kind = types["software"]
    draft = kind.start_draft(by=pmo)
    kind.save_section("roles", [], version=draft.version)
    with pytest.raises(StaleVersion):
        kind.save_section("risks", [], version=draft.version)


def test_a_published_version_stays(types):
    version = types["software"].current
    for change in ({"content": {}}, {"note": "x"}):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            type(version).objects.filter(pk=version.pk).update(**change)
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        version.delete()


@pytest.mark.parametrize(("name", "read", "write"), [("pmo", 200, 302), ("alice", 200, 403), ("bob", 403, 403)])
def test_who_reads_and_who_changes(client, types, pmo, name, read, write):
    project = make_project()
    people = make_cast(project)
    client.force_login({"pmo": pmo, "alice": people.alice, "bob": people.bob}[name])
    url = types["software"].get_absolute_url()
    assert client.get("/projects/types/").status_code == read
    assert client.get(url, {"start": "2026-05-04"}).status_code == read
    assert client.post(f"{url}draft/").status_code == write
    assert client.post("/projects/types/shipped/").status_code == write


def test_a_new_type_begins_as_a_draft(client, pmo):
    client.force_login(pmo)
    assert client.post("/projects/types/new/", {"name": "Event", "slug": "event"}).status_code == 302
    kind = ProjectType.objects.get()
    assert kind.current is None
    assert client.get(kind.get_absolute_url()).status_code == 200
    for section in engine.SECTIONS:
        assert client.get(f"{kind.get_absolute_url()}draft/{section}/").status_code == 200
    assert client.get(f"{kind.get_absolute_url()}draft/songs/").status_code == 404
    assert not ProjectType.objects.offered().exists()
    assert client.post(f"{kind.get_absolute_url()}draft/discard/").status_code == 302


def test_every_role_comes_with_its_skill_also_one_that_no_task_needs(types, pmo):
    skill = Skill.objects.create(name="Facilitation")
    kind = types["software"]
    draft = kind.start_draft(by=pmo)
    extra = [
        {"key": "host", "name": "Host of workshops", "skill": "facilitation"},
        {"key": "guest", "name": "Guest", "skill": "A skill nobody lists"},
    ]
    kind.save_section("roles", [*draft.content["roles"], *extra], version=draft.version)
    kind.publish(by=pmo, note="Two more roles")
    project = made(types)
    assert project.resources.get(name="Host of workshops").skill == skill
    assert project.resources.get(name="Guest").skill is None


def test_a_role_named_twice_is_refused(types, pmo):
    kind = types["software"]
    draft = kind.start_draft(by=pmo)
    twice = {**draft.content["roles"][0], "key": "again"}
    kind.save_section("roles", [*draft.content["roles"], twice], version=draft.version)
    with pytest.raises(ValidationError, match="not right yet"):
        kind.publish(by=pmo, note="Twice")
    assert [one.field for one in engine.problems(kind.draft.template)] == ["name"]
