"""Included by a worker that shall have a fault: it dies over the mail of one subscriber."""

import os
import signal
from pathlib import Path
from typing import Any

from subscriptions.sending import emails

personal_digest = emails.personal_digest


def deadly(template: Any, delivery: Any) -> Any:
    if delivery.subscriber_id == int(os.environ["POISON"]):
        with Path(os.environ["DATA_DIR"]).with_name("deaths").open("a") as deaths:
            deaths.write("†")
        os.kill(os.getpid(), signal.SIGKILL)
    return personal_digest(template, delivery)


emails.personal_digest = deadly
