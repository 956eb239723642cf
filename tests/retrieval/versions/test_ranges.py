"""Does a range of dates or numbers admit exactly what lies within, in both legs alike?"""

from contextlib import closing
from datetime import date

import pytest

from ingest.model import Document
from retrieval.model import Range, Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home
from retrieval.versions.ranges import BadRange, check, within
from tests.retrieval.words import ENCODER, MODES, build

TWELFTH = [
    *(
        "2024-03-12",
        "2024/03/12",
        "20240312",
        "12.03.2024",
        "12 March 2024",
        "March 12, 2024",
        "Tuesday, 12 March 2024",
    ),
    *("12. März 2024", "12 de marzo de 2024", "2024-03-12T10:00:00Z", "2024-03-12 10:00", "2024-03-12T23:30:00-05:00"),
    *("Tue, 12 Mar 2024 10:00:00 +0000", "D:20240312101010", "March 12, 2024, 5:04 PM"),
]


@pytest.mark.parametrize("value", TWELFTH)
def test_a_date_lies_within_its_day_month_quarter_and_year_in_any_form(value):
    for day in ("2024-03-12", "March 2024", "2024-03", "Q1 2024", "2024"):
        assert within(Range(at_least=day, at_most=day), [value])
        assert not within(Range(above=day), [value])
        assert not within(Range(below=day), [value])
    assert within(Range(above="2024-03-11", below="2024-03-13"), [value])
    assert within(Range(at_least=date(2024, 3, 12)), [value])


@pytest.mark.parametrize(
    ("value", "range", "lies"),
    [
        ("2024", Range(at_least="2024-03-01"), False),
        ("2024", Range(at_most="2024-03-01"), False),
        ("2024", Range(at_least="2024-01-01", at_most="2024-12-31"), True),
        ("Q2 2024", Range(at_least="2024-04"), True),
        ("12/03/2024", Range(at_least="2024-04-01"), False),
        ("12/03/2024", Range(at_least="2024-03-01"), True),
        ("25/03/2024", Range(below="2024-04"), True),
        ("2024-03-12T00:30:00+02:00", Range(below="2024-03-12T00:00:00Z"), True),
        ("2024-02-30", Range(at_least="2024"), False),
        ("1250", Range(above=1249.5), True),
        ("1,250.5", Range(at_most=1250), False),
        ("-3", Range(below=0), True),
        ("10", Range(above="9"), True),
        ("2.50", Range(at_least="2.5", at_most="2.5"), True),
        ("1,5", Range(above=1, below=2), True),
        ("1.250,50", Range(above=1250, below=1251), True),
        ("-1'250.5", Range(below=-1250), True),
        ("1\u202f250,50", Range(above="1.250,49"), True),
        ("２０２４", Range(at_least="2024-01-01"), True),
        ("1.250", Range(at_least=2), False),
        ("draft", Range(at_least="2024"), False),
        ("draft", Range(at_least=0), False),
        ("", Range(at_least=0), False),
        ("2024-03-12", Range(at_least=5), False),
        ("v2.1.3", Range(at_least=2), False),
    ],
)
def test_a_value_lies_within_bounds_only_where_that_is_sure(value, range, lies):
    assert bool(within(range, [value])) == lies


@pytest.mark.parametrize(
    ("range", "told"),
    [
        (Range(above="soon"), "date>soon compares with neither .* write a date as 2024-03-12"),
        (Range(at_least="2024-13-01"), "neither a date nor a number"),
        (Range(at_least="nan"), "neither"),
        (Range(below="03/04/2024"), "may mean two dates: write the one you mean as 2024-03-12"),
        (Range(), "has no bound: give one of >="),
    ],
)
def test_a_bound_that_compares_with_nothing_is_said_with_what_to_write(range, told):
    with pytest.raises(BadRange, match=told):
        check("date", range)


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    metadata = {
        "march": {"date": "2024-03-12", "pages": "300"},
        "may": {"date": "5 May 2024", "pages": "80"},
        "several": {"date": ("1 January 2020", "2024-04-01"), "pages": "9"},
        "torn": {"date": "unknown"},
        "none": {},
    }
    home = Home(tmp_path_factory.mktemp("ranges"))
    build(home, [Document(f"d/{name}", f"the pump of {name}", metadata=said) for name, said in metadata.items()])
    with closing(home.open(encoder=ENCODER)) as version:
        yield HybridSearch(version, ENCODER)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"date": Range(at_least="2024-03-13")}, {"may", "several"}),
        ({"date": Range(at_least="2024-03", below="2024-05")}, {"march", "several"}),
        ({"date": Range(above="2020-06", below="2024-03")}, set()),
        ({"date": Range(at_least="2030")}, set()),
        ({"pages": Range(above=9)}, {"march", "may"}),
        ({"pages": Range(at_most=80), "date": Range(at_least="2024-05")}, {"may"}),
        ({"date": (Range(at_most="2020"), Range(at_least="2024"))}, {"several"}),
        ({"date": (Range(at_least="2024"), "5 May 2024")}, {"may"}),
        ({"nothing": Range(at_least=0)}, set()),
    ],
)
def test_both_legs_find_what_lies_within_and_nothing_without_the_field(search, mode, metadata, expected):
    found = search("pump", scope=Scope(metadata=metadata), mode=mode)
    assert {hit.chunk.document.removeprefix("d/") for hit in found} == expected


def test_what_a_scope_hands_on_shows_texts_within_it_alone(search):
    within_it = search.within(Scope(metadata={"date": Range(at_least="2024-05")}))
    assert within_it.text("d/may") == "the pump of may"
    assert within_it.text("d/march") is None
    assert [hit.chunk.document for hit in within_it("pump")] == ["d/may"]


def test_a_range_that_no_version_resolved_admits_nothing_by_mistake(search):
    scope = Scope(metadata={"date": Range(at_least="2024")})
    assert scope.fields() == {"date": [{">=": "2024"}]}
    with pytest.raises(TypeError, match="resolves"):
        scope.admits(frozenset(), {"date": "2024-03-12"})
