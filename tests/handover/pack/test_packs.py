"""The pack of a handover, checked with the very commands that are printed in it."""

import hashlib
import io
import json
import re
import subprocess
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from handover.knowledge import verbs as knowledge
from handover.models import Pack
from handover.pack import making
from handover.transfer import actions
from pmdm.jobs import outbox
from tests.closing import while_open


@pytest.fixture
def full(record):
    """With a runbook as file, a licence as note, an evidence file; accepted."""
    runbook = SimpleUploadedFile("restore.md", b"# Restore\nFirst stop it.")
    knowledge.add_material(record, by=record.giver, kind="runbook", title="Restore", upload=runbook)
    knowledge.add_material(record, by=record.giver, kind="licence", title="Maps", note="Until 2030")
    line = record.project.requirements.get(title="Report a claim").criteria.get()
    with while_open(record.project):
        line.record("pass", by=record.giver, file=SimpleUploadedFile("protocol.txt", b"All fine"))
    actions.submit(record, by=record.giver)
    actions.accept(record, by=record.receiver)
    record.refresh_from_db()
    return record


def commands(readme: str) -> list[str]:
    """The commands as they are printed: indented lines."""
    return [line.strip() for line in readme.splitlines() if line.startswith("    ")]


def run(command: str, folder):
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False, text=True)


def test_it_is_checked_with_the_printed_commands(full, tmp_path, client):
    pack = making.make(full, by=full.giver)
    data = bytes(pack.zip.content.data)
    (tmp_path / pack.zip.name).write_bytes(data)
    client.force_login(full.receiver)
    beside = client.get(reverse("handover:pack-checksum", args=[full.project.code, full.number, pack.number])).content
    (tmp_path / f"{pack.zip.name}.sha256").write_bytes(beside)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        packed.extractall(unpacked)
    each, whole, signed = commands((unpacked / "README.txt").read_text())

    assert run(each, unpacked).returncode == 0
    assert run(whole, tmp_path).returncode == 0
    given = full.signatures.get(side="giver", voided_at=None).content_hash
    assert run(signed, unpacked).stdout.split()[0] == given

    changed = bytearray(data)
    place = data.index(b"First stop it.")
    changed[place] ^= 1
    (tmp_path / pack.zip.name).write_bytes(bytes(changed))
    assert run(whole, tmp_path).returncode != 0
    runbook = unpacked / "documents/runbook/restore.md"
    runbook.write_bytes(runbook.read_bytes().replace(b"First", b"first"))
    found = run(each, unpacked)
    assert found.returncode != 0
    assert "documents/runbook/restore.md: FAILED" in found.stdout


def test_what_is_in_it(full):
    pack = making.make(full, by=full.giver)
    with zipfile.ZipFile(io.BytesIO(bytes(pack.zip.content.data))) as packed:
        names = set(packed.namelist())
        texts = {name: packed.read(name).decode("utf-8-sig") for name in names if name.endswith(".csv")}
        document = packed.read("handover.pdf")
    assert {
        "SHA256SUMS", "README.txt", "handover.pdf", "signed-content.json", "requirements.csv", "open-items.csv",
        "open-risks.csv", "known-errors.csv", "runbooks.csv", "configuration.csv", "licences.csv", "contacts.csv",
        "people.csv", "service-levels.csv", "knowledge.csv", "cutover.csv", "cutover-log.csv", "signatures.csv",
        "documents/runbook/restore.md",
    } <= names  # fmt: skip
    assert any(re.fullmatch(r"evidence/\S+/protocol\.txt", name) for name in names)
    assert "Until 2030" in texts["licences.csv"]
    assert "Only one person knows the job" in texts["open-risks.csv"]
    assert texts["signatures.csv"].count("holds") == 2
    assert document.startswith(b"%PDF")
    listed = {name: digest for name, _size, digest in pack.files}
    assert listed["handover.pdf"] == hashlib.sha256(document).hexdigest()


def test_the_same_content_gives_the_same_pack(full):
    first = making.make(full, by=full.giver)
    assert making.make(full, by=full.receiver) == first
    assert making.files_of(full) == making.files_of(full)
    type(full.project).objects.filter(pk=full.project_id).update(name="Another name")
    assert making.make(full, by=full.giver).number == 2


def test_a_pack_is_never_changed(full):
    making.make(full, by=full.giver)
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Pack.objects.update(sums_sha256="0" * 64)


def test_costs_stay_out(full):
    full.project.risks.update(exposure=432198)
    for name, data in making.files_of(full).items():
        assert b"432198" not in data, name


def test_before_acceptance_what_would_be_signed_is_in_it(record):
    files = making.files_of(record)
    assert json.loads(files["signed-content.json"])["project"][0] == record.project.code


@pytest.mark.django_db(transaction=True)
def test_one_click_makes_it_as_work(client, record):
    client.force_login(record.giver)
    page = reverse("handover:pack", args=[record.project.code, record.number])
    answer = client.post(page)
    assert "/jobs/work/" in answer["Location"]
    outbox.drain()
    pack = Pack.objects.get()
    assert pack.made_by == record.giver
    shown = client.get(page).content.decode()
    assert pack.sha256 in shown
    assert client.get(pack.zip.url_below(record.project)).content == bytes(pack.zip.content.data)
    client.force_login(record.project.people.cleo)
    assert client.get(pack.zip.url_below(record.project)).status_code == 403
