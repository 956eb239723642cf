"""Which metadata does a filter that is written in words ask for?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from retrieval.model import Range, Wanted

_NAMES = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below"}


class BadFilter(ValueError):
    """A filter that cannot be understood; the message goes on from what the filter is called."""


def conditions(filters: Iterable[str]) -> dict[str, tuple[Wanted, ...]]:
    """What `KEY=VALUE` words ask for: a value with `=`, bounds with `>=`, `>`, `<=` and `<`, those of a key together.

    Raises `BadFilter`.
    """
    found: dict[str, tuple[Wanted, ...]] = {}
    bounds: dict[str, list[dict[str, str]]] = {}
    for word in filters:
        parts = re.fullmatch(r"([^<>=]+)(>=|<=|=|>|<)(.*)", word, re.DOTALL)
        if parts is None or not parts[1].strip():
            raise BadFilter(f"takes KEY=VALUE, or KEY>=VALUE, >, <= or <, not {word!r}.")
        key, sign, value = parts.groups()
        if sign == "=" and (key.endswith("!") or value.startswith(">")):  # a value may begin with <, as an address
            raise BadFilter(f"knows =, >=, >, <= and < alone: write {word!r} with one of these.")
        if sign == "=":
            found[key] = (*found.get(key, ()), value)
            continue
        of_key, name = bounds.setdefault(key.strip(), [{}]), _NAMES[sign]
        if name in of_key[-1]:
            of_key.append({})
        of_key[-1][name] = value.strip()
    for key, ranges in bounds.items():
        found[key] = (*found.get(key, ()), *(Range(**each) for each in ranges))
    return found
