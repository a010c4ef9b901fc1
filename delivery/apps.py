from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "delivery"
    verbose_name = _("Delivery")

    def ready(self):
        from delivery.kpis.register import register as register_kpis

        register_kpis()

        from delivery import activity, search, waiting
        from delivery.complaints import sweep as complaint_sweep  # noqa: F401 - its job and mail
        from delivery.complaints.register import register as register_complaints
        from delivery.departments import effects as department_effects  # noqa: F401 - its daily job and mails
        from delivery.departments.register import register as register_departments
        from delivery.exports.lists import register_lists
        from delivery.exports.over_all import register_lists_over_all
        from delivery.exports.record_lists import register_record_lists
        from delivery.flow.register import register as register_flow
        from delivery.incidents import effects as incident_effects  # noqa: F401 - its outbox handlers
        from delivery.incidents.register import register as register_incidents
        from delivery.incidents.review import reminders  # noqa: F401 - its daily job and mail
        from delivery.issues.aids.register import register as register_aids
        from delivery.issues.escalation import effects  # noqa: F401 - its outbox handlers
        from delivery.issues.problems.register import register as register_problems
        from delivery.issues.queue import telling  # noqa: F401 - its outbox handlers
        from delivery.issues.teams.register import register as register_teams
        from delivery.mail import filing, outgoing  # noqa: F401 - their outbox handlers
        from delivery.performance import intake  # noqa: F401 - its outbox handler
        from delivery.products.register import register as register_products
        from delivery.reminders import mail as due_mail  # noqa: F401 - its outbox handler and its sweep
        from delivery.risks import reminders as control_reminders  # noqa: F401 - its daily job and mail
        from delivery.satisfaction import mail  # noqa: F401 - its outbox handler

        register_products()
        register_incidents()
        register_teams()
        register_aids()
        register_complaints()
        register_problems()
        register_flow()
        register_departments()
        register_lists()
        register_record_lists()
        register_lists_over_all()

        activity.register()
        search.register()
        waiting.register()
