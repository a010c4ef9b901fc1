"""One whole installation of real processes, of its own, for tests that kill parts of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from pmdm.local.places import ROOT, Home

FIRST_START = 1800  # seconds: engines, all migrations, web and worker, beside whatever else the machine does
PATIENCE = 270  # seconds: three times what the design promises, for a machine that does other things as well


class Installation:
    """`manage.py up` in a folder of its own, its database and Redis at hand."""

    def __init__(self, folder: Path):
        self.home = Home(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        mine = ("PMDM_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(mine)} | {
            "PMDM_ENV": "local",
            "PMDM_HOME": str(folder),
        }
        self.log = (folder.parent / "up.log").open("wb")
        self.up = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo", "--port", str(self.port), "--parent", str(os.getpid())],
            cwd=ROOT,
            env=self.env,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    # --- Asking -------------------------------------------------------------------------------------------

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.home.sockets), user="pmdm", dbname="pmdm", autocommit=True)

    def ask(self, sql: str, *values):
        with self.connect() as connection:
            return connection.execute(sql, values).fetchall()

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.home.sockets / "valkey.sock"))

    def run(self, code: str):
        """Python inside the application, as a command of its own; what it assigns to ``answer``."""
        script = f"answer = None\n{code}\nimport json; print('ANSWER' + json.dumps(answer))"
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.split("ANSWER")[1])

    def ready(self) -> dict:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)
        except OSError as error:
            return {"ready": False, "web": str(error)}

    def mails_to(self, address: str) -> int:
        """How many mails went to this address."""
        return sum(f"To: {address}" in mail.read_text() for mail in (self.home.root / "mail").glob("*.log"))

    def message_ids_to(self, address: str) -> set[str]:
        """The Message-IDs of the mails to this address."""
        texts = [mail.read_text() for mail in (self.home.root / "mail").glob("*.log")]
        return {
            found
            for text in texts
            if f"To: {address}" in text
            for found in re.findall(r"(?m)^Message-ID: (<.*>)$", text)
        }

    # --- Killing ------------------------------------------------------------------------------------------

    def process(self, name: str) -> psutil.Process:
        """The guarded program's own process: 'worker', 'web', 'postgres' or 'valkey'."""
        guard = int((self.home.run / f"{name}.guard").read_text().split()[0])
        return min(psutil.Process(guard).children(), key=lambda child: child.create_time())

    def kill(self, name: str) -> int:
        """kill -9, at once; the id of the process that died."""
        victim = eventually(lambda: self.process(name), f"{name} runs")
        os.kill(victim.pid, signal.SIGKILL)
        return victim.pid

    def close(self) -> None:
        self.up.send_signal(signal.SIGTERM)
        try:
            self.up.wait(60)
        except subprocess.TimeoutExpired:
            self.up.kill()  # Its guards see it and stop what is left.
            self.up.wait(10)
        self.log.close()


def eventually(question, says: str, *, within: float = PATIENCE):
    """Ask until the answer is true; its last answer. Errors on the way are answers that are not true yet."""
    end, last = time.monotonic() + within, None
    while time.monotonic() < end:
        try:
            last = question()
            if last:
                return last
        except (psycopg.Error, redis.RedisError, OSError, psutil.Error, ValueError) as error:
            last = repr(error)
        time.sleep(0.1)
    pytest.fail(f"not within {within} s: {says}; last: {last!r}")


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    it = Installation(tmp_path_factory.mktemp("fault") / "home")
    try:
        eventually(lambda: it.ready().get("ready"), "the installation is ready", within=FIRST_START)
        yield it
    finally:
        it.close()
