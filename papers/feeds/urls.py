"""The addresses of feeds, each in three formats."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from papers.feeds import log, views
from papers.feeds.formats import FORMATS


class FeedFormatConverter(StringConverter):
    regex = "|".join(FORMATS)


register_converter(FeedFormatConverter, "feed")

urlpatterns = [
    path("daily.<feed:form>", views.daily, name="feed_daily"),
    path("day/<str:name>.<feed:form>", views.day, name="feed_day"),
    path("week/<str:name>.<feed:form>", views.week, name="feed_week"),
    path("month/<str:name>.<feed:form>", views.month, name="feed_month"),
    path("trending.<feed:form>", views.trending, name="feed_trending"),
    path("topics/<str:name>.<feed:form>", views.topic, name="feed_topic"),
    path("authors.<feed:form>", views.author, name="feed_author"),
    path("search.<feed:form>", views.search, name="feed_search"),
    path("log.<feed:form>", log.log, name="feed_log"),
]
