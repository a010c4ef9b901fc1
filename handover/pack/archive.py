"""A ZIP of which every byte follows from its files, and the list of hashes that proves it. Plain Python.

The files are stored as they are (no compressor that another version would write differently), in the order of their
names, with one fixed date: the same files give the same archive, on any machine and any day.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping

SUMS = "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a ZIP can hold


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sums(files: Mapping[str, bytes]) -> bytes:
    """What ``sha256sum -c`` reads: hash, two spaces, name, by name. ValueError for a name that it can't hold."""
    for name in files:
        if "\n" in name or "\\" in name or name.startswith(("/", " ")) or ".." in name.split("/") or name == SUMS:
            raise ValueError(f"{name!r} can't stand in the list of hashes.")
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of the files with their list of hashes."""
    everything = {**files, SUMS: sums(files)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(everything):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            packed.writestr(info, everything[name])
    return target.getvalue()
