"""Which reader takes a file, and what does it give however badly it goes?

Built-in readers are named in a table and imported when a file of their kind is first read, so that no vendor's library
is loaded for the sake of a suffix.
"""

from __future__ import annotations

import errno
import logging
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import ClassVar, Protocol, cast

from ingest.errors import CitewellError
from ingest.model import Document, Failure, Skipped
from ingest.names import is_from_outside, lies_in
from ingest.read.damage import damage
from ingest.read.kind import true_suffix
from ingest.read.unseen import by_letters, hides, seen, taken_out, unmarked

READER_VERSION = 6  # part of what makes a file "unchanged": raise it when what a reader gives changes

Item = Document | Failure | Skipped

SCRATCH = "citewell-"  # what the names of our temporary folders begin with

_OF_CONTENT = {None, errno.EINVAL}  # errors of a library's own, or of a place before a file's start
_OF_A_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}
# Letters of what stands beside each chunk of a document, or in a report; a longer one is a text by mistake
_TITLE, _VALUE, _KEY, _NAME, _SENTENCE = 500, 1_000, 100, 1_000, 1_000
_VALUES = 64  # of one document's metadata, and its labels

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Turns one file into its documents; what fails inside it is a Failure, what is not tried is Skipped.

    `name` is the file's own document name; documents inside the file are named `{name}#{id}` or `{name}!/{path}`. A
    plugin's that gives None leaves the file to the built-in reader of its kind.
    """

    def __call__(self, path: Path, name: str) -> Iterable[Item] | None: ...


class Unreadable(CitewellError):
    """A whole file that gives no document."""

    code: ClassVar[str] = "unreadable"
    http_status: ClassVar[int] = 422


CODE = (
    *(".py", ".pyi", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".java", ".kt", ".kts", ".scala", ".groovy", ".go", ".rs"),
    *(".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".cs", ".fs", ".vb", ".swift", ".m", ".mm", ".d"),
    *(".rb", ".php", ".pl", ".pm", ".lua", ".r", ".jl", ".ex", ".exs", ".erl", ".hs", ".ml", ".mli", ".clj", ".el"),
    *(".sh", ".bash", ".zsh", ".fish", ".ps1", ".bat", ".cmd", ".sql", ".proto", ".graphql", ".tf", ".css", ".scss"),
    *(".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".cmake", ".gradle", ".vue", ".svelte"),
)
_MODULES = {
    "ingest.read.text.plain:read_plain": (".txt", ".text", ".log"),
    "ingest.read.text.markdown:read_markdown": (".md", ".markdown"),
    "ingest.read.text.restructured:read_restructured": (".rst",),
    "ingest.read.web.webpage:read_webpage": (".html", ".htm", ".xhtml"),
    "ingest.read.pdf.pdf:read_pdf": (".pdf",),
    "ingest.read.office.word:read_word": (".docx",),
    "ingest.read.office.slides:read_slides": (".pptx",),
    "ingest.read.sheets.sheets:read_sheets": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    "ingest.read.office.opendocument:read_opendocument": (".odt", ".odp"),
    "ingest.read.rtf.rtf:read_rich": (".rtf",),
    "ingest.read.office.old_office:read_old_office": (".doc", ".dot", ".ppt", ".pps"),
    "ingest.read.sheets.delimited:read_table": (".csv", ".tsv"),
    "ingest.read.json.records:read_records": (".jsonl", ".ndjson"),
    "ingest.read.json.json_text:read_json": (".json",),
    "ingest.read.xml.xml_text:read_xml": (".xml", ".nxml", ".rss", ".atom"),
    "ingest.read.text.notebook:read_notebook": (".ipynb",),
    "ingest.read.asciidoc.asciidoc:read_asciidoc": (".adoc", ".asciidoc"),
    "ingest.read.text.org:read_org": (".org",),
    "ingest.read.latex.latex:read_latex": (".tex", ".ltx"),
    "ingest.read.text.subtitles:read_subtitles": (".srt", ".vtt"),
    "ingest.read.text.code:read_code": CODE,
    "ingest.read.packed.book:read_book": (".epub",),
    "ingest.read.mail.mail:read_mail": (".eml",),
    "ingest.read.mail.mail:read_mailbox": (".mbox",),
    "ingest.read.mail.outlook:read_outlook": (".msg",),
    "ingest.read.packed.archive:read_archive": (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"),
}
_BUILT_IN = {suffix: target for target, suffixes in _MODULES.items() for suffix in suffixes}


_ELSEWHERE = {  # kinds that people have many of, and what helps
    "an image": ((".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".svg", ".ico"),
                 "run OCR on it if it is a scan, for example with ocrmypdf, and ingest the PDF"),
    "a recording": ((".mp3", ".wav", ".m4a", ".ogg", ".flac", ".mp4", ".mov", ".avi", ".mkv", ".webm"),
                    "ingest a transcript of it, for example subtitles (.srt, .vtt)"),
    "in an old format": ((".wpd", ".wps", ".pages", ".key", ".numbers"),
                         "save it as .docx, .pptx, .xlsx or PDF"),
    "an archive of a kind that is not opened": ((".7z", ".rar", ".zst", ".lz", ".cab", ".iso", ".dmg"),
                                                "unpack it, or pack it as .zip"),
}  # fmt: skip


def supported(extra: Mapping[str, Reader] = {}) -> list[str]:
    """The suffixes that can be read, sorted."""
    return sorted({*_BUILT_IN, *(suffix.lower() for suffix in extra)})


def unsupported(path: Path, extra: Mapping[str, Reader] = {}) -> str | None:
    """Why a file of this name is not tried, with what to do instead; None if it is. The file is not looked into."""
    suffix = path.suffix.lower()
    if not suffix or suffix in _BUILT_IN or suffix in {key.lower() for key in extra}:
        return None
    for what, (suffixes, remedy) in _ELSEWHERE.items():
        if suffix in suffixes:
            return f"it is {what}: {remedy}"
    return f"{suffix} files are not supported: convert it to a kind that is, which the guide's documents.md lists"


def reader_for(suffix: str, extra: Mapping[str, Reader] = {}) -> Reader | None:
    """The reader of this kind of file, None where there is none; a plugin's reader in `extra` (by suffix) wins.

    The reader may raise whatever its library raises; `read` is the safe way to use it.
    """
    for key, reader in extra.items():
        if key.lower() == suffix:
            return reader
    if suffix not in _BUILT_IN:
        return None
    module, _, function = _BUILT_IN[suffix].partition(":")
    return cast("Reader", getattr(import_module(module), function))


def read(path: Path, name: str, extra: Mapping[str, Reader] = {}) -> Iterator[Item]:
    """The file's documents, fit to be stored; whatever goes wrong is a Failure with a sentence, never an exception.

    A Failure that carries the file's own name says that the file, or what was left of it, was not read. Every document
    has text and a title, no two have one name, and nothing in them is unfit for UTF-8. A file whose content is of
    another kind than its suffix says is read as what it is.
    """
    for item in _read(path, name, extra):
        yield item if isinstance(item, Document) else _row(item, name)


def _read(path: Path, name: str, extra: Mapping[str, Reader]) -> Iterator[Item]:
    taken: set[str] = set()
    reader: Reader | None = None
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe that took its place would never end
            raise Unreadable("it is not a regular file any more: copy what it gives into one")
        suffix = path.suffix.lower()
        reader = reader_for(suffix, extra) if suffix in {key.lower() for key in extra} else None
        items = reader(path, name) if reader is not None else None
        kind = suffix
        if items is None:
            if not status.st_size:
                raise Unreadable("it is empty: fill it, or leave it out")
            kind = true_suffix(path)
            reader = reader_for(kind, {} if reader is not None and kind == suffix else extra)
            items = reader(path, name) if reader is not None else None
        if items is None:
            raise Unreadable(
                unsupported(path, extra) or "it is binary, and its name has no suffix: give it the right one"
            )
        checked: Item | None = None
        for item in items:
            checked = _checked(item, path, name, taken)
            if isinstance(checked, Document) and is_from_outside(kind) and not is_from_outside(checked.name):
                checked = replace(checked, metadata={**checked.metadata, "trust": "low"})  # its name does not say so
            if isinstance(checked, Document):
                taken.add(checked.name)
            yield checked
        if checked is None:
            raise Unreadable("it holds no text: add some, or leave it out")
    except CitewellError as error:
        yield Failure(name, str(error))
    except Exception as error:  # what parses files raises anything, and one bad file stops nothing
        log.debug("%s", name, exc_info=True)
        yield Failure(name, _sentence(error, path.suffix.lower() or "text", is_plugin=reader in extra.values()))


def full_disk(error: Exception) -> str | None:
    """The sentence for a temporary folder without room, which is no fault of the file; None for any other error."""
    if not isinstance(error, OSError) or error.errno not in _OF_A_FULL_DISK:
        return None
    folder = Path(tempfile.gettempdir())
    while folder.name.startswith(SCRATCH):  # the process's own, which goes with it
        folder = folder.parent
    return f"the temporary folder {folder} is full: free some room there, or set TMPDIR to a folder that has some"


def _sentence(error: Exception, kind: str, *, is_plugin: bool) -> str:
    """What went wrong with a file, and what to do."""
    if isinstance(error, MemoryError | RecursionError):
        what = "more memory than a file may take" if isinstance(error, MemoryError) else "too deep a nesting"
        return f"reading it takes {what}: split it, or save it in a simpler format"
    if (full := full_disk(error)) is not None:
        return full
    if isinstance(error, OSError) and error.errno not in _OF_CONTENT:
        reason = error.strerror or str(error)
        return f"it could not be opened ({reason}): check that the file is there and that you may read it"
    told = None if is_plugin else damage(error)  # who writes a plugin wants to know the class
    if told is None:
        raised = f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
        return f"it could not be read as {kind} ({raised}): repair it, or save it again as {kind}"
    return f"it is damaged{f' ({told})' if told else ''}: repair it, or save it again as {kind}"


def fit(text: str) -> str:
    """The text with what no store can hold (NUL, lone surrogates) replaced letter for letter, so that spans stay."""
    return _UNFIT.sub("\ufffd", text)


_UNFIT = re.compile("[\0\ud800-\udfff]")


def _cut(text: str, most: int) -> str:
    """The text, storable, and where it is longer than `most` letters with an ellipsis as the last of them."""
    text = unmarked(text)
    return fit(text if len(text) <= most else f"{text[: most - 1]}…")


def _cut_value(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """A value of metadata, or the items of one, as it may be stored."""
    return _cut(value, _VALUE) if isinstance(value, str) else tuple(_cut(item, _VALUE) for item in value[:_VALUES])


def _row(item: Failure | Skipped, name: str) -> Failure | Skipped:
    """A line of the report on the file called `name`, as it may be stored."""
    document = _cut(str(item.document), len(name) + _NAME)
    if isinstance(item, Failure):
        return Failure(document, _cut(str(item.error), _SENTENCE))
    return Skipped(document, _cut(str(item.reason), _SENTENCE))


def _checked(item: object, path: Path, name: str, taken: set[str]) -> Item:
    """The item as it may be stored, or the Failure that says why it may not."""
    if isinstance(item, Failure | Skipped):
        return item
    if not isinstance(item, Document):
        return Failure(name, f"its reader gave a {type(item).__name__} instead of a Document: correct the reader")
    if not lies_in(item.name, name):
        named = _cut(repr(item.name), 100)
        return Failure(name, f"its reader named a document {named}, outside of this file: correct the reader")
    if len(item.name) - len(name) > _NAME:
        return Failure(item.name, f"its name within the file is longer than {_NAME:,} letters: give it a short one")
    if len(item.labels) > _VALUES or any(len(label) > _VALUE for label in item.labels):
        return Failure(
            item.name, f"it has more than {_VALUES} labels, or one longer than {_VALUE:,} letters: correct the reader"
        )
    text, marked, pages = taken_out(fit(item.text), item.pages)
    given = (each for each in item.unseen if 0 <= each.start < each.end <= len(text))
    unseen = tuple(sorted((*given, *marked, *by_letters(text)), key=attrgetter("start", "end")))
    title = _cut(" ".join(seen(item.title).split()), _TITLE)
    document = replace(
        item,
        name=fit(item.name),
        text=text,
        title=title if title and not hides(text, unseen, title) else _cut(path.stem, _TITLE),
        pages=pages,
        unseen=unseen,
        metadata={_cut(key, _KEY): _cut_value(value) for key, value in islice(item.metadata.items(), _VALUES)},
        labels=frozenset(map(fit, item.labels)),
    )
    if document.name in taken:
        return Failure(
            document.name, "an earlier document of this file has the same name and was kept: give each its own"
        )
    if not document.text.strip():
        return Failure(document.name, "it holds no text: add some, or leave it out")
    if _is_lost(document.text):
        return Failure(
            document.name,
            "most of its letters were lost when it was saved in an encoding without them: get the original",
        )
    return document


def _is_lost(text: str) -> bool:
    """Whether more than half of what is no white space are the signs that stand for letters lost."""
    lost = text.count("\ufffd")
    return lost > 0 and 2 * lost > len(text) - sum(map(text.count, " \t\r\n"))
