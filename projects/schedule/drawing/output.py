"""Drawn pages as files: PDF and PNG are set by Typst, in this process, without a shell or the network."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from .sheet import Page

FONTS = Path(__file__).parent / "fonts"
MOST_PIXELS = 10_000_000
PPI = 144


def pdf(pages: Sequence[Page], title: str = "") -> bytes:
    """One PDF, vector, a page for each sheet."""
    result = _compile(pages, "pdf", title=title)
    assert isinstance(result, bytes)
    return result


def png(page: Page) -> bytes:
    """The sheet as pixels, as fine as MOST_PIXELS allows."""
    inches = page.width / 25.4 * page.height / 25.4
    ppi = min(PPI, (MOST_PIXELS / inches) ** 0.5)
    result = _compile([page], "png", ppi=ppi)
    return result[0] if isinstance(result, list) else result


def _compile(pages: Sequence[Page], format: Literal["pdf", "png"], *, title: str = "", ppi: float = PPI):
    inputs = {f"p{number}": page.svg for number, page in enumerate(pages)}
    inputs["title"] = title or "Plan"
    lines = ["#set document(title: sys.inputs.title)"]
    for number, page in enumerate(pages):
        size = f"width: {page.width:.2f}mm, height: {page.height:.2f}mm"
        lines.append(f'#page({size}, margin: 0mm, image(bytes(sys.inputs.p{number}), format: "svg", {size}))')
    # The pages come as inputs, never as source: nothing in a plan can become markup.
    source = "\n".join(lines).encode()
    return typst.compile(source, format=format, ppi=ppi, sys_inputs=inputs, font_paths=fonts())


@cache
def fonts():
    return typst.Fonts(include_system_fonts=True, font_paths=[FONTS])
