"""What needs what, and what breaks if one of them fails. Plain Python on keys and links.

A link is ``(who, needs, hard)``: ``who`` stands still without ``needs`` where it is hard, and works with less where it
is soft. Walks are breadth first without recursion, so paths are the shortest and depth has no limit.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

type Key = Any  # hashable
type Link = tuple[Key, Key, bool]


@dataclass(frozen=True)
class Effect:
    """What a failure does to one component: it ``breaks``, or only works with less, and the way it gets there.

    ``path`` begins with the component that failed and ends with the one that is hit.
    """

    breaks: bool
    path: tuple[Key, ...]


def effects(links: Iterable[Link], failed: Key) -> dict[Key, Effect]:
    """Whom the failure of one component hits, however far away, nearest first; the failed one is left out.

    A component breaks if a chain of hard links alone leads to the failed one, by the shortest such chain; it is
    degraded if every chain has a soft link. Links that form a circle are walked once.
    """
    links = list(links)
    hard = _reached(((who, needs) for who, needs, is_hard in links if is_hard), failed)
    any_way = _reached(((who, needs) for who, needs, _hard in links), failed)
    found = {key: Effect(True, hard[key]) if key in hard else Effect(False, path) for key, path in any_way.items()}
    return dict(sorted(found.items(), key=lambda item: len(item[1].path)))


def _reached(pairs: Iterable[tuple[Key, Key]], start: Key) -> dict[Key, tuple[Key, ...]]:
    needed_by: dict[Key, list[Key]] = defaultdict(list)
    for who, needs in pairs:
        needed_by[needs].append(who)
    paths: dict[Key, tuple[Key, ...]] = {start: (start,)}
    waiting = deque([start])
    while waiting:
        key = waiting.popleft()
        for who in needed_by[key]:
            if who not in paths:
                paths[who] = (*paths[key], who)
                waiting.append(who)
    del paths[start]
    return paths


def circle(links: Iterable[Link], who: Key, needs: Key) -> tuple[Key, ...]:
    """The circle that a new link would close, from ``who`` over ``needs`` back to ``who``; () where it closes none."""
    if who == needs:
        return (who, who)
    # From ``who`` backwards: does ``needs`` need it already?
    paths = _reached(((one, other) for one, other, _hard in links), who)
    return (who, *reversed(paths[needs])) if needs in paths else ()


def layers(keys: Iterable[Key], links: Iterable[Link]) -> list[list[Key]]:
    """Keys in layers: what nobody needs comes first, and everything stands below all that need it.

    The layer is the longest chain from the top. ValueError where links form a circle.
    """
    order = list(dict.fromkeys(keys))
    known = set(order)
    needs: dict[Key, list[Key]] = defaultdict(list)
    open_needers: dict[Key, int] = dict.fromkeys(order, 0)
    for who, needed, _hard in links:
        if who in known and needed in known:
            needs[who].append(needed)
            open_needers[needed] += 1
    depth: Mapping[Key, int] = {}
    depth = dict.fromkeys((key for key in order if not open_needers[key]), 0)
    waiting = deque(depth)
    done = 0
    while waiting:
        key = waiting.popleft()
        done += 1
        for needed in needs[key]:
            depth[needed] = max(depth.get(needed, 0), depth[key] + 1)
            open_needers[needed] -= 1
            if not open_needers[needed]:
                waiting.append(needed)
    if done < len(order):
        raise ValueError("The links form a circle.")
    found: list[list[Key]] = [[] for _layer in range(max(depth.values(), default=-1) + 1)]
    for key in order:
        found[depth[key]].append(key)
    return found
