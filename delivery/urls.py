"""Products: the list, a new one, and everything below one product, told by its stories."""

from django.urls import include, path

from delivery.activity import activity
from delivery.articles.urls import product_urls as article_urls
from delivery.complaints.urls import product_urls as complaint_urls
from delivery.conformance.urls import product_urls as conformance_urls
from delivery.departments.urls import product_urls as department_urls
from delivery.departments.urls import urlpatterns as all_department_urls
from delivery.exports.urls import product_urls as export_urls
from delivery.exports.urls import urlpatterns as all_export_urls
from delivery.flow.urls import product_urls as flow_urls
from delivery.flow.urls import urlpatterns as all_flow_urls
from delivery.incidents.urls import product_urls as major_incident_urls
from delivery.issues.escalation.urls import product_urls as escalation_urls
from delivery.issues.escalation.urls import urlpatterns as all_breaches_urls
from delivery.issues.queue.urls import urlpatterns as queue_urls
from delivery.issues.urls import product_urls as issue_urls
from delivery.kpis.urls import product_urls as figure_urls
from delivery.mail.urls import product_urls as mail_urls
from delivery.past.urls import product_urls as past_urls
from delivery.performance.urls import product_urls as performance_urls
from delivery.products.agreements.urls import product_urls as agreement_urls
from delivery.products.decommission.urls import product_urls as decommission_urls
from delivery.products.landscape.urls import product_urls as landscape_urls
from delivery.products.oncall.urls import product_urls as on_call_urls
from delivery.products.record import record
from delivery.products.urls import product_urls
from delivery.products.urls import urlpatterns as list_urls
from delivery.releases.urls import product_urls as release_urls
from delivery.releases.urls import urlpatterns as release_calendar_urls
from delivery.risks.urls import product_urls as risk_urls
from delivery.runbooks.urls import product_urls as runbook_urls
from delivery.satisfaction.urls import product_urls as satisfaction_urls

app_name = "delivery"
urlpatterns = [
    *list_urls,
    *all_breaches_urls,
    *queue_urls,
    *release_calendar_urls,
    *all_department_urls,
    *all_export_urls,
    *all_flow_urls,
    path(
        "<slug:code>/",
        include(
            [
                *product_urls,
                path("activity/", activity, name="activity"),
                path("record/", record, name="record"),
                *landscape_urls,
                *agreement_urls,
                *on_call_urls,
                *decommission_urls,
                *figure_urls,
                *issue_urls,
                *escalation_urls,
                *major_incident_urls,
                *complaint_urls,
                *flow_urls,
                *department_urls,
                *export_urls,
                *past_urls,
                *conformance_urls,
                *satisfaction_urls,
                *performance_urls,
                *mail_urls,
                *release_urls,
                *article_urls,
                *runbook_urls,
                *risk_urls,
            ]
        ),
    ),
]
