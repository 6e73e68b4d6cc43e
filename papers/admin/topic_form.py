"""The form of a topic in the admin: refuses rules that match nothing, and proposes others."""

from django import forms

from papers import categories, search_query
from papers.models import Paper, PaperSearch, Topic
from papers.models.topic import words_query
from papers.search import spelling
from papers.search.query_planner import SearchTimeout, search_settings

PREVIEW_BUTTON = "_preview"  # its name in the form
MAX_PAPERS_WITH_CATEGORIES = 10_000  # the newest, whose categories are known beside arXiv's


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Checks only what was changed: a rule that was saved may be saved again."""

    instance: Topic

    def is_valid(self) -> bool:
        """Never for a preview: the admin saves nothing, and shows the form again as typed."""
        return PREVIEW_BUTTON not in self.data and super().is_valid()

    def clean_categories(self) -> list[str]:
        typed: list[str] = self.cleaned_data["categories"]
        new = [code for code in typed if code not in self.instance.categories]
        known = _known_codes() if new else set()
        unknown = [code for code in new if code not in known]
        if unknown:
            raise forms.ValidationError([_refusal(code, known) for code in unknown])
        return typed

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"].strip()
        if not words or words == self.instance.words:
            return words
        try:
            with search_settings():
                if PaperSearch.objects.exists() and not _is_in_a_paper(words):
                    raise forms.ValidationError(_no_paper(words))
        except SearchTimeout:
            raise forms.ValidationError("This search takes too long. Use fewer words.") from None
        return words


def _known_codes() -> set[str]:
    """arXiv's categories and those of the site's newest papers; for each archive cs.*, too."""
    newest = Paper.objects.exclude(categories=[]).order_by("-pk")[:MAX_PAPERS_WITH_CATEGORIES]
    of_papers = {code for codes in newest.values_list("categories", flat=True) for code in codes}
    codes = {*categories.CATEGORIES, *categories.RETIRED, *of_papers}
    return codes | {f"{categories.archive(code)}.*" for code in codes}


def _refusal(code: str, known: set[str]) -> str:
    near = categories.proposal(code, known)
    meant = f" Did you mean {near}?" if near else ""
    return f"“{code}” is not a category of arXiv, and no paper here has it.{meant}"


def _is_in_a_paper(words: str) -> bool:
    return PaperSearch.objects.filter(search=words_query(words)).exists()


def _no_paper(words: str) -> str:
    near = spelling.suggestion(search_query.parse(words), Paper.objects.visible())
    meant = f" Did you mean {near}" if near else " Check the spelling, or use fewer words"
    return f"No paper here has these words.{meant}{'?' if near else '.'}"
