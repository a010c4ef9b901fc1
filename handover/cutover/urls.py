from django.urls import include, path

from handover.cutover import views

cutover_urls = [  # /projects/<code>/handover/<number>/cutover/
    path("", views.cutover, name="cutover"),
    path("steps/new/", views.step_new, name="cutover-step-new"),
    path("steps/<int:pk>/", views.step_edit, name="cutover-step-edit"),
    path("steps/<int:pk>/removal/", views.step_removal, name="cutover-step-removal"),
    path("runs/", views.run_new, name="cutover-run-new"),
    path("runs/<int:run_number>/", views.run, name="cutover-run"),
    path("runs/<int:run_number>/steps/<int:pk>/", views.run_step, name="cutover-run-step"),
]
urlpatterns = [path("projects/<slug:code>/handover/<int:number>/cutover/", include(cutover_urls))]
