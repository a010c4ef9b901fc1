"""Which files are taken: a fixed map from the ending of a name to a media type, each recognised by its content too.

Nothing that a browser would run is on it (no HTML, no SVG). Whatever is taken is only ever handed out as a download.
"""

from collections.abc import Callable
from dataclasses import dataclass

ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Kind:
    media_type: str
    fits: Callable[[bytes], bool]


def starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def is_text(content: bytes) -> bool:
    """UTF-8 without NUL: what editors and tables write."""
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
KINDS = {
    "pdf": Kind("application/pdf", starts(b"%PDF-")),
    "png": Kind("image/png", starts(b"\x89PNG\r\n\x1a\n")),
    "jpg": Kind("image/jpeg", starts(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", starts(b"\xff\xd8\xff")),
    "gif": Kind("image/gif", starts(b"GIF87a", b"GIF89a")),
    "webp": Kind("image/webp", is_webp),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", starts(ZIP)),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", starts(ZIP)),
    "pptx": Kind(f"{_OFFICE}.presentationml.presentation", starts(ZIP)),
    "odt": Kind(f"{_OPEN}.text", starts(ZIP)),
    "ods": Kind(f"{_OPEN}.spreadsheet", starts(ZIP)),
    "odp": Kind(f"{_OPEN}.presentation", starts(ZIP)),
    "zip": Kind("application/zip", starts(ZIP)),
    "txt": Kind("text/plain", is_text),
    "log": Kind("text/plain", is_text),
    "md": Kind("text/markdown", is_text),
    "csv": Kind("text/csv", is_text),
    "json": Kind("application/json", is_text),
    "eml": Kind("message/rfc822", is_text),
}
ACCEPT = ",".join(f".{ending}" for ending in KINDS)
NAME_LENGTH = 150


def ending_of(name: str) -> str:
    """The ending without its dot, lower case; '' where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def clean_name(name: str) -> str:
    """The last part of a path without control signs, at most ``NAME_LENGTH`` long, its ending kept."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if sign.isprintable() and sign not in '"<>|:*?').strip(" .")
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: NAME_LENGTH - len(ending) - 1]}{dot}{ending}"
    return name or "file"
