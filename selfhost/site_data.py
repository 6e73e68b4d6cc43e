"""What a site needs before its first page: tables, static files, sample papers, an admin.

Each function does nothing where its work is done already.
"""

import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.models import User
from papers.ingest import samples, seed
from site_web import healthz

ADMIN_ADDRESS = "admin@localhost"


def prepare(step: Callable[[str], None], *, with_samples: bool, with_sources: bool) -> None:
    """`step` is called with a line of text before each longer piece of work."""
    _check_connections()
    step("Bringing the database up to date")
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:  # an extension that its user may not create, a full disk
        reason = " ".join(str(error).split())
        raise CommandError(f"The database cannot be brought up to date: {reason}") from error
    collect_static_files()
    seed.make_topics()
    if with_sources:
        seed.make_sources()
    if with_samples and samples.never_had_papers():
        step("Writing sample papers")
        samples.load()


def _check_connections() -> None:
    """One line at once: the connection pool and the workers would retry for a long time."""
    if reason := healthz.why_unreachable():
        raise CommandError(f"The database of DATABASE_URL does not answer: {reason}")
    if healthz.broker() != "ok":
        raise CommandError("The broker of REDIS_URL does not answer.")


def collect_static_files() -> None:
    """Compressed and named by content, which takes seconds: only when a file has changed."""
    files = [
        (path, storage.size(path), storage.get_modified_time(path).timestamp())
        for finder in get_finders()
        for path, storage in finder.list([])
    ]
    state = sha256(repr(sorted(files)).encode()).hexdigest()
    collected = settings.STATIC_ROOT / ".collected"
    if not collected.exists() or collected.read_text() != state:
        call_command("collectstatic", verbosity=0, interactive=False)
        collected.write_text(state)


def admin_login() -> str:
    """Makes an admin where there is none. How to sign in: the first password is shown only once.

    It is kept beside the data, readable by the owner alone.
    """
    file: Path = settings.DATA_DIR / "admin-password"
    if not User.objects.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(12)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(password)
        admin = User.objects.create_superuser(ADMIN_ADDRESS, password, name="Admin")
        EmailAddress.objects.create(user=admin, email=ADMIN_ADDRESS, verified=True, primary=True)
        return f"{ADMIN_ADDRESS}, password {password} (shown once; kept in {file})"
    user = User.objects.filter(email=ADMIN_ADDRESS).first()
    password = file.read_text() if file.exists() else ""
    if user and password and user.check_password(password):
        return f"{ADMIN_ADDRESS}, first password in {file}"
    return "with your own password"
