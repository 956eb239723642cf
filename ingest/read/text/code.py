"""What is in a file of source code or configuration?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import bytes_of, decode

_DECLARED = re.compile(rb"\A(?:[^\n]*\n)?[^\n]*?(?:coding[:=][ \t]*|@charset \")([-\w.]+)")
_LANGUAGES = {
    "python": (".py", ".pyi"),
    "javascript": (".js", ".jsx", ".mjs"),
    "typescript": (".ts", ".tsx"),
    "kotlin": (".kt", ".kts"),
    "c": (".c", ".h"),
    "c++": (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"),
    "c#": (".cs",),
    "f#": (".fs",),
    "visual basic": (".vb",),
    "rust": (".rs",),
    "ruby": (".rb",),
    "perl": (".pl", ".pm"),
    "julia": (".jl",),
    "elixir": (".ex", ".exs"),
    "erlang": (".erl",),
    "haskell": (".hs",),
    "ocaml": (".ml", ".mli"),
    "clojure": (".clj",),
    "emacs lisp": (".el",),
    "objective-c": (".m", ".mm"),
    "shell": (".sh", ".bash", ".zsh", ".fish"),
    "powershell": (".ps1",),
    "batch": (".bat", ".cmd"),
    "protobuf": (".proto",),
    "terraform": (".tf",),
    "yaml": (".yaml", ".yml"),
    "ini": (".ini", ".cfg", ".conf", ".properties", ".env"),
}
_BY_SUFFIX = {suffix: language for language, suffixes in _LANGUAGES.items() for suffix in suffixes}


def read_code(path: Path, name: str) -> Iterator[Document]:
    """The text as it is, titled by the file's name with its suffix; `code` in its metadata is the language."""
    data = bytes_of(path)
    declared = _DECLARED.match(data[:1024])
    suffix = path.suffix.lower()
    language = _BY_SUFFIX.get(suffix, suffix.removeprefix("."))
    text = decode(data, declared[1].decode("ascii", "replace") if declared else None)
    yield Document(name, text, path.name, "code", metadata={"code": language} if language else {})
