"""What in a model's text was never meant to be read: raw markup of citations, and calls of tools in the making?"""

from __future__ import annotations

import re
from typing import Final

# Some models write the markup of citations into their text, now and then with its first sign wrong. In backticks it is
# what somebody asked about.
_CITE: Final = re.compile(
    r"""
    (?<!`)(?:
      </?(?:\w{1,8}:)?cite(?:\s[^<>]{0,400})?/?>
    | \(/?(?:\w{1,8}:)?cite(?:\s[^<>()]{0,400})?>
    | &lt;/?(?:\w{1,8}:)?cite\b.{0,400}?&gt;
    | \[/?(?:\w{1,8}:)?cite(?:_(?:start|end)|\s+(?:index|id|source)\s*=[^\[\]]{0,400})?\]
    | \ue200cite[^\ue201]{0,400}\ue201
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CITE_SO_FAR: Final = r"/?(?:\w{1,8}:)?(?:c(?:i(?:t(?:e(?:%s)?)?)?)?)?"
# The beginning of one of these at the end of what has come so far.
_BEGUN: Final = re.compile(
    "|".join(
        (
            "<" + _CITE_SO_FAR % r"(?:\s[^<>]{0,400})?/?",
            r"\(" + _CITE_SO_FAR % r"\s[^<>()]{0,400}",
            r"\[" + _CITE_SO_FAR % r"_\w{0,5}|\s[^\[\]]{0,400}",
            "&(?:l(?:t;?)?)?",
            "&lt;" + _CITE_SO_FAR % r"\b.{0,400}",
            r"(?:[<(\[]|&lt;)/?\w{1,8}",
            "\ue200[^\ue201]{0,400}",
        )
    ),
    re.IGNORECASE,
)
# The same, or one that was cut off at the end of the text.
_CITE_OR_CUT: Final = re.compile(
    rf"""{_CITE.pattern}
    | (?<!`)(?:
      </?(?:\w{{1,8}}:)?cite(?:\s[^<>]{{0,400}})?/?
    | \(/?(?:\w{{1,8}}:)?cite\s+\w+\s*=[^<>()]{{0,400}}
    | \ue200[^\ue201]{{0,400}}
    )\Z
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SIGN: Final = re.compile(r"[<(\[&\ue200]")

TAGS: Final = (
    *("<tool_call>", "<tool_calls>", "<function_call>", "<function_calls>", "<function=", "<invoke ", "[tool_calls]"),
    *("<|python_tag|>", "<|tool_call|>", "<|tool_calls|>", "<|tool_call_start|>"),
    *("<toolcall>", "<tool_use>"),
)
"""What stands before a call that a model writes as text, in lower case."""

_BARE_CALL: Final = re.compile(r"\s*(?:```\w*\s*)?(?:\[\s*)?\{|\s*(?:`{1,3}|```\w*\s*|\[\s*)?$")


class Readable:
    """A model's text as it comes, piece by piece, without such markup.

    What may turn out to be markup is held back until that is known; what may be a call, until the end.
    """

    def __init__(self) -> None:
        self._held = ""
        self._tick = ""  # a backtick, if that was let through last
        self._begun = False

    def feed(self, text: str) -> str:
        """What can be shown by now."""
        self._held += text
        if not self._begun and _BARE_CALL.match(self._held):
            return ""
        return self._let_through(self._sure())

    def rest(self) -> str:
        """What was held back and is text after all, at the end."""
        return self._let_through(len(self._held), at_end=True)

    def _let_through(self, end: int, *, at_end: bool = False) -> str:
        known, self._held = self._tick + self._held[:end], self._held[end:]
        shown = (readable(known) if at_end else _CITE.sub("", known))[len(self._tick) :]
        if shown:
            self._begun, self._tick = True, "`" if shown.endswith("`") else ""
        return shown

    def _sure(self) -> int:
        """How much of what is held back is no markup, whatever comes."""
        lowered = self._held.casefold()
        for sign in _SIGN.finditer(self._held):
            tail = lowered[sign.start() :]
            if any(tail.startswith(tag) or tag.startswith(tail) for tag in TAGS) or _BEGUN.fullmatch(tail):
                return sign.start()
        return len(self._held)


def readable(text: str) -> str:
    """The same of a whole text; calls, which others read, are left in it."""
    return _CITE_OR_CUT.sub("", text)
