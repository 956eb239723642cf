"""Which commands and environments of LaTeX are known, and what is in their arguments?

The parser has to know how many arguments a command takes; what is not listed here or there takes none, and the braces
behind it are text.
"""

from __future__ import annotations

from collections.abc import Iterable

from pylatexenc import latexwalker, macrospec

from ingest.read.latex.source import FENCE

SECTIONS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
MATH = {"equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat", "dmath"}
TABLES = {"tabular", "tabularx", "tabulary", "longtable", "supertabular", "tabu"}
LISTS = {"itemize", "enumerate", "description", "thebibliography", "compactitem", "compactenum", "inparaenum"}
THEOREMS = {"theorem", "lemma", "proof", "definition", "corollary", "proposition", "remark", "example", "abstract"}
CITES = {"cite", "citep", "citet", "citealp", "citealt", "citeauthor", "citeyear", "Citet", "Citep"} | {
    *("parencite", "textcite", "autocite", "footcite", "fullcite", "supercite", "citeyearpar")
}
REFERENCES = {"ref", "eqref", "autoref", "cref", "Cref", "pageref", "nameref", "vref"}
FOOTNOTES = {"footnote", "thanks", "footnotetext", "endnote"}
INCLUDES = {"input", "include", "subfile", "import", "includepdf", "lstinputlisting"}
FORMULA = {"ensuremath", "ce", "SI", "si", "qty", "num", "unit"}
CODE = {"texttt", "code", "path", "nolinkurl"}
SILENT = {
    *("label", "vspace", "hspace", "usepackage", "documentclass", "bibliographystyle", "bibliography", "setlength"),
    *(
        "addtolength",
        "setcounter",
        "addtocounter",
        "pagestyle",
        "thispagestyle",
        "nocite",
        "index",
        "glossary",
        "color",
    ),
    *("newcommand", "renewcommand", "providecommand", "newenvironment", "renewenvironment", "title", "author", "date"),
    *(
        "subtitle",
        "hypersetup",
        "geometry",
        "graphicspath",
        "phantom",
        "hphantom",
        "vphantom",
        "today",
        "rule",
        "cline",
    ),
    *("cmidrule", "pagenumbering", "definecolor", "addbibresource", "printbibliography", "fontsize", "selectlanguage"),
    *("hyphenation", "linespread", "newpage", "theoremstyle", "input@path", "rowcolor", "cellcolor", "columncolor"),
    *("includegraphics", "tikzset", "usetikzlibrary", "lstset", "captionsetup", "setmainfont", "markboth", "markright"),
    *("institute", "addcontentsline", "addlinespace", "specialrule", "arraybackslash", "stepcounter", "refstepcounter"),
}


def _by_name(arguments: dict[str, str]) -> dict[str, str]:
    """Which arguments each name takes: * a star, [ an optional one, { one in braces."""
    return {name: kinds for kinds, names in arguments.items() for name in names.split()}


MACROS = _by_name(
    {
        "*[{": "caption part chapter section paragraph subparagraph",
        "{": "subcaption thanks eqref autoref cref Cref nameref vref framesubtitle cline fbox hypersetup geometry "
        "lstset index ce acronym markright subfile stepcounter refstepcounter selectlanguage pagenumbering "
        "addbibresource nolinkurl path code phantom hphantom vphantom theoremstyle glossary bibliography "
        "textsuperscript uline sout subtitle",
        "{*[{": "captionof",
        "*[[{": "includegraphics parencite textcite autocite footcite fullcite supercite",
        "[{{": "href textcolor rule rotatebox qty",
        "{{{": "multicolumn addcontentsline specialrule definecolor",
        "[{[{[{": "multirow",
        "[{": "color footnotetext bibitem frametitle cmidrule si num unit todo captionsetup rowcolor cellcolor "
        "lstinputlisting includepdf institute",
        "{{": "colorbox fontsize markboth import foreignlanguage setcounter addtocounter",
        "*{": "vspace hspace enquote",
        "{[[{": "raisebox",
        "[[[{{": "parbox",
        "{[{": "scalebox",
        "*{{{": "resizebox",
        "[[{": "makebox framebox",
        "[{[{": "SI",
        "[": "addlinespace printbibliography item",
        "*{[[{{": "newenvironment renewenvironment",
    }
)
MACROS[FENCE] = "{"
ENVIRONMENTS = _by_name(
    {
        "[[[{": "minipage",
        "[": "figure figure* table table* itemize enumerate description tikzpicture threeparttable sidewaystable "
        "columns compactitem compactenum frame",
        "[{": "tabular longtable supertabular subfigure subtable",
        "{[{": "tabular* tabularx tabulary",
        "{": "tabu adjustbox thebibliography block alertblock exampleblock column otherlanguage",
        "[{[{": "wrapfigure wraptable",
        "{[": "multicols",
        "{{": "list",
        "": "landscape abstract",
    }
)
GERMAN = {"`": "„", "'": "“", "<": "«", ">": "»", "=": "-", "-": "", "~": "-"} | dict(
    zip("aouAOUs", "äöüÄÖÜß", strict=True)
)
ACCENTS = set("\"'`^~=.uvHtcdbrkG")
SYMBOLS = dict(  # which the parser's library does not spell, or not as they are seen
    pair.split("=")
    for pair in [
        "LaTeX=LaTeX",
        "TeX=TeX",
        "BibTeX=BibTeX",
        "LaTeXe=LaTeX2e",
        "XeLaTeX=XeLaTeX",
        "LuaLaTeX=LuaLaTeX",
        "copyright=©",
        "S=§",
        "P=¶",
        "pounds=£",
        "euro=€",
        "EUR=€",
        "ddag=‡",
        "checkmark=✓",
        "textbar=|",
        "textless=<",
        "textgreater=>",
        "textasciicircum=^",
        "textunderscore=_",
        "slash=/",
        "glqq=„",
        "grqq=“",
        "flqq=«",
        "frqq=»",
        "glq=‚",
        "grq=‘",
        "lq=‘",
        "rq=’",
        "SS=SS",
        "textperiodcentered=·",
        "-=",
        "/=",
    ]
) | dict.fromkeys(("space", "textvisiblespace", "enspace", "thinspace"), " ")
SPECIALS = {"~": " ", "--": "–", "---": "—", "``": "“", "''": "”", "?`": "¿", "!`": "¡", "&": " "}
UNWRAPPED = {"href", "multicolumn", "multirow", "textcolor", "colorbox", "parbox", "foreignlanguage", "raisebox"} | {
    *("scalebox", "resizebox", "rotatebox", "makebox", "framebox")
}


def context(theorems: Iterable[str]) -> macrospec.LatexContextDb:
    """What the parser knows, with these environments for theorems, which may have a name in brackets."""
    db = latexwalker.get_default_latex_context_db()
    named = {name: "[" for name in (*THEOREMS, *theorems) if name != "abstract"}
    macros = [macrospec.MacroSpec(name, arguments) for name, arguments in MACROS.items()]
    environments = [macrospec.EnvironmentSpec(name, arguments) for name, arguments in {**named, **ENVIRONMENTS}.items()]
    db.add_context_category("citewell", prepend=True, macros=macros, environments=environments)
    return db
