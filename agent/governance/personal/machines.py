"""Which addresses and keys stand in a text: of mail, of machines, and what opens something?"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from agent.governance.personal.finding import Span

_MAIL: Final = re.compile(
    r"(?<![\w.+%-])[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?!(?:png|jpe?g|gif|svg|webp|css|js|json|html?)\b)(?:xn--[a-z0-9-]+|[^\W\d_]{2,24})(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_QUOTING: Final = "'`{|/=*"  # what may stand before an address and is hardly the beginning of one
_REMOTE: Final = re.compile(r"(?:git|hg|svn)@[^\s:]+:\S", re.IGNORECASE)  # where source text is fetched from

_IPV4: Final = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_NUMBERED: Final = re.compile(  # what is no address, though it is written like one
    r"(?:\bv|version|release|build|firmware|section|clause|chapter|article|paragraph|kapitel|abschnitt|ziffer|§)"
    r"[\s:#.=]*$",
    re.IGNORECASE,
)
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9A-F:]{2,30}:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-F:]{2,39})(?![\w:]|\.\d)", re.IGNORECASE
)
_MAC: Final = re.compile(
    r"(?<![\w:.-])(?:[0-9A-F]{2}(?P<between>[:-])(?:[0-9A-F]{2}(?P=between)){4}[0-9A-F]{2}"
    r"|[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4})(?![\w-]|[:.]\w)",
    re.IGNORECASE,
)

_KEY: Final = re.compile(
    r"(?<![\w-])(?:"
    r"sk-ant-[\w-]{20,}|sk-(?=[\w-]*\d)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|gl(?:pat|rt|dt)-[\w-]{20,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{28}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[\w-]{20,}"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}"
    r"|SG\.[\w-]{22}\.[\w-]{43}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|hf_[A-Za-z0-9]{30,}"
    r"|dop_v1_[a-f0-9]{64}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}|AGE-SECRET-KEY-1[A-Z0-9]{58}"
    r"|cw_[A-Za-z0-9]{4,}_[\w-]{20,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r")(?![\w])"
)
_PEM: Final = re.compile(
    r"-----BEGIN (?P<what>(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?)-----"
    r"(?:.*?-----END (?P=what)-----|[A-Za-z0-9+/=\s\\:,.-]*)",
    re.DOTALL,
)
_PLACEHOLDER: Final = re.compile(r"x{6,}|example|your[_-]|placeholder|\.\.\.|0{8,}|\*{4,}", re.IGNORECASE)


def mails(text: str) -> Iterator[Span]:
    """Addresses of e-mail."""
    for found in _MAIL.finditer(text):
        start = found.start()
        while text[start] in _QUOTING:
            start += 1
        if text[start] != "@" and not _REMOTE.match(text, start):
            yield start, found.end()


def machines(text: str) -> Iterator[Span]:
    """Addresses of machines: IPv4 and IPv6, but for those that every machine has, and MAC."""
    for found in _IPV4.finditer(text):
        is_numbered = _NUMBERED.search(text, max(0, found.start() - 24), found.start())
        if not is_numbered and _is_somebodys(found[0]):
            yield found.span()
    for found in _IPV6.finditer(text):
        groups = [each for each in found[0].split(":") if each]
        is_told = len(groups) > 2 or (len(groups) == 2 and len(groups[0]) == 4)  # `a::b` is a name in many programs
        if is_told and any(each.isdigit() for each in found[0]) and _is_somebodys(found[0]):
            yield found.span()
    for found in _MAC.finditer(text):
        letters = re.sub(r"[^0-9a-f]", "", found[0].lower())
        if len(set(letters)) > 1 and not letters.isdigit():
            yield found.span()


def _is_somebodys(written: str) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    mask = address.version == 4 and written.startswith("255.")
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or mask)


def keys(text: str) -> Iterator[Span]:
    """What opens something: keys that services give, known by how they begin, and private keys."""
    for found in _PEM.finditer(text):
        yield found.start(), found.start() + len(found[0].rstrip())
    for found in _KEY.finditer(text):
        if not _PLACEHOLDER.search(found[0]):
            yield found.span()
