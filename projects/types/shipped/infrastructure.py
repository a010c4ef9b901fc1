"""Renewal of infrastructure: bought, built beside the old, moved in waves, the old one switched off."""

from projects.types.engine import Document, Line, Phase, Risk, Role, Task, Template

NAME = "Infrastructure renewal"
DESCRIPTION = (
    "Servers, networks, workplaces or technical buildings that are replaced while work goes on: procurement, a build "
    "beside the old, moves in waves with a way back, and the old switched off."
)
TEMPLATE = Template(
    phases=(
        Phase("initiation", "Initiation", "initiation"),
        Phase("planning", "Survey and procurement", "planning"),
        Phase("build", "Build", "execution"),
        Phase("migration", "Migration in waves", "execution"),
        Phase("decommissioning", "Decommissioning", "execution"),
        Phase("monitoring", "Monitoring", "monitoring"),
        Phase("closing", "Closing", "closing"),
    ),
    lines=(
        Line("initiation", "What must keep running, and how long it may stand still, is agreed with its owners"),
        Line("initiation", "The approved budget is agreed with the sponsor"),
        Line("planning", "The survey names every system, its owner and what depends on it", True, "document"),
        Line("planning", "Offers are compared and the order is approved", True, "file"),
        Line("planning", "Each wave has a way back that was thought through to its end"),
        Line("planning", "The schedule has a baseline"),
        Line("build", "The new environment passes its acceptance tests", True, "file"),
        Line("build", "Access, backup and monitoring work before the first move"),
        Line("migration", "Every wave is confirmed by the owners of its systems"),
        Line("migration", "Two weeks without a critical incident after the last wave"),
        Line("decommissioning", "Data carriers are destroyed or erased, with proof", True, "file"),
        Line("decommissioning", "Contracts and licences of the old environment are ended"),
        Line("monitoring", "Status was reported every second week"),
        Line("closing", "The inventory says what is there now", True, "link"),
        Line("closing", "All invoices are booked, orders are settled"),
        Line("closing", "The handover is prepared with operations"),
        Line("closing", "Lessons are written down", False),
    ),
    documents=(
        Document("initiation", "Project charter"),
        Document("planning", "Migration concept with the waves"),
        Document("build", "Operating concept"),
        Document("migration", "Protocol of each wave"),
    ),
    roles=(
        Role("architect", "Infrastructure architect"),
        Role("engineers", "System engineers"),
        Role("network", "Network engineer"),
        Role("buyer", "Purchasing"),
        Role("desk", "Service desk"),
    ),
    tasks=(
        Task("kickoff", "Kick-off", "initiation", 1),
        Task("owners", "Talk to the owners of all systems", "initiation", 8, after="kickoff", role="architect"),
        Task("survey", "Survey of systems and dependencies", "planning", 15, role="engineers"),
        Task("concept", "Target and migration concept", "planning", 12, after="survey SS+8", role="architect"),
        Task("offers", "Ask for offers and compare", "planning", 15, after="concept", role="buyer"),
        Task("order", "Order", "planning", 0, after="offers"),
        Task("delivery", "Delivery of the hardware", "build", 30),
        Task("racks", "Room, power, network", "build", 15, offset=5, role="network"),
        Task("install", "Install and configure", "build", 20, after="delivery; racks", role="engineers"),
        Task("operations", "Backup, monitoring, access", "build", 10, after="install SS+10", role="engineers"),
        Task("accept", "Acceptance tests", "build", 5, after="install; operations", role="architect"),
        Task("rehearsal", "Rehearse a move and the way back", "migration", 5, role="engineers"),
        Task("wave-1", "Wave 1: nothing critical", "migration", 5, after="rehearsal", role="engineers"),
        Task("wave-2", "Wave 2: departments", "migration", 10, after="wave-1 FS+3", role="engineers"),
        Task("wave-3", "Wave 3: critical systems", "migration", 5, after="wave-2 FS+5", role="engineers"),
        Task("watch", "Watch and support", "migration", 10, after="wave-3", role="desk"),
        Task("switch-off", "Switch off and take down", "decommissioning", 8, role="engineers"),
        Task("erase", "Erase or destroy data carriers", "decommissioning", 4, after="switch-off", role="engineers"),
        Task("contracts", "End contracts and licences", "decommissioning", 3, role="buyer"),
        Task("inventory", "Bring the inventory up to date", "closing", 3, role="engineers"),
        Task("settle", "Settle orders", "closing", 3, role="buyer"),
        Task("lessons", "Lessons workshop", "closing", 1, after="inventory; settle"),
    ),
    risks=(
        Risk(
            "Hardware comes late", "", "Suppliers", 4, 4, "mitigate",
            "Order what takes longest first; agree a penalty; keep the old maintenance until wave 3 is done.",
        ),
        Risk(
            "A dependency is found only when a system is moved", "Something nobody knew stops working.", "Technology",
            4, 4, "mitigate", "Watch the traffic for a month before the waves are cut.",
        ),
        Risk(
            "The way back does not work", "", "Operations", 2, 5, "mitigate",
            "Rehearse it with the first system, by the clock.",
        ),
    ),
)  # fmt: skip
