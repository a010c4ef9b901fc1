"""Components as boxes in layers, joined by what they need; on a phone as one column. The table says the same."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from delivery.products.landscape.engine import Effect, Link, layers
from pmdm.charts.figure import Figure, LegendItem, Svg, plot, text

BOX, GAP, HEIGHT, LIFT = 172, 18, 36, 40
A_ROW = 4
LETTERS = 24


def graph(
    names: Mapping[int, str], links: Sequence[Link], *, failed: int | None = None, hit: Mapping[int, Effect] = {}
) -> Figure:
    """Components by key with their names; ``failed`` and ``hit`` are marked. Links outside ``names`` are left out."""
    inside = [link for link in links if link[0] in names and link[1] in names]
    rows = [part for layer in layers(names, inside) for part in _cut(layer)]
    legend = [LegendItem(label=_("stands still without it"), css="k-plan")]
    if any(not hard for _who, _needs, hard in inside):
        legend.append(LegendItem(label=_("works with less"), css="k-plan dashed"))
    if failed is not None:
        legend += [
            LegendItem(label=_("fails"), css="box k-act"),
            LegendItem(label=_("is hit"), css="box k-watch"),
        ]
    return Figure(
        id="landscape",
        title=_("What needs what"),
        description=_("%(parts)s components and %(links)s dependencies; each stands above what it needs.")
        % {"parts": len(names), "links": len(inside)},
        wide=_wide(rows, names, inside, failed, hit) if names else Svg(""),
        narrow=_narrow(rows, names, inside, failed, hit) if names else Svg(""),
        legend=legend,
        head=[_("Component"), _("needs"), _("How much")],
        rows=[
            [names[who], names[needs], _("stands still without it") if hard else _("works with less")]
            for who, needs, hard in sorted(inside, key=lambda link: (names[link[0]], names[link[1]]))
        ],
    )


def _cut(layer: list[int]) -> list[list[int]]:
    return [layer[start : start + A_ROW] for start in range(0, len(layer), A_ROW)]


def _look(key: int, failed: int | None, hit: Mapping[int, Effect]) -> str:
    return "node k-act" if key == failed else "node k-watch" if key in hit else "node"


def _short(name: str, letters: int = LETTERS) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"


def _wide(rows, names, links, failed, hit) -> Svg:
    width = A_ROW * (BOX + GAP) + GAP
    height = len(rows) * (HEIGHT + LIFT) - LIFT + 12
    place: dict[int, tuple[float, float]] = {}
    for down, row in enumerate(rows):
        left = (width - len(row) * (BOX + GAP) + GAP) / 2
        for across, key in enumerate(row):
            place[key] = left + across * (BOX + GAP), 6 + down * (HEIGHT + LIFT)
    parts = []
    for who, needs, hard in links:
        x1, y1 = place[who][0] + BOX / 2, place[who][1] + HEIGHT
        x2, y2 = place[needs][0] + BOX / 2, place[needs][1]
        bend = max(18.0, (y2 - y1) / 2)
        look = "edge" if hard else "edge soft"
        parts.append(
            f'<path class="{look}" d="M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f}'
            f' {x2:.1f} {y2 - 5:.1f}"/><path class="edge-end" d="M{x2 - 4:.1f} {y2 - 7:.1f}h8l-4 7z"/>'
        )
    for key, (x, y) in place.items():
        parts.append(
            f'<rect class="{_look(key, failed, hit)}" x="{x:.1f}" y="{y:.1f}" width="{BOX}" height="{HEIGHT}" rx="7"/>'
            + text(x + BOX / 2, y + HEIGHT / 2 + 4, _short(names[key]), "node-t", "middle")
        )
    return plot("landscape", parts, (width, height), narrow=False)


def _narrow(rows, names, links, failed, hit) -> Svg:
    """One below the other; the links run beside them as arcs."""
    order = [key for row in rows for key in row]
    at = {key: 6 + down * (HEIGHT + 10) for down, key in enumerate(order)}
    box, width = 232, 358
    parts = []
    for who, needs, hard in links:
        y1, y2 = at[who] + HEIGHT / 2 + 6, at[needs] + HEIGHT / 2 - 6
        out = box + 14 + min(96.0, 10 + (y2 - y1) / 4)
        look = "edge" if hard else "edge soft"
        parts.append(
            f'<path class="{look}" d="M{box} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {box + 6} {y2:.1f}"/>'
            f'<path class="edge-end" d="M{box + 8} {y2 - 4:.1f}v8l-7 -4z"/>'
        )
    for key, y in at.items():
        parts.append(
            f'<rect class="{_look(key, failed, hit)}" x="1" y="{y}" width="{box - 1}" height="{HEIGHT}" rx="7"/>'
            + text(12, y + HEIGHT / 2 + 4, _short(names[key], 30), "node-t")
        )
    return plot("landscape", parts, (width, len(order) * (HEIGHT + 10) + 6), narrow=True)
