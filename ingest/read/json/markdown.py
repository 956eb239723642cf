"""How does JSON read as text that can be searched and quoted?

Every value stands on a line of its own with its name, so that a quote makes sense alone. An object that holds more than
a few values is a section, so that a passage from the middle of a long file still says where it is.
"""

from __future__ import annotations

from ingest.read.json.events import Event, events
from ingest.read.registry import Unreadable

_FLAT = 200  # letters of an object that is read on one line
_SHORT = 80  # letters of a value that is read on one line with others
_DEEPEST_HEADING = 6
_DEEPEST = 200  # levels; each has its name before every value below
_LONG_NAME = 120


def json_markdown(text: str, title: str = "") -> tuple[str, str]:
    """The text and its title: the `title` at the top, else the one given. Raises Mistake, Unreadable.

    Names of nested values are joined (`address.city`), lists are counted from 0 (`orders[2]`). Numbers stay as they are
    written, double keys stay double, comments stay.
    """
    writer = _Writer(text, title)
    return writer.written(), writer.title


class _Writer:
    """Writes the events of a file as sections and lists. Pieces are joined now and then, to keep memory small."""

    def __init__(self, text: str, title: str) -> None:
        self.text = text
        self.title = title
        self.names: list[str] = []  # of the values that are open, each relative to the one around it
        self.counts: list[int] = []  # of the items of the open lists, -1 where an object is open
        self.sections: list[int] = []  # how many names each open section has
        self.shown: list[str] = []  # the names of the section under whose heading the text now stands
        self.lines: list[str] = []
        self.done: list[str] = []

    def written(self) -> str:
        waiting: list[Event] = []  # the values of a list or of a small object, as long as they fit one line
        for event in events(self.text):
            if waiting and self.is_flat(event):
                waiting.append(event)
                if event.kind == "close":
                    self.line(self.inline(waiting))
                    waiting = []
                continue
            for earlier in waiting:
                self.take(earlier)
            waiting = []
            if event.kind == "open" and self.may_be_flat(event):
                waiting = [event]
            else:
                self.take(event)
        self.flush()
        return "\n\n".join(self.done).strip()

    def may_be_flat(self, event: Event) -> bool:
        """Whether a list or object, closed soon with none inside of it, is read on one line.

        Not so the root, nor an object beside one that had to be a section.
        """
        here = self.names[: self.sections[-1] if self.sections else 0]
        if not self.counts or (event.word == "{" and self.shown != here):
            return False
        stop = self.text.find("}" if event.word == "{" else "]", event.at, event.at + _FLAT)
        return stop > 0 and not any(mark in self.text[event.at + 1 : stop] for mark in "{[")

    def is_flat(self, event: Event) -> bool:
        if event.kind == "value":
            return "\n" not in event.word and len(event.word) <= _SHORT
        return event.kind in {"key", "close"}

    def inline(self, events: list[Event]) -> str:
        """The values of a list, or the names and values of an object, on one line."""
        if events[0].word == "[":
            values = [event.word for event in events if event.kind == "value"]
            return (", " if not any("," in value for value in values) else "; ").join(values)
        pairs = zip(events[1:-1:2], events[2:-1:2], strict=False)
        return "; ".join(_named(key.word, value.word) for key, value in pairs)

    def take(self, event: Event) -> None:
        if event.kind == "key":
            self.names[-1] = event.word
            if len(event.word) > _LONG_NAME:  # it would stand before each value inside of it
                self.lines.append(_item(event.word))
                self.names[-1] = f"{event.word[:_LONG_NAME]}…"
        elif event.kind == "value":
            if self.counts == [-1] and self.names == ["title"] and not event.bare:
                self.title = event.word or self.title
            self.line(event.word)
        elif event.kind == "comment":
            self.lines.append(_item(event.word))
        elif event.kind == "open":
            self.next_item()
            if event.word == "{" and self.counts:
                self.sections.append(len(self.names))
            if len(self.names) >= _DEEPEST:
                raise Unreadable(f"it is nested more than {_DEEPEST} levels deep: flatten it")
            self.names.append("")
            self.counts.append(0 if event.word == "[" else -1)
        else:
            self.names.pop()
            self.counts.pop()
            if self.sections and self.sections[-1] == len(self.names):
                self.sections.pop()

    def next_item(self) -> None:
        """In a list the name is the number."""
        if self.counts and self.counts[-1] >= 0:
            self.names[-1] = f"[{self.counts[-1]}]"
            self.counts[-1] += 1

    def line(self, words: str) -> None:
        self.next_item()
        section = self.sections[-1] if self.sections else 0
        if self.shown != self.names[:section]:
            self.heading(section)
        self.lines.append(_item(_named(_joined(self.names[section:]), words)))
        if len(self.lines) > 4096:
            self.flush()

    def heading(self, section: int) -> None:
        """The headings of the sections that are not above already, each named within the one above it."""
        self.flush()
        if not section and self.shown:  # what goes on after the sections has no name but the file's
            self.done.append(f"# {' '.join(self.title.split())}")
        outer = 0
        for level, end in enumerate(self.sections, start=1):
            if level < _DEEPEST_HEADING or end == section:
                if end == section or self.shown[:end] != self.names[:end]:
                    self.done.append(f"{'#' * min(level, _DEEPEST_HEADING)} {_joined(self.names[outer:end])}")
                outer = end
        self.shown = self.names[:section]

    def flush(self) -> None:
        if self.lines:
            self.done.append("\n".join(self.lines))
            self.lines = []


def _joined(names: list[str]) -> str:
    joined = ""
    for name in names:
        joined += name if not joined or name.startswith("[") else f".{name}"
    return " ".join(joined.split())


def _named(name: str, value: str) -> str:
    return f"{name}: {value}".rstrip() if name else value


def _item(words: str) -> str:
    """A list item; further lines are indented, so that nothing in them is taken for the structure of this document."""
    return "- " + words.strip("\n").replace("\n", "\n  ")
