"""What every chart hands to the page: two drawings, a legend, a sentence and the numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape


class Svg(str):
    """SVG text that templates may show as it is: everything in it was escaped when it was drawn."""

    def __html__(self) -> str:
        return self


@dataclass(frozen=True, kw_only=True)
class LegendItem:
    """One line of the legend; `css` is colour (k-accent) and stroke (dotted, dashed, box)."""

    label: str
    css: str
    value: str = ""
    narrow_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart. `wide` shows where there is room, `narrow` on a phone; the table says the same in numbers."""

    id: str
    title: str
    description: str
    wide: Svg
    narrow: Svg
    legend: Sequence[LegendItem] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: the page shows the description instead, which then says why."""
        return not self.wide


def plot(id: str, parts: Iterable[str], size: tuple[int, int], *, narrow: bool) -> Svg:
    """One drawing of the chart, named by its title and described by its sentence."""
    width, height = size
    name = escape(id)
    return Svg(
        f'<svg class="plot {"narrow" if narrow else "wide"}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-labelledby="{name}-t" aria-describedby="{name}-d">{"".join(parts)}</svg>'
    )


def text(x: float, y: float, content: str, css: str, anchor: str = "start") -> str:
    """One label of a drawing, escaped."""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}"{place}>{escape(content)}</text>'
