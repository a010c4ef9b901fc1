from django.urls import path

from delivery.issues.escalation import views

product_urls = [  # /products/<code>/
    path("breaches/", views.breach_list, name="breach-list"),
    path("service-levels/escalation/", views.step_list, name="escalation-step-list"),
    path("service-levels/escalation/<int:pk>/removal/", views.step_removal, name="escalation-step-removal"),
]
urlpatterns = [path("breaches/", views.all_breaches, name="all-breaches")]
