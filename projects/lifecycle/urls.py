"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.lifecycle.views import charter, files, objectives, phases, projects, state, updates

project_urls = [
    path("", projects.detail, name="detail"),
    path("edit/", charter.edit, name="edit"),
    path("state/", state.state, name="state"),
    path("files/<str:key>/", files.file, name="file"),
    # phases and gates
    path("phases/<slug:kind>/", phases.phase, name="phase"),
    path("phases/<slug:kind>/plan/", phases.gate_plan, name="gate-plan"),
    path("phases/<slug:kind>/decisions/", phases.decisions, name="gate-decisions"),
    path("phases/<slug:kind>/checklist/", phases.checklist, name="checklist"),
    path("phases/<slug:kind>/checklist/<int:pk>/", phases.checklist_line, name="checklist-line"),
    path(
        "phases/<slug:kind>/checklist/<int:pk>/removal/", phases.checklist_line_removal, name="checklist-line-removal"
    ),
    # status in words
    path("updates/", updates.update_list, name="update-list"),
    # objectives
    path("objectives/", objectives.objective_list, name="objective-list"),
    path("objectives/new/", objectives.objective_new, name="objective-new"),
    path("objectives/<int:number>/", objectives.objective_detail, name="objective-detail"),
    path("objectives/<int:number>/measurement/", objectives.objective_measurement, name="objective-measurement"),
    path("objectives/<int:number>/removal/", objectives.objective_removal, name="objective-removal"),
]
