"""How is LaTeX brought into a form that a parser of its usual commands understands?

What must be taken literally is put aside, of conditions one branch is taken, the document's own commands are replaced
by what they stand for, and what is open is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.read.latex.conditions import taken
from ingest.read.latex.groups import argument, balanced, behind_blanks

FENCE = "citewellfence"  # the command that stands for what was put aside
_LITERAL = re.compile(
    r"\\begin\s*\{(verbatim\*?|lstlisting|minted|Verbatim|BVerbatim|alltt|comment|filecontents\*?|pycode)\}"
    r"([ \t]*\[[^\]]*\])?([ \t]*\{[^{}\n]*\})?"
)
_INLINE = re.compile(
    r"\\(?:lstinline|mintinline(?:\[[^\]]*\])?\{\w+\}|verb\*?)(?:\[[^\]]*\])?(?:\{([^{}\n]*)\}|([^\w\s{*])(.*?)\2)"
)
_COMMENTED = re.compile(r"(?<!\\)(?:\\\\)*%")
_LANGUAGE = re.compile(r"language\s*=\s*\{?(?:\[[^\]]*\])?([\w+#-]+)")
_CAPTION = re.compile(r"(?:caption|title)\s*=\s*(?:\{([^{}]*)\}|([^,\]]*))")
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|DeclareRobustCommand)\*?\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))"
    r"\s*(?:\[(\d)\])?\s*(?:\[([^\]]*)\])?\s*(?=\{)|\\[gex]?def\s*\\([A-Za-z@]+)((?:\s*#\d)*)\s*(?=\{)"
)
_ENVIRONMENT = re.compile(r"\\(?:re|provide)?newenvironment\*?\s*\{[^{}]*\}\s*(?:\[\d\])?\s*(?:\[[^\]]*\])?\s*(?=\{)")
_THEOREM = re.compile(r"\\newtheorem\*?\s*\{(\w+\*?)\}\s*(?:\[\w+\])?\s*\{([^{}]*)\}\s*(?:\[\w+\])?")
_LONGEST_LINE = 1000
_PASSES = 6  # commands that use commands
_GROWTH = 4  # times the length of the file, beyond which nothing more is replaced


@dataclass(frozen=True, slots=True)
class Literal:
    """Code that was put aside; `inline` within a line."""

    code: str
    language: str = ""
    caption: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The text to be parsed, what was put aside by its number, and how environments for theorems call themselves."""

    text: str
    literals: list[Literal] = field(default_factory=list)
    theorems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Command:
    arguments: int
    default: str | None
    body: str


def prepared(text: str) -> Source:
    """The source with its literal parts put aside and its own commands replaced."""
    literals: list[Literal] = []

    def aside(literal: Literal) -> str:
        literals.append(literal)
        return f"\\{FENCE}{{{len(literals) - 1}}}"

    def inline(found: re.Match[str]) -> str:
        code = found[1] or found[3] or ""
        return found[0] if _is_commented(text, found.start()) else aside(Literal(code, inline=True))

    kept: list[str] = []
    reached = 0
    for found in _LITERAL.finditer(text):
        end = text.find(f"\\end{{{found[1]}}}", found.end())
        if end < 0:
            break
        if found.start() >= reached and not _is_commented(text, found.start()):
            kept += text[reached : found.start()], aside(_literal(found, text[found.end() : end]))
            reached = end + len(found[1]) + 6
    text = "".join([*kept, text[reached:]])
    text = taken(_INLINE.sub(inline, text))
    theorems = dict(_THEOREM.findall(text))
    text, commands = _without_definitions(_without_environments(_THEOREM.sub("", text)))
    return Source(balanced(_expanded(text, commands)), literals, theorems)


def _is_commented(text: str, at: int) -> bool:
    begin = max(text.rfind("\n", 0, at) + 1, at - _LONGEST_LINE)
    return bool(_COMMENTED.search(text, begin, at))


def _literal(found: re.Match[str], code: str) -> Literal:
    environment, options, braces = found[1], found[2] or "", (found[3] or "").strip(" \t{}")
    if environment == "comment" or environment.startswith("filecontents"):
        return Literal("")
    if environment != "minted" and found[3]:
        code = f"{found[3]}{code}"
    language = braces if environment == "minted" else ""
    if named := _LANGUAGE.search(options):
        language = named[1].lower()
    caption = _CAPTION.search(options)
    return Literal(code, language, " ".join((caption[1] or caption[2] or "").split()) if caption else "")


def _without_environments(text: str) -> str:
    """The text without the definitions of environments, whose two halves are no text and end what the other begins."""
    kept: list[str] = []
    reached = 0
    for found in _ENVIRONMENT.finditer(text):
        if found.start() >= reached:
            kept.append(text[reached : found.start()])
            _, behind = argument(text, found.end())
            _, reached = argument(text, behind_blanks(text, behind))
    return "".join([*kept, text[reached:]])


def _without_definitions(text: str) -> tuple[str, dict[str, _Command]]:
    commands: dict[str, _Command] = {}
    kept: list[str] = []
    reached = 0
    for found in _DEFINITION.finditer(text):
        if found.start() < reached:
            continue
        body, end = argument(text, found.end())
        name = found[1] or found[2] or found[5]
        count = int(found[3] or 0) if not found[5] else found[6].count("#")
        if not re.search(r"\\(?:begin|end|section|chapter|item)\b|@", body):
            commands[name] = _Command(count, found[4], body)
        kept.append(text[reached : found.start()])
        reached = end
    return "".join([*kept, text[reached:]]), commands


def _expanded(text: str, commands: dict[str, _Command]) -> str:
    if not commands:
        return text
    names = "|".join(sorted(map(re.escape, commands), key=len, reverse=True))
    use = re.compile(rf"\\({names})(?![A-Za-z@])")
    largest = _GROWTH * len(text) + 4096
    for _ in range(_PASSES):
        made: list[str] = []
        reached = size = 0
        for found in use.finditer(text):
            if found.start() < reached:
                continue
            words, end = _replaced(text, found.end(), commands[found[1]])
            made += text[reached : found.start()], words
            size += len(words)
            reached = end
            if size > largest:
                break
        if not made:
            break
        text = "".join([*made, text[reached:]])
        if len(text) > largest:
            break
    return text


def _replaced(text: str, at: int, command: _Command) -> tuple[str, int]:
    given: list[str] = []
    spaces = re.compile(r"[ \t]*\n?[ \t]*")
    if command.default is not None:
        optional = re.compile(r"\s*\[([^\]]*)\]").match(text, at)
        given.append(optional[1] if optional else command.default)
        at = optional.end() if optional else at
    while len(given) < command.arguments:
        skipped = spaces.match(text, at)
        words, at = argument(text, skipped.end() if skipped else at)
        given.append(words)
    if not command.arguments:
        skipped = re.compile(r"[ \t]*(?:\{\})?").match(text, at)
        empty = skipped is not None and skipped[0].endswith("{}")
        at = skipped.end() if skipped and empty else at
    body = re.sub(
        r"#([1-9])", lambda found: given[int(found[1]) - 1] if int(found[1]) <= len(given) else "", command.body
    )
    return f"{{{body}}}" if re.search(r"\\[A-Za-z]+$", body) else body, at
