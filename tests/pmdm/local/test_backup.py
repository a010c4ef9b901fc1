"""Database and files into an archive and back."""

import json
import tarfile

import psycopg
import pytest

from pmdm.local import backup, engines, external
from pmdm.local.places import SetUpError


@pytest.fixture
def place():
    """A small database of its own, with all that could come back differently."""
    test_engine = external.connection(engines.urls()[0])
    ours = test_engine | {"dbname": "backup_probe"}
    with backup.maintenance(test_engine) as connection:
        connection.execute("DROP DATABASE IF EXISTS backup_probe WITH (FORCE)")
        connection.execute("CREATE DATABASE backup_probe")
    with psycopg.connect(**ours) as connection:
        connection.execute(
            "CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, at timestamptz)"
        )
        connection.execute(
            "INSERT INTO thing (name, at) SELECT 'Ding ' || n || ' ü€', now() + n * interval '1 day' "
            "FROM generate_series(1, 500) n"
        )
        connection.execute("INSERT INTO thing (name) VALUES (NULL)")
        connection.execute('CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."Table" (x numeric)')
    yield ours
    with backup.maintenance(test_engine) as connection:
        connection.execute("DROP DATABASE IF EXISTS backup_probe WITH (FORCE)")


@pytest.fixture
def url(place):
    return engines.urls()[0].rpartition("/")[0] + "/backup_probe"


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "plan ä.xml").write_bytes(bytes(range(256)))
    return folder


def sums(place):
    with psycopg.connect(**place) as connection:
        return backup.table_sums(connection)


def test_what_was_saved_comes_back_with_equal_sums(place, url, files, tmp_path):
    before = sums(place)
    assert before["public.thing"].startswith("501 rows, ")
    archive = tmp_path / "saved" / "a.tar"
    manifest = backup.back_up(database_url=url, files=files, archive=archive)
    assert manifest["tables"] == before
    with psycopg.connect(**place) as connection:
        connection.execute("DELETE FROM thing WHERE id < 100; UPDATE thing SET name = 'other' WHERE id = 200")
    (files / "deep" / "plan ä.xml").write_text("other")
    (files / "new").write_text("came later")
    assert sums(place) != before

    backup.restore(database_url=url, files=files, archive=archive)

    assert sums(place) == before
    assert {path.name for path in files.rglob("*") if path.is_file()} == {"plan ä.xml"}
    assert (files / "deep" / "plan ä.xml").read_bytes() == bytes(range(256))
    with psycopg.connect(**place) as connection:
        assert connection.execute("INSERT INTO thing (name) VALUES ('next') RETURNING id").fetchone() == (502,)


def test_an_archive_is_only_for_its_owner_and_leaves_no_scraps(url, files, tmp_path):
    archive = tmp_path / "saved" / "a.tar"
    backup.back_up(database_url=url, files=files, archive=archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == ["a.tar"]


def test_a_single_changed_byte_is_found_before_anything_is_replaced(place, url, files, tmp_path):
    archive = tmp_path / "a.tar"
    backup.back_up(database_url=url, files=files, archive=archive)
    with tarfile.open(archive) as tar:
        member = next(one for one in tar if one.name.startswith("files/"))
        position = member.offset_data + 100
    content = bytearray(archive.read_bytes())
    content[position] ^= 1
    archive.write_bytes(content)
    (files / "new").write_text("came later")
    with pytest.raises(
        SetUpError, match=r"is damaged: files/deep/plan ä.xml is not what was saved; nothing was replaced"
    ):
        backup.restore(database_url=url, files=files, archive=archive)
    assert (files / "new").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 10240])
def test_what_is_no_archive_is_refused(url, files, tmp_path, content):
    other = tmp_path / "other.tar"
    other.write_bytes(content)
    with pytest.raises(SetUpError, match=r"other.tar|manifest.json"):
        backup.restore(database_url=url, files=files, archive=other)


def test_a_missing_archive_is_told(url, files, tmp_path):
    with pytest.raises(SetUpError, match=r"away\.tar is missing: give the path of an archive"):
        backup.restore(database_url=url, files=files, archive=tmp_path / "away.tar")


def test_rows_that_do_not_match_their_sum_are_not_put_in_place(place, url, files, tmp_path):
    archive, changed = tmp_path / "a.tar", tmp_path / "changed.tar"
    backup.back_up(database_url=url, files=files, archive=archive)
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    manifest["tables"]["public.thing"] = "500 rows, 1"
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(changed, "w") as tar:
        for path in ("manifest.json", "database.dump", "files"):
            tar.add(tmp_path / "out" / path, arcname=path)
    with psycopg.connect(**place) as connection:
        connection.execute("DELETE FROM thing WHERE id = 1")
    with pytest.raises(SetUpError, match=r"Table public.thing came back as 501 rows.* instead of 500 rows"):
        backup.restore(database_url=url, files=files, archive=changed)
    assert sums(place)["public.thing"].startswith("500 rows")


def test_nobody_loses_a_database_somebody_works_in(place, url, files, tmp_path):
    archive = tmp_path / "a.tar"
    backup.back_up(database_url=url, files=files, archive=archive)
    with psycopg.connect(**place), pytest.raises(SetUpError, match="Somebody still works in the database"):
        backup.restore(database_url=url, files=files, archive=archive)
    assert sums(place)["public.thing"].startswith("501 rows")


def test_a_change_during_the_backup_is_not_half_in_it(place, url, files, tmp_path, monkeypatch):
    dump = backup.run_tool

    def busy(name, where, options):
        with psycopg.connect(**place) as connection:
            connection.execute("DELETE FROM thing")
        dump(name, where, options)

    monkeypatch.setattr(backup, "run_tool", busy)
    manifest = backup.back_up(database_url=url, files=files, archive=tmp_path / "a.tar")
    monkeypatch.undo()
    assert manifest["tables"]["public.thing"].startswith("501 rows")
    backup.restore(database_url=url, files=files, archive=tmp_path / "a.tar")
    assert sums(place) == manifest["tables"]
