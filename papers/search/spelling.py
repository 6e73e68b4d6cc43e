"""Suggests another spelling of a search, where a word of it is in hardly any paper."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from papers.models import Paper, SearchWord
from papers.models.paper_queries import PaperQuerySet
from papers.models.search_word import MAX_CHARS, MIN_CHARS
from papers.search.ctes import first_rows
from papers.search_query import Query, Term

MAX_PAPERS_OF_MISTAKE = 2  # papers have mistakes, too
MIN_TIMES_MORE = 10  # papers with the suggested word
MIN_LIKENESS = 0.85  # as difflib has it: one letter of seven is another, or one of four is missing
MAX_WORDS = 6  # of a search
# Without digits, as in ids and names of models.
WORD = re.compile(rf"(?<!\w)[a-z]{{{MIN_CHARS},{MAX_CHARS}}}(?!\w)", re.IGNORECASE)


def suggestion(query: Query, papers: PaperQuerySet) -> str:
    """The search with other spellings; empty where none of these papers would be found by it."""
    spellings = dict(_spellings(query))
    if not spellings:
        return ""
    text = WORD.sub(lambda word: spellings.get(word[0].lower(), word[0]), query.text)
    return text if first_rows(papers.matching(text).values("pk"), 1) else ""


def _spellings(query: Query) -> Iterable[tuple[str, str]]:
    """Misspelt words, each with the word that is likely meant. Names are never misspelt."""
    terms = [term for group in query.wanted for term in group if term.where != "authors"]
    words = [word.lower() for term in terms for word in WORD.findall(term.text)]
    likely = SearchWord.objects.near(words[:MAX_WORDS], MIN_TIMES_MORE)
    for word, papers_of in likely.items():
        for other in get_close_matches(word, papers_of, n=1, cutoff=MIN_LIKENESS):
            if _is_mistake(word, papers_of[other]):
                yield word, other


def _is_mistake(word: str, papers_of_other: int) -> bool:
    """Whether hardly any paper has the word, and no author."""
    holding = Paper.objects.visible().matching(Query(wanted=[(Term(word),)]))
    authors = first_rows(holding.values("found_by__author_names"), MAX_PAPERS_OF_MISTAKE + 1)
    is_name = any(word in name.split() for (names,) in authors for name in names)
    is_rare = len(authors) <= MAX_PAPERS_OF_MISTAKE
    return is_rare and not is_name and papers_of_other >= MIN_TIMES_MORE * (1 + len(authors))
