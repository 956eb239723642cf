"""How does a test look for every trace of a document that must be gone?"""

import re
import sqlite3
import zlib
from contextlib import closing, suppress

from tests.retrieval.words import ENCODER, TEXTS

SECRET = "docs/secret.md"
WORDS = ["zyxomma", "quillwort", "brontophobia"]
TEXT = "The quillwort ledger of Zyxomma Brontophobia.\n\n" + "".join(
    f"Pump{n} and valve{n + 1} are what the quillwort auditor of row {n} found under the brontophobia clause.\n\n"
    for n in range(30)
)
BOTH = TEXTS | {SECRET: TEXT}


def inflated(data):
    """As far as it goes, in small steps: the rest may lie in other pages."""
    stream, whole = zlib.decompressobj(), b""
    with suppress(zlib.error):
        for at in range(0, len(data), 32):
            whole += stream.decompress(data[at : at + 32])
    return whole


def everything(folder):
    """Every byte below a folder, and whatever can be inflated from any place in any file or database."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes().rstrip(b"\0")
        yield path, data
        for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
            yield path, inflated(data[start.start() :])
        if data.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(path)) as database:
                for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    for row in database.execute(f'SELECT * FROM "{table}"'):
                        for value in row:
                            if isinstance(value, bytes):
                                try:
                                    yield path, zlib.decompress(value)
                                except zlib.error:
                                    yield path, value


def standing(folder, words):
    """The files in which one of the words stands, in UTF-8 or UTF-16, whatever the case."""
    wanted = [word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le")]
    return sorted({path.name for path, data in everything(folder) if any(word in data.lower() for word in wanted)})


def vectors_of(home, name):
    """The bytes of each vector of a document in each version."""
    found = set()
    for version in home.versions():
        with closing(home.open(version.id, encoder=ENCODER)) as opened:
            ids = [chunk.id for chunk in opened.content.chunks_of(name)]
            found |= {vector.tobytes() for vector in opened.store.vectors(ids).values()}
            found |= {ENCODER.encode_query(chunk.indexed_text).tobytes() for chunk in opened.content.chunks_of(name)}
    return found


def asked(journal):
    """A run that quoted the secret and one that did not."""
    journal.append("r-1", "begun", {"question": "Who is the auditor?"})
    passage = {"document": SECRET, "text": TEXT.split("\n\n")[1], "start": 0}
    journal.append("r-1", "retrieved", {"passages": [passage]})
    journal.append("r-1", "answered", {"answer": "the quillwort auditor found under the clause", "citations": []})
    journal.append("r-2", "begun", {"question": "What of pump1?"})
