"""One thing in a cell of the traceability matrix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """What is linked: what it is called, its state in words, where it is; ``tone`` ok, act or ''."""

    ref: str
    title: str
    state: str
    url: str
    tone: str
    link: int | None = None  # the TraceLink, where there is one
