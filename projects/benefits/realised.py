"""How much of a benefit is there: plain Python on plain values.

The share realised is (measured - before) / (target - before): 0 where nothing has changed, 1 at the target, negative
where it got worse, above 1 beyond the target. It holds for "higher is better" and "lower is better" alike, since both
differences turn round together. Without a value before, or with one that is the target, there is no share, only whether
the target is met.
"""

import enum
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


class State(enum.StrEnum):
    UNMEASURED = "na"
    REALISED = "ok"
    PARTLY = "watch"
    MISSED = "act"  # no better than before, or worse


@dataclass(frozen=True)
class Goal:
    """What was promised: the value before (None: not known), the target, and which way is better."""

    before: Decimal | None
    target: Decimal
    higher_is_better: bool = True

    def is_met(self, value: Decimal) -> bool:
        return value >= self.target if self.higher_is_better else value <= self.target

    def share(self, value: Decimal) -> Fraction | None:
        """The share realised; None where it cannot be given."""
        if self.before is None or self.before == self.target:
            return None
        return Fraction(value - self.before) / Fraction(self.target - self.before)

    def state(self, value: Decimal | None) -> State:
        """A target on the wrong side of the value before has no share that means anything: met or missed."""
        if value is None:
            return State.UNMEASURED
        if self.is_met(value):
            return State.REALISED
        share = self.share(value)
        if share is None or not self._forward:
            return State.MISSED
        return State.PARTLY if share > 0 else State.MISSED

    @property
    def _forward(self) -> bool:
        """Whether the way from the value before to the target is the better direction."""
        return self.before is not None and (self.target > self.before) == self.higher_is_better
