"""How is a Word document put right for mammoth, which passes over what it does not know?

Equations, text boxes, diagrams, charts and descriptions become ordinary runs and paragraphs; what stands outside of the
body (headers, footers, comments) is given apart.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from ingest.read.office.drawing import chart, diagram
from ingest.read.office.equation import linear
from ingest.read.office.package import Relation, attribute, link, local, parse, readable, relations
from ingest.read.office.word_forms import fill_forms
from ingest.read.office.word_looks import Looks
from ingest.read.office.word_numbers import Numbers, spelled
from ingest.read.unseen import described, unseen
from ingest.read.writing.rows import one_line
from ingest.read.writing.standing import COUNT, standing_lines

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LONGEST = 1 << 14  # letters of an attribute
_LONG = re.compile(rb'="[^"]{%d}' % _LONGEST)
_UNWRAPPED = {"dir", "bdo", "fldSimple", "oMathPara"}
_NO_LISTS = f'<w:numbering xmlns:w="{_W}"/>'.encode()
_SHOWN = {"t", "tab", "br", "cr", "sym", "noBreakHyphen", "drawing", "pict", "object"}
_COUNTED = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)


def settled(archive: zipfile.ZipFile, main: str, counted: Numbers) -> dict[str, bytes]:
    """The parts with running text, rewritten so that mammoth loses none of it; `main` is the document's own part.

    Those that are damaged are left out, but for `main`.
    """
    related = relations(archive, main)
    looks = Looks.of(archive, main)
    # Its lists are made from the numbers that are written out: the library's begin anew after each paragraph
    made = {each.target: _NO_LISTS for each in related.values() if each.kind == "numbering"}
    for part in [main, *(each.target for each in related.values() if each.kind in {"footnotes", "endnotes"})]:
        root = parse(archive.read(main)) if part == main else readable(archive, part)
        if root is not None:
            _settle(root, archive, relations(archive, part), counted, looks)
            made[part] = _written(root)
    return made


def _written(root: etree._Element) -> bytes:
    """The part without very long attributes: they hold no words, and mammoth's parser takes minutes over some."""
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    if _LONG.search(data):
        for element in root.iter(etree.Element):
            for key in [key for key, value in element.attrib.items() if len(value) >= _LONGEST]:
                del element.attrib[key]
        data = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def around(archive: zipfile.ZipFile, main: str, counted: Numbers) -> Iterator[str]:
    """Headers and footers, each line once; then the reviewers' comments, as Markdown."""
    lines: list[str] = []
    comments: list[str] = []
    looks = Looks.of(archive, main)
    for relation in relations(archive, main).values():
        if relation.kind not in {"header", "footer", "comments"}:
            continue
        root = readable(archive, relation.target)
        if root is None:
            continue
        _settle(root, archive, relations(archive, relation.target), counted, looks)
        if relation.kind != "comments":
            lines += [spelled(_line(each)) for each in root.iter("{*}p")]
        else:
            comments += [unseen(text, "comment") for each in root.iter("{*}comment") if (text := _comment(each))]
    yield standing_lines(lines)
    if comments:
        yield "Comments:\n\n" + "\n".join(f"- {comment}" for comment in comments)


def language(archive: zipfile.ZipFile, main: str) -> str:
    """The language of the usual paragraph's style, else of the document's defaults; empty where neither says it."""
    part = next((each.target for each in relations(archive, main).values() if each.kind == "styles"), "")
    root = readable(archive, part)
    if root is None:
        return ""
    usual = [
        style
        for style in root.iterchildren("{*}style")
        if attribute(style, "default") in {"1", "true"} and attribute(style, "type") == "paragraph"
    ]
    for place in (*usual, *root.iterchildren("{*}docDefaults")):
        for said in place.iter("{*}lang"):
            if (tag := attribute(said, "val")) and tag.lower() != "x-none":
                return tag
    return ""


def _settle(
    root: etree._Element, archive: zipfile.ZipFile, related: dict[str, Relation], counted: Numbers, looks: Looks
) -> None:
    _take_choices(root)
    fill_forms(root)
    counted.mark(root)  # while text boxes stand where they are anchored, and what is hidden is there
    _leave_hidden(root)
    looks.mark(root)
    for math in list(root.iter("{*}oMath")):
        _replace(math, [_run(linear(math))])
    ends: dict[etree._Element, etree._Element] = {}
    for drawing in list(root.iter("{*}drawing", "{*}pict", "{*}object")):
        _spell(drawing, archive, related, ends)
    for ruby in list(root.iter("{*}ruby")):  # how letters are pronounced stands behind them
        said = "".join(_text(above) for above in ruby.iterchildren("{*}rt"))
        _replace(ruby, [*ruby.iterfind("{*}rubyBase/*"), _run(f"({said})")])
    for field in root.iter("{*}fldSimple"):
        if _COUNTED.match(attribute(field, "instr")):
            for text in field.iter("{*}t"):
                text.tag = f"{{{_W}}}pgNum"
    for element in list(root.iter(*(f"{{*}}{name}" for name in _UNWRAPPED))):
        _replace(element, list(element))
    for element in root.iter("{*}cr"):
        element.tag = f"{{{_W}}}br"
    for element in root.iter("{*}ptab"):
        element.tag = f"{{{_W}}}tab"
    for element in root.iter("{*}br"):
        for key in [key for key in element.attrib if str(key).endswith("}type")]:
            del element.attrib[key]  # the end of a page or column parts words too


def _take_choices(root: etree._Element) -> None:
    """Of each alternative the first that holds words, or else the first."""
    for choices in list(root.iter("{*}AlternateContent")):
        if choices.getparent() is not None:
            found = next((choice for choice in choices if next(choice.iter("{*}t"), None) is not None), None)
            _replace(choices, [shape for choice in ([*choices][:1] if found is None else [found]) for shape in choice])


def _leave_hidden(root: etree._Element) -> None:
    """Takes out what the author has hidden; marks of fields and notes stay, since others belong to them."""
    for run in list(root.iter("{*}r")):
        hidden = run.find("{*}rPr/{*}vanish")
        if hidden is not None and attribute(hidden, "val") not in {"0", "false", "off"}:
            for part in [part for part in run if local(part) in _SHOWN]:
                run.remove(part)


def _spell(
    drawing: etree._Element,
    archive: zipfile.ZipFile,
    related: dict[str, Relation],
    ends: dict[etree._Element, etree._Element],
) -> None:
    """Puts a drawing's description in its place, and what is written in it behind the paragraph that it stands in.

    `ends` holds the last of what stands behind each paragraph already.
    """
    if drawing.getparent() is None or any(local(above) == "txbxContent" for above in drawing.iterancestors()):
        _leave_description(drawing)
        return
    blocks = [block for box in drawing.iter("{*}txbxContent") for block in box]
    readers: dict[str, tuple[str, Callable[[etree._Element], str]]] = {
        "chart": ("id", chart),
        "relIds": ("dm", diagram),
    }
    for shown in drawing.iter("{*}chart", "{*}relIds"):
        key, reader = readers[local(shown)]
        relation = related.get(link(shown, key))
        root = readable(archive, relation.target) if relation is not None else None
        if root is not None:
            blocks += _blocks(reader(root))
    paragraph = next((above for above in drawing.iterancestors() if local(above) == "p"), None)
    if paragraph is not None:
        for block in blocks:
            ends.get(paragraph, paragraph).addnext(block)
            ends[paragraph] = block
    _leave_description(drawing)


def _leave_description(drawing: etree._Element) -> None:
    words = [shape.get("descr") or shape.get("title") for shape in drawing.iter("{*}docPr")]
    words += [shape.get("alt") for shape in drawing.iter("{urn:schemas-microsoft-com:vml}shape")]
    text = one_line(" ".join(dict.fromkeys(filter(None, words))))
    if drawing.getparent() is not None:
        _replace(drawing, [_element("t", f" {described(text)} ")] if text else [])


def _blocks(markdown: str) -> Iterator[etree._Element]:
    """Paragraphs and tables of what was made Markdown already."""
    for block in markdown.split("\n\n"):
        lines = block.split("\n")
        if block.startswith("| "):
            yield _element("tbl", *(_row(line) for line in [lines[0], *lines[2:]]))
        else:
            yield from (_element("p", _run(line.strip())) for line in lines if line.strip())


def _row(line: str) -> etree._Element:
    cells = line.replace("\\|", "\0").strip("|").split("|")
    return _element("tr", *(_element("tc", _element("p", _run(cell.strip().replace("\0", "|")))) for cell in cells))


def _element(name: str, *content: etree._Element | str) -> etree._Element:
    made = etree.Element(f"{{{_W}}}{name}")
    for each in content:
        if isinstance(each, str):
            made.text = each
        else:
            made.append(each)
    return made


def _run(text: str) -> etree._Element:
    return _element("r", _element("t", text))


def _replace(element: etree._Element, others: Iterable[etree._Element]) -> None:
    parent = element.getparent()
    for other in others:
        other.tail = None
        element.addprevious(other)
    parent.remove(element)


def _comment(comment: etree._Element) -> str:
    author = attribute(comment, "author")
    text = one_line(" ".join(spelled(_text(paragraph)) for paragraph in comment.iter("{*}p")))
    return f"{author}: {text}" if author and text else text


def _text(element: etree._Element) -> str:
    return "".join(_letters(part) for part in element.iter("{*}t", "{*}tab", "{*}br"))


def _letters(part: etree._Element) -> str:
    return {"tab": "\t", "br": " "}.get(local(part), part.text or "")


def _line(paragraph: etree._Element) -> str:
    """The text of a header's paragraph with `COUNT` in the place of the numbers of pages."""
    text = ""
    fields: list[str] = []  # the instructions of the fields that are open
    for part in paragraph.iter("{*}t", "{*}tab", "{*}br", "{*}fldChar", "{*}instrText", "{*}pgNum"):
        name = local(part)
        if name == "fldChar":
            kind = attribute(part, "fldCharType")
            if kind == "begin":
                fields.append("")
            elif kind == "end" and fields:
                fields.pop()
        elif name == "instrText":
            fields[-1:] = [fields[-1] + (part.text or "")] if fields else []
        elif name == "pgNum" or (fields and _COUNTED.match(fields[-1])):
            text += COUNT
        elif name != "tab" or local(part.getparent()) == "r":  # other tabs say where tabs stop
            text += _letters(part)
    return text
