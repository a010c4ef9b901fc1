from django.urls import path

from delivery.runbooks import views

product_urls = [  # /products/<code>/
    path("runbooks/", views.runbook_list, name="runbook-list"),
    path("runbooks/new/", views.runbook_new, name="runbook-new"),
    path("runbooks/<int:pk>/", views.runbook_detail, name="runbook-detail"),
    path("runbooks/<int:pk>/edit/", views.runbook_edit, name="runbook-edit"),
    path("runbooks/<int:pk>/start/", views.runbook_start, name="runbook-start"),
    path("runbooks/runs/<int:pk>/", views.runbook_run, name="runbook-run"),
]
