"""By which hash is it known that a file need not be read again?"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from ingest.bounds import LARGEST_FILE
from ingest.model import digest, items
from ingest.options import Options
from ingest.read.registry import READER_VERSION


def hash_of(path: Path, options: Options, plugin: str | None) -> str | None:
    """A hash of the content, the options, and the `plugin` that reads the file, if one does.

    None if it cannot be read or is too large, which its reader then says.
    """
    try:
        # A pipe that took the file's place would be waited for
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:  # noqa: PTH123 - no path
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                return None
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
    fields = sorted((options.metadata or {}).items())
    metadata = [part for key, value in fields for part in (key, "\0".join(items(value)))]
    reader = f"{READER_VERSION} {plugin}" if plugin else str(READER_VERSION)
    return digest(reader, content, "\0".join(sorted(options.labels)), *metadata)
