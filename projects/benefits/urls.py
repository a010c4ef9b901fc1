from django.urls import path

from projects.benefits import views

site_urls = [  # /projects/
    path("benefits/", views.benefit_list, name="benefits"),
    path("benefits/export.csv", views.benefit_export, name="benefits-export"),
    path("benefits/<int:pk>/", views.benefit_detail, name="benefit"),
    path("benefits/<int:pk>/measurement/", views.benefit_measurement, name="benefit-measurement"),
    path("benefits/<int:pk>/owner/", views.benefit_owner, name="benefit-owner"),
    path("benefits/<int:pk>/reviews/", views.review_new, name="benefit-review-new"),
    path("benefits/<int:pk>/reviews/<int:review>/", views.review_edit, name="benefit-review"),
    path("benefits/<int:pk>/files/<str:key>/", views.benefit_file, name="benefit-file"),
]
project_urls = [  # /projects/<code>/
    path("objectives/<int:number>/benefit/", views.benefit_new, name="benefit-new"),
]
