"""HTML of a mail as plain text: its words, its lines, its links in words, what it quotes marked as quoted."""

import re
from html.parser import HTMLParser

_BREAKS = {"p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article"}
_SILENT = {"script", "style", "head", "title", "noscript", "template", "object", "svg"}
_MAX_DEPTH = 20


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes: list[str] = []  # the tags that opened a quotation, and those inside of the same name
        self.silent = 0
        self.link = ""
        self.linked = ""

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self.silent += 1
        elif tag == "br":
            self.new_line()
        elif tag in _BREAKS or tag in ("li", "blockquote", "hr"):
            self.fresh_line()
        if tag == "li":
            self.say("- ")
        if tag == "hr":
            self.say("-----")
            self.fresh_line()
        if tag == "a" and re.match(r"(?i)https?://|mailto:", given.get("href", "")):
            self.link, self.linked = given["href"][:500], ""
        if tag == "blockquote" and len(self.quotes) < _MAX_DEPTH:
            self.quotes.append(tag)
            self.lines[-1] = self.prefix()

    def handle_endtag(self, tag):
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "blockquote":
            if self.quotes:
                self.quotes.pop()
            self.new_line()
        elif tag in _BREAKS or tag == "li":
            self.fresh_line()
            if tag == "p":
                self.new_line()
        elif tag == "a" and self.link:
            if self.linked.strip() and self.link.removeprefix("mailto:") not in self.linked:
                self.say(f" <{self.link}>")
            self.link = ""

    def handle_data(self, data):
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            self.linked += words
            self.say(words if self.lines[-1].strip("> ") else words.lstrip())

    def prefix(self) -> str:
        return "> " * len(self.quotes)

    def say(self, words: str) -> None:
        self.lines[-1] += words

    def new_line(self) -> None:
        self.lines.append(self.prefix())

    def fresh_line(self) -> None:
        if self.lines[-1].strip("> "):
            self.new_line()


def to_text(html: str) -> str:
    """The words of an HTML document. What is left is text, to be escaped like any other."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "\n".join(line.replace("\xa0", " ").rstrip() for line in reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
