from django.urls import path

from projects.requests import views

site_urls = [  # /projects/
    path("requests/", views.request_list, name="request-list"),
    path("requests/new/", views.request_new, name="request-new"),
    path("requests/<int:pk>/", views.request_detail, name="request"),
    path("requests/<int:pk>/steps/<int:step>/", views.request_step, name="request-step"),
    path("requests/<int:pk>/submission/", views.request_submission, name="request-submission"),
    path("requests/<int:pk>/submissions/<int:number>.pdf", views.request_paper, name="request-paper"),
    path("requests/<int:pk>/reviewer/", views.request_reviewer, name="request-reviewer"),
    path("requests/<int:pk>/decision/", views.request_decision, name="request-decision"),
]
