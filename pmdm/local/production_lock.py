"""Prints the part of requirements.lock that production needs, without the tools of development.

    python pmdm/local/production_lock.py requirements.lock

The lock notes under each package what asks for it ("# via"); kept is what the project itself asks for, and what
that asks for in turn. Standard library only: it runs before anything is installed.
"""

import re
import sys
from pathlib import Path

PROJECT = "pmdm (pyproject.toml)"  # The groups of pyproject.toml are named "pmdm (pyproject.toml:dev)".


def production_part(lock: str) -> str:
    """The blocks of those packages, hashes and all, in the lock's order."""
    blocks = [block for block in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE) if "==" in block]
    asked_by = {name_of(block): set(askers(block)) for block in blocks}
    kept: set[str] = {PROJECT}
    while more := {name for name, who in asked_by.items() if who & kept} - kept:
        kept |= more
    return "".join(block for block in blocks if name_of(block) in kept)


def name_of(block: str) -> str:
    return block.partition("==")[0]


def askers(block: str) -> list[str]:
    return re.findall(r"^    #(?: via)? +(\S.*)$", block, flags=re.MULTILINE)


if __name__ == "__main__":
    print(production_part(Path(sys.argv[1]).read_text()), end="")
