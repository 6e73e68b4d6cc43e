"""EmptySearch: what readers searched for and no paper here has, for the admin's overview.

Counts by day, without who searched. A text with an @ is not kept, as it may be somebody's address.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import Max, Sum

KEPT_FOR = timedelta(days=30)
MAX_TEXT_CHARS = 100
MAX_TEXTS_A_DAY = 1_000  # a crawler may invent many: later ones of the day are not kept
ADD_ONE = """
INSERT INTO papers_emptysearch AS kept (day, text, searches)
SELECT %(day)s, %(text)s, 1
 WHERE (SELECT count(*) FROM papers_emptysearch WHERE day = %(day)s) < %(most)s
    ON CONFLICT (day, text) DO UPDATE SET searches = kept.searches + 1
"""


class EmptySearchQuerySet(models.QuerySet["EmptySearch"]):
    def note(self, text: str, day: date) -> None:
        """One more search for this text; capitals and spaces make no other one."""
        text = " ".join(text.lower().split())[:MAX_TEXT_CHARS]
        if text and "@" not in text:
            values: dict[str, Any] = {"day": day, "text": text, "most": MAX_TEXTS_A_DAY}
            with connection.cursor() as cursor:
                cursor.execute(ADD_ONE, values)

    def most_frequent(self, today: date) -> "models.QuerySet[Any, Any]":
        """`text`, `searches` and `last_day` of each text, over KEPT_FOR."""
        texts = self.filter(day__gt=today - KEPT_FOR).order_by().values("text")
        counts = texts.annotate(searches=Sum("searches"), last_day=Max("day"))
        return counts.order_by("-searches", "-last_day", "text")

    def delete_old(self, today: date) -> None:
        self.filter(day__lte=today - KEPT_FOR).delete()


class EmptySearch(models.Model):
    day = models.DateField()
    text = models.CharField(max_length=MAX_TEXT_CHARS)
    searches = models.PositiveIntegerField(default=1)

    objects = EmptySearchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "text"], name="one_empty_search_a_day")
        ]

    def __str__(self) -> str:
        return self.text
