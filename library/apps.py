"""What readers keep: saved papers, read marks, lists of their own, private notes."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"

    def ready(self) -> None:
        from library.paper_page import prepare_paper_page
        from library.row_marks import mark_columns, mark_papers
        from papers.models.reader_columns import register_reader_columns
        from papers.web.page_parts import PagePart, register_part

        register_reader_columns(mark_columns)
        register_part(PagePart("vote", "library/_save.html", mark_papers))
        register_part(PagePart("acts", "library/_save.html"))
        register_part(PagePart("sections", "library/_paper_sections.html", prepare_paper_page))
