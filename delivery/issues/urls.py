from django.urls import path

from delivery.issues import import_views, views
from delivery.issues.aids.urls import product_urls as aid_urls
from delivery.issues.priority.views import priorities
from delivery.issues.problems.urls import product_urls as problem_urls
from delivery.issues.queue.views import issue_list
from delivery.issues.teams.urls import product_urls as team_urls

product_urls = [  # /products/<code>/
    *team_urls,
    *problem_urls,
    path("issues/", issue_list, name="issue-list"),
    path("issues/new/", views.issue_new, name="issue-new"),
    path("issues/import/", import_views.issue_import, name="issue-import"),
    path("issues/import/<int:pk>/", import_views.issue_import_check, name="issue-import-check"),
    path("issues/imports/", import_views.import_list, name="issue-import-list"),
    path("issues/imports/<int:pk>/removal/", import_views.import_undo, name="issue-import-undo"),
    path("issues/known-gaps/", views.gaps_like, name="gaps-like"),
    path("issues/<int:number>/", views.issue_detail, name="issue-detail"),
    path("issues/<int:number>/notes/", views.issue_notes, name="issue-notes"),
    *aid_urls,
    path("issues/<int:number>/<slug:move>/", views.issue_move, name="issue-move"),
    path("priorities/", priorities, name="priorities"),
    path("known-gaps/", views.gap_list, name="known-gap-list"),
    path("known-gaps/<int:number>/closure/", views.gap_closure, name="known-gap-closure"),
]
