"""`<key:key>` in addresses: the key of a paper. Import this module before a path that has one."""

from django.urls import register_converter
from django.urls.converters import PathConverter


class KeyConverter(PathConverter):
    """A paper's key; old arXiv ids contain a slash.

    Not a DOI: that may contain and end with anything, so `papers/<path:key>` takes it whole.
    """

    regex = r"(?!10\.[0-9]{4}).+?"


register_converter(KeyConverter, "key")
