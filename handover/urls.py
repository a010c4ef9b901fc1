from django.urls import include, path

app_name = "handover"
urlpatterns = [
    path("", include("handover.transfer.urls")),
    path("", include("handover.story.urls")),
    path("", include("handover.knowledge.urls")),
    path("", include("handover.signoff.urls")),
    path("", include("handover.cutover.urls")),
]
