"""The addresses of papers. Fixed words stand before keys."""

from django.urls import include, path, register_converter
from django.urls.converters import PathConverter, StringConverter

from papers.views import (
    about,
    authors,
    crawlers,
    exports,
    lists,
    paper,
    redirects,
    search,
    status,
    vote,
)


class KeyConverter(PathConverter):
    """A paper's key, old arXiv ids with their slash; not a DOI, to which all the rest belongs."""

    regex = r"(?!10\.[0-9]{4}).+?"


class FormConverter(StringConverter):
    regex = "|".join(exports.FORMS)


register_converter(KeyConverter, "key")
register_converter(FormConverter, "form")

app_name = "papers"
urlpatterns = [
    path("", lists.today, name="today"),
    path("papers", lists.to_today),
    path("papers/date/<str:day>", lists.day, name="day"),
    path("papers/week/<str:week>", lists.week, name="week"),
    path("papers/month/<str:month>", lists.month, name="month"),
    path("papers/trending", lists.trending, name="trending"),
    path("feeds/", include("papers.feeds.urls")),
    path("api/", include("papers.api.urls")),
    path("search", search.results, name="search"),
    path("status", status.status, name="status"),
    path("topics", lists.topics, name="topics"),
    path("topics/<slug:slug>", lists.topic, name="topic"),
    path("authors", authors.author, name="author"),
    path("about", about.about, name="about"),
    path("about/ranking", about.ranking, name="ranking"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", crawlers.sitemap, name="sitemap_section"),
    path("abs/<path:spelling>", redirects.from_arxiv_abstract, name="abs"),
    path("pdf/<path:spelling>", redirects.from_arxiv_pdf, name="pdf"),
    path("papers/<key:key>/upvote", vote.upvote, name="upvote"),
    path("papers/<key:key>/unvote", vote.unvote, name="unvote"),
    path("papers/<key:key>/card.png", exports.card, name="card"),
    path("papers/<key:key>.<form:form>", exports.export, name="export"),
    path("papers/<path:key>", paper.paper, name="paper"),
]
