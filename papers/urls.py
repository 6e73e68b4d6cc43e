"""The addresses of papers. Fixed words stand before keys."""

from django.urls import path

from papers.views import lists, paper, search, status, vote

app_name = "papers"
urlpatterns = [
    path("", lists.today, name="today"),
    path("papers", lists.to_today),
    path("papers/date/<str:day>", lists.day, name="day"),
    path("papers/week/<str:week>", lists.week, name="week"),
    path("papers/month/<str:month>", lists.month, name="month"),
    path("papers/trending", lists.trending, name="trending"),
    path("search", search.results, name="search"),
    path("status", status.status, name="status"),
    path("topics", lists.topics, name="topics"),
    path("topics/<slug:slug>", lists.topic, name="topic"),
    path("abs/<path:spelling>", paper.from_arxiv_abstract, name="abs"),
    path("pdf/<path:spelling>", paper.from_arxiv_pdf, name="pdf"),
    path("papers/<path:key>/upvote", vote.upvote, name="upvote"),
    path("papers/<path:key>/unvote", vote.unvote, name="unvote"),
    path("papers/<path:key>", paper.paper, name="paper"),
]
