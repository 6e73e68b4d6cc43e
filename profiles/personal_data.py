"""Exports a reader's claims to be an author; deleting the account deletes them.

What they show to strangers stands in the account, which `subscriptions.personal_data` exports.
"""

from typing import Any

from accounts.models import User
from profiles.models import Claim

COLUMNS = ("author", "evidence", "orcid", "address", "created_at", "proven_at", "state", "reason")
LATER_COLUMNS = ("decided_at", "appeal", "appealed_at", "link", "link_label")
PICTURE = "picture_paper__key"


def export(user: User) -> dict[str, Any]:
    """As values for JSON."""
    return {"claims": list(Claim.objects.of_reader(user).values(*COLUMNS, *LATER_COLUMNS, PICTURE))}
