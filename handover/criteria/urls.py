from django.urls import path

from handover.criteria import views
from handover.transfer.urls import RECORD

urlpatterns = [
    path(f"{RECORD}criteria/", views.criteria, name="criteria"),
    path(f"{RECORD}criteria/<int:pk>/", views.criterion, name="criterion"),
    path("handovers/criteria/", views.library_list, name="library"),
    path("handovers/criteria/new/", views.library_new, name="library-new"),
    path("handovers/criteria/<int:pk>/", views.library_edit, name="library-edit"),
    path("handovers/criteria/<int:pk>/retirement/", views.library_retirement, name="library-retirement"),
]
