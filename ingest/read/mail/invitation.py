"""What does an invitation (iCalendar, RFC 5545) say to a person?"""

from __future__ import annotations

import re

_SHOWN = {
    "SUMMARY": "Summary",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "DESCRIPTION": "Description",
}
_ENTRIES = {"VEVENT", "VTODO", "VJOURNAL"}
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'([\w-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)', re.DOTALL)
_ZONE = re.compile(r'TZID="?([^;:"]+)', re.IGNORECASE)
_NAME = re.compile(r'CN=(?:"([^"]+)"|([^;:]+))', re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPED = re.compile(r"\\([,;\\nN])")


def invitation(source: str) -> str:
    """A paragraph for each event or task, of lines such as `Start: 2024-03-01 10:00 (Europe/Berlin)`."""
    entries: list[str] = []
    lines: list[str] = []
    inside: list[str] = []
    for line in _FOLDED.sub("", source).splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        key, parameters, value = found[1].upper(), found[2], found[3].strip()
        if key == "BEGIN":
            inside.append(value.upper())
        elif key == "END" and inside:
            if inside.pop() in _ENTRIES:
                entries.append("\n".join(lines))
                lines = []
        elif inside and inside[-1] in _ENTRIES and key in _SHOWN and value:
            lines.append(f"{_SHOWN[key]}: {_spelled(key, value, parameters)}")
    return "\n\n".join(entries)


def _spelled(key: str, value: str, parameters: str) -> str:
    moment = _MOMENT.fullmatch(value)
    if moment is not None:
        year, month, day, hour, minute, utc = moment.groups()
        zone = _ZONE.search(parameters)
        time = f" {hour}:{minute}" if hour else ""
        return f"{year}-{month}-{day}{time}{' UTC' if utc else ''}{f' ({zone[1]})' if zone else ''}"
    if key in {"ORGANIZER", "ATTENDEE"}:
        address = re.sub("^mailto:", "", value, flags=re.IGNORECASE)
        name = _NAME.search(parameters)
        return f"{name[1] or name[2]} <{address}>" if name else address
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
