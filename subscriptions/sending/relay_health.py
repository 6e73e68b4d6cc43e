"""Whether to go on sending: pauses an issue that is refused or in doubt, stops for a dead relay."""

import logging
from collections import defaultdict, deque
from collections.abc import Sequence

from django.conf import settings

from subscriptions.models import Issue
from subscriptions.sending.connections import Connections, Result
from subscriptions.sending.verdicts import Verdict, verdict

MAX_LOST_IN_A_ROW = 3  # connections, before the relay is left alone until the next run
# An issue is paused when of its last so many mails this many were refused for what we are or write.
REFUSALS_WINDOW = 20
MAX_REFUSALS = 10
# An issue is paused before so many of its mails in a row may or may not have arrived. Mails on
# their way count too, as the same may happen to them: those of two worker processes.
MAX_DOUBTS = 20
MIN_DOUBTS_TO_PAUSE, MAX_DOUBTS_TO_PAUSE = 3, 10
logger = logging.getLogger(__name__)


class RelayHealth:
    """Of one run. `down_because` is the reason to stop it; no delivery counts it as an attempt."""

    def __init__(self) -> None:
        self.down_because = ""
        self._lost_in_a_row = 0
        self._refused: defaultdict[int, deque[bool]] = defaultdict(
            lambda: deque(maxlen=REFUSALS_WINDOW)
        )

    def note_connections(self, connections: Connections) -> None:
        """Stop where the login is refused, or where none can be opened. May use the database."""
        error = connections.open_error
        if error and verdict(error) is Verdict.LOGIN_REFUSED:
            self._stop_for_login(error)
        elif error and not connections.limit:
            self.down_because = f"no connection to the relay: {error}"

    def note_results(self, results: Sequence[Result]) -> None:
        """Call it after failures are recorded: of these it may use the database."""
        self._note_losses(results)
        self._note_refusals(results)
        self._note_doubts(results)

    def _note_losses(self, results: Sequence[Result]) -> None:
        for result in results:
            is_lost = result.verdict is Verdict.NOT_SENT
            if result.verdict is not Verdict.UNCERTAIN:
                self._lost_in_a_row = self._lost_in_a_row + 1 if is_lost else 0
        if self._lost_in_a_row >= MAX_LOST_IN_A_ROW:
            self.down_because = f"{self._lost_in_a_row} connections to the relay were lost in a row"

    def _note_doubts(self, results: Sequence[Result]) -> None:
        """Counted in the database, so that those of other runs count too."""
        limit = max(MAX_DOUBTS - 2 * settings.MAIL_CONNECTIONS, MIN_DOUBTS_TO_PAUSE)
        limit = min(limit, MAX_DOUBTS_TO_PAUSE)
        in_doubt = [result for result in results if result.verdict is Verdict.UNCERTAIN]
        for issue, error in {result.delivery.issue: result.error for result in in_doubt}.items():
            doubts = issue.deliveries.all().count_uncertain(MAX_DOUBTS)
            if doubts >= limit:
                self._pause(
                    issue,
                    f"{doubts} of the last {MAX_DOUBTS} mails may or may not have arrived, as the"
                    f" relay did not answer after the end of the mail, one with: {error}",
                )

    def _note_refusals(self, results: Sequence[Result]) -> None:
        for result in results:
            is_blocked = result.verdict is Verdict.BLOCKED
            refused = self._refused[result.delivery.issue_id]
            refused.append(is_blocked)
            if is_blocked and sum(refused) >= MAX_REFUSALS:
                refused.clear()
                self._pause(
                    result.delivery.issue,
                    f"{MAX_REFUSALS} of the last {REFUSALS_WINDOW} mails were refused, one with:"
                    f" {result.error}",
                )
            if result.verdict is Verdict.LOGIN_REFUSED:
                self._stop_for_login(result.error)

    def _pause(self, issue: Issue, reason: str) -> None:
        issue.pause(reason)
        logger.error("%s is paused: %s", issue, reason)

    def _stop_for_login(self, error: Exception | None) -> None:
        """A curator has to look: an attempt each minute could lock our account at the relay."""
        Issue.objects.open().pause(f"the relay does not let us in: {error}")
        self.down_because = f"the relay refuses our login: {error}"
