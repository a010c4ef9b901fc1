"""The rows a figure came from, as a page shows them."""

from dataclasses import dataclass, field

from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Cell:
    """Text, perhaps a link, a light, and whether it is a number (right-aligned)."""

    text: object
    url: str = ""
    light: str = ""
    number: bool = False
    sub: object = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows behind a figure; ``total`` may exceed those shown, ``more_url`` leads to all of them."""

    title: Text
    columns: list[Text]
    rows: list[list[Cell]] = field(default_factory=list)
    total: int = 0
    more_url: str = ""
    empty: Text = ""
    # Columns of numbers, by position.
    numbers: frozenset[int] = frozenset()

    LIMIT = 200

    @property
    def headers(self) -> list[tuple[Text, bool]]:
        return [(name, place in self.numbers) for place, name in enumerate(self.columns)]

    @property
    def left_out(self) -> int:
        return max(0, self.total - len(self.rows))
