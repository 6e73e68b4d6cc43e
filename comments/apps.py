"""Discussions under papers."""

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from comments.discussion import prepare_discussion
        from papers.web.page_parts import PagePart, register_part

        register_part(PagePart("row", "comments/_row_count.html"))
        register_part(PagePart("sections", "comments/_discussion.html", prepare_discussion))
