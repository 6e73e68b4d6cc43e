"""`manage.py learn_words`: trains the word table on this site's papers, and judges it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from papers.models import WordTraining
from papers.search import learn_words, title_questions


class Command(BaseCommand):
    help = "Train the word table further on this site's titles and abstracts, and judge it."

    def handle(self, **_: Any) -> None:
        if settings.EMBEDDING_MODEL:
            raise CommandError("EMBEDDING_MODEL names another model: the word table is not in use.")
        if (papers := learn_words.papers().count()) < learn_words.MIN_PAPERS:
            needed = f"{learn_words.MIN_PAPERS:,} papers with an abstract are needed"
            raise CommandError(f"{needed}, and there are {papers:,}.")
        self.stdout.write(f"Training on {min(papers, learn_words.MAX_PAPERS):,} papers…")
        training = learn_words.run(timezone.now())
        if training is None:
            raise CommandError("Another process is training. Run this again when it has ended.")
        self._report(training)

    def _report(self, training: WordTraining) -> None:
        questions = training.questions
        shares = [f"{found / questions:.1%}" for found in (training.found, training.found_before)]
        self.stdout.write(
            f"{questions // 2:,} papers were held out. Of {questions:,} searches by their titles,"
            f" {shares[0]} find the abstract among the first {title_questions.BEST} with the new"
            f" table, {shares[1]} with the one in use."
        )
        if training.is_kept:
            self.stdout.write(
                f"The new table is kept. The worker now embeds {training.papers:,} papers anew;"
                " until all are done, searches use the vectors they have."
            )
        else:
            self.stdout.write("The new table does not find more, so the one in use stays.")
