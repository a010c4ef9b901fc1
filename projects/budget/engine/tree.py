"""A tree that carries amounts: each node's own, and the sum of it and all below it."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from .rollup import Amounts


@dataclass(frozen=True, slots=True)
class Branch[Key: Hashable]:
    """A node with its sum. ``own`` is what stands on the node itself, ``total`` adds everything below it."""

    key: Key
    level: int  # 1 for a root
    own: Amounts
    total: Amounts


def roll_up_tree[Key: Hashable](
    nodes: Iterable[tuple[Key, Key | None]], own: Mapping[Key, Amounts]
) -> list[Branch[Key]]:
    """Sum a tree upwards.

    ``nodes`` are (key, parent's key or None) in any order in which parents come before their children; the answer
    keeps it. Sums are added, never averaged: the totals of the roots are the sum of all ``own``.
    KeyError when ``own`` names a node that is not there.
    """
    order = list(nodes)
    levels: dict[Key, int] = {}
    for key, parent in order:
        levels[key] = 1 if parent is None else levels[parent] + 1
    if unknown := own.keys() - levels.keys():
        raise KeyError(f"no such nodes: {unknown}")
    totals = {key: own.get(key, Amounts()) for key, _parent in order}
    for key, parent in reversed(order):
        if parent is not None:
            totals[parent] += totals[key]
    return [Branch(key, levels[key], own.get(key, Amounts()), totals[key]) for key, _parent in order]
