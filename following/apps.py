"""What readers follow and mute, and the private feeds of it."""

from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "following"

    def ready(self) -> None:
        from following.muted import fold_muted
        from following.private_feeds import FeedKind, register_feed_kind
        from following.views.papers import followed_feed
        from papers.web.page_parts import PagePart, register_part

        register_part(PagePart("folded", "following/_muted.html", fold_muted))
        register_part(PagePart("author", "following/_on_author.html"))
        register_part(PagePart("topic", "following/_on_topic.html"))
        register_part(PagePart("search", "following/_on_search.html"))
        register_part(PagePart("reading list", "following/_on_list.html"))
        register_part(PagePart("facts", "following/_on_paper.html"))
        register_feed_kind(FeedKind("followed", "The papers of what you follow", followed_feed))
