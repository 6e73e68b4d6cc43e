"""Public pages of readers, and authors' claims to their papers."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        from papers.web.page_parts import PagePart, register_part

        register_part(PagePart("author", "profiles/_author.html"))
