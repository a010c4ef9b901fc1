"""`manage.py up`: engines, database, web server and worker of one machine, from start to stop."""

import errno
import fcntl
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from . import external
from .engines import Engines, ensure_running
from .places import SetUpError, home
from .programs import HOST, web, worker
from .service import GuardState, Hold

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GLANCE = 1.0  # Seconds between two looks at what runs.


class Stop(BaseException):
    """Somebody wants us to end. Not an Exception, so that no handler on the way takes it for a failure."""


class Supervisor:
    """Runs one installation: everything under guard, the database brought up to date by `prepare`."""

    def __init__(self, *, port: int, env: dict[str, str], prepare: Callable[[], None], parent: int | None = None):
        self.home, self.port, self.prepare = home(), port, prepare
        self.env = {"PMDM_SITE_URL": f"http://{HOST}:{port}"} | env
        self.parent = process(parent) if parent else None
        self.told_to_stop = False
        self.lock: int | None = None
        self.engines: Engines | None = None
        self.programs: list[Hold] = []
        self.seen: dict[str, GuardState | None] = {}

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def run(self, *, greet: Callable[[str], None]) -> None:
        """Start everything, greet, see to it until told to stop. SetUpError for what is in the way."""
        for number in ENDINGS:
            signal.signal(number, self.on_ending)
        try:
            self.start()
            greet(self.address)
            self.watch()
            say("Stopping …")
        except Stop:
            say("Stopping …")
        finally:
            for number in ENDINGS:
                signal.signal(number, signal.SIG_IGN)  # The guards are told; a second Ctrl-C would only hide it.
            self.close()

    def on_ending(self, *_: object) -> None:
        # Python drops what is raised inside a finalizer; the next look around then finds the note.
        self.told_to_stop = True
        raise Stop

    def start(self) -> None:
        self.be_the_only_one()
        # Holding web and worker first ends whatever a killed predecessor left of them, its port included.
        for service in (web(self.home, port=self.port, env=self.env), worker(self.home, env=self.env)):
            self.programs.append(Hold(service))
        refuse_taken_port(self.port)
        external.check()
        self.engines = ensure_running()
        self.prepare()
        for hold in self.programs:  # The web server first, alone: people wait for it and not for the worker.
            hold.ensure()

    def be_the_only_one(self) -> None:
        """Take the lock against a second supervisor over the same folder."""
        self.home.prepare()
        self.lock = os.open(self.home.run / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = os.pread(self.lock, 200, 0).decode().strip()
            raise SetUpError(
                f"Already running from {self.home.root}: {running}. Stop it there with Ctrl-C, or run a "
                "second copy with another PMDM_HOME and another PORT."
            ) from None
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"process {os.getpid()} at {self.address}".encode(), 0)

    def watch(self) -> None:
        """Guards start again what dies; here their deaths are told, and a dead guard is replaced."""
        holds = [*self.engines.holds, *self.programs] if self.engines else self.programs
        self.seen = {hold.service.name: hold.state() for hold in holds}
        while not self.told_to_stop and self.parent_lives():
            time.sleep(GLANCE)
            for hold in holds:
                self.glance(hold)

    def parent_lives(self) -> bool:
        if self.parent is None:
            return True
        try:
            return self.parent.is_running() and self.parent.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def glance(self, hold: Hold) -> None:
        name, state = hold.service.name, hold.state()
        if state is None:
            say(f"{name} is down; starting it again (see {hold.service.log})")
            try:
                hold.ensure()
            except SetUpError as error:
                say(str(error))
            state = hold.state()
        elif state != self.seen[name] and state.starts > 1:
            say(f"{name} died and was started again (see {hold.service.log})")
        self.seen[name] = state

    def close(self) -> None:
        while self.programs:
            self.programs.pop().close()
        if self.engines is not None:
            self.engines.close()
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def process(pid: int) -> psutil.Process:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        raise SetUpError(f"Process {pid}, which this was to follow, has ended already.") from None


def refuse_taken_port(port: int) -> None:
    """SetUpError where the port can't be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OverflowError:
            raise SetUpError(f"{port} is no port; choose one from 1 to 65535.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SetUpError(f"Port {port} is taken. Free it, or choose another: PORT={port + 1}.") from None
            raise SetUpError(f"Port {port} can't be used: {error.strerror}. Choose another: PORT=8000.") from None


def say(line: str) -> None:
    with suppress(BrokenPipeError, OSError):  # A closed terminal must not keep us from stopping properly.
        print(line, flush=True)
