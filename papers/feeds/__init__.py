"""Feeds: every list of papers as Atom, RSS and JSON Feed."""
