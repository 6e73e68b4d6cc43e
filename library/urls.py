"""The addresses of what readers keep."""

from django.urls import path

from library.views import browser_saves, save
from papers.web import url_converters  # noqa: F401  (registers `key`)

app_name = "library"
urlpatterns = [
    path("papers/<key:key>/save", save.save, name="save"),
    path("papers/<key:key>/unsave", save.unsave, name="unsave"),
    path("me/saved/from-browser", browser_saves.take, name="save_from_browser"),
]
