"""Submissions: what readers added, why, and what became of it. The paper is where one decides."""

from typing import Any

from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin, label_column
from papers.models import Submission


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ["title", "what_became", "submitter", "submitted_at", "why", "reason"]
    list_filter = ["state"]
    search_fields = ["title", "submitter__email", "submitter__name"]
    list_select_related = ["submitter"]
    ordering = ["-pk"]

    @label_column("state", waiting="warning", listed="success", refused="danger")
    def what_became(self, submission: Any) -> str:
        return str(submission.get_state_display())
