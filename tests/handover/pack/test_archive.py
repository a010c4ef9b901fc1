"""The archive alone: the same files give the same bytes, and the list of hashes finds any change."""

import io
import subprocess
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.pack.archive import archive, sums

names = st.from_regex(r"[a-z]{1,8}(/[a-z0-9]{1,8})?\.[a-z]{3}", fullmatch=True)
files = st.dictionaries(names, st.binary(max_size=200), min_size=1, max_size=6)


@given(files)
def test_the_same_files_give_the_same_bytes_in_any_order(files):
    assert archive(files) == archive(dict(reversed(files.items())))


@given(files, st.data())
def test_what_is_unpacked_is_what_was_packed(files, data):
    with zipfile.ZipFile(io.BytesIO(archive(files))) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {**files, "SHA256SUMS": sums(files)}


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a\nb.txt", "SHA256SUMS"])
def test_names_that_lead_out_are_refused(name):
    with pytest.raises(ValueError, match="can't stand"):
        archive({name: b""})


def test_sha256sum_finds_one_changed_byte(tmp_path):
    content = {"a.txt": b"one", "b/c.txt": b"two"}
    with zipfile.ZipFile(io.BytesIO(archive(content))) as packed:
        packed.extractall(tmp_path)
    check = ["sha256sum", "-c", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "b/c.txt").write_bytes(b"twO")
    found = subprocess.run(check, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert found.returncode != 0
    assert "b/c.txt: FAILED" in found.stdout
