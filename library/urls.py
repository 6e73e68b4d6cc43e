"""The addresses of what readers keep."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView

from library.reference_file import RENDERERS
from library.views import (
    browser_saves,
    exports,
    imports,
    kept,
    list_files,
    list_items,
    list_report,
    lists,
    note,
    save,
)
from papers.feeds import urls as feed_urls  # noqa: F401  (registers `feed`)
from papers.web import url_converters  # noqa: F401  (registers `key`)


class ReferenceFormatConverter(StringConverter):
    regex = "|".join(RENDERERS)


register_converter(ReferenceFormatConverter, "references")

app_name = "library"
urlpatterns = [
    path("papers/<key:key>/save", save.save, name="save"),
    path("papers/<key:key>/unsave", save.unsave, name="unsave"),
    path("papers/<key:key>/unread", kept.unread, name="unread"),
    path("papers/<key:key>/note", note.note, name="note"),
    path("me", RedirectView.as_view(pattern_name="library:saved"), name="me"),
    path("me/saved", kept.saved, name="saved"),
    path("me/upvoted", kept.upvoted, name="upvoted"),
    path("me/read", kept.read, name="read"),
    path("me/read/clear", kept.clear_read, name="clear_read"),
    path("me/lists", lists.lists, name="lists"),
    path("lists/<slug:list_key>", lists.show, name="list"),
    path("lists/<slug:list_key>.<feed:form>", list_files.feed, name="list_feed"),
    path("lists/<slug:list_key>.<references:form>", list_files.references, name="list_references"),
    path("lists/<slug:list_key>/edit", lists.edit, name="edit_list"),
    path("lists/<slug:list_key>/report", list_report.report, name="report_list"),
    path("lists/<slug:list_key>/delete", lists.delete, name="delete_list"),
    path("lists/<slug:list_key>/add", list_items.add, name="add_to_list"),
    path("lists/<slug:list_key>/remove", list_items.remove, name="remove_from_list"),
    path("lists/<slug:list_key>/move", list_items.move, name="move_in_list"),
    path("me/import", imports.import_papers, name="import"),
    path("me/export.json", exports.everything, name="export"),
    path("me/export.<references:form>", exports.references, name="export_references"),
    path("me/saved/from-browser", browser_saves.take, name="save_from_browser"),
]
