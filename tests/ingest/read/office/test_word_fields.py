"""Do fields that count show in a Word document what Word shows, though the file stores nothing of it?"""

import pytest

from tests.ingest.read.office.office_files import paragraph, run, word
from tests.ingest.read.office.test_word_numbers import belongs, definition, level, listed, style
from tests.ingest.read.reading import one


def counts(instruction, *stored):
    """A field; Word stores no result of these, other programs may."""
    kinds = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    said = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return f"{kinds[0]}{said}{''.join([kinds[1], *map(run, stored)]) if stored else ''}{kinds[2]}"


@pytest.fixture
def lines(tmp_path):
    """The lines of a document whose paragraphs have these contents; one that begins with / is of that style."""

    def give(*contents, numbering="", styles="", **parts):
        body = ""
        for content in contents:
            named, _, rest = content[1:].partition("/") if content.startswith("/") else ("", "", content)
            body += paragraph(f'<w:pPr><w:pStyle w:val="{named}"/></w:pPr>' if named else "", rest)
        path = word(tmp_path / "a.docx", body, numbering=numbering, styles=styles, **parts)
        return [line.lstrip("# ").replace("\\", "") for line in one(path).text.split("\n") if line.strip()]

    return give


def lists(*instructions):
    return [counts(f" LISTNUM {instruction} ") + run(" words") for instruction in instructions]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (("", "", ""), "1) 2) 3)"),
        ((r"\l 1", r"\l 2", r"\l 2", r"\l 1", r"\l 2"), "1) a) b) 2) a)"),
        ((r"\l 1", r"\l 2", r"\l 3", r"\l 3", r"\l 2", r"\l 3"), "1) a) i) ii) b) i)"),
        ((r"\l 4", r"\l 5", r"\l 6", r"\l 7", r"\l 8", r"\l 9"), "(1) (a) (i) 1. a. i."),
        ((r"\s 5", "", r"\s 2", ""), "5) 6) 2) 3)"),
        ((r"\s 0", ""), "0) 1)"),
        ((r"\l 2 \s 3", r"\l 2", r"\l 1", r"\l 2"), "c) d) 2) a)"),
        ((r"NumberDefault \l 3", "", ""), "i) ii) iii)"),
        ((r"OutlineDefault \l 1", r"OutlineDefault \l 2", r'"OutlineDefault" \l 3', "outlinedefault"), "I. A. 1. 2."),
        ((r"LegalDefault \l 1", *[r"LegalDefault \l 2"] * 2, r"LegalDefault \l 3"), "1. 1.1. 1.2. 1.2.1."),
        ((r"LegalDefault \l 2 \s 7", r"LegalDefault \l1", r"LegalDefault \l2"), "1.7. 2. 2.1."),
        (("", r"OutlineDefault", r"LegalDefault"), "1) II. 3."),
        ((r"\l 99", r"\l 0", r"\s x", r"\l"), "i. 2) 3) 4)"),
        (("Nowhere", "Nowhere"), "1) 2)"),
    ],
)  # fmt: skip
def test_a_field_of_a_list_shows_its_number(lines, fields, shown):
    assert lines(*lists(*fields)) == [f"{number} words" for number in shown.split()]


def test_fields_within_a_sentence_stay_on_one_level_and_those_that_lead_go_down(lines):
    within = "".join([run("Bring "), counts(r"LISTNUM \l 2"), run(" tea, "), counts("LISTNUM"), run(" milk")])
    leading = f"{counts('LISTNUM')}{counts('LISTNUM')}{counts('LISTNUM')}{run(' deep')}"
    assert lines(within) == ["Bring a) tea, b) milk"]
    assert lines(leading) == ["1)a)i) deep"]


def test_a_field_in_a_counted_paragraph_goes_on_below_its_number(lines):
    numbering = definition(0, level(0, "%1."), level(1, "%2.", "lowerLetter")) + listed(1, 0)
    clause = [f"<w:pPr>{belongs(1, 0)}</w:pPr>" + run("list: "), counts("LISTNUM"), run(" x; "), counts("LISTNUM")]
    found = lines("".join([*clause, run(" y")]), "".join(clause), numbering=numbering)
    assert found == ["1. list: a. x; b. y", "2. list: a. x; b."]


def test_a_field_goes_on_with_the_list_that_it_names(lines):
    numbering = definition(0, level(0, "Step %1:"), level(1, "%2.", "lowerLetter"))
    numbering = numbering.replace("<w:lvl ", '<w:name w:val="Steps"/><w:lvl ', 1) + listed(1, 0)
    counted = f"<w:pPr>{belongs(1, 0)}</w:pPr>{run('one')}"
    assert lines(counted, *lists(r"Steps \l 1"), numbering=numbering) == ["Step 1: one", "Step 2: words"]


def test_in_a_list_of_bullets_fields_count_as_they_do_elsewhere(lines):
    numbering = definition(0, level(0, "\uf0b7", "bullet"), level(1, "o", "bullet")) + listed(1, 0)
    bullet = f"<w:pPr>{belongs(1, 0)}</w:pPr>{counts(r'LISTNUM')}{run(' x')}"
    assert lines(bullet, numbering=numbering) == ["- a) x"]


def test_what_another_program_stored_of_a_number_is_not_shown_beside_it(lines):
    simple = r'<w:fldSimple w:instr=" LISTNUM \l 1 ">' + run("9)") + "</w:fldSimple>" + run(" b")
    assert lines(counts("LISTNUM", "7)", "7)") + run(" a"), simple) == ["1) a", "2) b"]


def test_fields_of_other_kinds_keep_what_is_stored(lines):
    other = counts(" REF clause ", "2.1") + counts("LISTNUM") + run(" x")
    assert lines(other, *lists("")) == ["2.11) x", "2) words"]


HEADINGS = "".join(
    f'<w:style w:type="paragraph" w:styleId="H{n}"><w:name w:val="heading {n}"/></w:style>' for n in range(1, 10)
) + style("Own", based_on="H2")


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("AUTONUM", "1. 1. 1. 2. 2. 2. 1. 2. 1. 1."),
        ("AUTONUMLGL", "1. 1.1. 1.1.1. 1.1.2. 1.2. 2. 2.1. 2.2. 2.2.1. 2.2.1.1."),
        (r"AUTONUMLGL \e", "1 1.1 1.1.1 1.1.2 1.2 2 2.1 2.2 2.2.1 2.2.1.1"),
        (r"AUTONUMLGL \s - \e", "1 1-1 1-1-1 1-1-2 1-2 2 2-1 2-2 2-2-1 2-2-1-1"),
        ("AUTONUMOUT", "I. A. 1. 2. B. II. A. B. 1. a)"),
    ],
)
def test_a_field_numbers_headings_by_their_levels_and_what_is_below_them(lines, field, shown):
    places = ["H1", "H2", "", "", "H2", "H1", "H2", "Own", "H3", "H4"]
    found = lines(*(f"/{place}/{counts(field)}{run(' x')}" if place else counts(field) + run(" x") for place in places),
                  styles=HEADINGS)  # fmt: skip
    assert found == [f"{number} x" for number in shown.split()]


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("AUTONUM", "1. 2. 3."),
        (r"AUTONUM \s )", "1) 2) 3)"),
        (r'AUTONUM \* ROMAN \s ":"', "I: II: III:"),
        (r"AUTONUM \* alphabetic", "a. b. c."),
        (r"AUTONUM \* OrdText", "first. second. third."),
        ("AUTONUMOUT", "1. 2. 3."),
        (r"AUTONUMLGL \e", "1 2 3"),
    ],
)
def test_a_field_numbers_paragraphs_through_where_there_is_no_heading(lines, field, shown):
    plain = f"/H1/{run('Title')}"
    found = lines(counts(field) + run(" x"), plain, *[counts(field) + run(" x")] * 2, styles=HEADINGS)
    assert [line for line in found if line != "Title"] == [f"{number} x" for number in shown.split()]


def test_a_deleted_field_and_one_that_is_never_closed_cost_no_words(lines):
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    gone = f"<w:del>{begin}<w:r><w:delInstrText>LISTNUM</w:delInstrText></w:r>{end}</w:del>"
    assert lines(gone + run("one"), end + run("two"), *lists("")) == ["one", "two", "1) words"]


def test_notes_and_text_boxes_count_for_themselves(lines):
    note = f'<w:footnote w:id="2">{paragraph(counts("LISTNUM"), run(" note"))}</w:footnote>'
    box = f"<w:r><w:pict><w:txbxContent>{paragraph(counts('LISTNUM'), run(' box'))}</w:txbxContent></w:pict></w:r>"
    body = counts("LISTNUM") + run(" one") + box + '<w:r><w:footnoteReference w:id="2"/></w:r>'
    assert lines(body, *lists(""), footnotes=note) == ["1) one[1]", "1) box", "2) words", "1. 1) note"]
