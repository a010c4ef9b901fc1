"""Accessibility checks with axe, run inside the page under test."""

from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
# Names of rules or tags; only lines of text come back. Style sheets are all our own: none has to be fetched again.
RUN = """async names => {
    const type = axe.getRules(names).length ? "tag" : "rule";
    const options = {runOnly: {type, values: names}, resultTypes: ["violations"], preload: false};
    const found = await axe.run(document, options);
    return found.violations.flatMap(finding => finding.nodes.map(
        node => `${finding.id}: ${node.target.join(" ")} – ${node.failureSummary}`));
}"""
WCAG_22_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(page, tags=WCAG_22_AA) -> list[str]:
    """What axe finds on the page, one line for each element: rule, element, why."""
    # Evaluated through the debugger, which the page's own policy does not reach: a script tag would be blocked.
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(SOURCE.read_text())
    return page.evaluate(RUN, list(tags))


def assert_accessible(page, tags=WCAG_22_AA) -> None:
    """Fail with every WCAG 2.2 AA finding of this page."""
    found = violations(page, tags)
    assert not found, f"{page.url}: {len(found)} accessibility findings\n" + "\n".join(found)
