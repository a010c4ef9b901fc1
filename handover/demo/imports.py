"""What was brought along from an older tracker when a product of the demo came here."""

from delivery.issues.importing import carry_out, prepare
from delivery.issues.readers import read_export
from handover.demo.timeline import DAY

BROUGHT = "FLD"  # this product's issues were kept elsewhere before
LINES = (
    ("Bug", "Closed", "High", "Route ignores the ferry", -60, -52),
    ("Bug", "Closed", "Normal", "Print cuts off the last stop", -55, -41),
    ("Feature", "Closed", "Low", "Show the fuel used", -50, -12),
    ("Bug", "Resolved", "Urgent", "Two technicians on one visit", -33, -31),
    ("Support", "Closed", "Normal", "How to change the depot?", -30, -29),
    ("Bug", "Closed", "Normal", "Sundays are offered to customers", -21, -14),
    ("Feature", "Closed", "Low", "Remember the last filter", -16, -3),
)


def bring(story, *, by, at) -> None:
    """A Redmine list, read and mapped as the page does it."""
    lines = ["#;Tracker;Status;Priority;Subject;Created;Closed"]
    for number, (tracker, state, priority, subject, created, closed) in enumerate(LINES, start=4711):
        days = [f"{at + day * DAY:%Y-%m-%d %H:%M}" for day in (created, closed)]
        lines.append(";".join((str(number), tracker, state, priority, subject, *days)))
    reading = read_export("\n".join(lines).encode())
    carry_out(story.product, prepare(reading.table, now=at), by=by, name="redmine-issues.csv", tool=reading.tool, at=at)
