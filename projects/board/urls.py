"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.board import views

project_urls = [
    path("schedule/board/", views.board, name="board"),
    path("schedule/board/moves/", views.card_move, name="card-move"),
    path("schedule/board/priorities/", views.card_priority, name="card-priority"),
    path("schedule/board/cards/", views.card_new, name="card-new"),
    path("schedule/board/columns/", views.columns, name="board-columns"),
]
