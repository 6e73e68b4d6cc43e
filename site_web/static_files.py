"""Storage of the collected static files: hashed names, compressed, style sheets in few pieces."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS_IMPORT = re.compile(r'^@import "([\w.-]+)";$', re.MULTILINE)
SourceFiles = dict[str, tuple[Storage, str]]  # by name: where it is collected from


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Replaces `@import "x.css";` in a style sheet by the style sheet, which stands beside it.

    Each file is compressed alone, so in one piece they weigh less (`python -m benchmarks pages`).
    """

    def post_process(
        self, paths: SourceFiles, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            for name in [name for name in paths if name.endswith(".css")]:
                css = _read(paths, name)
                joined = CSS_IMPORT.sub(partial(_imported, paths, name.rpartition("/")[0]), css)
                if joined != css:
                    Path(self.path(name)).write_text(joined)
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)


def _imported(paths: SourceFiles, folder: str, found: re.Match[str]) -> str:
    return _read(paths, f"{folder}/{found[1]}")


def _read(paths: SourceFiles, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read(), "utf-8")
