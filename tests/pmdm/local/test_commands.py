"""Commands of manage.py on engines that run, and on engines they start for themselves."""

import os
import pwd
import signal
import subprocess
import sys

import psutil
import pytest

from pmdm.local import engines, postgres

from .conftest import eventually

pytestmark = pytest.mark.fault

VERSION = "from django.db import connection as c; print('answer', c.cursor().execute('select 6*7').fetchone()[0])"


def test_a_command_starts_engines_for_its_own_time(installation):
    done = installation.run("manage.py", "shell", "--no-imports", "-c", VERSION)
    assert "answer 42" in done.stdout, done.stderr
    assert installation.is_empty()


def test_a_command_uses_engines_that_run_and_leaves_them_running(installation, monkeypatch):
    for key, value in installation.env.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with engines.ensure_running(fast=True) as ours:
        before = [hold.state() for hold in ours.holds]
        done = installation.run("manage.py", "shell", "--no-imports", "-c", VERSION)
        assert "answer 42" in done.stdout, done.stderr
        assert [hold.state() for hold in ours.holds] == before
        assert ours.ensure() == []
    assert installation.is_empty()


def test_a_killed_command_leaves_nothing(installation):
    process = installation.start(
        "manage.py", "shell", "--no-imports", "-c", "import time; print('up', flush=True); time.sleep(1000)"
    )
    assert "up" in process.stdout.readline()
    assert len(installation.processes()) > 4
    process.kill()
    process.wait()
    assert eventually(installation.is_empty)


def test_killed_engines_come_back_with_what_was_committed(installation):
    script = """
import sys, time
from pmdm.local import engines, external
import psycopg
with engines.ensure_running() as ours:
    place = external.connection(engines.urls()[0])
    with psycopg.connect(**place) as c:
        c.execute("create table kept (n int)"); c.execute("insert into kept values (7)")
    print("saved", flush=True)
    sys.stdin.readline()
    ours.ensure()
    with psycopg.connect(**place) as c:
        print("kept", c.execute("select n from kept").fetchone()[0], flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=installation.env | {"PYTHONPATH": os.getcwd()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "saved\n"
    postmaster = int((installation.home.postgres_data / "postmaster.pid").read_text().split()[0])
    dead = psutil.Process(postmaster)
    os.kill(postmaster, signal.SIGKILL)
    assert eventually(lambda: not dead.is_running() or dead.status() == psutil.STATUS_ZOMBIE)
    answer, _ = process.communicate("go on\n", timeout=300)
    assert answer == "kept 7\n"
    assert installation.is_empty()


def test_a_stale_process_id_of_another_program_does_not_keep_postgresql_from_starting(installation):
    assert installation.run("manage.py", "shell", "--no-imports", "-c", VERSION).returncode == 0
    # As after a power cut, with the number meanwhile somebody else's: here, ours.
    stale = installation.home.postgres_data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{installation.home.postgres_data}\n")
    done = installation.run("manage.py", "shell", "--no-imports", "-c", VERSION)
    assert "answer 42" in done.stdout, done.stderr


def test_without_user_namespaces_root_runs_postgresql_as_nobody_and_others_as_themselves(installation):
    process = installation.start(
        "manage.py",
        "shell",
        "--no-imports",
        "-c",
        f"{VERSION}; import time; print(flush=True); time.sleep(1000)",
        PMDM_NO_USERNS="1",
    )
    assert "answer 42" in process.stdout.readline()
    users = {one.username() for one in installation.processes() if one.name() == "postgres"}
    assert users == {pwd.getpwuid(os.geteuid() or 65534).pw_name}
    process.terminate()
    process.wait()
    assert eventually(installation.is_empty)
    # And back: the same data under a user namespace again.
    done = installation.run("manage.py", "shell", "--no-imports", "-c", VERSION)
    assert "answer 42" in done.stdout, done.stderr


def test_a_folder_that_can_not_be_written_is_one_line(installation, tmp_path):
    (tmp_path / "file").write_text("")
    done = installation.run("manage.py", "migrate", PMDM_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert done.stderr.startswith("pmdm: Can't write in ")
    assert done.stderr.count("\n") == 1


def test_a_database_that_was_never_made_is_told_in_one_line(installation):
    done = installation.run("manage.py", "kpis", "NCP", "--json")
    assert done.returncode == 1
    assert done.stderr.startswith("pmdm: The database lacks ")
    assert "`manage.py migrate`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_load_is_made_on_a_machine_where_nothing_was_run_before(installation):
    making = installation.start("manage.py", "demo", "--scale", "1")
    said, _ = making.communicate(timeout=1800)
    assert making.returncode == 0, said
    assert "Making 1 projects of load." in said
    assert installation.is_empty()


def test_a_user_without_a_name_is_given_one(installation, monkeypatch):
    def nameless(uid):
        raise KeyError(uid)

    monkeypatch.setattr("pmdm.local.postgres.pwd.getpwuid", nameless)
    runner = postgres.runner(installation.home.postgres_data)
    named = subprocess.run([*runner, "/usr/bin/id", "-un"], capture_output=True, text=True, check=False)
    assert named.stdout == "nobody\n", named.stderr
