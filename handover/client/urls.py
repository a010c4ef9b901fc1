from django.urls import path

from handover.client import views
from handover.transfer.urls import RECORD

urlpatterns = [
    path("projects/<slug:code>/acceptance/", views.latest, name="client-acceptance"),
    path(f"{RECORD}client/", views.client, name="client"),
    path(f"{RECORD}client/asking/", views.asking, name="client-asking"),
    path(f"{RECORD}client/<int:pk>/", views.decision, name="client-decision"),
]
