"""Whether the program of this container lives: exit code 0 if so. Standard library only.

python pmdm/local/healthcheck.py                    the web server answers
python pmdm/local/healthcheck.py --beat SCHEDULE    beat has lately written its schedule
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

BEAT_WRITES_WITHIN = 600  # Seconds; it does so every three minutes.


def web_answers() -> bool:
    # The site answers only to its own names.
    host = os.environ.get("PMDM_ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bool(answer.status == 200)


def beat_writes(schedule: Path) -> bool:
    # Some systems add a suffix of their own.
    written = [path.stat().st_mtime for path in schedule.parent.glob(schedule.name + "*")]
    return bool(written) and time.time() - max(written) < BEAT_WRITES_WITHIN


if __name__ == "__main__":
    alive = beat_writes(Path(sys.argv[2])) if sys.argv[1:2] == ["--beat"] else web_answers()
    sys.exit(not alive)
