"""Keeps pictures: writes and deletes their files, within MEDIA_BUDGET, and a curator's decisions.

The files are in Django's default storage: `DATA_DIR/media`, or what MEDIA_STORAGE names. A row is
written after its files and cleared before them, so that no page shows a picture whose file is
missing; files that a crash leaves without a row are deleted a day later.
"""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from papers.models import Paper, Picture
from papers.models.picture import MAX_CAPTION_CHARS
from papers.pictures.find import FoundPicture
from papers.sources.picture_sizes import PictureSizes

FOLDER = "pictures"
MIN_ORPHAN_AGE = timedelta(days=1)  # a younger file may be one whose row is about to be written


def store(picture: Picture, found: FoundPicture) -> bool:
    """Store what was found for a claimed row; False if a curator has decided meanwhile."""
    fields = _write_files(picture.paper_id, found)
    if not picture.mark_stored(**fields):
        _delete_files(str(fields["digest"]))
        return False
    keep_within_budget()
    return True


def replace(paper: Paper, sizes: PictureSizes, caption: str = "") -> None:
    """Show a curator's picture with a paper instead of what was found; none is looked for again."""
    found = FoundPicture(sizes, Picture.Origin.CURATOR, "", caption)
    _decide(paper, state=Picture.State.STORED, **_write_files(paper.pk, found))
    keep_within_budget()


def remove(paper: Paper) -> None:
    """Show no picture with a paper, and never look for one again."""
    _decide(paper, state=Picture.State.REMOVED)


def look_again(paper: Paper) -> None:
    """Forget what was found or decided; a worker looks for a picture within a minute."""
    _decide(paper, state=Picture.State.PENDING)


def keep_within_budget() -> int:
    """Drop the oldest papers' pictures until the rest fit; returns how many went.

    Of papers that are older than these none is looked for: it would be dropped at once.
    """
    total, dropped = Picture.objects.total_bytes(), []
    oldest_first = Picture.objects.stored().oldest_first().select_related("paper")
    for picture in oldest_first.iterator(chunk_size=100):
        if total <= settings.MEDIA_BUDGET:
            break
        total -= picture.stored_bytes
        dropped.append(picture)
    for picture in dropped:
        _clear(picture, Picture.State.DROPPED)
    days = [picture.paper.listed_on for picture in dropped if picture.paper.listed_on]
    if days:
        older = Picture.objects.pending().filter(paper__listed_on__lt=max(days))
        Picture.objects.filter(pk__in=older.order_by()).update(state=Picture.State.DROPPED)
    return len(dropped)


def match_files_with_rows(now: datetime) -> None:
    """Delete files that no row names, and look again for pictures whose files are lost.

    The former are of papers that were deleted, or of a crash; the latter of a restored database.
    """
    # Rows before files: the files of a row are there before it is.
    digests = [str(d) for d in Picture.objects.stored().values_list("digest", flat=True)]
    try:
        found = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    except FileNotFoundError:  # before the first one
        found = set()
    names = {digest: set(Picture.file_names(digest).values()) for digest in digests}
    lost = [digest for digest in digests if not names[digest] <= found]
    for picture in Picture.objects.filter(digest__in=lost):
        _clear(picture, Picture.State.PENDING)
    for name in found.difference(*names.values()):
        if now - default_storage.get_modified_time(name) > MIN_ORPHAN_AGE:
            default_storage.delete(name)


def _write_files(paper_id: int, found: FoundPicture) -> dict[str, Any]:
    """Write both sizes; returns the fields of the row that describes them."""
    sizes = found.sizes
    content = {"row": sizes.row, "page": sizes.page}
    # With the paper's number: two papers with the same picture have files of their own.
    digest = sha256(b"\n".join([b"%d" % paper_id, sizes.row, sizes.page])).hexdigest()[:32]
    for size, name in Picture.file_names(digest).items():
        default_storage.delete(name)  # what a crash may have left there half written
        default_storage.save(name, ContentFile(content[size]))
    return {
        "digest": digest,
        "origin": found.origin,
        "source_url": found.source_url,
        "caption": found.caption[:MAX_CAPTION_CHARS],
        "width": sizes.width,
        "height": sizes.height,
        "stored_bytes": len(sizes.row) + len(sizes.page),
    }


NO_FILES: dict[str, Any] = {
    "origin": "",
    "source_url": "",
    "caption": "",
    "digest": None,
    "width": 0,
    "height": 0,
    "stored_bytes": 0,
}


def _decide(paper: Paper, **fields: Any) -> None:
    """Replace the row's state, whatever a worker is doing, and delete the files it had."""
    with transaction.atomic():
        picture, _ = Picture.objects.select_for_update().get_or_create(paper=paper)
        old, new = picture.digest, fields.get("digest")
        fields = NO_FILES | {"lease_until": None, "attempts": 0, "last_error": ""} | fields
        Picture.objects.filter(pk=picture.pk).update(next_try_at=timezone.now(), **fields)
    if old and old != new:
        _delete_files(old)


def _clear(picture: Picture, state: Picture.State) -> None:
    same = Picture.objects.filter(pk=picture.pk, digest=picture.digest)
    if same.update(state=state, attempts=0, **NO_FILES):
        _delete_files(str(picture.digest))


def _delete_files(digest: str) -> None:
    """Delete both sizes once the row that named them is committed without them."""
    for name in Picture.file_names(digest).values():
        transaction.on_commit(partial(default_storage.delete, name))
