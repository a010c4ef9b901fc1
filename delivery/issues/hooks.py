"""What other stories do when a reporter is told something. Only what a client may read is ever told."""

from collections.abc import Callable

_told: list[Callable[..., None]] = []


def told(listener: Callable[..., None]) -> Callable[..., None]:
    """Register ``listener(issue, text=, by=, key=, note=None, at=None)``; ``key`` names the event within the issue."""
    if listener not in _told:
        _told.append(listener)
    return listener


def tell(issue, *, text: str, by, key: str, note=None, at=None) -> None:
    """The reporter of an issue is told a public word, in the transaction of the change."""
    for listener in _told:
        listener(issue, text=text, by=by, key=key, note=note, at=at)
