"""Does LaTeX give what a reader of the printed page sees, in time that grows with its length alone?"""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pylatexenc import latexwalker

from ingest.model import Document
from ingest.read.latex import markdown as latex_markdown
from ingest.read.latex.conditions import taken
from ingest.read.latex.groups import balanced
from ingest.read.registry import read
from tests.ingest.read.reading import one


@pytest.fixture
def text_of(tmp_path):
    def give(body, preamble=""):
        path = tmp_path / "a.tex"
        path.write_text(f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n")
        (document,) = read(path, "box/a.tex")
        assert isinstance(document, Document), document
        return document.text

    return give


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\iffalse hidden \else shown \fi", "shown"),
        (r"\iftrue shown \else hidden \fi", "shown"),
        (r"\iffalse hidden \fi shown", "shown"),
        (r"\newif\ifdraft \ifdraft hidden \else shown \fi", "shown"),
        (r"\newif\ifdraft \drafttrue \ifdraft shown \else hidden \fi", "shown"),
        (r"\newif\ifa \newif\ifb \atrue \ifa\ifb hidden \else shown \fi\else hidden \fi", "shown"),
        (r"\newif\ifa \iffalse\atrue\fi \ifa hidden \else shown \fi", "shown"),
        (r"\newif\ifa \unless\ifa shown \else hidden \fi", "shown"),
        (r"\iffalse \iftrue hidden \else hidden \fi \else shown \fi", "shown"),
        (r"\ifnum 3>2 shown \else hidden \fi", "shown"),
        (r"\ifnum\value{x}>2 shown \else hidden \fi", None),
        (r"\ifodd 2 hidden \else shown \fi", "shown"),
        (r"\ifcase 1 hidden \or shown \or hidden \else hidden \fi", "shown"),
        (r"\ifcase 7 hidden \or hidden \else shown \fi", "shown"),
        (r"\ifdefined\nothing hidden \else shown \fi", "shown"),
        (r"\newcommand{\version}{2}\ifdefined\version shown \else hidden \fi", "shown"),
        (r"\ifx\version\undefined shown \else hidden \fi", "shown"),
        (r"\ifcsname nothing\endcsname hidden \else shown \fi", "shown"),
        (r"\ifPDFTeX shown \else hidden \fi", "shown"),
        (r"\if@twocolumn hidden \else shown \fi", "shown"),
        (r"\newboolean{long}\setboolean{long}{true}\ifthenelse{\boolean{long}}{shown}{hidden}", "shown"),
        (r"\ifthenelse{\equal{a}{b}}{hidden}{shown}", "shown"),
        (r"\ifthenelse{\NOT \equal{a}{b}}{shown}{hidden}", "shown"),
        (r"\ifdim 3pt<2pt hidden \else shown \fi", "shown"),
        (r"\ifdef{\nothing}{hidden}{shown}", "shown"),
        (r"\newcommand{\version}{2}\ifdef{\version}{shown}{hidden}", "shown"),
        (r"\ifundef\nothing{shown}{hidden}", "shown"),
        (r"\ifcsdef{nothing}{hidden}{shown}", "shown"),
        (r"\ifstrequal{a}{b}{hidden}{shown}", "shown"),
        (r"\ifblank{ }{shown}{hidden}", "shown"),
        (r"\ifnumcomp{1}{>}{2}{hidden}{shown}", "shown"),
        (r"\ifnumless{1}{2}{shown}{hidden}", "shown"),
        (r"\ifnumodd{4}{hidden}{shown}", "shown"),
        (r"\ifboolexpr{togl {x} or bool {y}}{hidden}{shown}", None),
        (r"\newtoggle{x}\iftoggle{x}{hidden}{shown}\toggletrue{x}", None),
        (r"% \iffalse" + "\nshown % \\fi", "shown"),
        (r"shown $a \iff b$", "shown $a \\iff b$"),
        (r"\iftrue shown without its end", "\\iftrue shown without its end"),
    ],
)
def test_of_a_condition_one_branch_is_there(source, text):
    said = " ".join(taken(source).replace("\\newcommand{\\version}{2}", "").split())
    if text is None:
        assert ("shown" in said) is not ("hidden" in said)
    elif source.startswith("%"):
        assert said == " ".join(source.split()), "what is commented out is no condition"
    else:
        assert said == text


def test_a_branch_that_is_not_there_is_not_read(text_of):
    switch = "\\newif\\ifinternal\n\\internalfalse"
    body = "The limit is \\ifinternal 900\\else 400\\fi{} euros.\n\n\\ifinternal Secret: 7.\\fi"
    assert text_of(body, switch) == "The limit is 400 euros."
    assert "900 euros.\n\nSecret: 7." in text_of(body, switch.replace("false", "true"))


PIECES = [
    *("{", "}", "[", "]", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{A}", "\\end{A}", "\\begin{itemize}"),
    *(
        "\\end{itemize}",
        "\\item ",
        "\\section",
        "\\textbf",
        "\\emph{b}",
        "word",
        " ",
        "\n\n",
        "% c\n",
        "\\{",
        "\\\\",
        "&",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("$}$")
@example("\\emph}b")
def test_what_is_open_is_closed_and_what_was_closed_stays_as_it_was(source):
    whole = balanced(source)
    assert balanced(whole).replace("{[}", "[") == whole.replace("{[}", "[")
    alone = re.sub(r"\\(?:section|textbf|item|emph|\\)", "x", whole)  # what they take is not at issue
    walker = latexwalker.LatexWalker(alone, latex_context=latex_markdown.context(()), tolerant_parsing=False)
    walker.get_latex_nodes()  # raises where anything is out of order


@pytest.mark.parametrize(
    "piece",
    [
        "\\newenvironment{a}{\\begin{A} {\\bf :} }{\\end{A}}\n",
        "\\section[abc {\\bf a} \n",
        "{\\section[abc {\\bf a} }\n",
        "\\textbf{\\section[a $x} \\emph{b\n",
        "\\footnote{\\begin{A} x \\caption[b}\n",
        "\\href{a}{\\begin{A}\\item[x $y}\n",
    ],
)
def test_what_is_never_closed_takes_no_longer_for_being_repeated(text_of, piece):
    text_of(f"{piece} x")  # what is loaded first is not timed
    began = time.process_time()
    assert "last words" in text_of(piece * 60 + "last words")
    assert time.process_time() - began < 2.0, "twelve took five seconds, and each more twice as long"


def test_an_environment_of_its_own_leaves_no_halves(text_of):
    made = "\\newenvironment{note}[1][x]{\\begin{quote}\\textbf{#1} }{\\end{quote}}"
    assert text_of("\\begin{note}Keep it dry.\\end{note}", made) == "Keep it dry."


def test_a_stray_mark_costs_nothing_but_itself(text_of):
    body = "It costs 5$ a day.\n\nMore {\\bf words.\n\n\\begin{itemize}\\item one } \\item two\\end{itemize}\n\nEnd."
    text = text_of(body)
    assert "It costs 5$ a day." in text
    for words in ("More words.", "one", "two", "End."):
        assert words in text


@pytest.mark.slow
def test_a_megabyte_is_read_well_within_the_limit(text_of):
    part = (
        "\\section{Part}\nThe pump of line one \\emph{must} be $x^2+y$ tested \\cite{foo} each week; see \\ref{tab}. "
        "\\textbf{Never} open it while it runs, not even for a short time, and not alone.\n\n"
        "\\begin{itemize}\\item one \\item two\\end{itemize}\n"
    )
    began = time.process_time()
    assert text_of(part * 1000).count("The pump") == 1000
    assert time.process_time() - began < 5.0, "a quarter of a megabyte, of 20 seconds for one"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*PIECES, "two words", "a.b, (c)", "\n", "*", "\\section*", "ü–", "~", "--"])).map("".join)
)
def test_words_as_one_token_say_the_same(source):
    ours = latex_markdown.Walker(source, latex_context=latex_markdown.context(()), tolerant_parsing=True)
    theirs = latexwalker.LatexWalker(source, latex_context=latex_markdown.context(()), tolerant_parsing=True)
    one, other = (
        re.sub(r"<[^<>]* object at 0x\w+>|\d{9,}", "", str(walker.get_latex_nodes())) for walker in (ours, theirs)
    )
    assert one == other


@pytest.mark.parametrize(
    ("preamble", "tag"),
    [
        ("\\usepackage[english,ngerman]{babel}", "de"),
        ("\\usepackage[main=british, % not american\n ngerman]{babel}", "en-GB"),
        ("\\documentclass[a4paper,french]{article}\n\\usepackage{babel}", "fr"),
        ("\\setmainlanguage[variant=swiss]{german}\n\\setotherlanguage{english}", "de"),
        ("% \\usepackage[ngerman]{babel}", None),
    ],
)
def test_the_main_language_of_latex_is_kept(file, preamble, tag):
    document = one(file("a.tex", preamble + "\n\\begin{document}\nWords\n\\end{document}\n"))
    assert (document.text, document.metadata.get("language")) == ("Words", tag)


def test_a_head_of_two_rows_in_latex_names_each_column_whole(file):
    body = (
        "\\begin{tabular}{lcc}\\toprule Pump & \\multicolumn{2}{c}{Pressure} \\\\ \\cmidrule{2-3} & first & last \\\\"
        "\\midrule P-1 & 1 & 2 \\\\ \\bottomrule\\end{tabular}"
    )
    table = "| Pump | Pressure first | Pressure last |\n| --- | --- | --- |\n| P-1 | 1 | 2 |"
    assert one(file("a.tex", f"\\begin{{document}}{body}\\end{{document}}")).text == table
