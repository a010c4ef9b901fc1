"""Dated papers as PDF: a title, facts, sections with text or a table. Set by Typst, in this process.

The content comes as data, never as source: nothing that people type can become markup.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import typst

from projects.schedule.drawing.output import fonts

SOURCE = b"""
#let paper = json(bytes(sys.inputs.paper))
#set document(title: paper.title, date: none)
#set page(paper: "a4", margin: (x: 22mm, top: 22mm, bottom: 20mm), footer: context [
  #set text(size: 8pt, fill: luma(90))
  #paper.foot #h(1fr) #counter(page).display("1 / 1", both: true)
])
#set text(font: ("Inter", "Libertinus Serif"), size: 10pt, lang: "en")
#set par(leading: 0.62em)
#show heading: set text(weight: 600)
#show heading.where(level: 2): set text(size: 11.5pt)
#show heading.where(level: 2): set block(above: 1.5em, below: 0.7em)
#text(size: 9pt, fill: luma(90), paper.kind)
#heading(level: 1, paper.title)
#v(3mm)
#grid(columns: (42mm, 1fr), row-gutter: 2.2mm,
  ..paper.facts.map(fact => (text(fill: luma(90), fact.at(0)), fact.at(1))).flatten())
#for section in paper.sections {
  heading(level: 2, section.title)
  for line in section.text.split("\\n") { if line.trim() != "" { par(line) } }
  if section.rows.len() > 0 {
    set text(size: 9pt)
    table(columns: section.head.len(), stroke: 0.4pt + luma(190), inset: 5pt,
      table.header(..section.head.map(name => strong(name))), ..section.rows.flatten())
  }
}
"""


@dataclass(frozen=True)
class Section:
    """A heading with text, or with a table: ``head`` names the columns of ``rows``."""

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Paper:
    kind: str
    title: str
    foot: str
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = field(default_factory=tuple)


def pdf(paper: Paper) -> bytes:
    """The paper as PDF, A4, its pages numbered."""
    data = json.dumps(asdict(paper), ensure_ascii=False)
    result = typst.compile(SOURCE, format="pdf", sys_inputs={"paper": data}, font_paths=fonts())
    assert isinstance(result, bytes)
    return result
