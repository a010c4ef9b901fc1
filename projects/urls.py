"""Projects: the list, a new one, and everything below one project, told by its stories."""

from django.urls import include, path

from projects.activity import activity
from projects.agenda.urls import project_urls as agenda_urls
from projects.agenda.urls import site_urls as agenda_site_urls
from projects.benefits.urls import project_urls as benefit_urls
from projects.benefits.urls import site_urls as benefit_site_urls
from projects.board.urls import project_urls as board_urls
from projects.budget.urls import project_urls as budget_urls
from projects.budget.urls import site_urls as budget_site_urls
from projects.changes.urls import project_urls as change_urls
from projects.closing.urls import project_urls as closing_urls
from projects.control.urls import project_urls as control_urls
from projects.currencies.urls import site_urls as currency_site_urls
from projects.earned_value.urls import project_urls as earned_value_urls
from projects.kpis.urls import project_urls as kpi_urls
from projects.lessons.urls import project_urls as lesson_urls
from projects.lessons.urls import site_urls as lesson_site_urls
from projects.lifecycle.urls import project_urls as lifecycle_urls
from projects.lifecycle.views.projects import project_list, project_new
from projects.past.urls import project_urls as past_urls
from projects.recurrence.urls import project_urls as recurrence_urls
from projects.requests.urls import site_urls as request_urls
from projects.risks.urls import project_urls as risk_urls
from projects.schedule.urls import project_urls as schedule_urls
from projects.scope.urls import project_urls as scope_urls
from projects.sprints.urls import project_urls as sprint_urls
from projects.team.urls import project_urls as team_urls
from projects.team.urls import site_urls as team_site_urls
from projects.timelines.urls import project_urls as timeline_urls
from projects.timelines.urls import site_urls as timeline_site_urls
from projects.timesheets.urls import project_urls as timesheet_urls
from projects.timesheets.urls import site_urls as timesheet_site_urls
from projects.types.urls import site_urls as type_site_urls

app_name = "projects"
urlpatterns = [
    path("", project_list, name="list"),
    path("new/", project_new, name="new"),
    # Codes have capital letters, so these words are never one.
    *request_urls,
    *lesson_site_urls,
    *benefit_site_urls,
    *team_site_urls,
    *timesheet_site_urls,
    *type_site_urls,
    *agenda_site_urls,
    *timeline_site_urls,
    *currency_site_urls,
    *budget_site_urls,
    path(
        "<slug:code>/",
        include(
            [
                path("activity/", activity, name="activity"),
                *lifecycle_urls,
                *closing_urls,
                *kpi_urls,
                *scope_urls,
                *change_urls,
                *risk_urls,
                *lesson_urls,
                *past_urls,
                *benefit_urls,
                *schedule_urls,
                *control_urls,
                *team_urls,
                *budget_urls,
                *earned_value_urls,
                *timesheet_urls,
                *board_urls,
                *agenda_urls,
                *recurrence_urls,
                *sprint_urls,
                *timeline_urls,
            ]
        ),
    ),
]
