from django.urls import include, path

app_name = "handover"
urlpatterns = [
    path("", include("handover.transfer.urls")),
    path("", include("handover.criteria.urls")),
    path("", include("handover.items.urls")),
    path("", include("handover.client.urls")),
    path("", include("handover.story.urls")),
    path("", include("handover.knowledge.urls")),
    path("", include("handover.signoff.urls")),
    path("", include("handover.cutover.urls")),
    path("", include("handover.hypercare.urls")),
    path("", include("handover.pack.urls")),
    path("", include("handover.quality.urls")),
    path("", include("handover.followon.urls")),
    path("", include("handover.portal.urls")),
]
