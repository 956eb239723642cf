"""Does each paragraph of a Word document begin with the number that Word shows before it?"""

import pytest

from tests.ingest.hostile_formats import rezipped
from tests.ingest.read.office.office_files import W, paragraph, run, word
from tests.ingest.read.reading import one


def level(depth, text, form="decimal", start=1, more="", style=""):
    linked = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{linked}{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(name, *levels):
    return f'<w:abstractNum w:abstractNumId="{name}">{"".join(levels)}</w:abstractNum>'


def listed(name, of, more=""):
    return f'<w:num w:numId="{name}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


def begins(depth, at):
    return f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{at}"/></w:lvlOverride>'


def belongs(name=None, depth=None):
    depth = "" if depth is None else f'<w:ilvl w:val="{depth}"/>'
    name = "" if name is None else f'<w:numId w:val="{name}"/>'
    return f"<w:numPr>{depth}{name}</w:numPr>"


def item(text, properties="", style="", mark=""):
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    mark = f"<w:rPr>{mark}</w:rPr>" if mark else ""
    return paragraph(f"<w:pPr>{named}{properties}{mark}</w:pPr>", run(text) if text else "")


NAMES = {"Heading1": "heading 1", "Heading2": "heading 2"}


def style(name, properties="", based_on="", more=""):
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}" {more}><w:name w:val="{NAMES.get(name, name)}"/>'
        f'<w:basedOn w:val="{based_on}"/><w:pPr>{properties}</w:pPr></w:style>'
    )


OUTLINE = definition(0, *(level(depth, "".join(f"%{n + 1}." for n in range(depth + 1))) for depth in range(9)))
OUTLINED = OUTLINE + listed(1, 0)


@pytest.fixture
def shown(tmp_path):
    """What stands in the text of a document with this body."""

    def read(body, numbering=OUTLINED, styles="", **parts):
        parts |= {"styles": styles} if styles else {}
        return one(word(tmp_path / "a.docx", body, numbering=numbering, **parts)).text

    return read


def numbers(text):
    """The first word of each line."""
    return [line.lstrip("# ").split(" ")[0] for line in text.split("\n") if line.strip()]


def counted(shown, places, numbering=OUTLINED):
    return numbers(shown("".join(item("words", belongs(*place)) for place in places), numbering))


HEADINGS = definition(
    0,
    level(0, "%1", style="Heading1"),
    level(1, "%1.%2", style="Heading2"),
    level(2, "(%3)", "lowerLetter", style="Clause"),
) + listed(1, 0)
STYLES = (
    style("Heading1", belongs(1, 0))
    + style("Heading2", belongs(1, 1))
    + style("Clause", belongs(1, 2))
    + style("Variant", "", "Heading2")
    + style("Plain", belongs(0), "Heading2")
)


def test_headings_bear_the_numbers_of_their_styles(shown):
    body = [("Payment", "Heading1"), ("Late", "Heading2"), ("words", ""), ("Deposit", "Heading2"), ("End", "Heading1")]
    text = shown("".join(item(text, style=name) for text, name in [*body, ("Notice", "Heading2")]), HEADINGS, STYLES)
    assert text == "# 1 Payment\n\n## 1.1 Late\n\nwords\n\n## 1.2 Deposit\n\n# 2 End\n\n## 2.1 Notice"


def test_a_clause_in_the_style_of_a_heading_is_a_paragraph_with_its_number(shown):
    clause = "The deposit is held in trust."
    heading = "What the owner and the keeper of the cranes may ask of each other in bad weather"
    body = [("Payment", "Heading1"), (clause, "Heading2"), (heading, "Heading2"), ("x " * 120 + "end", "Heading2")]
    text = shown("".join(item(text, style=name) for text, name in body), HEADINGS, STYLES)
    assert text.split("\n\n") == [
        *("# 1 Payment", f"1.1 {clause}", f"## 1.2 {heading}", f"1.3 {'x ' * 120}end"),
    ]


def test_a_style_counts_with_what_it_is_based_on_and_nothing_takes_its_number_away(shown):
    body = [
        item("a", style="Heading1"),
        item("b", style="Heading2"),
        item("c", style="Variant"),
        item("d", style="Plain"),
        item("e", belongs(0), style="Heading2"),
        item("f", style="Clause"),
        item("g", belongs(depth=0), style="Heading2"),
    ]
    assert numbers(shown("".join(body), HEADINGS, STYLES)) == ["1", "1.1", "1.2", "d", "e", "(a)", "2"]


def test_a_style_that_is_based_on_a_headings_is_one(shown):
    styles = style("Own", "", "Variant") + STYLES + style("Body", "", "Nothing")
    styles += style("Contents", belongs(0) + '<w:outlineLvl w:val="9"/>', "Heading1")
    body = item("Sites", style="Own") + item("words", style="Body") + item("Contents", style="Contents")
    assert shown(body, HEADINGS, styles) == "## 1.1 Sites\n\nwords\n\nContents"


def test_a_style_that_names_but_a_list_stands_on_the_level_that_names_the_style(shown):
    styles = "".join(style(name, belongs(1)) for name in ("Heading1", "Heading2", "Clause"))
    names = ["Heading1", "Heading2", "Clause", "Heading2"]
    assert numbers(shown("".join(item("x", style=name) for name in names), HEADINGS, styles)) == [
        "1",
        "1.1",
        "(a)",
        "1.2",
    ]


def test_the_usual_paragraph_may_be_counted(shown):
    styles = style("Usual", belongs(1, 0), more='w:default="1"')
    assert shown(item("one") + item("two"), styles=styles) == "1. one\n2. two"


@pytest.mark.parametrize(
    ("depths", "seen"),
    [
        ([0, 1, 1, 0, 1, 2, 2, 1], "1. 1.1. 1.2. 2. 2.1. 2.1.1. 2.1.2. 2.2."),
        ([1, 1, 0, 1], "1.1. 1.2. 2. 2.1."),  # what was passed over counts as begun
        ([0, 2, 1], "1. 1.1.1. 1.2."),
    ],
)
def test_levels_count_within_the_level_above(shown, depths, seen):
    assert " ".join(counted(shown, [(1, depth) for depth in depths])) == seen


def test_lists_of_one_definition_count_together_and_an_override_begins_anew_once(shown):
    lists = OUTLINE + listed(1, 0) + listed(2, 0) + listed(3, 0, begins(0, 7) + begins(1, 4))
    places = [(1, 0), (2, 0), (1, 0), (3, 0), (3, 0), (3, 1), (3, 1), (3, 0), (1, 0)]
    assert counted(shown, places, lists) == ["1.", "2.", "3.", "7.", "8.", "8.4.", "8.5.", "9.", "10."]


def test_a_list_may_redefine_a_level_of_its_own(shown):
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "%1)", "upperLetter")}</w:lvlOverride>'
    lists = OUTLINE + listed(1, 0) + listed(2, 0, own)
    assert counted(shown, [(1, 0), (2, 0), (1, 0)], lists) == ["1.", "B)", "3."]


@pytest.mark.parametrize(("restart", "seen"), [("0", "a1 b1 a2 b2"), ("1", "a1 b1 a2 b1")])
def test_a_level_begins_anew_where_it_says(shown, restart, seen):
    lists = definition(0, level(0, "a%1"), level(1, "b%2", more=f'<w:lvlRestart w:val="{restart}"/>')) + listed(1, 0)
    assert " ".join(counted(shown, [(1, 0), (1, 1), (1, 0), (1, 1)], lists)) == seen


def test_legal_numbers_are_all_digits_and_a_level_of_bullets_has_none(shown):
    lists = definition(
        0,
        level(0, "Article %1", "upperRoman"),
        level(1, "%1.%2", more="<w:isLgl/>"),
        level(2, "–", "bullet"),
        level(3, "%1.%2.%3%4", more="<w:isLgl/>"),
    ) + listed(1, 0)
    body = "".join(item("x", belongs(1, depth)) for depth in (0, 1, 3))
    assert shown(body, lists) == "Article I x\n\n1.1 x\n\n1.1.1 x"


def test_a_list_takes_its_levels_from_a_style_of_lists(shown):
    lists = '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="S"/></w:abstractNum>'
    lists += definition(1, level(0, "%1)", "lowerRoman")) + listed(1, 0) + listed(2, 1)
    styles = f'<w:style w:type="numbering" w:styleId="S"><w:pPr>{belongs(2)}</w:pPr></w:style>'
    body = item("x", belongs(1, 0)) * 2
    assert numbers(shown(body, lists, styles)) == ["i)", "ii)"]


def test_a_list_goes_on_behind_other_paragraphs(shown):
    body = item("one", belongs(1, 0)) + item("between") + item("two", belongs(1, 0))
    assert shown(body) == "1. one\n\nbetween\n\n2. two"


def test_items_nest_and_what_markdown_would_not_take_for_an_item_is_a_paragraph(shown):
    lists = definition(0, level(0, "%1."), level(1, "(%2)", "lowerLetter"), level(2, "\uf0b7", "bullet"))
    places = [("first", 0), ("sub", 1), ("dot", 2), ("dots", 2), ("more", 1), ("second", 0)]
    body = "".join(item(text, belongs(1, depth)) for text, depth in places)
    assert shown(body, lists + listed(1, 0)) == (
        "1. first\n\n   (a) sub\n\n   - dot\n   - dots\n\n   (b) more\n2. second"
    )


def test_bullets_are_items_and_boxes_among_them_keep_their_state(shown):
    lists = definition(0, level(0, "\uf0b7", "bullet"), level(1, "o", "bullet"))
    lists += definition(1, level(0, "\uf0a8", "bullet")) + definition(2, level(0, "☑", "bullet"))
    lists += "".join(listed(n, n - 1) for n in (1, 2, 3))
    places = [("a", 1, 0), ("b", 1, 1), ("tea", 2, 0), ("coffee", 3, 0)]
    body = "".join(item(text, belongs(name, depth)) for text, name, depth in places)
    assert shown(body, lists) == "- a\n  - b\n- ☐ tea\n- ☒ coffee"


def test_deleted_and_hidden_paragraphs_are_not_counted_but_empty_ones_are(shown):
    hidden = f"<w:p><w:pPr>{belongs(1, 0)}<w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:rPr><w:vanish/></w:rPr>"
    row = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{item('gone', belongs(1, 0))}</w:tc></w:tr>"
    body = [
        item("one", belongs(1, 0)),
        item("and ", belongs(1, 0), mark="<w:del/>"),
        item("two", belongs(1, 0)),
        item("three", belongs(1, 0), mark="<w:ins/>"),
        item("", belongs(1, 0), mark="<w:moveFrom/>"),
        f"{hidden}<w:t>secret</w:t></w:r></w:p>",
        f"<w:tbl>{row}<w:tr><w:tc>{item('cell')}</w:tc><w:tc>{item('4th', belongs(1, 0))}</w:tc></w:tr></w:tbl>",
        item("", belongs(1, 0)),
        item("six", belongs(1, 0)),
    ]
    text = shown("".join(body))
    assert text.startswith("1. one\n2. and two\n3. three\n\n")
    assert "| cell | 4. 4th |" in text
    assert text.endswith("\n\n6. six")
    assert "secret" not in text


def test_numbers_alone_stay_in_the_cells_of_a_table(shown):
    rows = "".join(
        f"<w:tr><w:tc>{item('', belongs(1, 0))}</w:tc><w:tc>{item(text)}</w:tc></w:tr>" for text in ("x", "y")
    )
    text = shown(f"<w:tbl>{rows}</w:tbl>")
    assert "| 1. | x |" in text
    assert "| 2. | y |" in text


def test_notes_headers_and_boxes_count_for_themselves(shown):
    note = f'<w:footnote w:id="2">{item("in the note", belongs(1, 0))}</w:footnote>'
    box = f"<w:r><w:pict><w:txbxContent>{item('in the box', belongs(1, 0))}</w:txbxContent></w:pict></w:r>"
    body = item("one", belongs(1, 0)) + paragraph(run("x"), box, '<w:r><w:footnoteReference w:id="2"/></w:r>')
    text = shown(body + item("two", belongs(1, 0)), footnotes=note, header=item("standing", belongs(1, 0)))
    assert text.split("\n\n") == ["1. one", "x[1]", "1. in the box\n2. two", "1. 1. in the note", "1. standing"]


def test_what_follows_a_number_is_what_the_level_says(shown):
    lists = definition(
        0, level(0, "Annex %1:", "upperLetter", more='<w:suff w:val="nothing"/>'), level(1, "§ %2", start=4)
    )
    body = item(" of ships", belongs(1, 0)) + item("Boats", belongs(1, 1))
    assert shown(body, lists + listed(1, 0)) == "Annex A: of ships\n\n§ 4 Boats"


def test_a_form_of_the_authors_own_fills_up_with_zeros(shown):
    other = '<w:AlternateContent xmlns:w="mc"><w:Choice>{}</w:Choice></w:AlternateContent>'
    own = other.format(f'<v:numFmt xmlns:v="{W}" v:val="custom" v:format="001, 002, 003, ..."/>')
    lists = f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="9"/>{own}<w:lvlText w:val="%1."/>'
    body = item("x", belongs(1, 0)) * 2
    assert numbers(shown(body, f"{lists}</w:lvl></w:abstractNum>{listed(1, 0)}")) == ["009.", "010."]


def test_styles_and_lists_in_a_ring_and_numbers_beyond_all_bounds_end(shown):
    styles = style("A", "", "B") + style("B", "", "A") + style("C", belongs(9, 99)) + style("D", belongs(1, -4))
    styles += (
        '<w:style w:type="numbering" w:styleId="S"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>'
    )
    lists = definition(0, level(0, "%1." + "x" * 100_000, start=10**30), level(77, "%1.")) + listed(1, 0)
    lists += '<w:abstractNum w:abstractNumId="4"><w:numStyleLink w:val="S"/></w:abstractNum>' + listed(5, 4)
    lists += listed(6, "nowhere") + "<w:num/><w:abstractNum/><w:lvl/>"
    body = [item(name, style=name) for name in "ABCD"] + [item("E", belongs(name, 3)) for name in (5, 6, 1)]
    text = shown("".join(body), lists, styles)
    assert [word for word in text.split() if word in set("ABCDE")] == list("ABCDEEE")
    assert len(text) < 2_000


def test_a_paragraph_that_becomes_something_else_keeps_its_number(tmp_path):
    path = word(tmp_path / "a.docx", item("words", belongs(1, 0)), numbering=OUTLINED)
    path.write_bytes(rezipped(path.read_bytes(), {"mammoth/style-map": "p => div:fresh"}))
    assert one(path).text == "1. words"


def test_the_text_is_whole_where_its_numbering_is_damaged(tmp_path):
    from ingest.model import Document, Failure
    from ingest.read.registry import read

    path = word(tmp_path / "a.docx", item("words", belongs(1, 0)), numbering="<torn")
    document, failure = read(path, "box/a.docx")
    assert isinstance(document, Document)
    assert document.text == "words"
    assert isinstance(failure, Failure)
    assert "numbering.xml is damaged" in failure.error
