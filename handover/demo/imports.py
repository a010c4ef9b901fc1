"""What was brought along from an older tracker when a product of the demo came here."""

from delivery.issues.importing import carry_out, prepare
from delivery.issues.readers import read_export
from handover.demo.timeline import DAY
from pmdm.interchange.values import DAY_FIRST

BROUGHT = "FLD"  # this product's issues were kept elsewhere before
LINES = (
    # Tracker, state, priority, subject, created, closed (days); environment, how often, wanted by (days)
    ("Bug", "Closed", "High", "Route ignores the ferry", -60, -52, "Android 13, app 2.4", "Always", None),
    ("Bug", "Closed", "Normal", "Print cuts off the last stop", -55, -41, "Windows 11, Edge", "Sometimes", None),
    ("Feature", "Closed", "Low", "Show the fuel used", -50, -12, "", "", -10),
    ("Bug", "Resolved", "Urgent", "Two technicians on one visit", -33, -31, "iOS 17, app 2.4", "Once", None),
    ("Support", "Closed", "Normal", "How to change the depot?", -30, -29, "", "", None),
    ("Bug", "Closed", "Normal", "Sundays are offered to customers", -21, -14, "All browsers", "Always", None),
    ("Feature", "Closed", "Low", "Remember the last filter", -16, -3, "", "", 20),
)
HEADER = "#;Tracker;Status;Priority;Subject;Created;Closed;Environment;How often;Wanted by"


def bring(story, *, by, at) -> None:
    """A Redmine list, read and mapped as the page does it: fields of a type too, its days as that tool wrote them."""
    lines = [HEADER]
    for number, (tracker, state, priority, subject, created, closed, where, often, wanted) in enumerate(LINES, 4711):
        days = [f"{at + day * DAY:%Y-%m-%d %H:%M}" for day in (created, closed)]
        day = f"{at + wanted * DAY:%d.%m.%Y}" if wanted else ""
        lines.append(";".join((str(number), tracker, state, priority, subject, *days, where, often, day)))
    reading = read_export("\n".join(lines).encode())
    prepared = prepare(reading.table, dates=DAY_FIRST, now=at)
    carry_out(story.product, prepared, by=by, name="redmine-issues.csv", tool=reading.tool, at=at)
