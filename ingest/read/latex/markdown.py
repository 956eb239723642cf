"""How do LaTeX's commands and environments read as Markdown?

pylatexenc parses, and knows accents and symbols; what a command means for the text is said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pylatexenc import latex2text
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexSpecialsNode,
)

from ingest.read.latex.commands import (
    ACCENTS,
    CITES,
    CODE,
    FOOTNOTES,
    FORMULA,
    GERMAN,
    INCLUDES,
    LISTS,
    MATH,
    REFERENCES,
    SECTIONS,
    SILENT,
    SPECIALS,
    SYMBOLS,
    TABLES,
    THEOREMS,
    UNWRAPPED,
    context,
)
from ingest.read.latex.nodes import arguments, delimiter, is_macro, is_star, items_of, last
from ingest.read.latex.source import FENCE, Source
from ingest.read.latex.table import rows_of, table
from ingest.read.latex.words import Walker
from ingest.read.sandbox.late import is_late
from ingest.read.writing.fences import fenced
from ingest.read.writing.paragraphs import BREAK, Blocks

_NODE = re.compile(r"node[^;{}]*\{([^{}]*)\}")
_ALT = re.compile(r"\balt\s*=\s*(?:\{([^{}]*)\}|([^,\]]*))")
_OVERLAY = re.compile(r"^<[\d,+|a-z:-]*>\s*")  # when a slide shows it
_NOTE = re.compile(r"\[\^\d+\]")
_AT_ONCE = 200  # nodes between two looks at the time
_PARAGRAPH = re.compile(r"[ \t]*\n[ \t]*\n\s*")


class Converter:
    """Turns source into blocks of Markdown. `german` says that `"a` is an ä, as babel has it."""

    def __init__(self, source: Source, *, german: bool = False) -> None:
        self._source, self._german = source, german
        self._db = context(source.theorems)
        self._symbols = latex2text.LatexNodes2Text(math_mode="verbatim", keep_comments=False, strict_latex_spaces=True)
        self._levels: dict[str, int] = {}
        self.notes: list[str] = []
        self._notes = 0

    def blocks(self, text: str, *, titled: bool) -> tuple[list[str], float]:
        """The blocks of a text, and what share of it was not read in time, usually 0.

        Where it is `titled`, its sections stand below a first heading.
        """
        used = [name for name in SECTIONS if re.search(rf"\\{name}\b", text)]
        self._levels = {name: min(6, number + 1 + titled) for number, name in enumerate(used)}
        walker = self._walker(text)
        writer = Blocks()
        at = 0
        while at < len(text):
            if at and is_late():
                break
            nodes, at, length = walker.get_latex_nodes(at, read_max_nodes=_AT_ONCE)
            self.write(nodes, writer)
            at += max(length, 1)
        writer.end()
        return writer.done, max(0.0, 1 - at / len(text)) if text else 0.0

    def line(self, text: str) -> str:
        """The words of a text that is one line, such as a title; its notes are kept in `notes`."""
        blocks = self.of(self.parsed(text))
        self.notes += [block for block in blocks if _NOTE.match(block)]
        words = ", ".join(block.replace("\n", ", ") for block in blocks if not _NOTE.match(block))
        return " ".join(_NOTE.sub("", words).replace(" ,", ",").split())

    def parsed(self, text: str) -> Sequence[Any]:
        nodes: Sequence[Any] = self._walker(text).get_latex_nodes()[0]
        return nodes

    def _walker(self, text: str) -> Walker:
        return Walker(text, latex_context=self._db, tolerant_parsing=True)

    def of(self, nodes: Sequence[Any]) -> list[str]:
        """The blocks of parsed nodes."""
        writer = Blocks()
        self.write(nodes, writer)
        writer.end()
        return writer.done

    def words(self, nodes: Sequence[Any]) -> str:
        """The text of nodes that stand in a line: a title, a cell, an argument."""
        return " ".join(self.of(nodes))

    def write(self, nodes: Sequence[Any], out: Blocks) -> None:
        for node in nodes:
            if isinstance(node, LatexCharsNode):
                self.characters(node.chars, out)
            elif isinstance(node, LatexGroupNode):
                self.write(node.nodelist, out)
            elif isinstance(node, LatexSpecialsNode):
                self.special(node.specials_chars, out)
            elif isinstance(node, LatexMathNode):
                self.formula(node, out)
            elif isinstance(node, LatexEnvironmentNode):
                self.environment(node, out)
            elif isinstance(node, LatexMacroNode):
                self.macro(node, out)

    def special(self, characters: str, out: Blocks) -> None:
        if "\n" in characters:
            out.end()
        else:
            out.say(SPECIALS.get(characters, characters))

    def characters(self, text: str, out: Blocks) -> None:
        if self._german:
            text = re.sub(r'"([aouAOUs`\'<>=~-])', lambda found: GERMAN[found[1]], text)
        for number, part in enumerate(_PARAGRAPH.split(text)):
            if number:
                out.end()
            out.say(part)

    def formula(self, node: Any, out: Blocks) -> None:
        source = node.latex_verbatim()
        if node.displaytype == "inline":
            inner = "".join(part.latex_verbatim() for part in node.nodelist).strip()
            out.say(f"${inner}$")
        else:
            out.block(f"$$\n{re.sub(chr(10) + '+', chr(10), source[2:-2].strip())}\n$$")

    def environment(self, node: Any, out: Blocks) -> None:
        name = node.environmentname
        plain = name.rstrip("*")
        given = [argument for argument in arguments(node) if argument is not None]
        if plain in MATH:
            out.block(re.sub(r"\n\s*\n", "\n", node.latex_verbatim().strip()))
        elif plain in TABLES:
            out.block(table(rows_of(node.nodelist, self.words)))
        elif plain in LISTS:
            out.block("\n".join(self.items(node.nodelist, plain)))
        elif plain in {"table", "wraptable", "longtable", "sidewaystable", "threeparttable"}:
            captions = [part for part in node.nodelist if is_macro(part, "caption")]
            self.write([*captions, *(part for part in node.nodelist if part not in captions)], out.fresh())
        elif plain == "tikzpicture":
            out.block("\n".join(self.line(label) for label in _NODE.findall(node.latex_verbatim()) if label.strip()))
        elif plain in THEOREMS or name in self._source.theorems:
            self.theorem(self._source.theorems.get(name, plain.capitalize()), node, out)
        elif plain in {"frame", "block", "alertblock", "exampleblock"}:
            inner = list(node.nodelist)
            while plain == "frame" and inner and (isinstance(inner[0], LatexGroupNode) or _is_blank(inner[0])):
                given.append(inner.pop(0))  # a frame need not have a title
            titles = [self.words([each]) for each in given if delimiter(each) == "{"]
            out.heading(3 if plain == "frame" else 4, " ".join(filter(None, titles)))
            self.write(inner, out.fresh())
        else:
            self.write(node.nodelist, out.fresh())
        out.end()

    def theorem(self, called: str, node: Any, out: Blocks) -> None:
        """What LaTeX prints above it, without the number that it would count."""
        out.end()
        if called == "Abstract":
            out.heading(2, called)
        else:
            named = self.words([argument for argument in arguments(node) if argument is not None])
            out.say(f"{called} ({named.strip('[]')}): " if named else f"{called}: ")
        self.write(node.nodelist, out)

    def items(self, nodes: Sequence[Any], kind: str) -> Iterator[str]:
        """The items of a list, with what is nested in them indented."""
        for number, item in enumerate(items_of(nodes), start=1):
            mark = item[0]
            label = self.words([argument for argument in arguments(mark) if argument is not None])
            if is_macro(mark, "bibitem"):
                label = f"[{last(mark)}]"
            bullet = f"{number}. " if kind in {"enumerate", "compactenum", "inparaenum"} and not label else "- "
            blocks = self.of(item[1:])
            if blocks and not is_macro(mark, "bibitem"):
                blocks[0] = _OVERLAY.sub("", blocks[0])
            lead = f"{label}{':' if kind == 'description' and not label.endswith(':') else ''} " if label else ""
            if blocks or label:
                indent = " " * len(bullet)
                inner = "\n".join([f"{lead}{''.join(blocks[:1])}".rstrip(), *blocks[1:]])
                yield bullet + inner.replace("\n", f"\n{indent}")

    def macro(self, node: Any, out: Blocks) -> None:
        name = node.macroname
        given = [argument for argument in arguments(node) if argument is not None]
        if name in self._levels:
            out.heading(self._levels[name], self.words(given[-1:]).replace("\n", " "))
        elif name == FENCE:
            self.literal(int(last(node) or 0), out)
        elif name in {"\\", "newline", "linebreak", "tabularnewline", "hfill", "quad", "qquad"}:
            out.say(BREAK if name in {"\\", "newline", "linebreak"} else " ")
        elif name in {"par", "item", "bibitem", "maketitle", "newpage", "clearpage", "bigskip", "medskip", "smallskip"}:
            out.end()
        elif name in FOOTNOTES:
            self._notes += 1
            out.note(self._notes, self.words(given[-1:]).replace("\n", " "))
        elif name in CITES:
            out.say(self.citation(node, given))
        elif name in REFERENCES:
            out.say(f"[{last(node)}]")
        elif name in {"caption", "captionof", "subcaption"}:
            out.block(self.words(given[-1:]).replace("\n", " "))
        elif name in {"frametitle", "framesubtitle"}:
            out.heading(3 if name == "frametitle" else 4, self.words(given[-1:]))
        elif name in INCLUDES:
            out.block(f"`{node.latex_verbatim().strip()}`")
        else:
            self.inline(node, name, given, out)

    def citation(self, node: Any, given: list[Any]) -> str:
        notes = [self.words([argument]).strip("[]") for argument in given[:-1] if delimiter(argument) == "["]
        before, after = (notes[0], notes[1]) if len(notes) > 1 else ("", "".join(notes))
        keys = ", ".join(key.strip() for key in last(node).split(","))
        return f"[{f'{before} ' if before else ''}{keys}{f', {after}' if after else ''}]"

    def inline(self, node: Any, name: str, given: list[Any], out: Blocks) -> None:
        if name == "includegraphics":
            described = _ALT.search(node.latex_verbatim())
            out.say(f" {(described[1] or described[2]).strip()} " if described else "")
        elif name in SILENT:
            return
        elif name in FORMULA:
            out.say(f"${node.latex_verbatim()}$")
        elif name in CODE:
            words = self.words(given[-1:])
            out.say(f"`{words}`" if words and "`" not in words else words)
        elif name in UNWRAPPED:
            self.write(given[-1:], out)
        elif name == "url":
            out.say(last(node))
        elif name == "and":
            out.say(", ")
        elif name == "enquote":
            out.say(f"“{self.words(given[-1:])}”")
        elif name in SYMBOLS:
            out.say(SYMBOLS[name])
        elif name in ACCENTS or not given:
            out.say(str(self._symbols.nodelist_to_text([node])))
        else:
            self.write([argument for argument in given if delimiter(argument) != "[" and not is_star(argument)], out)

    def literal(self, number: int, out: Blocks) -> None:
        literal = self._source.literals[number]
        if literal.inline:
            out.say(f"`{literal.code}`" if "`" not in literal.code else f"`` {literal.code} ``")
            return
        if literal.caption:
            out.block(self.line(literal.caption))
        out.block(fenced(literal.code, literal.language))


def _is_blank(node: Any) -> bool:
    return isinstance(node, LatexCharsNode) and not node.chars.strip() and "\n\n" not in node.chars
