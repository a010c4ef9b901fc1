"""Where an installation keeps its things: data, logs, sockets and locks under one folder."""

import hashlib
import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# sun_path holds 108 bytes on Linux and 104 on macOS; PostgreSQL also makes "<socket>.lock" beside it.
LONGEST_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432.lock") - 1


class SetUpError(Exception):
    """Something on this machine stands in the way; the message is one line that says what to do."""


@dataclass(frozen=True)
class Home:
    """One installation's folder: two of them run side by side."""

    root: Path

    @property
    def postgres_data(self) -> Path:
        return self.root / "pg"

    @property
    def valkey_data(self) -> Path:
        return self.root / "valkey"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Locks, keys and (where the path is short enough) sockets; readable by nobody else."""
        return self.root / "run"

    @property
    def sockets(self) -> Path:
        """Folder of the Unix sockets, private and short enough for the system's limit."""
        if len(os.fsencode(self.run)) <= LONGEST_SOCKET_FOLDER:
            return self.run
        # Named by user and home, so that every process finds the same one without being told.
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path("/tmp") / f"pmdm-{os.getuid()}-{digest}"  # Made 0700, owner checked in prepare().

    def prepare(self) -> None:
        """Make the folders; SetUpError where they can't be made or written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.log.mkdir(exist_ok=True)
            for folder in {self.run, self.sockets}:
                make_private(folder)
            for folder in (self.root, self.log, self.run):
                with tempfile.TemporaryFile(dir=folder):
                    pass
        except OSError as error:
            raise SetUpError(
                f"Can't write in {error.filename or self.root}: {error.strerror}. "
                "Make the folder writable, or set PMDM_HOME to one that is."
            ) from error


def home() -> Home:
    """The installation of this process: PMDM_HOME, else var/; tests live in its own corner."""
    root = Path(os.environ.get("PMDM_HOME") or ROOT / "var").expanduser().resolve()
    under_test = os.environ.get("PMDM_ENV") == "test" or ("PMDM_ENV" not in os.environ and "pytest" in sys.modules)
    return Home(root / "test" if under_test else root)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner enters; SetUpError where somebody else made it first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SetUpError(f"{folder} belongs to somebody else. Remove it, or set PMDM_HOME to a shorter path.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
