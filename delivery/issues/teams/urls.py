from django.urls import path

from delivery.issues.teams import views

product_urls = [  # /products/<code>/
    path("issue-teams/", views.team_list, name="issue-team-list"),
    path("issue-teams/<int:pk>/", views.team_edit, name="issue-team-edit"),
    path("issue-teams/<int:pk>/end/", views.team_end, name="issue-team-end"),
]
