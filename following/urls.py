"""The addresses of what readers follow and mute."""

from django.urls import path

from following.views import follows, papers, private_feed
from papers.feeds import urls as feed_urls  # noqa: F401  (registers `feed`)

app_name = "following"
urlpatterns = [
    path("me/follows", follows.follows, name="follows"),
    path("me/follows/papers", papers.followed_papers, name="papers"),
    path("me/follows/follow", follows.follow, name="follow"),
    path("me/follows/<int:pk>/unfollow", follows.unfollow, name="unfollow"),
    path("me/follows/mute", follows.mute, name="mute"),
    path("me/follows/<int:pk>/unmute", follows.unmute, name="unmute"),
    path("me/follows/feeds/<slug:kind>/renew", private_feed.renew, name="renew_feed"),
    path("me/follows/feeds/<slug:kind>/revoke", private_feed.revoke, name="revoke_feed"),
    path("feeds/private/<str:token>.<feed:form>", private_feed.private_feed, name="private_feed"),
]
