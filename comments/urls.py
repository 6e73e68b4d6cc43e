"""The addresses of comments."""

from django.urls import path

from comments.views import lists, permalink, write
from papers.feeds import urls as feed_urls  # noqa: F401  (registers `feed`)
from papers.web import url_converters  # noqa: F401  (registers `key`)

app_name = "comments"
urlpatterns = [
    path("comments", lists.newest, name="newest"),
    path("me/comments", lists.own, name="own"),
    path("feeds/comments.<feed:form>", lists.feed, name="feed"),
    path("feeds/papers/<key:key>/comments.<feed:form>", lists.paper_feed, name="paper_feed"),
    path("papers/<key:key>/comments", write.comments, name="comments"),
    path("comments/<int:pk>", permalink.comment, name="comment"),
    path("comments/<int:pk>/edit", write.edit, name="edit"),
    path("comments/<int:pk>/delete", write.delete, name="delete"),
    path("comments/<int:pk>/upvote", write.upvote, name="upvote"),
    path("comments/<int:pk>/unvote", write.unvote, name="unvote"),
    path("comments/<int:pk>/report", write.report, name="report"),
]
