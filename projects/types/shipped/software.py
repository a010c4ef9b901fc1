"""A software product that is built in two stages: first a usable core, then what the pilot taught."""

from projects.types.engine import Document, Line, Phase, Risk, Role, Task, Template

NAME = "Software product"
DESCRIPTION = (
    "Software that is built or adapted for one client and then operated by us: two stages of execution, so that what "
    "users say in the pilot still changes the second."
)
TEMPLATE = Template(
    phases=(
        Phase("initiation", "Initiation", "initiation"),
        Phase("planning", "Planning and design", "planning"),
        Phase("core", "Stage 1: usable core", "execution"),
        Phase("pilot", "Stage 2: pilot and completion", "execution"),
        Phase("monitoring", "Monitoring", "monitoring"),
        Phase("closing", "Closing", "closing"),
    ),
    lines=(
        Line("initiation", "Goal, objectives with their measures, and the sponsor are named in the charter"),
        Line("initiation", "The client names who speaks for the users", False),
        Line("planning", "Requirements are approved with acceptance criteria, the scope is frozen"),
        Line("planning", "The schedule has a baseline and its critical path was walked through with the team"),
        Line("planning", "The budget lines explain the approved budget"),
        Line("planning", "The prototype was tried by users; what they said is written down", True, "link"),
        Line("planning", "The delivery manager is named and has read the architecture"),
        Line("core", "Every must-have of the core passes its tests in an environment like production"),
        Line("core", "The data protection officer has no open objection", True, "document"),
        Line("core", "A load test with twice the expected users is green", True, "file"),
        Line("pilot", "The pilot ran for two weeks; its findings are decided one by one"),
        Line("pilot", "The client has accepted the deliverables", True, "file"),
        Line("pilot", "Restoring from a backup was tried, not only planned"),
        Line("monitoring", "Status was reported every second week"),
        Line("monitoring", "Risks and issues were reviewed in the last month"),
        Line("closing", "Each objective is measured or has a day on which it will be"),
        Line("closing", "All expenses and hours are booked, orders are settled"),
        Line("closing", "The handover is prepared with the delivery manager"),
        Line("closing", "Lessons are written down with the team", False),
    ),
    documents=(
        Document("initiation", "Project charter"),
        Document("planning", "Architecture and interfaces"),
        Document("planning", "Test concept"),
        Document("core", "Operating manual, first version", False),
        Document("pilot", "Operating manual"),
    ),
    roles=(
        Role("lead", "Technical lead", skill="Architecture"),
        Role("developers", "Developers"),
        Role("tester", "Test manager", skill="Testing"),
        Role("designer", "Designer"),
        Role("operations", "Operations engineer"),
    ),
    tasks=(
        Task("kickoff", "Kick-off", "initiation", 1),
        Task("workshops", "Workshops with users", "initiation", 5, after="kickoff", role="lead"),
        Task("charter", "Write and agree the charter", "initiation", 3, after="workshops"),
        Task("requirements", "Write requirements and acceptance criteria", "planning", 8, role="lead"),
        Task("prototype", "Clickable prototype for users", "planning", 8, after="requirements SS+3", role="designer"),
        Task("architecture", "Architecture and interfaces", "planning", 6, after="requirements SS+4", role="lead"),
        Task("concept", "Test concept", "planning", 3, after="requirements", role="tester"),
        Task("baseline", "Estimate, schedule, baseline", "planning", 3, after="requirements; prototype; architecture"),
        Task("environments", "Environments and pipelines", "core", 5, role="operations"),
        Task("build-core", "Build the core", "core", 30, after="environments SS+2", role="developers"),
        Task("test-core", "Test the core", "core", 20, after="build-core SS+10", role="tester"),
        Task("load-test", "Load test", "core", 3, after="build-core", role="tester"),
        Task("fix-core", "Corrections", "core", 5, after="test-core; load-test; build-core", role="developers"),
        Task("pilot-run", "Pilot with one office", "pilot", 10),
        Task("build-rest", "Build the second stage", "pilot", 25, after="pilot-run SS+5", role="developers"),
        Task("test-rest", "Test the whole", "pilot", 10, after="build-rest SS+15", role="tester"),
        Task("manual", "Operating manual and training", "pilot", 8, after="pilot-run", role="operations"),
        Task("acceptance", "Acceptance by the client", "pilot", 5, after="build-rest; test-rest"),
        Task("go-live", "Go-live", "pilot", 0, after="acceptance; manual"),
        Task("reporting", "First status report", "monitoring", 0, offset=10),
        Task("measure", "Measure the objectives", "closing", 2, offset=5),
        Task("settle", "Settle orders and hours", "closing", 3),
        Task("lessons", "Lessons workshop", "closing", 1, after="settle"),
    ),
    risks=(
        Risk(
            "Users have no time for workshops and the pilot", "Daily business comes first.", "Stakeholders", 3, 4,
            "mitigate", "Fixed days, agreed with the heads of department before the kick-off.",
        ),
        Risk(
            "An interface is described otherwise than it behaves", "What integration finds costs weeks.", "Technology",
            4, 3, "mitigate", "Call each interface in the first week of stage 1, with real data.",
        ),
        Risk(
            "The scope grows unnoticed", "Small wishes are done on the side.", "Scope", 4, 3, "avoid",
            "After the baseline every wish is a change request.",
        ),
    ),
)  # fmt: skip
