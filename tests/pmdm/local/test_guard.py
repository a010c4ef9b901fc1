"""The guard with small programs in an engine's place."""

import os
import signal
import sys

import psutil
import pytest

from pmdm.local.places import SetUpError
from pmdm.local.service import Hold, Service

from .conftest import eventually

pytestmark = pytest.mark.fault

# Starts a child that leaves its parent's session, and a grandchild that is orphaned at once.
FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
subprocess.Popen(["sleep", "1000"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "2000"])
    os._exit(0)
os.wait()
open(sys.argv[1], "a").write("started\\n")
time.sleep(1000)
"""


@pytest.fixture
def family(installation, tmp_path):
    installation.home.prepare()
    sign = installation.home.root / "sign"
    return Service(
        name="family",
        home=installation.home,
        command=[sys.executable, "-c", FAMILY, str(sign)],
        answers=sign.exists,
        grace=2,
        env={"PMDM_HOME": str(installation.home.root)},
    )


def family_of(hold: Hold) -> list[psutil.Process]:
    state = hold.state()
    assert state
    guard = psutil.Process(state.pid)
    eventually(lambda: len(guard.children(recursive=True)) == 3)
    return [guard, *guard.children(recursive=True)]


def are_gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_the_last_user_stops_the_program_and_all_its_children(family):
    first, second = family.hold(), family.hold()
    processes = family_of(first)
    assert len(processes) == 4
    first.close()
    assert processes[1].is_running()
    second.close()
    assert are_gone(processes)


def test_a_killed_user_leaves_nothing(family, installation):
    hold = family.hold()
    processes = family_of(hold)
    os.close(hold.users)  # What the kernel does for a process that is killed.
    hold.users = None
    assert eventually(lambda: are_gone(processes))


def test_a_killed_guard_takes_its_program_along_and_is_replaced(family):
    hold = family.hold()
    guard, program, *_ = family_of(hold)
    guard.kill()
    assert eventually(lambda: not program.is_running())
    assert eventually(lambda: hold.state() is None)
    assert hold.ensure() is True
    assert hold.state().pid != guard.pid
    hold.close()


def test_a_killed_program_is_started_again_without_its_orphans(family):
    hold = family.hold()
    _, *processes = family_of(hold)
    processes[0].kill()
    assert eventually(lambda: (state := hold.state()) and state.starts == 2)
    assert are_gone(processes)
    assert "ended with -9" in family.log.read_text()
    hold.close()


def test_a_program_deaf_to_its_stop_signal_is_killed(installation):
    installation.home.prepare()
    sign = installation.home.root / "deaf"
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(1000)"
    command = [sys.executable, "-c", f"import signal, sys, time; {deaf}", str(sign)]
    service = Service(name="deaf", home=installation.home, command=command, answers=sign.exists, grace=0.5)
    hold = service.hold()
    processes = [psutil.Process(hold.state().pid), *psutil.Process(hold.state().pid).children()]
    hold.close()
    assert are_gone(processes)


def test_a_program_that_never_runs_is_given_up_with_its_own_words(installation):
    installation.home.prepare()
    command = ["/bin/sh", "-c", "echo 'FATAL: no such luck'; exit 3"]
    service = Service(name="broken", home=installation.home, command=command, answers=lambda: False, patience=20)
    with pytest.raises(SetUpError, match=r"broken does not start: FATAL: no such luck \(see .*broken.log\)"):
        service.hold()
    assert eventually(installation.is_empty)


def test_a_sole_user_stops_what_a_dead_one_left(family):
    sole = Service(**{**vars(family), "shared": False})
    left = family.hold()
    processes = family_of(left)
    os.close(left.users)
    left.users = None
    hold = Hold(sole)
    assert are_gone(processes)
    hold.close()


def test_a_guard_told_to_stop_does_so(family):
    hold = family.hold()
    processes = family_of(hold)
    processes[0].send_signal(signal.SIGTERM)
    assert eventually(lambda: are_gone(processes))
    hold.close()


def test_a_large_log_is_put_aside_at_the_next_start(family, monkeypatch):
    monkeypatch.setattr("pmdm.local.service.LARGE_LOG", 10)
    family.log.write_text("an old and long story\n")
    with_log = family.hold()
    assert family.log.with_suffix(".log.1").read_text() == "an old and long story\n"
    with_log.close()
