"""How the rows of a project read in its activity, and the page that tells them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission
from pmdm.activity.views import activity_page
from pmdm.activity.words import describe, shortened
from pmdm.ui import nav
from projects.lifecycle.access import project_view


@require_safe
@project_view(read=Permission.PROJECT_ACTIVITY_VIEW)
def activity(request, project):
    return activity_page(request, project, "projects/activity.html", project=project, tab="activity")


describe("projects.Phase", label=("kind",))
describe("projects.TypeVersion", label=("number", "note"))
describe("projects.GateDecision", label=("phase", "decision"))
describe("projects.StateChange", added=lambda row: _("gave the reason: %(text)s") % {"text": shortened(row["reason"])})
describe("projects.StatusUpdate", added=lambda row: _("wrote: %(text)s") % {"text": shortened(row["text"])})
describe("projects.ClosingDecision", needs=Permission.COST_VIEW)  # its reasons may speak of money
describe("projects.AcceptedPart", label=("requirement", "deliverable"))
describe("projects.SalvageItem", label=("what", "goes_to"))
describe("projects.EndReport", label=("number", "state"))
describe("projects.EndReportSubmission", label=("number", "decision"))
describe("projects.Objective", open_amounts=("baseline_value", "target_value", "actual_value"))
describe("projects.LessonUse", label=("lesson", "verdict"))
describe("projects.Benefit", label=("objective",))
describe("projects.BenefitReview", label=("benefit", "due"))
describe("projects.BenefitMeasurement", label=("benefit",), open_amounts=("value",))
describe("projects.ScopeBaseline", label=("number",))
describe("projects.RequirementVersion", label=("requirement", "number"))
describe("projects.CriterionCheck", label=("criterion", "result"))
describe("projects.TraceLink", label=("requirement",))
describe("projects.TestRun", label=("case", "result"))
describe("projects.Baseline", label=("number", "name"))
describe("projects.Membership", label=("user", "role"))
describe("projects.Task", computed={"start": gettext_lazy("start"), "finish": gettext_lazy("finish")})
describe("projects.Link", label=("predecessor", "successor"))
describe("projects.Assignment", label=("resource", "task"))
describe("projects.TimeEntry", label=("user", "day", "minutes"))
describe("projects.Simulation", label=("number",))
describe("projects.TaskEstimate", label=("task",))
describe("projects.Card", label=("task",))
describe("projects.BoardColumn", label=("name",))
describe("projects.SprintTask", label=("task", "sprint"))
describe("projects.Occurrence", label=("recurrence", "day"))
describe("projects.BudgetLine", needs=Permission.COST_VIEW)
describe("projects.Expense", needs=Permission.COST_VIEW)
describe("projects.RoleRate", label=("role",), needs=Permission.COST_VIEW)
describe("projects.BudgetMonth", label=("line", "month"), needs=Permission.COST_VIEW)
describe("projects.Order", label=("number", "supplier"), needs=Permission.COST_VIEW)
describe("projects.Accrual", needs=Permission.COST_VIEW)
describe("projects.Allowance", label=("kind",), needs=Permission.COST_VIEW)
describe("projects.Draw", label=("number", "reason"), needs=Permission.COST_VIEW)


def register() -> None:
    nav.register_tab(
        "project",
        "activity",
        gettext_lazy("Activity"),
        "projects:activity",
        order=90,
        visible=lambda project, user: project.allows(user, Permission.PROJECT_ACTIVITY_VIEW),
    )
