from django.urls import path

from handover.transfer import views

urlpatterns = [
    path("handovers/", views.handover_list, name="list"),
    # below /projects/<code>/handover/
    path("projects/<slug:code>/handover/", views.detail, name="detail"),
    path("projects/<slug:code>/handover/details/", views.details, name="details"),
    path("projects/<slug:code>/handover/checklist/<int:pk>/", views.checklist_line, name="checklist-line"),
    path("projects/<slug:code>/handover/open-items/", views.open_items, name="open-items"),
    path("projects/<slug:code>/handover/open-items/<int:pk>/", views.open_item, name="open-item"),
    path("projects/<slug:code>/handover/submission/", views.submission, name="submission"),
    path("projects/<slug:code>/handover/withdrawal/", views.withdrawal, name="withdrawal"),
    path("projects/<slug:code>/handover/refusal/", views.refusal, name="refusal"),
    path("projects/<slug:code>/handover/acceptance/", views.acceptance, name="acceptance"),
]
