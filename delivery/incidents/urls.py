from django.urls import path

from delivery.incidents import views
from delivery.incidents.review import views as review

product_urls = [  # /products/<code>/
    path("major-incidents/", views.incident_list, name="major-incident-list"),
    path("major-incidents/new/", views.incident_new, name="major-incident-new"),
    path("major-incidents/<int:number>/", views.incident_detail, name="major-incident"),
    path("major-incidents/<int:number>/lead/", views.incident_lead, name="major-incident-lead"),
    path("major-incidents/<int:number>/entries/<int:pk>/", views.incident_correction, name="incident-correction"),
    path("major-incidents/<int:number>/review/", review.review, name="incident-review"),
    path("major-incidents/<int:number>/review/agreement/", review.review_agreement, name="incident-review-agreement"),
    path("major-incidents/<int:number>/review/actions/", review.action_new, name="review-action-new"),
    path("major-incidents/<int:number>/review/actions/<int:pk>/", review.action, name="review-action"),
    path("major-incidents/<int:number>/<slug:step>/", views.incident_step, name="major-incident-step"),
]
