"""Addresses below /projects/ and /projects/<code>/."""

from django.urls import path

from projects.team import levelling_views, load_views, people_views, staffing_views, views

site_urls = [  # /projects/
    path("load/", load_views.load, name="load"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("people/<int:pk>/skills/", people_views.person_skills, name="person-skills"),
    path("people/<int:pk>/absences/", people_views.person_absences, name="person-absences"),
    path("people/<int:pk>/hours/", people_views.person_hours, name="person-hours"),
    *(
        path(
            f"people/<int:pk>/{words}/<int:key>/removal/",
            people_views.person_removal,
            {"kind": kind},
            name=f"person-{kind}-removal",
        )
        for kind, words in (("skill", "skills"), ("absence", "absences"), ("hours", "hours"))
    ),
    path("people/<int:pk>/rates/", people_views.person_rates, name="person-rates"),
]
project_urls = [
    path("team/", views.team, name="team"),
    path("team/<int:membership_id>/", views.team_member, name="team-member"),
    path("team/<int:membership_id>/removal/", views.team_member_removal, name="team-member-removal"),
    path("team/rates/", views.team_rates, name="team-rates"),
    path("team/load/", load_views.project_load, name="project-load"),
    path("team/levelling/", levelling_views.level, name="level"),
    path("team/levelling/<int:work_id>/", levelling_views.level_proposal, name="level-proposal"),
    path("team/free/", staffing_views.free, name="free"),
    path("team/resources/new/", staffing_views.generic_new, name="generic-new"),
    path("team/resources/<int:uid>/people/", staffing_views.generic_people, name="generic-people"),
    path("team/resources/<int:uid>/", views.team_resource, name="team-resource"),
]
