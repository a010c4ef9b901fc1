"""The supervisor on a real installation: started, hurt, killed, stopped."""

import http.client
import queue
import signal
import socket
import threading
import time

import psutil
import pytest

from pmdm.local import binaries
from pmdm.local.management.commands.up import port_of_environment
from pmdm.local.places import SetUpError
from pmdm.local.programs import is_served
from pmdm.local.supervisor import Stop, Supervisor, refuse_taken_port

from .conftest import OURS, Installation, eventually

pytestmark = pytest.mark.fault


class Run:
    """One `manage.py up`, its lines as they come."""

    def __init__(self, installation: Installation, *options: str):
        self.installation, self.port = installation, free_port()
        began = time.monotonic()
        self.process = installation.start("manage.py", "up", "--no-demo", "--port", str(self.port), *options)
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.said: list[str] = []
        self.wait_for("PMDM runs at", within=1800)  # The first start migrates: as long as it takes.
        self.seconds_to_start = time.monotonic() - began

    def read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)

    def wait_for(self, words: str, *, within: float = 270) -> None:
        end = time.monotonic() + within
        while time.monotonic() < end:
            try:
                self.said.append(self.lines.get(timeout=0.2))
            except queue.Empty:
                assert self.process.poll() is None, "".join(self.said)
                continue
            if words in self.said[-1]:
                return
        raise AssertionError(f"{words!r} was not said in {''.join(self.said)!r}")

    def forget_what_was_said(self) -> None:
        while not self.lines.empty():
            self.said.append(self.lines.get())

    def becomes_ready(self) -> bool:
        """Database, Redis, migrations, beat and outbox all become well; else says which are not."""
        answers: list[str] = []
        if eventually(lambda: self.is_ready(answers), within=270):
            return True
        log = (self.installation.home.log / "worker.log").read_text()[-2000:]
        raise AssertionError(f"/readyz: {answers[-1]}\n{log}")

    def is_ready(self, answers: list[str]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answers.append(answer.read().decode())
        except (OSError, http.client.HTTPException) as error:
            answers.append(repr(error))
            return False
        finally:
            connection.close()
        return answer.status == 200

    def program(self, name: str) -> psutil.Process | None:
        """The main process of a service: what its guard runs; None between two of them."""
        try:
            guard = int((self.installation.home.run / f"{name}.guard").read_text().split()[0])
            return next(iter(psutil.Process(guard).children()), None)
        except (OSError, IndexError, psutil.Error):  # its guard is just being replaced
            return None


def seconds_of_a_command(installed: Installation) -> float:
    """How long a command takes that does no more than to load the application: the floor of any start."""
    began = time.monotonic()
    assert installed.run("manage.py", "up", "--help").returncode == 0
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    one = Installation(tmp_path_factory.mktemp("up") / "home")
    yield one
    one.clear()


@pytest.fixture(scope="module")
def run(installed):
    return Run(installed)


def test_it_serves_with_all_its_parts(run):
    assert is_served(run.port)
    assert run.becomes_ready()


def test_a_second_supervisor_is_refused_in_one_line(run, installed):
    done = installed.run("manage.py", "up", "--no-demo", "--port", str(free_port()))
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"pmdm: Already running from {installed.home.root}: process {run.process.pid} at http"
    )
    assert done.stderr.count("\n") == 1
    assert is_served(run.port)


def test_restoring_under_a_running_supervisor_is_refused(run, installed, tmp_path):
    done = installed.run("manage.py", "restore", str(tmp_path / "any.tar"))
    assert done.returncode == 1
    assert done.stderr == "pmdm: `make run` is running here. Stop it with Ctrl-C, then restore.\n"


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker"])
def test_whatever_is_killed_comes_back(run, name):
    # A program that ended with the one killed before may still be told of: that news is not of this killing.
    run.forget_what_was_said()
    assert eventually(lambda: run.program(name))
    killed = run.program(name)
    killed.kill()
    run.wait_for(f"{name} died and was started again")
    assert eventually(lambda: run.program(name) not in (None, killed))
    assert run.becomes_ready()


def test_a_killed_guard_is_replaced(run):
    psutil.Process(int((run.installation.home.run / "valkey.guard").read_text().split()[0])).kill()
    run.wait_for("valkey is down; starting it again")
    assert run.becomes_ready()


def test_killed_it_leaves_no_process_behind(run, installed):
    assert len(installed.processes()) > 10
    run.process.kill()
    run.process.wait()
    assert eventually(installed.is_empty), installed.processes()


def test_after_a_kill_it_starts_again_quickly_and_stops_cleanly(run, installed):
    # Measured by what the same machine needs at the same time: a slow or busy one decides nothing.
    floor = seconds_of_a_command(installed)
    again = Run(installed)
    floor = max(floor, seconds_of_a_command(installed))
    assert again.seconds_to_start < 8 * floor
    assert not any("migrations" in line for line in again.said)
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(timeout=120) == 0
    assert installed.is_empty()


def test_it_ends_with_the_process_it_was_told_to_follow(supervisor):
    make = psutil.Popen(["sleep", "0.5"])
    supervisor.parent = psutil.Process(make.pid)
    supervisor.watch()  # It may stay on as a zombie, which is no life.
    make.wait()


def test_a_signal_that_comes_at_a_bad_moment_is_not_forgotten(supervisor):
    with pytest.raises(Stop):
        supervisor.on_ending(signal.SIGINT, None)
    supervisor.watch()


def test_a_taken_port_is_one_line(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = installation.run("manage.py", "up", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"pmdm: Port {port} is taken. Free it, or choose another: PORT={port + 1}.\n"
    assert installation.is_empty()


def test_a_port_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(SetUpError, match="PORT is 'eighty'; it must be a number such as 8000"):
        port_of_environment()
    with pytest.raises(SetUpError, match="70000 is no port; choose one from 1 to 65535"):
        refuse_taken_port(70000)


@pytest.fixture
def supervisor(installation, monkeypatch):
    """One that would start in an empty folder, if the test let it."""
    for variable in OURS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PMDM_ENV", "local")
    monkeypatch.setenv("PMDM_HOME", str(installation.home.root))
    one = Supervisor(port=free_port(), env={}, prepare=lambda: pytest.fail("it went on"))
    yield one
    one.close()
    assert installation.is_empty()


def refusal(supervisor: Supervisor) -> str:
    with pytest.raises(SetUpError) as told:
        supervisor.start()
    assert "\n" not in str(told.value)
    return str(told.value)


def test_data_of_another_postgresql_is_told(supervisor):
    supervisor.home.postgres_data.mkdir(parents=True)
    (supervisor.home.postgres_data / "PG_VERSION").write_text("11\n")
    assert refusal(supervisor).startswith("The data is of PostgreSQL 11, and this machine has ")


def test_a_folder_that_can_not_be_written_is_told(supervisor):
    supervisor.home.root.parent.mkdir(exist_ok=True)
    supervisor.home.root.write_text("no folder")
    assert refusal(supervisor).startswith(f"Can't write in {supervisor.home.root}")


def test_no_engine_is_told(supervisor, monkeypatch):
    monkeypatch.setattr(binaries, "postgres_folders", list)
    assert refusal(supervisor).startswith("No PostgreSQL found.")


def test_an_engine_of_the_environment_that_is_away_is_told(supervisor, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@127.0.0.1:9/c")
    assert refusal(supervisor).startswith("DATABASE_URL names 127.0.0.1:9/c, which does not answer")
