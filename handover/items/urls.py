from django.urls import path

from handover.items import views
from handover.transfer.urls import RECORD

urlpatterns = [
    path(f"{RECORD}open-items/", views.items, name="items"),
    path(f"{RECORD}open-items/consent/", views.consent, name="consent"),
]
