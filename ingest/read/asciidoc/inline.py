"""How does a line of AsciiDoc read without its marks?"""

from __future__ import annotations

import re

_ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:[ \t]+(.*))?")
_REFERENCE = re.compile(r"(?<!\\)\{([\w-]+)\}")
_BUILT_IN = {
    "nbsp": " ",
    "sp": " ",
    "empty": "",
    "blank": "",
    "zwsp": "",
    "wj": "",
    "apos": "'",
    "quot": '"',
    "plus": "+",
    "lsquo": "‘",
    "rsquo": "’",
    "ldquo": "“",
    "rdquo": "”",
    "deg": "°",
    "brvbar": "¦",
    "vbar": "|",
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "startsb": "[",
    "endsb": "]",
    "caret": "^",
    "asterisk": "*",
    "tilde": "~",
    "backtick": "`",
    "two-colons": "::",
    "two-semicolons": ";;",
    "backslash": "\\",
    "cpp": "C++",
    "pp": "++",
}
_DEEPEST = 8  # attributes in attributes
_LONGEST = 10_000  # letters that a reference may grow to
_LITERAL = re.compile(  # what is written in marks is bounded: where the closing one is missing, the next is far
    r"\+\+\+(.{1,2000}?)\+\+\+|pass:[a-z,]*\[(.{0,2000}?)\]|`\+(.{1,2000}?)\+`|``(.{1,2000}?)``"
    r"|(?<![\w`])`([^`\s](?:[^`]{0,2000}[^`\s])?)`(?![\w`])|(?<![\w+])\+(\S(?:[^+]{0,2000}\S)?)\+(?![\w+])"
    r"|(?:stem|latexmath|asciimath):\[((?:\\\]|[^\]]){0,2000})\]",
    re.DOTALL,
)
_NESTED = r"((?:\\\]|\[[^\[\]]{0,200}\]|[^\[\]]){0,2000})"
_FOOTNOTE = re.compile(rf"footnote(?:ref)?:([\w-]{{0,100}})\[{_NESTED}\]")
_ADDRESS = r"[^\s\[\]<>]{0,500}"
_LINK = re.compile(
    rf"(?:link:|xref:|mailto:)({_ADDRESS})\[{_NESTED}\]|\b((?:https?|ftp|irc)://{_ADDRESS})\[{_NESTED}\]"
)
_CROSS = re.compile(r"<<([^<>,]{1,200})(?:,\s*([^<>]{0,500}))?>>")
_IMAGE = re.compile(rf"(?:image|icon):(?!:){_ADDRESS}\[{_NESTED}\]")
_MENU = re.compile(r"menu:([^\[\]]{1,100})\[([^\[\]]{0,500})\]")
_KEY = re.compile(r"(?:kbd|btn):\[([^\[\]]{0,100})\]")
_TERMS = re.compile(r"\(\(\([^()]{0,200}\)\)\)|indexterm:\[[^\]]*\]")
_TERM = re.compile(r"\(\(([^()]{1,200})\)\)|indexterm2:\[([^\]]*)\]")
_ANCHOR = re.compile(r"\[\[[^\[\]]*\]\]|anchor:[\w-]+\[[^\]]*\]")
_ROLE = re.compile(r"\[[.#][^\[\]]*\](?=[#*_`])")
_UNCONSTRAINED = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__|##(\S(?:.*?\S)?)##")
_CONSTRAINED = re.compile(
    r"(?<![\w*\\])\*(\S(?:[^*]*\S)?)\*(?![\w*])|(?<![\w_\\])_(\S(?:[^_]*\S)?)_(?![\w_])|(?<![\w#\\&])#([^\s#](?:[^#]*[^\s#])?)#(?![\w#])"
)
_POWER = re.compile(r"\^([^\s^]+)\^|(?<![\w~])~([^\s~]+)~|(?<=\w)~([^\s~]+)~")
_ESCAPED = re.compile(r"\\(?=[*_`#{<^~\[(+]|https?:|link:|footnote:|image:)")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]{1,500})>")
_ASIDE = "\ue000{}\ue001"
_PUT_ASIDE = re.compile("\ue000(\\d+)\ue001")


class Inline:
    """The attributes that a document has set so far, and its notes; what a line says is told by both."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.notes: list[str] = []
        self._numbers = 0

    def attribute(self, lines: list[str], at: int) -> int:
        """Takes the attribute that is set on a line, over the lines that it goes on; where it ends, else `at`."""
        found = _ATTRIBUTE.fullmatch(lines[at])
        if found is None:
            return at
        name, value = found[1], found[2] or ""
        while value.endswith("\\") and at + 1 < len(lines):
            at += 1
            value = f"{value.removesuffix(chr(92)).removesuffix(' +').rstrip()} {lines[at].strip()}"
        if "!" in name:
            self.attributes.pop(name.strip("!"), None)
        else:
            self.attributes[name.lower()] = self.resolved(value)
        return at + 1

    def resolved(self, text: str) -> str:
        """The text with the attributes in it replaced; those that nothing sets stay."""
        for _ in range(_DEEPEST):
            if "{" not in text or len(text) > _LONGEST:
                break
            text, count = _REFERENCE.subn(self._value, text)
            if not count:
                break
        return text

    def _value(self, found: re.Match[str]) -> str:
        name = found[1].lower()
        return self.attributes.get(name, _BUILT_IN.get(name, found[0]))

    def words(self, text: str) -> str:
        """The words of a paragraph, title or cell, on one line but where it breaks; its footnotes go to `notes`."""
        aside: list[str] = []

        def put(words: str) -> str:
            aside.append(words)
            return _ASIDE.format(len(aside) - 1)

        def literal(found: re.Match[str]) -> str:
            plain = found[1] or found[2] or found[6]
            if plain is not None:
                return put(plain)
            return put(
                f"${found[7]}$" if found[7] is not None else f"`{self.resolved(found[3] or found[4] or found[5])}`"
            )

        text = _LITERAL.sub(literal, text)
        text = self.resolved(text)
        text = _TERMS.sub("", _ANCHOR.sub("", text))
        text = _TERM.sub(lambda found: found[1] or found[2], text)
        text = _IMAGE.sub(lambda found: _first(found[1]), text)
        text = _FOOTNOTE.sub(self._note, text)
        text = _LINK.sub(lambda found: put(_linked(found)), text)
        text = _AUTOLINK.sub(lambda found: put(found[1]), text)
        text = _CROSS.sub(lambda found: found[2] or found[1], text)
        text = _MENU.sub(lambda found: " > ".join([found[1], *filter(None, re.split(r"\s*>\s*", found[2]))]), text)
        text = _KEY.sub(r"\1", text)
        for marks in (_UNCONSTRAINED, _CONSTRAINED, _UNCONSTRAINED, _CONSTRAINED):
            text = marks.sub(lambda found: next(part for part in found.groups() if part), _ROLE.sub("", text))
        text = _POWER.sub(lambda found: f"^{found[1]}" if found[1] else found[2] or found[3], text)
        text = _ESCAPED.sub("", text)
        lines = re.sub(r"(?<![ \t])[ \t]+\+\n", "\v", text.strip() + "\n").split("\v")
        text = "\n".join(" ".join(line.split()) for line in lines)
        for _ in range(2):  # code may stand in the text of a link
            text = _PUT_ASIDE.sub(lambda found: aside[int(found[1])] if int(found[1]) < len(aside) else "", text)
        return text.strip()

    def _note(self, found: re.Match[str]) -> str:
        if not found[2]:
            return ""
        self._numbers += 1
        number = self._numbers
        self.notes.append(f"[^{number}]: {self.words(found[2])}")
        return f"[^{number}]"


def _first(attributes: str) -> str:
    """The description of an image: its first attribute, or the one called alt."""
    named = re.search(r"\balt=(?:\"([^\"]*)\"|([^,]*))", attributes)
    if named:
        return named[1] or named[2] or ""
    first = re.match(r"\s*(?:\"([^\"]*)\"|([^,]*))", attributes)
    words = (first[1] or first[2] or "") if first else ""
    return "" if "=" in words else words.strip()


def _linked(found: re.Match[str]) -> str:
    address, words = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    words = (
        re.sub(r",?\s*(?:window|role|opts|options|id|title|subject)=.*$", "", words or "")
        .strip()
        .strip('"')
        .rstrip("^")
    )
    return words.replace("\\]", "]") or address
