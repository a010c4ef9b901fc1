from django.urls import path

from delivery.issues.problems import views

product_urls = [  # /products/<code>/
    path("problems/", views.problem_list, name="problem-list"),
    path("problems/new/", views.problem_new, name="problem-new"),
    path("problems/<int:number>/", views.problem_detail, name="problem-detail"),
    path("problems/<int:number>/<slug:move>/", views.problem_move, name="problem-move"),
]
