"""Keeps one program running for as long as somebody uses it, and leaves nothing behind.

    python guard.py NAME RUN_FOLDER STOP_SIGNAL GRACE_SECONDS command [argument ...]

Users hold a shared lock on RUN_FOLDER/NAME.users. The kernel lets go of it when they end, however they end,
so the guard needs no word from them: once it gets the lock alone, it stops the program and its descendants.
A program that dies meanwhile is started again. RUN_FOLDER/NAME.guard says that a guard is there: it is locked
and holds the process ids of guard and program and how often that was started. Standard library only, no import
of ours: it must stand when all else falls.
"""

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

TICK = 0.4
PAUSES = (0.2, 0.5, 1, 2, 5)  # Seconds before each further start.
STEADY = 30  # Seconds up after which the pauses begin anew.
QUICK_DEATHS = 3  # A program that never stayed up is given up after so many starts.

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Guard:
    def __init__(self, name: str, run: Path, stop_signal: int, grace: float, command: list[str]):
        self.name, self.stop_signal, self.grace, self.command = name, stop_signal, grace, command
        self.users = os.open(run / f"{name}.users", os.O_RDWR | os.O_CREAT, 0o600)
        self.place = os.open(run / f"{name}.guard", os.O_RDWR | os.O_CREAT, 0o600)
        self.told_to_stop = False
        self.starts = 0
        self.left_by_predecessor = 0

    def run(self) -> int:
        """Guard until unused or told to stop. 0: done, or not the only guard; 1: the program won't run."""
        if not self.take_place():
            return 0
        signal.signal(signal.SIGTERM, self.on_term)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        bell = Bell()
        adopt_orphans()
        end_program(self.left_by_predecessor, self.command[0], self.stop_signal, self.grace)
        deaths, ever_steady = 0, False
        while True:
            started = time.monotonic()
            child = self.start()
            self.starts += 1
            self.sign(program=child.pid)
            while child.poll() is None and not self.done():
                bell.wait(TICK)
                reap_orphans(child.pid)
            if child.poll() is None:
                return self.stop(child, bell)
            end_descendants(child.pid)
            stayed = time.monotonic() - started
            ever_steady = ever_steady or stayed > 3
            deaths = 1 if stayed > STEADY else deaths + 1
            self.say(f"ended with {child.returncode} after {stayed:.1f} s")
            if deaths >= QUICK_DEATHS and not ever_steady:
                return 1
            pause = time.monotonic() + PAUSES[min(deaths, len(PAUSES)) - 1]
            while time.monotonic() < pause:
                if self.done():
                    return 0
                bell.wait(0.05)
            self.say("started again")

    def take_place(self) -> bool:
        for _ in range(20):
            with suppress(BlockingIOError):
                fcntl.flock(self.place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                words = os.pread(self.place, 60, 0).split()
                self.left_by_predecessor = int(words[2]) if len(words) == 3 else 0
                self.sign(program=0)
                return True
            time.sleep(0.1)
        return False

    def sign(self, *, program: int) -> None:
        """Write who guards, the how-manieth start this is, and what runs."""
        os.pwrite(self.place, f"{os.getpid()} {self.starts} {program}".ljust(60).encode(), 0)

    def start(self) -> "subprocess.Popen[bytes]":
        me = os.getpid()

        def die_with_guard() -> None:
            # Should the guard itself be killed, the program still gets its stop signal.
            prctl(PR_SET_PDEATHSIG, self.stop_signal)
            if os.getppid() != me:
                os._exit(1)

        return subprocess.Popen(self.command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=die_with_guard)

    def done(self) -> bool:
        """Told to stop, or nobody holds the users' lock any more (which is then kept, so newcomers wait)."""
        if not self.told_to_stop:
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def stop(self, child: "subprocess.Popen[bytes]", bell: "Bell") -> int:
        child.send_signal(self.stop_signal)
        end = time.monotonic() + self.grace
        while child.poll() is None and time.monotonic() < end:
            bell.wait(0.2)
            reap_orphans(child.pid)
        end_descendants(child.pid)
        return 0

    def on_term(self, *_: object) -> None:
        self.told_to_stop = True

    def say(self, what: str) -> None:
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        print(f"{now} guard: {self.name} {what}", flush=True)


class Bell:
    """Wakes a sleeping guard when a child ends or a signal comes."""

    def __init__(self) -> None:
        self.heard, rope = os.pipe()
        os.set_blocking(self.heard, False)
        os.set_blocking(rope, False)
        signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self, seconds: float) -> None:
        select.select([self.heard], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self.heard, 4096)


def reap_orphans(child: int) -> None:
    """Let go of adopted processes that ended; the program's own end is left for its Popen to see."""
    with suppress(ChildProcessError):
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid == child:
                return
            os.waitpid(ended.si_pid, 0)


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become ours, so that they can be found and ended."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_program(pid: int, program: str, stop_signal: int, grace: float) -> None:
    """See off a program that outlived its killed guard, before it is in the way of the one to come."""
    end = time.monotonic() + grace
    while pid and is_running(pid, program):
        with suppress(ProcessLookupError):
            os.kill(pid, stop_signal if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.1)


def is_running(pid: int, program: str) -> bool:
    """Whether that process runs that program; its number may meanwhile be another's."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].split(b" ")[0] == os.fsencode(program)


def end_descendants(group: int) -> None:
    """Kill whatever is left of the program, and of its children's children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    end = time.monotonic() + 5
    while (left := descendants(os.getpid())) and time.monotonic() < end:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def descendants(ancestor: int) -> list[int]:
    """Process ids below one, from /proc; empty on a system without it."""
    parent_of = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, rest = int(entry.parent.name), entry.read_text(errors="replace").rpartition(")")[2]
            parent_of[pid] = int(rest.split()[1])
    below = {ancestor}
    grown = True
    while grown:
        more = {pid for pid, parent in parent_of.items() if parent in below} - below
        grown = bool(more)
        below |= more
    return sorted(below - {ancestor})


def prctl(option: int, value: int) -> None:
    if LIBC is not None:
        LIBC.prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    name, run, stop_signal, grace, *command = sys.argv[1:]
    sys.exit(Guard(name, Path(run), int(stop_signal), float(grace), command).run())
