"""Reading large XML record by record, hostile documents refused, line numbers kept."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.expatreader import create_parser

from .plan import PlanFileError, PlanProblem

CHUNK = 1 << 16
MAX_DEPTH = 40
MAX_ELEMENTS = 20_000_000
DECLARATION = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


@dataclass(slots=True)
class Record:
    """An element: the text of its simple children by name, its complex children, where it began."""

    tag: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    nodes: list["Record"] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def first(self, tag: str) -> "Record | None":
        return next((node for node in self.nodes if node.tag == tag), None)

    def all(self, tag: str) -> list["Record"]:
        return [node for node in self.nodes if node.tag == tag]


class TooMuch(Exception):
    """A document beyond the limits."""


def read_records(
    data: bytes,
    root: str,
    containers: dict[str, Callable[[Record], None]],
    *,
    whole: Collection[str] = (),
    accepted: str = "a Microsoft Project XML file",
) -> Record:
    """Call ``containers[name]`` with each record below that child of the root; return the root's own values.

    Children of the root named in ``whole`` are kept with all below them.

    Raises PlanFileError for what is not well-formed, not in the encoding it claims, or declares entities.
    """
    parser = create_parser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    handler = _Handler(root, containers, parser, whole, accepted)
    parser.setContentHandler(handler)
    try:
        for start in range(0, len(data), CHUNK):
            parser.feed(data[start : start + CHUNK])
        parser.close()
    except DefusedXmlException:
        raise _refusal("XML document type", "DOCTYPE or ENTITY", "a file without a DOCTYPE and entities")
    except TooMuch as limit:
        raise _refusal("File", str(limit), f"at most {MAX_ELEMENTS:,} elements, {MAX_DEPTH} levels deep")
    except SAXParseException as error:
        raise _not_well_formed(data, error)
    except PlanFileError:
        raise
    except (LookupError, ValueError):
        # What the parser says about encodings it does not know, or that take several bytes a character.
        raise _refusal("Encoding", _declared(data), "UTF-8 or UTF-16", 1)
    except SAXException as error:
        raise _refusal("File", str(error), "well-formed XML")
    assert handler.top is not None
    return handler.top


class _Handler(ContentHandler):
    def __init__(
        self,
        root: str,
        containers: dict[str, Callable[[Record], None]],
        locator: Locator,
        whole: Collection[str],
        accepted: str,
    ) -> None:
        super().__init__()
        self.root, self.containers, self.whole, self.accepted = root, containers, whole, accepted
        self.keeping = False
        self.top: Record | None = None
        self.container: Callable[[Record], None] | None = None
        self.depth = self.elements = self.skip_below = 0
        self.open: list[Record] = []
        self.text: list[str] = []
        self.locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise TooMuch(f"{self.elements:,} elements, {self.depth} levels deep")
        self.text.clear()
        if self.skip_below:
            return
        line = self.locator.getLineNumber() or 0
        name = name.rpartition(":")[2]
        if self.depth == 1:
            if name != self.root:
                raise _refusal("Root element", name, f"{self.accepted}, whose root is {self.root}", line)
            self.top = Record(name, line)
            self.open.append(self.top)
        elif self.depth == 2 and name in self.containers:
            self.container = self.containers[name]
        elif self.depth == 2 or self.container is not None or self.keeping:
            self.keeping = self.keeping or name in self.whole
            self.open.append(Record(name, line))
            if self.keeping and len(attrs):
                self.open[-1].attributes = {key.rpartition(":")[2]: value for key, value in attrs.items()}
        else:
            self.skip_below = self.depth

    def characters(self, content: str) -> None:
        if not self.skip_below:
            self.text.append(content)

    def endElement(self, name: str) -> None:
        depth, self.depth = self.depth, self.depth - 1
        if self.skip_below:
            if depth == self.skip_below:
                self.skip_below = 0
            return
        if depth == 1:
            return
        if depth == 2 and self.container is not None:
            self.container = None
            return
        record = self.open.pop()
        self.keeping = self.keeping and depth > 2
        if depth == 3 and self.container is not None:
            self.container(record)
            return
        above = self.open[-1]
        if record.values or record.nodes:
            above.nodes.append(record)
        else:
            text = "".join(self.text).strip()
            self.text.clear()
            if text and record.tag not in above.values:
                above.values[record.tag] = text
                above.lines[record.tag] = record.line


def _refusal(where: str, value: str, accepted: str, line: int | None = None) -> PlanFileError:
    return PlanFileError([PlanProblem(where, value, accepted, line)])


def _not_well_formed(data: bytes, error: SAXParseException) -> PlanFileError:
    line, column = error.getLineNumber(), error.getColumnNumber()
    encoding = _declared(data)
    try:
        data.decode(encoding)
    except LookupError:
        return _refusal("Encoding", encoding, "UTF-8 or UTF-16", 1)
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        value = f"byte 0x{data[wrong.start]:02X}, which is not {encoding}"
        return _refusal("Encoding", value, f"text encoded as the file says ({encoding})", line)
    problem = PlanProblem("XML", error.getMessage(), "well-formed XML, complete to its last tag", line, column)
    return PlanFileError([problem])


def _declared(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    found = DECLARATION.search(data[:400])
    return found[1].decode() if found else "UTF-8"
