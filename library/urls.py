"""The addresses of what readers keep."""

from django.urls import path
from django.views.generic import RedirectView

from library.views import browser_saves, kept, save
from papers.web import url_converters  # noqa: F401  (registers `key`)

app_name = "library"
urlpatterns = [
    path("papers/<key:key>/save", save.save, name="save"),
    path("papers/<key:key>/unsave", save.unsave, name="unsave"),
    path("papers/<key:key>/unread", kept.unread, name="unread"),
    path("me", RedirectView.as_view(pattern_name="library:saved"), name="me"),
    path("me/saved", kept.saved, name="saved"),
    path("me/upvoted", kept.upvoted, name="upvoted"),
    path("me/read", kept.read, name="read"),
    path("me/read/clear", kept.clear_read, name="clear_read"),
    path("me/saved/from-browser", browser_saves.take, name="save_from_browser"),
]
