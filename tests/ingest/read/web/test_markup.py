"""Do the tables, lists and boxes of a page keep their words and their order?"""

from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from ingest.read.web.hypertext import straightened
from ingest.read.web.markup import to_markdown
from ingest.split.markdown import markdown_blocks
from ingest.split.tables import in_one_line


def test_a_cell_that_spans_rows_stands_in_each_and_all_stand_in_their_columns(page):
    text = page(
        "<table><caption>Sales</caption><thead><tr><th rowspan=2>Year<th colspan=2>Revenue<tr><th>US<th>EU</thead>"
        "<tbody><tr><td rowspan=2>2023<td>1<td>2<tr><td>3<td>4</tbody><tbody><tr><th>2024<td colspan=2>both</tbody>"
        "<tfoot><tr><td>Sum<td>5<td>6</tfoot></table>"
    )
    assert text == (
        "Sales\n\n| Year | Revenue US | Revenue EU |\n| --- | --- | --- |\n| 2023 | 1 | 2 |\n| 2023 | 3 | 4 |\n"
        "| 2024 | both |  |\n| Sum | 5 | 6 |"
    )


def test_a_head_of_several_rows_names_each_column_whole(page):
    rows = "<tr><th rowspan=2>Pump</th><th colspan=2>Pressure (bar)</th></tr><tr><th>first</th><th>last</th></tr>"
    data = "<tr><th>P-1</th><td>1</td><td>2</td></tr>"
    expected = "| Pump | Pressure (bar) first | Pressure (bar) last |\n| --- | --- | --- |\n| P-1 | 1 | 2 |"
    assert page(f"<table>{rows}{data}</table>") == expected
    marked = rows.replace("th>", "td>").replace("<th", "<td")
    assert page(f"<table><thead>{marked}</thead>{data}</table>") == expected
    long = page(f"<table>{rows.replace('bar', 'b' * 100)}{data}</table>")
    assert long.count("b" * 100) == 1
    above = "<tr><th colspan=2>Pumps</th></tr><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>"
    assert page(f"<table>{above}</table>") == "| Pumps a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_table_of_data_alone_has_a_head_without_words(page):
    rows = "<tr><th>Maker</th><td>KSB</td></tr><tr><th>Built</th><td>1998</td></tr>"
    text = page(f"<table>{rows}</table>")
    assert text == "|  |  |\n| --- | --- |\n| Maker | KSB |\n| Built | 1998 |"
    (*_, last) = markdown_blocks(text)
    assert in_one_line(text, last.header) == ""


def test_a_span_without_end_costs_no_columns(page):
    assert page("<table><tr><td colspan=99999999999>a<tr><td rowspan=60000>b<td>c</table>").endswith("| b | c |")


def test_a_row_of_very_many_cells_does_not_fill_up_all_others(page):
    text = page("<table><tr>" + "<td>a" * 1_000 + "<tr><td>b<td>c" * 1_000 + "</table>")
    assert text.count("\n| b | c |") == 1_000
    assert len(text) < 50_000


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4), min_size=2, max_size=5)
)
def test_every_cell_of_any_table_stands_in_a_row_of_its_own(spans):
    rows, number = "", 0
    for row in spans:
        rows += "<tr>"
        for wide, high in row:
            rows += f"<td colspan={wide} rowspan={high}>c{number}</td>"
            number += 1
    text = to_markdown(straightened(BeautifulSoup(f"<table>{rows}</table>", "lxml")))
    lines = [line.strip("|").split("|") for line in text.splitlines() if not line.startswith("| ---")]
    assert len(lines) == len(spans)
    assert len({len(line) for line in lines}) == 1
    number = 0
    for row, line in zip(spans, lines, strict=True):
        cells = [cell.strip() for cell in line]
        own = [f"c{number + place}" for place in range(len(row))]
        assert [cell for cell in cells if cell in own] == own
        number += len(row)


def test_items_are_counted_from_where_their_list_says(page):
    assert page("<ol start=7><li>a<li><li>b<ol><li>c</ol></ol>") == "7. a\n9. b\n   1. c"
    assert page("<ol start=½><li>a</ol>") == "1. a"
    assert page("<ol><li>a<li value=5>b<li>c<li value=x>d</ol>") == "1. a\n5. b\n6. c\n7. d"


def test_boxes_keep_their_state_beside_words_and_those_that_open_menus_go(page):
    tasks = '<ul><li><input type="checkbox" checked disabled> Tea</li><li><input type=checkbox>Coffee</li></ul>'
    form = (
        "<p><input type=checkbox id=a checked><label for=a>Milk</label></p><div>"
        "<label><input type=radio>small</label> <label><input type=radio checked> large</label></div>"
    )
    menu = "<input type=checkbox id=menu-toggle><label for=menu-toggle>Menu</label><input type=checkbox>"
    assert page(tasks + form + menu) == "- ☒ Tea\n- ☐ Coffee\n\n☒ Milk\n\n○ small ◉ large\n\nMenu"


def test_many_boxes_without_words_cost_little(page):
    assert page(f"<p>{'<input type=checkbox>' * 8_000}</p><p>end</p>") == "end"


def test_terms_stand_with_what_they_mean(page):
    text = page("<dl><dt>Term<dd>What it <b>means</b>.<dt>Other<dd><p>One.<ul><li>two</ul></dl>")
    assert text == "Term\nWhat it means.\n\nOther\n\nOne.\n\n- two"


def test_a_heading_that_is_a_link_stays_and_a_link_that_shows_nothing_says_nothing(items):
    (document,) = items(
        "a.html",
        '<body><main><h2 id="x"><a class="header" href="#x">Care</a></h2><p>Words of the page, and more of them.'
        '<a class="run" href="https://play.example.org/?code=1"></a></p></main></body>',
    )
    assert document.text == "## Care\n\nWords of the page, and more of them."
