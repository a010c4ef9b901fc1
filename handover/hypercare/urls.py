from django.urls import path

from handover.hypercare import views

urlpatterns = [
    path("projects/<slug:code>/handover/<int:number>/hypercare/", views.agreement, name="hypercare-agreement"),
    # below /products/<code>/
    path("products/<slug:code>/hypercare/", views.hypercare, name="hypercare"),
    path("products/<slug:code>/hypercare/exit/", views.leaving, name="hypercare-exit"),
    path("products/<slug:code>/hypercare/extension/", views.extension, name="hypercare-extension"),
    path("products/<slug:code>/hypercare/thresholds/", views.thresholds, name="hypercare-thresholds"),
    path("products/<slug:code>/hypercare/issues/<int:number>/", views.issue_class, name="hypercare-issue"),
]
