"""The addresses of papers. Fixed words stand before keys."""

from django.urls import path

from papers import status, views

app_name = "papers"
urlpatterns = [
    path("", views.today, name="today"),
    path("papers", views.to_today),
    path("papers/date/<str:day>", views.day, name="day"),
    path("papers/week/<str:week>", views.week, name="week"),
    path("papers/month/<str:month>", views.month, name="month"),
    path("papers/trending", views.trending, name="trending"),
    path("status", status.status, name="status"),
    path("topics", views.topics, name="topics"),
    path("topics/<slug:slug>", views.topic, name="topic"),
    path("abs/<path:spelling>", views.from_arxiv_abstract, name="abs"),
    path("pdf/<path:spelling>", views.from_arxiv_pdf, name="pdf"),
    path("papers/<path:key>/upvote", views.upvote, name="upvote"),
    path("papers/<path:key>/unvote", views.unvote, name="unvote"),
    path("papers/<path:key>", views.paper, name="paper"),
]
