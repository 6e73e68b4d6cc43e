"""The API for one's own saves, votes, lists and notes, with a token."""

from django.apps import AppConfig


class ReaderApiConfig(AppConfig):
    name = "reader_api"

    def ready(self) -> None:
        from papers.api.private_routers import add_private_router
        from reader_api import kept_papers, own_lists  # noqa: F401  (they fill the router)
        from reader_api.routing import router

        add_private_router("me", router)
