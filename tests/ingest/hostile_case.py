"""What is a hostile file, and what is to become of it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.model import Document, Failure, Skipped

Content = bytes | str | None
Make = Content | Callable[[Path], Content]
ADVICE = re.compile(r"\S+.*: \S")  # a sentence says what is wrong, then what to do
LONGEST_SENTENCE = 500
BUG = re.compile(r"\b(?:Attribute|Type|Name|Key|Index|UnboundLocal|ModuleNotFound|Assertion|ZeroDivision)Error\b")


@dataclass(frozen=True)
class Expected:
    """Documents that hold all of `words` (None: no document at all), a failure and a skipped part that say so."""

    words: tuple[str, ...] | None = None
    failed: str = ""
    skipped: str = ""


def reads(*words: str) -> Expected:
    return Expected(words)


def fails(pattern: str) -> Expected:
    return Expected(failed=pattern)


def passes_over(pattern: str) -> Expected:
    return Expected(skipped=pattern)


def partly(*words: str, failed: str = "", skipped: str = "") -> Expected:
    """Some parts are read, others are named."""
    return Expected(words, failed, skipped)


@dataclass(frozen=True)
class Case:
    """One hostile file. `make` is its content, or what gives the content, or what writes the file itself.

    `document` is its name in the index where that is not the file's own. `never` must be in no document.
    """

    name: str
    make: Make
    expected: Expected
    document: str = ""
    never: str = ""

    def write(self, folder: Path) -> None:
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = self.make(path) if callable(self.make) else self.make
        if content is not None:
            path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)

    def owns(self, name: str, label: str) -> bool:
        """Whether a document, or what failed, lies in this file."""
        own = f"{label}/{self.document or self.name}"
        return name == own or name.startswith((f"{own}#", f"{own}!/", f"{own}:"))

    def fault(self, items: Iterable[Document | Failure | Skipped]) -> str:
        """How what came of the file differs from what should have; empty if it does not."""
        items = list(items)
        texts = [item.text for item in items if isinstance(item, Document)]
        errors = [item.error for item in items if isinstance(item, Failure)]
        reasons = [item.reason for item in items if isinstance(item, Skipped)]
        return (
            _documents(texts, self.expected.words, self.never)
            or _sentences("failure", errors, self.expected.failed)
            or _sentences("skipped part", reasons, self.expected.skipped)
            or (f"{errors or reasons}, but a document was expected" if self.expected.words and not texts else "")
        )


def _documents(texts: list[str], words: tuple[str, ...] | None, never: str) -> str:
    if words is None and texts:
        return f"a document that should not be: {texts[0][:80]!r}"
    if never and any(never in text for text in texts):
        return f"{never!r} is in it"
    missing = [word for word in words or () if not any(word in text for text in texts)]
    return f"{missing} in none of {[text[:80] for text in texts]!r}" if missing and texts else ""


def _sentences(what: str, said: list[str], pattern: str) -> str:
    if bool(said) != bool(pattern):
        return f"a {what} that should not be: {said[0]!r}" if said else f"no {what}, though one is due: {pattern}"
    if pattern and not any(re.search(pattern, sentence) for sentence in said):
        return f"{said[0]!r} does not say {pattern!r}"
    bad = [sentence for sentence in said if not ADVICE.match(sentence) or len(sentence) > LONGEST_SENTENCE]
    bugs = [sentence for sentence in said if BUG.search(sentence)]
    return (bad and f"{bad[0][:200]!r} does not end with what to do") or (bugs and f"a bug of ours: {bugs[0]!r}") or ""
