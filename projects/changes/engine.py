"""What a change does to the layers of a budget: plain arithmetic, no database, no clock.

Layers as in the PMBOK Guide: cost baseline (budget lines + contingency + not distributed = approved budget), and the
management reserve beside it. Amounts are Decimal in the project's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
ADDED, CONTINGENCY, RESERVE = "added", "contingency", "reserve"


@dataclass(frozen=True)
class Layers:
    """Sums of a budget; ``approved`` None where no budget is approved."""

    lines: Decimal
    contingency: Decimal
    approved: Decimal | None
    reserve: Decimal

    @property
    def undistributed(self) -> Decimal | None:
        """Approved money that is neither planned nor kept back; negative: more is promised than approved."""
        return None if self.approved is None else self.approved - self.lines - self.contingency


def needed(deltas: Sequence[Decimal]) -> Decimal:
    """Money that has to come from somewhere: the sum of all deltas, never below zero."""
    return max(sum(deltas, ZERO), ZERO)


def after(layers: Layers, deltas: Sequence[Decimal], funding: str) -> Layers:
    """The layers once the lines have changed by ``deltas``.

    ``funding`` 'added': the approved budget follows the lines, up or down. 'contingency': money moves to the lines
    inside the approved budget. 'reserve': the approved budget grows by what leaves the management reserve. What is
    saved stays in the approved budget where it was not to be added to. ValueError for another funding.
    """
    net, drawn = sum(deltas, ZERO), needed(deltas)
    if funding not in (ADDED, CONTINGENCY, RESERVE):
        raise ValueError(f"No such funding: {funding}")
    grows = {ADDED: net, CONTINGENCY: ZERO, RESERVE: drawn}[funding]
    return Layers(
        layers.lines + net,
        layers.contingency - (drawn if funding == CONTINGENCY else ZERO),
        None if layers.approved is None else layers.approved + grows,
        layers.reserve - (drawn if funding == RESERVE else ZERO),
    )


def parts_drawn(deltas: Sequence[Decimal]) -> list[Decimal]:
    """How much of each delta is drawn: the lines that grow, in their order, until what is needed is reached.

    The rest of them is paid by the lines that shrink. Sums to ``needed(deltas)``.
    """
    left, parts = needed(deltas), []
    for delta in deltas:
        part = min(max(delta, ZERO), left)
        parts.append(part)
        left -= part
    return parts
