"""What is ticked and chosen in the forms of a Word document?

The state of a box and the entry of a list stand in what the document says of the field, not in its text.
"""

from __future__ import annotations

from lxml import etree

from ingest.read.office.package import attribute, local

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
EMPTY, TICKED = "☐", "☒"
_EMPTY_SIGNS = frozenset("☐□❏❐❑❒○◯⬜")
_TICKED_SIGNS = frozenset("☒☑✓✔✗✘●◉■⊠")
_SIGNS = {  # of the fonts that boxes are drawn with: the libraries' letters for them are in few other fonts
    "wingdings": {0x6F: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0x78: "☒", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
    "wingdings 2": {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x56: "☒", 0xA3: "☐"},
    "webdings": {0x61: "✓", 0x63: "☐", 0x72: "✗"},
}
_PRIVATE = 0xF000  # where symbol fonts have their signs


def fill_forms(root: etree._Element) -> None:
    """Writes the state of each box, and the chosen entry of each list, as text in the place of the field."""
    for run in root.iter("{*}r"):
        _spell_signs(run)
    for control in list(root.iter("{*}sdt")):
        settings = control.find("{*}sdtPr")
        box = settings.find("{*}checkbox") if settings is not None else None
        if box is not None and settings is not None:
            settings.remove(box)
            _show(control, is_ticked=_says(box.find("{*}checked")))
    for begin in list(root.iter("{*}fldChar")):
        data = begin.find("{*}ffData")
        run = begin.getparent()
        if data is None or run is None:
            continue
        box, entries = data.find("{*}checkBox"), data.find("{*}ddList")
        text = ""
        if box is not None:
            said = box.find("{*}checked")
            text = TICKED if _says(said if said is not None else box.find("{*}default")) else EMPTY
        elif entries is not None:
            text = _chosen(entries)
        if text:
            shown = etree.Element(f"{{{_W}}}r")
            shown.append(_text(text))
            run.addprevious(shown)
    for instruction in root.iter("{*}instrText"):  # of which a box would be made a second time
        instruction.text = (instruction.text or "").replace("FORMCHECKBOX", "")


def _show(control: etree._Element, *, is_ticked: bool) -> None:
    """The sign that stands in the control, if it says the same as its state; else one that does."""
    content = control.find("{*}sdtContent")
    signs = (
        [] if content is None else [each for each in content.iter("{*}t", "{*}sym") if local(each.getparent()) == "r"]
    )
    shown = "".join(each.text or "" for each in signs).strip()
    if shown not in (_TICKED_SIGNS if is_ticked else _EMPTY_SIGNS):
        shown = TICKED if is_ticked else EMPTY
    if content is None:
        content = etree.SubElement(control, f"{{{_W}}}sdtContent")
    if signs:
        signs[0].addprevious(_text(shown))
        for sign in signs:
            sign.getparent().remove(sign)
    else:
        run = next(content.iter("{*}r"), None)
        if run is None:
            place = next(content.iter("{*}p"), content)
            run = etree.SubElement(place, f"{{{_W}}}r")
        run.append(_text(shown))


def _spell_signs(run: etree._Element) -> None:
    """Writes the boxes and ticks of symbol fonts as the signs that all fonts have."""
    fonts = run.find("{*}rPr/{*}rFonts")
    own = _SIGNS.get(attribute(fonts, "ascii").lower(), {}) if fonts is not None else {}
    for part in list(run):
        if local(part) == "sym":
            code = attribute(part, "char")
            number = int(code, 16) % _PRIVATE if len(code) <= 4 and _is_hex(code) else 0
            if sign := _SIGNS.get(attribute(part, "font").lower(), {}).get(number):
                part.addprevious(_text(sign))
                run.remove(part)
        elif own and local(part) == "t":
            part.text = "".join(own.get(ord(letter) % _PRIVATE, letter) for letter in part.text or "")


def _chosen(entries: etree._Element) -> str:
    texts = [attribute(entry, "val") for entry in entries.iterchildren("{*}listEntry")]
    said = entries.find("{*}result")
    number = attribute(said if said is not None else entries.find("{*}default"), "val") or "0"
    return texts[int(number)] if number.isdecimal() and len(number) < 5 and int(number) < len(texts) else ""


def _says(state: etree._Element | None) -> bool:
    return state is not None and attribute(state, "val") not in {"0", "false", "off"}


def _is_hex(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdefABCDEF" for letter in text)


def _text(text: str) -> etree._Element:
    made = etree.Element(f"{{{_W}}}t")
    made.text = text
    return made
