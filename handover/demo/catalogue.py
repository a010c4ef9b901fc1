"""What the demo company works on: fourteen projects and eight products, as plain facts.

Days count from today: start=-420 began 420 days ago. ``pace`` stretches every task (1.2: a fifth slower than planned),
``thrift`` scales what is spent (1.1: a tenth more than planned). All else follows from events (timeline.py).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ProjectSpec:
    code: str
    name: str
    client: str
    goal: str
    manager: str
    delivery: str
    sponsor: str
    team: tuple[str, ...]
    start: int
    days: int  # planned calendar days
    budget: int
    ends: str  # handed_over, submitted, closing, execution, planning, initiation, paused, cancelled
    pace: float = 1.0
    thrift: float = 1.0
    requirements: tuple[str, ...] = ()
    objectives: tuple[tuple[str, str, str, float, float, float], ...] = ()
    product: str = ""


@dataclass(frozen=True)
class ProductSpec:
    code: str
    name: str
    clients: tuple[str, ...]
    delivery: str
    support: tuple[str, ...]
    description: str
    live: int = -400
    stage: str = "live"
    issues_a_month: float = 9.0
    health: float = 0.85  # share of happy answers, of timely fixes
    outages: int = 4  # in a year
    requirements: tuple[str, ...] = field(default_factory=tuple)


PROJECTS = [
    ProjectSpec(
        "NCP", "Northwind claims portal", "northwind",
        "Policy holders report a claim in ten minutes and see at any time where it stands.",
        "ines", "jude", "tom", ("sana", "liam", "chloe", "tess", "fiona"), -700, 270, 412_000, "handed_over", 1.02, 1.05,
        ("Report a claim with photos", "See the state of a claim", "Answer questions of the adjuster",
         "Upload invoices and receipts", "Sign a settlement", "Sign in with the customer account",
         "Notify by e-mail and text message", "Hand a claim to a broker", "Search own claims", "Keep documents ten years",
         "Answer within two seconds", "Work with a screen reader"),
        (("Time to report a claim", "Median minutes", "min", 34, 10, 9), ("Claims reported online", "Share of all claims", "%", 12, 55, 58)),
        "NCP",
    ),
    ProjectSpec(
        "ASI", "Atlas store inventory", "atlas",
        "Every store knows its stock to the piece, and refills before a shelf is empty.",
        "rafael", "mira", "aiko", ("dmitri", "yara", "ben", "arjun", "luca"), -680, 240, 365_000, "handed_over", 1.16, 0.98,
        ("Count a shelf with a handheld", "Suggest refills", "Book a delivery", "Report broken goods", "Show stock by store",
         "Show stock by article", "Work without network for a day", "Exchange data with the till", "Alert below minimum stock",
         "Print shelf labels", "Compare stores"),
        (("Empty shelves", "Share at opening", "%", 7.5, 3, 3.4), ("Hours spent counting", "Hours a week per store", "h", 22, 9, 8)),
        "ASI",
    ),
    ProjectSpec(
        "LPP", "Larkhaven parking permits", "larkhaven",
        "Residents get a parking permit without a visit to the citizen office.",
        "hanna", "jude", "tom", ("sana", "kofi", "anya", "tess"), -640, 210, 248_000, "handed_over", 0.98, 0.96,
        ("Apply for a permit", "Prove the residence", "Pay the fee", "Renew a permit", "Transfer to another car",
         "Inspect by number plate", "Refuse with a reason", "Speak five languages", "Keep personal data two years"),
        (("Visits for permits", "Visits a month", "", 1900, 400, 380),),
        "LPP",
    ),
    ProjectSpec(
        "BRK", "Northwind broker app", "northwind",
        "Brokers quote and close a policy at the customer's table.",
        "ines", "petra", "tom", ("ben", "chloe", "liam", "arjun", "fiona"), -500, 250, 338_000, "handed_over", 1.08, 1.12,
        ("Quote in five minutes", "Compare three tariffs", "Sign on the device", "See own commissions", "Work without network",
         "Scan an identity card", "Hand over to the back office", "Show customer history", "Wipe a lost device"),
        (("Quotes closed on site", "Share of quotes", "%", 21, 40, 37),),
        "BRK",
    ),
    ProjectSpec(
        "LOY", "Atlas loyalty programme", "atlas",
        "Customers collect points in every store and online, and come back for them.",
        "samuel", "mira", "aiko", ("yara", "dmitri", "anya", "tess", "luca"), -340, 220, 296_000, "handed_over", 1.1, 1.02,
        ("Collect points at the till", "Collect points online", "Redeem points", "See the balance", "Personal offers",
         "Family accounts", "Leave the programme", "Fraud alerts", "Partner campaigns", "Report for marketing"),
        (("Active members", "Members with a purchase in 90 days", "k", 0, 250, 210),),
        "LOY",
    ),
    ProjectSpec(
        "PAY", "Payroll migration", "",
        "All payrolls run on one system, and the old one is switched off.",
        "samuel", "petra", "aiko", ("yara", "marco", "luca"), -290, 250, 184_000, "submitted", 1.04, 1.01,
        ("Run a month in parallel", "Move employee data", "Move time accounts", "Report to tax offices", "Correct backwards",
         "Pay slips online", "Audit trail"),
        (("Cost of a pay slip", "Euro", "€", 9.8, 6.5, 6.9),),
    ),
    ProjectSpec(
        "DWH", "Atlas data warehouse renewal", "atlas",
        "Reports are ready at seven in the morning, and one figure has one source.",
        "rafael", "mira", "aiko", ("yara", "dmitri", "elin", "arjun"), -300, 285, 455_000, "closing", 1.03, 1.04,
        ("Load by six in the morning", "One article master", "Sales by hour", "Margin by article", "Report builder",
         "Access by role", "Keep five years", "Explain every figure"),
        (("Reports late", "Days a month", "d", 8, 1, 1),),
    ),
    ProjectSpec(
        "OPY", "Larkhaven online payments", "larkhaven",
        "Every fee of the city can be paid online, at once, with a receipt.",
        "hanna", "jude", "tom", ("sana", "kofi", "chloe", "tess"), -210, 330, 318_000, "execution", 1.0, 0.97,
        ("Pay by card", "Pay by bank transfer", "Receipt by e-mail", "Refund", "Match with the ledger", "Basket of fees",
         "Reminders", "Accessible pages", "Works in five languages", "Daily report"),
        (("Fees paid online", "Share of payments", "%", 18, 60, 0),),
    ),
    ProjectSpec(
        "WRC", "Atlas warehouse robotics control", "atlas",
        "Robots and people share the picking, and nobody waits for the other.",
        "ines", "mira", "aiko", ("dmitri", "kofi", "elin", "marco", "arjun"), -240, 300, 640_000, "execution", 1.34, 1.06,
        ("Assign a pick to robot or person", "Keep people and robots apart", "Stop within a second", "Charge when idle",
         "Show the floor live", "Reroute around a block", "Pick rate per hour", "Replace a broken robot", "Simulate a day",
         "Work for a day without network", "Interface to the warehouse system"),
        (("Picks per hour", "Picks per hour and zone", "", 62, 110, 0),),
    ),
    ProjectSpec(
        "DOC", "Northwind document intake", "northwind",
        "Letters, mails and scans reach the right desk within an hour, read and sorted.",
        "samuel", "petra", "tom", ("liam", "yara", "sana", "fiona", "tess"), -190, 280, 372_000, "execution", 1.06, 1.36,
        ("Read letters and scans", "Find policy and claim number", "Sort by kind", "Route to the desk", "Learn from corrections",
         "Mask personal data", "Show confidence", "Search full text", "Export for audit"),
        (("Hours from arrival to desk", "Median hours", "h", 26, 1, 0),),
    ),
    ProjectSpec(
        "CID", "Northwind customer identity", "northwind",
        "One sign-in for all services of Northwind, safe and simple.",
        "ines", "jude", "tom", ("sana", "elin", "chloe"), -60, 260, 290_000, "planning", 1.0, 1.0,
        ("Sign in with passkey", "Recover an account", "Consent in one place", "Single sign-on for brokers", "Delete an account",
         "Detect stolen passwords"),
        (("Password resets", "Calls a month", "", 2400, 600, 0),),
    ),
    ProjectSpec(
        "GFD", "Larkhaven green fleet dashboard", "larkhaven",
        "The city sees what its cars use, and which trips a bicycle could do.",
        "hanna", "", "tom", ("luca",), -12, 180, 120_000, "initiation", 1.0, 1.0,
        ("Show use by car", "Show empty seats"),
        (("Fuel a month", "Litres", "l", 48_000, 38_000, 0),),
    ),
    ProjectSpec(
        "KIO", "Atlas kiosk renewal", "atlas",
        "Kiosks in two hundred stores get new hardware and a till that never sleeps.",
        "rafael", "mira", "aiko", ("ben", "marco"), -170, 260, 510_000, "paused", 1.1, 1.0,
        ("Replace hardware", "Migrate the till", "Remote control", "Accept all cards", "Energy below 60 watts"),
        (("Kiosk outages", "Hours a month", "h", 120, 20, 0),),
    ),
    ProjectSpec(
        "CHA", "Northwind chat assistant pilot", "northwind",
        "Half of the simple questions are answered by a chat assistant.",
        "samuel", "petra", "tom", ("liam", "anya"), -260, 200, 140_000, "cancelled", 1.25, 1.2,
        ("Answer the fifty most asked questions", "Hand over to a person", "Never invent a tariff", "Speak plainly"),
        (("Questions answered", "Share of simple questions", "%", 0, 50, 0),),
    ),
]  # fmt: skip

# Products that a project of the list delivers take clients, description and date from its handover.
PRODUCTS = {
    "NCP": ProductSpec("NCP", "Claims portal", ("northwind",), "jude", ("nia", "priya"), "", issues_a_month=8, health=0.88, outages=4),
    "ASI": ProductSpec("ASI", "Store inventory", ("atlas",), "mira", ("oskar", "priya"), "", issues_a_month=10, health=0.72, outages=7),
    "LPP": ProductSpec("LPP", "Parking permits", ("larkhaven",), "jude", ("jonas",), "", issues_a_month=4, health=0.93, outages=2),
    "BRK": ProductSpec("BRK", "Broker app", ("northwind",), "petra", ("nia", "jonas"), "", issues_a_month=8, health=0.8, outages=3),
    "LOY": ProductSpec("LOY", "Loyalty programme", ("atlas",), "mira", ("oskar",), "", issues_a_month=11, health=0.68, outages=4),
    "FLD": ProductSpec(
        "FLD", "Field service planner", ("atlas", "northwind"), "petra", ("priya", "nia"),
        "Plans the routes of technicians and tells customers when they come.", -420, "live", 7, 0.84, 5,
        ("Plan a day of routes", "Tell the customer the hour", "Work without network", "Record spare parts"),
    ),
    "ARC": ProductSpec(
        "ARC", "Policy archive", ("northwind",), "jude", ("jonas",),
        "Keeps policies and letters for thirty years.", -600, "sunset", 3, 0.78, 2,
        ("Find a policy in ten seconds", "Keep thirty years", "Export for court"),
    ),
    "EVT": ProductSpec(
        "EVT", "City events calendar", ("larkhaven",), "petra", ("jonas", "oskar"),
        "Shows what is on in Larkhaven, and sells the tickets.", -380, "live", 4, 0.9, 3,
        ("Find an event", "Buy a ticket", "Refund a ticket", "Publish an event"),
    ),
}  # fmt: skip

# Work breakdown of a software project: (summary, [(task, working days of 100, predecessors by name)])
WBS = [
    ("Initiation", [("Project charter agreed", 0, ()), ("Stakeholders and interviews", 4, ("Project charter agreed",)),
                    ("Kick-off", 0, ("Stakeholders and interviews",))]),
    ("Planning", [("Requirements workshops", 8, ("Kick-off",)), ("Solution design", 9, ("Requirements workshops",)),
                  ("Interface agreements", 6, ("Requirements workshops",)), ("Schedule and budget", 4, ("Solution design",)),
                  ("Baseline approved", 0, ("Schedule and budget", "Interface agreements"))]),
    ("Build", [("Environments and pipelines", 5, ("Baseline approved",)), ("Data model and migration", 12, ("Environments and pipelines",)),
               ("Core services", 22, ("Environments and pipelines",)), ("User interface", 20, ("Environments and pipelines",)),
               ("Integrations", 14, ("Data model and migration", "Interface agreements")), ("Reporting", 8, ("Core services",)),
               ("Build complete", 0, ("Core services", "User interface", "Integrations", "Reporting"))]),
    ("Test", [("Test preparation", 8, ("Baseline approved",)), ("System test", 9, ("Build complete", "Test preparation")),
              ("Security test", 5, ("Build complete",)), ("Load test", 4, ("Build complete",)),
              ("Acceptance test with the client", 7, ("System test",)), ("Corrections", 6, ("Acceptance test with the client", "Security test", "Load test")),
              ("Acceptance", 0, ("Corrections",))]),
    ("Rollout", [("Operating manual", 5, ("System test",)), ("Training of users and support", 5, ("Acceptance test with the client",)),
                 ("Pilot", 6, ("Acceptance", "Training of users and support")), ("Go-live", 0, ("Pilot",)),
                 ("Early watch", 5, ("Go-live",)), ("Closing report", 2, ("Early watch", "Operating manual"))]),
]  # fmt: skip

RISKS = [
    ("Interface partner certifies late", "The partner has a queue of three weeks; the integration waits for it.", "External", 4, 4, "mitigate", "Book the slot now; build against the sandbox first.", 18_000),
    ("Two senior engineers are shared with another project", "Both projects peak in the same month.", "People", 3, 4, "transfer", "Agree shares in writing with the other manager; one substitute trained.", 15_000),
    ("Data to be migrated is worse than thought", "Samples show gaps; cleaning takes time of the client.", "Technical", 3, 3, "mitigate", "Profile all data before design freezes; client names an owner.", 12_000),
    ("Security test finds a blocking issue", "A finding of the highest grade stops the go-live.", "Technical", 2, 5, "mitigate", "Early scan of every build; reserve of five days.", 20_000),
    ("Support desk is not trained before go-live", "Calls pile up in the first weeks.", "Operations", 2, 3, "avoid", "Training is part of the acceptance plan.", 6_000),
    ("Licence costs rise with the new tariff", "The supplier announced a new price list.", "Commercial", 3, 2, "accept", "Fixed by contract until next year.", 9_000),
    ("Client changes the responsible department", "A reorganisation is under way.", "External", 2, 4, "accept", "Sponsor keeps contact with both departments.", 8_000),
]  # fmt: skip

# What a risk of the project is once there is no project any more: title, description, control.
IN_OPERATION = {
    "Interface partner certifies late": (
        "Interface partner changes its interface at short notice",
        "The partner announces a new version two weeks before; calls fail where we are late.",
        "Runbook: switch to the queue and send again once the new version is built in.",
    ),
    "Two senior engineers are shared with another project": (
        "Two people know the core of the system",
        "If both are away, a disturbance of the core takes days.",
        "Third person takes every fourth disturbance alone, by the runbook.",
    ),
    "Data to be migrated is worse than thought": (
        "Old cases have gaps in their data",
        "What was migrated in spite of gaps is found when somebody needs it.",
        "Report of the gaps each quarter; the client names who fills them.",
    ),
    "Security test finds a blocking issue": (
        "A finding of the security scan stops a release",
        "A library with a hole of the highest grade has to be replaced at once.",
        "Scan of every build; release of one library within a day, rehearsed.",
    ),
    "Support desk is not trained before go-live": (
        "New agents are not trained in the product",
        "People change; who comes later has not seen the training.",
        "Two days beside an experienced agent before the first shift alone.",
    ),
}

PROJECT_ISSUES = [
    ("Sandbox of the partner is down for three days", 2, "schedule"),
    ("Test data contains real names", 2, "quality"),
    ("Two requirements contradict each other", 3, "scope"),
    ("Licence for the map service runs out before go-live", 3, "cost"),
    ("Load test shows slow search", 3, "quality"),
]

CRITERIA = [
    "Shown to the client in the review and found complete",
    "Covered by an automated test that passes",
    "Works at 390 pixels and by keyboard alone",
    "Error cases give a clear message",
]

# What goes wrong with products: (type, title, severity)
TICKETS = [
    ("bug", "Page stays empty after signing in", 2), ("bug", "Attachment over 10 MB is lost without a word", 2),
    ("bug", "Date shows one day early in summer time", 3), ("bug", "Search finds nothing with an accent", 3),
    ("bug", "Button hidden behind the keyboard on small phones", 3), ("bug", "Report counts cancelled items", 2),
    ("bug", "Nightly job stops at the last day of the month", 1), ("bug", "Wrong currency sign in the receipt", 4),
    ("complaint", "Nobody called back as promised", 3), ("complaint", "Letter went to the old address", 3),
    ("complaint", "Waiting time on the hotline over twenty minutes", 2), ("complaint", "Mail wording is hard to understand", 4),
    ("performance", "List takes twelve seconds on Monday morning", 2), ("performance", "Upload slow from branch offices", 3),
    ("performance", "Export times out with more than 5,000 rows", 3), ("performance", "Everything is slow since the update", 1),
    ("request", "Export to a spreadsheet", 4), ("request", "Second person for approvals", 3), ("request", "Dark colours for night shifts", 4),
    ("request", "Filter by region", 4), ("request", "Remind me a week before it ends", 4),
]  # fmt: skip

FIXES = {
    "bug": "Corrected and covered by a test; confirmed with the reporter.",
    "complaint": "Called, apologised and put right; the text was changed.",
    "performance": "An index was missing; the page answers in under a second again.",
    "request": "Delivered with the release; explained in the release notes.",
}

COMMENTS_GOOD = [
    "Just works.",
    "Much faster than before.",
    "Friendly support, thank you.",
    "The new search is a relief.",
    "",
    "",
    "",
]
COMMENTS_BAD = ["Too slow in the morning.", "I had to call three times.", "The update broke my bookmarks.", "", ""]

OUTAGES = ["Database failover did not switch", "Certificate expired", "Payment provider unreachable", "Disk full on the file server",
           "Faulty release rolled back", "Network of the data centre"]  # fmt: skip
