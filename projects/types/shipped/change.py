"""A change of how people work: few technical tasks, many conversations; it counts when the new way is the usual one."""

from projects.types.engine import Document, Line, Phase, Risk, Role, Task, Template

NAME = "Organisational change"
DESCRIPTION = (
    "A new process, structure or way of working: those it concerns take part from the start, one team tries it before "
    "all others, and closing asks whether the new way is lived."
)
TEMPLATE = Template(
    phases=(
        Phase("initiation", "Initiation", "initiation"),
        Phase("planning", "Understand and design", "planning"),
        Phase("trial", "Trial with one team", "execution"),
        Phase("rollout", "Roll-out", "execution"),
        Phase("monitoring", "Monitoring", "monitoring"),
        Phase("closing", "Anchor and close", "closing"),
    ),
    lines=(
        Line("initiation", "The sponsor has said in person why the change is needed"),
        Line("initiation", "It is known who wins and who loses by it"),
        Line("initiation", "The works council is informed", True, "document"),
        Line("planning", "How work is done today was seen on the spot, not only described"),
        Line("planning", "The new way was designed with those who will work by it"),
        Line("planning", "Three figures say how it goes today", True, "link"),
        Line("trial", "The team of the trial says whether it would go back", True, "file"),
        Line("trial", "What did not work is changed in the design"),
        Line("rollout", "Everybody concerned is trained"),
        Line("rollout", "The old way is no longer possible, or its end is fixed"),
        Line("monitoring", "Feedback was collected and answered every month"),
        Line("closing", "The three figures are measured again"),
        Line("closing", "The process has an owner in the line"),
        Line("closing", "Lessons are written down", False),
    ),
    documents=(
        Document("initiation", "Project charter"),
        Document("planning", "Description of the new process"),
        Document("planning", "Communication plan"),
        Document("rollout", "Training material"),
    ),
    roles=(
        Role("coach", "Change coach"),
        Role("process", "Process owner"),
        Role("trainer", "Trainer"),
        Role("communication", "Communication"),
    ),
    tasks=(
        Task("kickoff", "Kick-off with the sponsor", "initiation", 1),
        Task("stakeholders", "Talk to those concerned", "initiation", 8, after="kickoff", role="coach"),
        Task("charter", "Write and agree the charter", "initiation", 3, after="stakeholders"),
        Task("observe", "Watch how work is done today", "planning", 8, role="coach"),
        Task("measure", "Measure the three figures", "planning", 5, after="observe SS+2", role="process"),
        Task("design", "Design the new way in workshops", "planning", 10, after="observe", role="process"),
        Task("communication", "Communication plan", "planning", 4, after="observe", role="communication"),
        Task("prepare-trial", "Prepare the trial", "trial", 5, role="process"),
        Task("run-trial", "Work by the new way", "trial", 30, after="prepare-trial", role="coach"),
        Task("review-trial", "Look back with the team, change the design", "trial", 4, after="run-trial", role="coach"),
        Task("train", "Train all teams", "rollout", 20, role="trainer"),
        Task("switch", "Teams change over, one a week", "rollout", 40, after="train SS+5", role="coach"),
        Task("support", "Support on the spot", "rollout", 40, after="switch SS", role="coach"),
        Task("pulse", "First pulse survey", "monitoring", 1, offset=20, role="communication"),
        Task("measure-again", "Measure the three figures again", "closing", 5, offset=40, role="process"),
        Task("owner", "Give the process to its owner in the line", "closing", 2, role="process"),
        Task("lessons", "Lessons workshop", "closing", 1, after="owner"),
    ),
    risks=(
        Risk(
            "Managers support the change in words only", "", "Stakeholders", 4, 5, "mitigate",
            "Each head of department has a part in the trial; the sponsor asks about it every month.",
        ),
        Risk(
            "After the project everybody goes back to the old way", "", "Benefit", 3, 5, "avoid",
            "The old way is switched off; the figures are measured again after half a year.",
        ),
    ),
)  # fmt: skip
