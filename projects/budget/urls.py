"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.budget import accrual_views, commitment_views, curve_views, portfolio_views, time_views, views

site_urls = [
    path("money/", portfolio_views.portfolio_money, name="portfolio-money"),
    path("money/export.csv", portfolio_views.portfolio_money_export, name="portfolio-money-export"),
]
project_urls = [
    path("budget/", views.budget, name="budget"),
    path("budget/phasing/", views.budget_phasing, name="budget-phasing"),
    path("budget/curve/", curve_views.budget_curve, name="budget-curve"),
    path("budget/lines/new/", views.budget_line_new, name="budget-line-new"),
    path("budget/lines/<int:number>/", views.budget_line, name="budget-line"),
    path("budget/lines/<int:number>/removal/", views.budget_line_removal, name="budget-line-removal"),
    path("budget/expenses/", views.expense_list, name="expense-list"),
    path("budget/expenses/new/", views.expense_new, name="expense-new"),
    path("budget/expenses/<int:number>/", views.expense, name="expense-detail"),
    path("budget/expenses/<int:number>/removal/", views.expense_removal, name="expense-removal"),
    path("budget/orders/", commitment_views.order_list, name="order-list"),
    path("budget/orders/new/", commitment_views.order_new, name="order-new"),
    path("budget/orders/<int:number>/", commitment_views.order, name="order"),
    path("budget/orders/<int:number>/edit/", commitment_views.order_edit, name="order-edit"),
    path("budget/orders/<int:number>/end/", commitment_views.order_end, name="order-end"),
    path("budget/orders/<int:number>/receipts/new/", accrual_views.receipt_new, name="receipt-new"),
    path("budget/accruals/", accrual_views.accrual_list, name="accrual-list"),
    path("budget/accruals/new/", accrual_views.accrual_new, name="accrual-new"),
    path("budget/accruals/<int:number>/reversal/", accrual_views.accrual_reversal, name="accrual-reversal"),
    path("budget/reserves/", commitment_views.reserve_list, name="reserve-list"),
    path("budget/reserves/draws/new/", commitment_views.draw_new, name="draw-new"),
    path("budget/reserves/draws/<int:number>/", commitment_views.draw, name="draw"),
    path("budget/reserves/<slug:kind>/", commitment_views.allowance, name="allowance"),
    path("time/", time_views.time_list, name="time-list"),
    path("time/<int:entry_id>/", time_views.time_entry, name="time-entry"),
    path("time/<int:entry_id>/removal/", time_views.time_entry_removal, name="time-entry-removal"),
]
