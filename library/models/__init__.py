"""The tables of the library, one file for each noun, with its queries."""

from library.models.list_report import ListReport
from library.models.note import Note
from library.models.read_mark import ReadMark
from library.models.reading_list import ListItem, ReadingList
from library.models.save import Save

__all__ = ["ListItem", "ListReport", "Note", "ReadMark", "ReadingList", "Save"]
