"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.schedule import (
    baseline_views,
    export_views,
    import_views,
    picture_views,
    settings_views,
    table_views,
    task_views,
    views,
)
from projects.schedule.api import views as api

project_urls = [
    path("schedule/", views.schedule, name="schedule"),
    path("schedule/data.json", api.plan_data, name="plan-data"),
    path("schedule/edits/", api.plan_edits, name="plan-edits"),
    path("schedule/undo/", api.plan_undo, name="plan-undo"),
    path("schedule/redo/", api.plan_redo, name="plan-redo"),
    path("schedule/changes/", api.plan_changes, name="plan-changes"),
    path("schedule/settings/", settings_views.plan_settings, name="plan-settings"),
    path("schedule/export/", export_views.plan_exports, name="plan-exports"),
    path("schedule/export.<str:format>", export_views.plan_export, name="plan-export"),
    path("schedule/picture.<str:format>", picture_views.plan_picture, name="plan-picture"),
    path("schedule/pictures/<int:pk>/", picture_views.plan_picture_made, name="plan-picture-made"),
    path("schedule/tasks/new/", task_views.task_new, name="task-new"),
    path("schedule/tasks/<int:uid>/", task_views.task, name="task-detail"),
    path("schedule/tasks/<int:uid>/why/", api.plan_why, name="plan-why"),
    path("schedule/tasks/<int:uid>/position/", task_views.task_position, name="task-position"),
    path("schedule/tasks/<int:uid>/removal/", task_views.task_removal, name="task-removal"),
    path("schedule/baselines/", baseline_views.baseline_list, name="baseline-list"),
    path("schedule/baselines/<int:number>/", baseline_views.baseline, name="baseline-detail"),
    path("schedule/baselines/<int:number>/export.csv", baseline_views.baseline_export, name="baseline-export"),
    path("schedule/baselines/<int:number>/edit/", baseline_views.baseline_edit, name="baseline-edit"),
    path("schedule/baselines/<int:number>/activation/", baseline_views.baseline_activation, name="baseline-activation"),
    path("schedule/baselines/<int:number>/request/", baseline_views.baseline_request, name="baseline-request"),
    path("schedule/baselines/<int:number>/decision/", baseline_views.baseline_decision, name="baseline-decision"),
    path("schedule/baselines/<int:number>/removal/", baseline_views.baseline_removal, name="baseline-removal"),
    path("schedule/import/", import_views.plan_import, name="plan-import"),
    path("schedule/import/before/", import_views.plan_before, name="plan-before"),
    path("schedule/import/template.xlsx", table_views.plan_template, name="plan-template"),
    path("schedule/import/table/<int:pk>/", table_views.plan_table, name="plan-table"),
    path("schedule/import/<str:token>/", import_views.plan_import_check, name="plan-import-check"),
]
