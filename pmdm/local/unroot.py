"""Runs a command as somebody who has a name and is not root, since PostgreSQL insists on both.

    python unroot.py DATA_FOLDER command [argument ...]

A user namespace first: inside, the same user is `nobody`, and every file stays the user's own. Where the kernel
or a container forbids that, root becomes the real `nobody` and keeps the right to pass through folders closed to
others (a home under /root). No account is made and nothing outside the data folder changes hands. Standard
library only and no import of ours: it runs before everything else, as a script.
"""

import os
import shutil
import sys
from pathlib import Path

NOBODY = 65534
CAN_NOT = (
    "PostgreSQL does not run as root, and here neither user namespaces nor setpriv are to be had: "
    "run this as an ordinary user, or set DATABASE_URL."
)


def main(data: str, command: list[str]) -> None:
    if namespaces_work():
        give_to(data, os.geteuid())
        enter_namespace()
    elif os.geteuid() == 0:
        if setpriv := shutil.which("setpriv"):
            give_to(data, NOBODY)
            # nobody may then read what root may; without it a home below /root would be out of reach.
            passes = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            who = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            command = [setpriv, *who, *passes, "--", *command]
        else:
            sys.exit(CAN_NOT)
    os.execv(command[0], command)


def namespaces_work() -> bool:
    """Tried in a child, since it can't be undone. PMDM_NO_USERNS=1 plays a container that forbids it."""
    if not hasattr(os, "unshare") or os.environ.get("PMDM_NO_USERNS"):
        return False
    child = os.fork()
    if child == 0:
        try:
            enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def enter_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def give_to(data: str, uid: int) -> None:
    """Hand the data folder over, if the last start ran as somebody else."""
    if not os.path.isdir(data) or os.lstat(data).st_uid == uid:
        return
    for folder, folders, files in os.walk(data, topdown=False):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), uid, uid)
    os.lchown(data, uid, uid)  # Last: a walk cut short is begun again.


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
