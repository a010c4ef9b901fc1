from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")

    def ready(self):
        from projects import activity, search, waiting
        from projects.benefits.register import register as register_benefits
        from projects.budget.register import register as register_budget
        from projects.changes.register import register as register_changes
        from projects.closing.register import register as register_closing
        from projects.control.register import register as register_control
        from projects.currencies.register import register as register_currencies
        from projects.lessons.register import register as register_lessons
        from projects.lifecycle import register
        from projects.recurrence import verbs  # noqa: F401 - its periodic job
        from projects.requests.register import register as register_requests
        from projects.schedule.register import register as register_schedule
        from projects.team.register import register as register_team
        from projects.timelines.register import register as register_timelines
        from projects.timesheets.register import register as register_timesheets

        register.register()
        register_closing()
        register_requests()
        register_lessons()
        register_benefits()
        register_timesheets()
        register_schedule()
        register_team()
        register_budget()
        register_currencies()
        register_control()
        register_changes()
        register_timelines()
        activity.register()
        search.register()
        waiting.register()

        from projects.kpis.register import register as register_kpis

        register_kpis()
