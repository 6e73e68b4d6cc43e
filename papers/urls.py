"""The addresses of papers' pages, feeds and API. Fixed words stand before keys."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView

from papers.views import (
    about,
    authors,
    card,
    exports,
    log,
    paper,
    periods,
    picture,
    redirects,
    report,
    search,
    sitemap,
    status,
    submit,
    submitted,
    topics,
    trending,
    vote,
)
from papers.web import url_converters  # noqa: F401  (registers `key`)


class ExportFormatConverter(StringConverter):
    regex = "|".join(exports.FORMATS)


register_converter(ExportFormatConverter, "form")

# Where feed readers look for the feed of a site they are given.
to_daily_feed = RedirectView.as_view(
    pattern_name="papers:feed_daily",
    permanent=True,
    query_string=True,
    http_method_names=["get", "head"],
)

app_name = "papers"
urlpatterns = [
    path("", periods.today, name="today"),
    path("papers", periods.redirect_to_today),
    path("papers/date/<str:day>", periods.day, name="day"),
    path("papers/week/<str:week>", periods.week, name="week"),
    path("papers/month/<str:month>", periods.month, name="month"),
    path("papers/trending", trending.trending, name="trending"),
    path("feeds/", include("papers.feeds.urls")),
    path("feed", to_daily_feed, {"form": "atom"}),
    path("atom.xml", to_daily_feed, {"form": "atom"}),
    path("rss", to_daily_feed, {"form": "rss"}),
    path("api/", include("papers.api.urls")),
    path("search", search.search, name="search"),
    path("status", status.status, name="status"),
    path("log", log.log, name="log"),
    path("topics", topics.topics, name="topics"),
    path("topics/<slug:slug>", topics.topic, name="topic"),
    path("authors", authors.author, name="author"),
    path("about", about.about, name="about"),
    path("about/ranking", about.ranking, name="ranking"),
    path("submit", submit.submit, name="submit"),
    path("submit/confirm", submit.confirm, name="submit_confirm"),
    path("submit/by-hand", submit.by_hand, name="submit_by_hand"),
    path("me/submitted", submitted.submitted, name="submitted"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap.sitemap, name="sitemap_section"),
    path("abs/<path:spelling>", redirects.from_arxiv_abstract, name="abs"),
    path("html/<path:spelling>", redirects.from_arxiv_abstract, name="html"),
    path("pdf/<path:spelling>", redirects.from_arxiv_pdf, name="pdf"),
    path("papers/<key:key>/upvote", vote.upvote, name="upvote"),
    path("papers/<key:key>/unvote", vote.unvote, name="unvote"),
    path("papers/<key:key>/report", report.report, name="report"),
    path("papers/<key:key>/card.png", card.card, name="card"),
    path("pictures/<str:size>/<str:digest>.webp", picture.picture, name="picture"),
    path("papers/<key:key>.<form:form>", exports.export, name="export"),
    path("papers/<path:key>", paper.paper, name="paper"),
]
