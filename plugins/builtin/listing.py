"""Which documents are there, what is known of one, and how many are of a kind? Over all of them, not the best few."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import regex
from pydantic import Field

from ingest.model import items
from ingest.split.sections import Section
from plugins.builtin.scope import MOST, Filters, Folder, Labels, documents, keys
from plugins.tool import Texts, ToolContext, ToolError, ToolResult
from retrieval.model import Listed

READ = 400_000_000
"""After so many characters no further text is read: some ten seconds, or 160,000 documents of a page."""

_NONE = "(none)"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORDS = "Whole words or phrases that the text must all hold; `invoic*` is every word that begins so."


def list_documents(
    context: ToolContext,
    folder: Folder = "",
    labels: Labels = [],  # noqa: B006 - the default is only read
    filters: Filters = [],  # noqa: B006 - likewise
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    after: Annotated[str, Field(description="The last name of the list before.")] = "",
) -> ToolResult:
    """List documents with their titles, labels and metadata.

    Use when: it is asked which documents there are, or are of a date, an author, a folder or another kind.
    Do not use when: it is asked what documents say; search instead.
    """
    found = documents(context, labels, filters, folder)
    shown = [each for each in found if each.name > after][:limit]
    if not shown:
        raise ToolError(_nothing(found, context))
    rest = sum(each.name > shown[-1].name for each in found)
    note = f"There are {rest} more: call again with after {shown[-1].name!r}." if rest else ""
    told = f"{_many(len(found))} in all; here {'are' if len(shown) > 1 else 'is'} {len(shown)} of them:"
    data = {"documents": len(found), "names": [each.name for each in shown]}
    return ToolResult("\n".join([told, *(f"- {_line(each)}" for each in shown)]), note=note, data=data)


def describe_document(
    document: Annotated[str, Field(description="Its name, exactly as a passage or a list gives it.")],
    context: ToolContext,
) -> ToolResult:
    """Tell a document's title, labels, metadata, length, and where its sections stand.

    Use when: it is asked what a document is made of, or a section of it is to be found and read.
    """
    text = context.version.text(document)
    known = next((each for each in context.version.documents() if each.name == document), None)
    if text is None or known is None:
        raise ToolError(f"There is no document {document!r}: use a name exactly as a passage or a list gives it.")
    sections = [each for each in context.version.sections(document) if each.kind == "section" and each.headings]
    lines = [f"Document: {document}", f"Length: {len(text):,} characters"]
    lines += [f"Title: {known.title}"] if known.title else []
    lines += [f"Pages: {known.pages}"] if known.pages else []
    lines += [f"Labels: {', '.join(sorted(known.labels))}"] if known.labels else []
    lines += [f"{key}: {', '.join(items(value))}" for key, value in sorted(known.metadata.items())[:MOST]]
    lines += ["Sections, each with its start and end:", *map(_outlined, sections[:MOST])] if sections else []
    note = f"There are {len(sections) - MOST} more sections: search for them." if len(sections) > MOST else ""
    data = {
        "document": document,
        "title": known.title,
        "labels": sorted(known.labels),
        "metadata": {key: value if isinstance(value, str) else list(value) for key, value in known.metadata.items()},
        "characters": len(text),
        "pages": known.pages,
        "sections": [{"headings": list(each.headings), "start": each.start, "end": each.end} for each in sections],
    }
    return ToolResult("\n".join(lines), note=note, data=data)


def count_documents(
    context: ToolContext,
    containing: Annotated[list[str], Field(description=_WORDS)] = [],  # noqa: B006 - only read
    by: Annotated[
        str, Field(description="Count for each `folder`, `label`, or value of a key of metadata, such as author.")
    ] = "",
    folder: Folder = "",
    labels: Labels = [],  # noqa: B006 - likewise
    filters: Filters = [],  # noqa: B006 - likewise
    names: Annotated[int, Field(ge=0, le=200, description="How many names to tell.")] = 20,
) -> ToolResult:
    """Count documents, exactly and over all: of a kind, that hold words, or for each value.

    Use when: it is asked how many documents, or which of all, are of a kind or mention something.
    Do not use when: it is asked what a document says; search instead.
    """
    among = documents(context, labels, filters, folder)
    wanted = [_pattern(words) for words in containing]
    found, read = _holding(among, wanted, context.version) if wanted else (among, len(among))
    kind = _kind(containing, folder, labels, filters)
    whole = f", of {_many(len(context.version.documents()))} in all." if kind else " in all."
    told = [f"{'At least ' if read < len(among) else ''}{_many(len(found))}{kind}{whole}"]
    data: dict[str, object] = {"documents": len(found), "names": [each.name for each in found[:names]]}
    if by:
        counts = _counted(found, by, context)
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        told += ["", f"| {by} | documents |", "|---|---|", *(f"| {value} | {many} |" for value, many in rows[:MOST])]
        data["by"] = dict(rows[:MOST])
    if found and names:
        told += ["", f"{'They are' if len(found) <= names else f'The first {names} are'}:"]
        told += [f"- {each.name}" for each in found[:names]]
    notes = [f"Of {len(rows)} values the {MOST} most frequent are shown."] if by and len(rows) > MOST else []
    if read < len(among):
        data["read"] = read
        notes.append(
            f"Only the first {read:,} of {_many(len(among))} were read, up to {among[read - 1].name}: say so, or "
            "narrow it by folder, label or filter and count again."
        )
    return ToolResult("\n".join(told), note=" ".join(notes), data=data)


list_documents.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot
describe_document.effect = "read"  # type: ignore[attr-defined] # likewise
count_documents.effect = "read"  # type: ignore[attr-defined] # likewise
count_documents.timeout = 60  # type: ignore[attr-defined] # likewise; texts are read where words are asked for


def _many(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"


def _line(each: Listed) -> str:
    said = [f"{key}: {', '.join(items(value))[:100]}" for key, value in sorted(each.metadata.items())[:5]]
    said += [f"labels: {', '.join(sorted(each.labels))}"] if each.labels else []
    return each.name + (f", {each.title[:200]}" if each.title else "") + (f" ({'; '.join(said)})" if said else "")


def _outlined(section: Section) -> str:
    return f"- {' > '.join(section.headings)} ({section.start}-{section.end})"


def _nothing(found: list[Listed], context: ToolContext) -> str:
    if found:
        return "There are no more documents after that one."
    every = context.version.documents()
    labels = sorted({label for each in every for label in each.labels})[:MOST]
    folders = sorted({_folder(each.name) for each in every})[:MOST]
    known = [("keys of metadata", keys(every)), ("labels", labels), ("folders", folders)]
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in known if names)
    return f"No document is of that kind{f'; known are the {told}' if told else ''}."


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _kind(containing: list[str], folder: str, labels: list[str], filters: list[str]) -> str:
    """What the documents that were counted have in common, in words."""
    said = [f"of the folder {folder}"] if folder else []
    said += [f"with the label {label}" for label in labels]
    said += [f"with {each}" for each in filters]
    said += [f"holding {' and '.join(f'“{words}”' for words in containing)}"] if containing else []
    return f" {', '.join(said)}" if said else ""


def _counted(found: list[Listed], by: str, context: ToolContext) -> Counter[str]:
    if by == "folder":
        return Counter(_folder(each.name) or _NONE for each in found)
    if by == "label":
        return Counter(label for each in found for label in each.labels or {_NONE})
    known = keys(context.version.documents())
    if by not in known:
        raise ToolError(
            f"No document has {by!r} in its metadata: count by folder, label{''.join(f', {k}' for k in known)}."
        )
    return Counter(value for each in found for value in dict.fromkeys(items(each.metadata.get(by, _NONE))))


def _pattern(words: str) -> regex.Pattern[str]:
    """Finds words as whole ones, wherever the lines are broken; scripts that put no spaces between words know none."""
    each = words.split()
    if not any(map(str.isalnum, words)):
        raise ToolError(f"There is nothing to look for in {words!r}: name a word.")
    parts = [regex.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in each]
    inner = r"\s+".join(parts)
    return regex.compile(rf"(?:(?<!\w)|(?={_UNSPACED})){inner}(?:(?!\w)|(?<={_UNSPACED}))", regex.IGNORECASE)


def _holding(among: list[Listed], wanted: list[regex.Pattern[str]], version: Texts) -> tuple[list[Listed], int]:
    """Those whose text holds all of it, and how many were read: as many as there is time for."""
    found, letters = [], 0
    for count, each in enumerate(among, start=1):
        text = version.text(each.name) or ""  # it may have been erased meanwhile
        letters += len(text)
        if all(pattern.search(text) for pattern in wanted):
            found.append(each)
        if letters >= READ:
            return found, count
    return found, len(among)
