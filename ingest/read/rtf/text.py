"""What text do the control words of RTF spell? (Rich Text Format specification 1.9.1)

striprtf, the library for this, spoils letters that are written in two halves, passes over rewritten groups, and adds
letter after letter to one string, which can take minutes for a few megabytes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ingest.read.unseen import How, unseen
from ingest.read.web.looks import WHITE, is_near

CELL, ROW, ROW_START, NUMBER, LINE, ITEM, ITEM_END = "\ue001\ue002\ue003\ue004\ue005\ue006\ue007"
HEADING = "\ue010"  # at the end of a heading of the first level; the signs for those below follow
MARKS = re.compile("[\ue001-\ue007\ue010-\ue018]")
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SPELLED = {
    "par": "\n", "sect": "\n", "page": "\n", "column": "\n", "line": LINE, "tab": "\t", "lbr": LINE,
    "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "cell": CELL, "row": ROW, "trowd": ROW_START, "nestcell": " ",
    "nestrow": LINE, "chpgn": NUMBER, "mden": "/", "msup": "^", "msub": "_",
}  # fmt: skip
_SIGNS = {"~": " ", "_": "-", "-": "", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\"}
_SKIPPED = {
    *("fonttbl", "colortbl", "stylesheet", "info", "xe", "tc", "rxe", "txe", "filetbl", "nonesttables", "mmathPict"),
    *("fldtype", "template"),
}
_READ = {"moMath", "moMathPara", "mmath", "shppict", "ud", "fldrslt", "listtext"}  # in spite of their star
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp950", 80: "cp949", 83: "mac_greek", 84: "mac_cyrillic",
    85: "cp936", 88: "mac_latin2", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_MACHINES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_IN_TWO_BYTES = {"cp932", "cp936", "cp949", "cp950", "johab", "gb18030"}
_GROUND = re.compile(r"\\(?:highlight|cb|chcbpat|cbpat|clcbpat|fillColor)[1-9]")
_SMALLEST = 3  # half points
_TABLE = 1 << 16  # letters in which the table of colours is looked for
_SYMBOL = "symbol"  # the font whose letters are Greek
_GREEK = str.maketrans(
    "abgdezhqiklmnxoprstufcywABGDEZHQIKLMNXOPRSTUFCYW·£³¹¥´Ö®Þ",
    "αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ•≤≥≠∞×√→⇒",
)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """In which encoding a file is written, and in which its fonts are."""

    encoding: str
    fonts: Mapping[str, str]
    default: str | None = None


@dataclass(slots=True)
class _State:
    """What a group inherits and forgets at its end."""

    is_skipped: bool
    font: str | None
    fallback: int = 1  # letters behind a Unicode one, for programs that know none
    level: int = 0
    is_hidden: bool = False
    is_white: bool = False
    size: int = 24  # half points

    def inner(self) -> _State:
        return replace(self)

    def look(self, word: str | None, number: str | None, white: frozenset[str]) -> None:
        """Takes in what a word says of how letters look, if it does."""
        match word:
            case "plain":
                self.is_hidden, self.is_white, self.size = False, False, 24
            case "v":
                self.is_hidden = number != "0"
            case "fs":
                self.size = int(number or 24)
            case "cf":
                self.is_white = (number or "0") in white

    @property
    def how(self) -> How | None:
        """Why what is written now is not seen; None where it is."""
        if self.is_hidden:
            return "not shown"
        if self.size < _SMALLEST:
            return "size"
        return "colour" if self.is_white else None


@dataclass(slots=True)
class _Spelling:
    """The text so far, and the bytes that are no letter yet."""

    alphabet: Alphabet
    parts: list[str] = field(default_factory=list)
    bytes: bytearray = field(default_factory=bytearray)
    left: int = 0  # letters still to be passed over
    how: How | None = None  # why what is added now is not seen

    def say(self, text: str) -> None:
        self.parts.append(unseen(text, self.how) if self.how else text)

    def add(self, text: str) -> None:
        self.parts.append(text)

    def flush(self, font: str | None) -> None:
        if self.bytes:
            encoding = self._encoding(font)
            text = self.bytes.decode("cp1252" if encoding == _SYMBOL else encoding, "replace")
            self.say(text.translate(_GREEK) if encoding == _SYMBOL else text)
            self.bytes.clear()

    def letters(self, text: str, font: str | None) -> None:
        text, self.left = text[self.left :], max(0, self.left - len(text))
        encoding = self._encoding(font)
        if self.bytes and text and encoding in _IN_TWO_BYTES:
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            decoder.decode(bytes(self.bytes))
            if decoder.getstate()[0]:  # the second half of a letter that is written plainly
                self.bytes += text[0].encode("latin-1", "replace")
                text = text[1:]
        self.flush(font)
        self.say(text.translate(_GREEK) if encoding == _SYMBOL else text)

    def _encoding(self, font: str | None) -> str:
        return self.alphabet.fonts.get(font or "", self.alphabet.encoding)


def spelled(
    source: str, alphabet: Alphabet, levels: Mapping[str, int] = {}, white: frozenset[str] = frozenset()
) -> str:
    """The text, with marks where cells, rows, items and headings are, and where what stands there is not seen.

    `levels` says which styles are headings, `white` which colours are that of the page.
    """
    made = _Spelling(alphabet)
    state = _State(is_skipped=False, font=alphabet.default)
    outer: list[_State] = []
    for token in _TOKEN.finditer(source):
        word, number, code, sign, brace, text = token.groups()
        if text is not None:
            if not state.is_skipped:
                made.letters(text, state.font)
        elif code is not None:
            if made.left:
                made.left -= 1
            elif not state.is_skipped:
                made.bytes.append(int(code, 16))
        elif brace is not None or sign is not None or word is not None:
            made.flush(state.font)
            made.left = 0
            if brace == "{":
                outer.append(state)
                state = state.inner()
            elif brace == "}":
                state = outer.pop() if outer else state
            elif sign == "*":
                following = _TOKEN.match(source, token.end())
                state.is_skipped = state.is_skipped or not (following and following[1] in _READ)
            elif sign is not None:
                made.add("" if state.is_skipped else _SIGNS.get(sign, ""))
            else:
                _obey(word, number, state, made, levels)
                state.look(word, number, white)
            made.how = state.how
    made.flush(state.font)
    return "".join(made.parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _obey(word: str, number: str | None, state: _State, made: _Spelling, levels: Mapping[str, int]) -> None:
    if word in _SKIPPED:
        state.is_skipped = True
    elif word == "f":
        state.font = number
    elif word == "plain":
        state.font = made.alphabet.default
    elif word == "uc":
        state.fallback = int(number or 1)
    elif word == "pard":
        state.level = 0
    elif word == "s":
        state.level = levels.get(number or "", 0)
    elif word == "outlinelevel" and number in set("012345678"):
        state.level = int(number or 0) + 1
    elif not state.is_skipped:
        if word == "u" and number:
            made.add(chr(int(number) % 0x10000))
            made.left = state.fallback
        elif word in _SPELLED:
            made.add((chr(ord(HEADING) + state.level - 1) if word == "par" and state.level else "") + _SPELLED[word])


def white_in(body: str) -> frozenset[str]:
    """The numbers of the colours that are the page's own; none where anything has a ground of its own."""
    table = re.search(r"\\colortbl([^{}]*)", body[:_TABLE])
    if table is None or _GROUND.search(body):
        return frozenset()
    named = [dict(re.findall(r"\\(red|green|blue)(\d{1,3})", each)) for each in table[1].split(";")]
    return frozenset(
        str(number)
        for number, parts in enumerate(named)
        if len(parts) == 3 and is_near((int(parts["red"]), int(parts["green"]), int(parts["blue"])), WHITE)
    )


def alphabet(prolog: str, fonts: str) -> Alphabet:
    """What the beginning of a file and its table of fonts say about its letters."""
    page = re.search(r"\\ansicpg(\d+)", prolog)
    machine = re.search(r"\\(mac|pca?)(?![a-zA-Z])", prolog)
    default = re.search(r"\\deff(\d+)", prolog)
    encoding = _page(page[1]) if page else ""
    known = {}
    for number, said in re.findall(r"\\f(\d+)((?:(?!\\f\d).)*)", fonts, re.DOTALL):
        charset = re.search(r"\\fcharset(\d+)", said)
        if re.search(r"\bSymbol;", said):
            known[number] = _SYMBOL
        elif charset and (found := _CHARSETS.get(int(charset[1]))):
            known[number] = found
    return Alphabet(
        encoding or (_MACHINES[machine[1]] if machine else "cp1252"), known, default[1] if default else None
    )


def _page(number: str) -> str:
    name = {"65001": "utf-8", "10000": "mac_roman"}.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
