"""What other stories do when a reporter is told something. Only what a client may read is ever told."""

from collections.abc import Callable, Iterable

_told: list[Callable[..., None]] = []
_reach: list[Callable[..., set[int]]] = []


def told(listener: Callable[..., None]) -> Callable[..., None]:
    """Register ``listener(issue, text=, by=, key=, note=None, at=None)``; ``key`` names the event within the issue."""
    if listener not in _told:
        _told.append(listener)
    return listener


def tell(issue, *, text: str, by, key: str, note=None, at=None) -> None:
    """The reporter of an issue is told a public word, in the transaction of the change."""
    for listener in _told:
        listener(issue, text=text, by=by, key=key, note=note, at=at)


def reaches(finder: Callable[..., set[int]]) -> Callable[..., set[int]]:
    """Register ``finder(issues, by=)``: the keys of those whose reporter its listener would tell, in few queries."""
    if finder not in _reach:
        _reach.append(finder)
    return finder


def reached(issues: Iterable, *, by) -> set[int]:
    """Keys of the issues whose reporter anybody would tell of what ``by`` did."""
    issues = list(issues)
    return set().union(*(finder(issues, by=by) for finder in _reach)) if issues else set()
