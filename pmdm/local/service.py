"""A program under guard: started by its first user, stopped after its last one."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .places import ROOT, Home, SetUpError

GUARD = Path(__file__).with_name("guard.py")
LARGE_LOG = 5_000_000  # Bytes; a larger log is put aside at the next start, one old one is kept.


@dataclass(frozen=True)
class Service:
    """What to run, how to see that it answers, how to stop it."""

    name: str
    home: Home
    command: list[str]
    answers: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15
    patience: float = 30  # Seconds until it must answer.
    before: Callable[[], None] = lambda: None  # Called before a start, while nobody else can start it.
    runner: list[str] = field(default_factory=list)  # What the guard itself is run by.
    env: dict[str, str] = field(default_factory=dict)
    shared: bool = True  # False: one user only, who wants it fresh and stops what a dead one left.

    @property
    def log(self) -> Path:
        return self.home.log / f"{self.name}.log"

    def hold(self) -> "Hold":
        """Use the service, starting it where it does not run; it lives at least until `close()`."""
        hold = Hold(self)
        try:
            hold.ensure()
        except BaseException:
            hold.close()
            raise
        return hold


@dataclass(frozen=True)
class GuardState:
    pid: int
    starts: int


class Hold:
    """One user's hand on a service. The kernel opens it when the process ends, however it ends."""

    def __init__(self, service: Service):
        self.service = service
        self.guard: subprocess.Popen[bytes] | None = None
        kind = fcntl.LOCK_SH if service.shared else fcntl.LOCK_EX
        # Waits here while a guard is just stopping the service.
        self.users: int | None = open_lock(service.home.run / f"{service.name}.users", kind)
        if not service.shared:
            self.stop_guard()

    def ensure(self) -> bool:
        """See to it that the service is guarded and answers; True if it had to be started."""
        service = self.service
        if self.guard is not None:
            self.guard.poll()  # Reaps it, if it ended.
        with self.start_lock():
            absent = self.guard_state() is None
            if absent:
                service.before()
                self.start_guard()
            self.wait_until_it_answers()
        return absent

    def state(self) -> GuardState | None:
        """Who guards the service, None if nobody does."""
        with self.start_lock():
            return self.guard_state()

    def start_lock(self) -> AbstractContextManager[None]:
        return locked(self.service.home.run / f"{self.service.name}.start")

    def guard_state(self) -> GuardState | None:
        """Tries the guard's lock; only under the start lock, so as not to be in a new guard's way."""
        place = self.service.home.run / f"{self.service.name}.guard"
        fd = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, starts = (*map(int, os.pread(fd, 60, 0).split()), 0, 0)[:2]
            return GuardState(pid, starts)
        else:
            return None
        finally:
            os.close(fd)

    def start_guard(self) -> None:
        service = self.service
        rotate(service.log)
        arguments = [service.name, str(service.home.run), str(int(service.stop_signal)), str(service.grace)]
        guard = [sys.executable, "-I", "-S", str(GUARD), *arguments, *service.command]
        with service.log.open("ab") as log:
            self.guard = subprocess.Popen(
                [*service.runner, *guard],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C and a closed terminal reach the users, not the guards.
                cwd=ROOT,
                env=os.environ | service.env,
            )

    def wait_until_it_answers(self) -> None:
        service, pause = self.service, 0.02
        end = time.monotonic() + service.patience
        while self.guard_state() is None or not service.answers():
            if self.guard is not None and self.guard.poll() is not None:
                raise SetUpError(f"{service.name} does not start: {last_words(service.log)}")
            if time.monotonic() > end:
                late = f"{service.name} did not answer within {service.patience:.0f} s"
                raise SetUpError(f"{late}: {last_words(service.log)}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    def close(self) -> None:
        """Let go. The last user waits until the service has stopped; others leave it running."""
        if self.users is None:
            return
        with suppress(BlockingIOError):
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop_guard()
        os.close(self.users)
        self.users = None

    def stop_guard(self) -> None:
        """Stop the service now, if it runs. Only for its sole user: newcomers wait at the users' lock."""
        end = time.monotonic() + self.service.grace + 5
        while (state := self.state()) and time.monotonic() < end:
            with suppress(psutil.Error):
                guard = psutil.Process(state.pid)
                if str(GUARD) in guard.cmdline():  # Not yet so, if it is just about to sign.
                    guard.terminate()
            time.sleep(0.05)
        if self.guard is not None:
            self.guard.wait(timeout=10)
            self.guard = None


def open_lock(path: Path, kind: int) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, kind)
    return fd


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone in here, among all processes of this home."""
    fd = open_lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(fd)


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGE_LOG:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    """The last telling line of a log, and where to read the rest."""
    lines: list[str] = []
    with suppress(OSError):
        lines = log.read_text(errors="replace").splitlines()[-30:]
    return f"{telling([line for line in lines if ' guard: ' not in line])} (see {log})"


def telling(lines: list[str]) -> str:
    """The last line that speaks of an error, else the last one."""
    lines = [line.strip() for line in lines if line.strip()]
    grave = [line for line in lines if re.search("FATAL|PANIC|[Ee]rror|[Cc]an't|[Cc]annot|could not", line)]
    return (grave or lines or ["it said nothing"])[-1]
