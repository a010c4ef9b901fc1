from django.urls import path

from pmdm.accounts import demo, views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("theme/", views.theme, name="theme"),
    # Demo mode
    path("demo/", demo.demo, name="demo"),
    path("demo/sign-in/", demo.sign_in, name="demo-sign-in"),
    # People
    path("people/", views.people, name="people"),
    path("people/new/", views.person_new, name="person-new"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/access/", views.person_access, name="person-access"),
    path("people/<int:pk>/invitation/", views.person_invitation, name="person-invitation"),
    # Client organisations and departments
    path("organisations/", views.organisation_list, name="organisation-list"),
    path("organisations/<int:pk>/", views.organisation, name="organisation"),
    path("departments/", views.department_list, name="department-list"),
    path("departments/<int:pk>/", views.department, name="department"),
    path("skills/", views.skill_list, name="skill-list"),
    path("skills/<int:pk>/", views.skill, name="skill"),
]
