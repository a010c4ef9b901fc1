"""What each gate asks for by default; a project may add its own lines."""

from django.utils.translation import gettext_lazy as _

# (text, required) for each phase. Monitoring shares the gate of execution.
DEFAULT_CHECKLISTS = {
    "initiation": [
        (_("The charter names goal, sponsor, manager and target dates"), True),
        (_("Each objective has a measure and a target"), True),
        (_("The approved budget is agreed with the sponsor"), True),
        (_("Stakeholders and the client's contact are known"), False),
    ],
    "planning": [
        (_("Requirements are approved with acceptance criteria and the scope baseline is frozen"), True),
        (_("The schedule has a baseline and its critical path was reviewed"), True),
        (_("The budget lines explain the approved budget"), True),
        (_("The top risks have a response and an owner"), True),
        (_("The delivery manager is named"), True),
        (_("The people in the plan are agreed with their departments"), False),
    ],
    "execution": [
        (_("All planned deliverables are built"), True),
        (_("Each requirement of the baseline is verified, or its gap is decided"), True),
        (_("The client has tried the result"), True),
        (_("Documents for operations are written"), False),
    ],
    "monitoring": [
        (_("Status was reported in the agreed rhythm"), True),
        (_("Risks and issues were reviewed in the last month"), True),
        (_("The forecasts of finish and cost are up to date"), False),
    ],
    "closing": [
        (_("Each objective is measured"), True),
        (_("All expenses and working time are booked"), True),
        (_("The handover is prepared with the delivery manager"), True),
        (_("Lessons learned are written down"), False),
        (_("The team is released"), False),
    ],
}
