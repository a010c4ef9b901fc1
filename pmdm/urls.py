"""The map of the site; each app keeps its own part."""

from django.urls import include, path

from pmdm import views
from pmdm.accounts.sign_in import sign_in
from pmdm.accounts.views import not_offered
from pmdm.ui.mywork import my_work

handler500 = "pmdm.views.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("pmdm.accounts.urls")),
    # Pages of allauth that this product doesn't have; their names stay, since allauth reverses them.
    path("accounts/signup/", not_offered),
    path("accounts/email/", not_offered),
    path("accounts/confirm-email/", not_offered),
    path("accounts/confirm-email/<str:key>/", not_offered),
    path("accounts/password/set/", not_offered),
    path("accounts/login/code/confirm/", not_offered),
    path("accounts/login/", sign_in, name="account_login"),
    path("accounts/", include("allauth.urls")),
    path("my-work/", my_work, name="my-work"),
    path("search/", include("pmdm.ui.search_urls")),
    path("jobs/", include("pmdm.jobs.urls")),
    path("kpis/", include("pmdm.kpis.urls")),
    path("ui/", include("pmdm.ui.urls")),
    path("projects/", include("projects.urls")),
    path("products/", include("delivery.urls")),
    path("", include("projects.public_urls")),
    path("", include("delivery.public_urls")),
    path("", include("handover.urls")),
]
