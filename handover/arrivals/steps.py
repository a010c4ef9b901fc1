"""The steps of a runbook as somebody wrote them down in a note. Plain Python."""

import re

MOST_STEPS = 200
TITLE = 200
_MARK = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+(?=\S)")


def steps_of(note: str) -> list[tuple[str, str]]:
    """(title, instruction) for each numbered or bulleted line of a note; [] where it has fewer than two.

    Lines without a mark belong to the step above them; those before the first are no step. A title that is too long
    for one is cut at a word and stands whole in the instruction.
    """
    found: list[list[str]] = []
    for line in note.splitlines():
        if mark := _MARK.match(line):
            found.append([line[mark.end() :].strip()])
        elif found and line.strip():
            found[-1].append(line.strip())
    if not 2 <= len(found) <= MOST_STEPS:
        return []
    return [_step(lines) for lines in found]


def _step(lines: list[str]) -> tuple[str, str]:
    title, rest = lines[0], lines[1:]
    if len(title) <= TITLE:
        return title, "\n".join(rest)
    short = title[: TITLE - 1].rsplit(" ", 1)[0] + "…"
    return short[:TITLE], "\n".join(lines)
