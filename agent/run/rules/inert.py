"""What in an answer would do more than be read? It is made text, or taken out, before anybody sees it.

An answer may be rendered as Markdown or HTML, so nothing in it is an image, a link or markup: what would be one is
shown as text. An address that stands in no text that is cited, nor in the question, is left out, since a model may have
put into it what it read; one of low trust too, where it carries data, and else it is shown as text, in code marks. What
stands in a trusted text or was asked about is shown as it is. Quotes beside the answer are no part of this: they are
text, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.evidence.citations import passage_of
from agent.governance.tracing.requests import quoted
from agent.plain import plain
from agent.run.deps import Deps, Run
from agent.run.rules.tainting import is_trusted
from agent.run.rules.withholding import Watch
from agent.state import Check, Citation, Inactive, Reply, Token, evidence_of

LEFT_OUT: Final = "‹address left out›"
NOTHING: Final[frozenset[str]] = frozenset()
# The schemes that do something without `//` behind them; whatever else has that is an address of any scheme
_ADDRESS: Final = re.compile(
    r"""(?ix)
    (?<![a-z0-9])(?:
      [a-z][a-z0-9+.-]{1,20}:[/\\]+
    | (?:javascript|vbscript|livescript|mailto|tel|sms|callto|facetime|blob|view-source|intent|magnet|ms-[a-z-]{1,20}
        |itms-services):(?=[^\s:])
    | data:(?=[\w.+-]*/?[\w.+-]*[;,])
    | www\.(?=[a-z0-9-]+\.)
    | (?<![\w:/.@\\-])//(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+)
    | (?<![\w/.@\\-])(?:[a-z0-9-]{1,63}\.){1,8}
      (?!(?:md|py|js|ts|rst|txt|html?|json|ya?ml|toml|xml|csv|c|h|cc|cpp|rs|go|java|rb|sh|cfg|ini|log|pdf|css)\b)
      [a-z]{2,24}(?::\d{1,5})?(?=[/?\#][\w%?&=-])
    )
    [^\s<>"`\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff09\u300d\u300f\u3011\ufdd0-\ufdef]*
    """
)
_TAIL: Final = re.compile(r"[.,;:!?'\"*_\]}~|›»”’]+$")
_ON_THE_WEB: Final = re.compile(r"(?i)(?:https?://)?[^\s@:/]+\.[^\s@]*$")
_LATIN: Final = re.compile(r"[\x21-\x7e]+")
_SIGNS: Final = re.compile("[\ufdd0-\ufdef]")
_SIGN: Final = re.compile("\ufdd3(.)\ufdd4", re.DOTALL)
_FIRST, _MOST, _NESTED = 0xE000, 6000, 8
_SCHEME: Final = re.compile(r"(?i)^(?:https?://)?(?:www\.)?([^/?#]*)(.*)$", re.DOTALL)
_CARRIES: Final = re.compile(r"[?#@;=&%]|[^\x21-\x7e]|[\w-]{49}")
_FENCE: Final = re.compile(
    r"(?ms)^(?P<mark>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>[^\n]*)\n(?P<code>.*?)(?:^ {0,3}(?P=mark)[`~]*[ \t]*$|\Z)"
)
_DRAWN: Final = re.compile(
    r"(?i)\s*\W*(?:mermaid|plantuml|puml|dot|graphviz|d2|vega|echarts|chart|svg|geojson|topojson|stl|html\S+)\b.*"
)
_DEFINES: Final = re.compile(r"\]:")
_PICTURED: Final = re.compile(r"(?i)```\s*(?:mermaid|svg)")
_SPAN: Final = re.compile(r"(?<![`\\])(`{1,3})(?!`)([^`\n]+|[^\n]+?)(?<!`)\1(?!`)")
_TEXT: Final = r"\[((?:[^\[\]]|\[[^\[\]]{0,80}\]){0,400})\]"
_DESTINATION: Final = r"\(\s{0,9}<?([^\s()<>]{0,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,2000})?)>?"
_LEADS: Final = re.compile("[/\\\\.#:?\ufdd3]")  # whither a link may; a call has a name in its place
_TITLE: Final = r"(?:\s{1,9}(?:\"[^\"]{0,400}\"|'[^']{0,400}'|\([^()]{0,400}\)))?\s{0,9}\)"
_LINK: Final = re.compile(rf"(!?)(?!\[\d{{1,4}}\]){_TEXT}{_DESTINATION}{_TITLE}")
_BROKEN: Final[tuple[tuple[re.Pattern[str], str, Literal["markup", "image", "link", ""]], ...]] = (
    (re.compile(r"<(?=[A-Za-z/!?])"), "< ", "markup"),
    (re.compile(r"!(?=\[)"), "! ", "image"),
    (re.compile(r"(?m)(^[ >\t]*\[(?!\d{1,4}\])[^\[\]\n]{1,999}\]):"), r"\1 :", "link"),
    (re.compile(r"\](?=\()"), "] ", ""),
)


@dataclass(frozen=True, slots=True)
class Inert:
    """A text that only says something, and what it was made of."""

    text: str
    was: tuple[Inactive, ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Those that may be shown: as they are, or, of low trust, as text in code marks."""

    trusted: frozenset[str] = NOTHING
    low: frozenset[str] = NOTHING


def of_an_answer(state: Check, cited: Iterable[Citation], run: Run, deps: Deps) -> Addresses:
    """The addresses that an answer may show: those of what it cites, and of what was asked."""
    evidence = evidence_of(state)
    passages = dict.fromkeys(passage_of(each, evidence) for each in cited)
    said = (run.question, *(each.asked for each in run.earlier))
    others = [part for each in said for part in quoted(each)]
    trusted, low = [*said], [*others]
    for each in passages:
        is_high = each.kind == "document" and is_trusted(each.document, deps, each.start, each.end)
        (trusted if is_high else low).append(f"{each.title}\n{each.text}")
    return Addresses(addresses(trusted) - addresses(others), addresses(low))


def inert(text: str, known: Addresses | None = None) -> Inert:
    """The text without anything that does more than be read."""
    return _Making(known or Addresses()).made(text)


def addresses(texts: Iterable[str]) -> frozenset[str]:
    """The addresses that stand in some texts, in a form by which they are compared."""
    found: set[str] = set()
    for text in texts:
        done = 0
        while there := _ADDRESS.search(text, done):
            address = _cut(there[0])
            found.add(_named(address))
            done = there.start() + len(address)
    return frozenset(found)


class _Making:
    """One text on its way; an address is a sign of ours meanwhile, so that no markup can be made of its parts."""

    def __init__(self, known: Addresses) -> None:
        self._known = known
        self._kept: list[tuple[str, bool]] = [(LEFT_OUT, True)]  # with whether it is shown bare
        self._was: list[Inactive] = []

    def made(self, text: str) -> Inert:
        """The whole of it."""
        seen = plain(text)
        if seen != text:
            self._was.append(Inactive("signs"))
        seen = self._named_by_signs(_SIGNS.sub("", seen))
        parts, done = [], 0
        for fence in _FENCE.finditer(seen):
            drawn = _DRAWN.match(fence["info"])
            if drawn:
                self._was.append(Inactive("markup", fence["info"].strip()))
            block = fence[0].replace(fence["info"], "", 1) if drawn else fence[0]
            parts += [self._prose(seen[done : fence.start()]), self._put_back(block, in_code=True)]
            done = fence.end()
        parts.append(self._prose(seen[done:]))
        return Inert("".join(parts), tuple(self._was))

    def _named_by_signs(self, text: str) -> str:
        parts, done = [], 0
        while found := _ADDRESS.search(text, done):
            address = _cut(found[0])
            parts.append(text[done : found.start()])
            sign, behind = self._sign(address)
            parts.append(sign)
            done = found.start() + behind
        return "".join((*parts, text[done:]))

    def _sign(self, address: str) -> tuple[str, int]:
        """What stands for an address meanwhile, and how much of it that is."""
        trusted, low = self._known.trusted, self._known.low
        shown = address
        if _named(address) not in trusted | low and (short := _LATIN.match(address)) and _named(short[0]) in trusted:
            shown = short[0]  # what another script goes on with is no part of it
        after = " " if shown != address else ""  # so that no renderer makes it one
        is_known = _named(shown) in trusted or (_named(shown) in low and not _CARRIES.search(shown))
        if not is_known or len(self._kept) == _MOST:
            self._was.append(Inactive("address", address))
            return _sign(0), len(address)
        is_bare = _named(shown) in trusted and _ON_THE_WEB.match(shown) is not None
        if not is_bare:
            self._was.append(Inactive("link", shown))
        self._kept.append((shown, is_bare))
        return _sign(len(self._kept) - 1) + after, len(shown)

    def _prose(self, text: str) -> str:
        parts, done = [], 0
        for span in _SPAN.finditer(text):
            parts += [self._bare(text[done : span.start()]), self._put_back(span[0], in_code=True)]
            done = span.end()
        return _apart([*parts, self._bare(text[done:])])

    def _bare(self, text: str) -> str:
        for _ in range(_NESTED):
            before, text = text, _LINK.sub(self._link, text)
            if text == before:
                break
        for pattern, instead, kind in _BROKEN:
            text, count = pattern.subn(instead, text)
            self._was += [Inactive(kind)] * count if kind else []
        return self._put_back(text, in_code=False)

    def _link(self, found: re.Match[str]) -> str:
        if not found[1] and _LEADS.search(found[3]) is None:
            return f"{found[0][: found.start(3) - found.start() - 1]} {found[0][found.start(3) - found.start() - 1 :]}"
        is_image, said, to = found[1] == "!", found[2].strip(), found[3]
        self._was.append(Inactive("image" if is_image else "link", self._put_back(to, in_code=True)))
        return f"{said} ({to})" if said and to and to != said else said or to

    def _put_back(self, text: str, *, in_code: bool) -> str:
        def back(found: re.Match[str]) -> str:
            address, is_bare = self._kept[ord(found[1]) - _FIRST]
            return address if is_bare or in_code else f"`{address}`"

        return _SIGN.sub(back, text)


def _sign(number: int) -> str:
    return f"\ufdd3{chr(_FIRST + number)}\ufdd4"


def _apart(parts: list[str]) -> str:
    """Joined so that two code marks do not meet, which would make another of them."""
    whole = ""
    for part in filter(None, parts):
        whole += f" {part}" if whole.endswith("`") and part.startswith("`") else part
    return whole


def _cut(found: str) -> str:
    """An address without what of the sentence hangs on it."""
    open_in = {")": 0, "]": 0}
    for place, sign in enumerate(found):
        if sign in "([":
            open_in[")" if sign == "(" else "]"] += 1
        elif sign in open_in:
            open_in[sign] -= 1
            if open_in[sign] < 0:
                found = found[:place]
                break
    return _TAIL.sub("", found) or found


def _named(address: str) -> str:
    found = _SCHEME.match(address)
    assert found is not None  # it takes anything
    return f"{found[1].lower()}{found[2]}".rstrip("/")


class Drafting:
    """A model's words as they come, with nothing in them that does more than be read: of an address nothing is shown.

    What is not yet a whole word is held back, since the next piece may make something else of it.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._held, self._watch = "", Watch(secrets)

    async def of(self, items: AsyncIterator[Token | Reply]) -> AsyncGenerator[Token | Reply]:
        """A model's words and its reply, the words as they are shown; the last of them are still to come."""
        async for item in items:
            if not isinstance(item, Token):
                yield item
            elif shown := self.feed(item.text):
                yield Token(shown)

    def feed(self, text: str) -> str:
        """What can be shown by now."""
        self._held += text
        place = max(self._held.rfind(" "), self._held.rfind("\n"))
        if place < 0 and len(self._held) > 40 and not self._held.isascii() and not _ADDRESS.search(self._held):
            place = max(self._held.rfind(sign) for sign in "。，、！？；")  # of a script without spaces
        shown, self._held = self._held[: place + 1], self._held[place + 1 :]
        return self._made(shown)

    def rest(self) -> str:
        """What was held back, at the end."""
        shown, self._held = self._held, ""
        return self._made(shown)

    def _made(self, text: str) -> str:
        if not self._watch.may_show(text):
            return ""
        shown = _ADDRESS.sub("…", plain(text))
        for pattern, instead, _ in (*_BROKEN, (_PICTURED, "```", ""), (_DEFINES, "] :", "")):
            shown = pattern.sub(instead, shown)
        return shown
