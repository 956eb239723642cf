"""Numbers, units and dates are calculated exactly, and nothing that a model wrote is run."""

import asyncio
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.builtin.calculate import calculate as reckoned
from plugins.manager import load_plugins
from plugins.tool import ToolError, call
from tests.plugins.test_tool import CONTEXT


@pytest.fixture(scope="module")
def calculate():
    tool = next(tool for tool in load_plugins().tools if tool.name == "calculate")
    return lambda expression, to="": (
        asyncio.run(call(tool, {"expression": expression, "to": to}, CONTEXT)).result().text
    )


@pytest.mark.parametrize(
    ("expression", "to", "result"),
    [
        ("0.1 + 0.2", "", "= 0.3"),
        ("0.19 * 349.90", "", "= 66.481"),
        ("0.1234567890123 * 10", "", "= 1.234567890123"),
        ("1,234.50 * 2", "", "= 2469"),
        ("1e5 * 2", "", "= 200000"),
        ("2 + 3 * 4 ** 2", "", "= 50"),
        ("-(2 - 5)", "", "= 3"),
        ("10 / 3", "", "≈ 3.33333333333333"),
        ("7 % 3", "", "= 1"),
        ("15% of 80 EUR", "", "= 12 EUR"),
        ("200 - 15%", "", "= 199.85"),
        ("$1,200.50 + $99.50", "", "= 1300 USD"),
        ("2 EUR/kg * 3 kg", "", "= 6 EUR"),
        ("3 ft + 20 cm", "m", "= 1.1144 m"),
        ("5 in in cm", "", "= 12.7 cm"),
        ("120 km / 1.5 h", "km/h", "= 80 km/h"),
        ("100 km/h to mi/h", "", "≈ 62.1371192237334 mi/h"),
        ("20 °C", "°F", "= 68 °F"),
        ("1 GB", "MB", "= 1000 MB"),
        ("70 kg / (1.75 m)^2", "", "≈ 22.8571428571429 kg/m²"),
        ("2 h + 30 min", "", "= 2.5 hours"),
        ("10 m / 2 m", "", "= 5"),
        ("mean(3, 4, 8) + median(1, 2, 3, 4)", "", "= 7.5"),
        ("round(2 / 3 * 100, 1)", "", "= 66.7"),
        ("sum(2 h, 30 min) in min", "", "= 150 minutes"),
        ("sqrt(16) + abs(-3) + min(5, 2) + max(1,234)", "", "= 243"),
        ("2024-03-01 + 90 days", "", "= 2024-05-30 (Thursday)"),
        ("2024-12-24 - 2024-03-01", "", "= 298 days"),
        ("2024-12-24 - 2024-12-10", "weeks", "= 2 weeks"),
        ("2024-01-31 + 1 month", "", "= 2024-02-29 (Thursday)"),
        ("2024-02-29 - 1 year", "", "= 2023-02-28 (Tuesday)"),
        ("2024-03-01 + 2 weeks + 1 day", "", "= 2024-03-16 (Saturday)"),
        ("max(2024-03-01, 2024-02-01)", "", "= 2024-03-01 (Friday)"),
    ],
)
def test_a_result_is_exact_or_said_to_be_rounded(calculate, expression, to, result):
    assert calculate(expression, to) == f"{expression} {result}"


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("1 / 0", "divides by zero"),
        ("9 ** 9 ** 9", "A power is a number of at most 100"),
        ("1e9000 * 1e9000", "too large a number"),
        ("3,5 + 1", "decimals with a point, as 3.5"),
        ("3 kg + 2 m", "do not go together"),
        ("5 EUR + 3 USD", "do not go together"),
        ("5 zorks", "'zorks' is no unit that is known"),
        ("2024-02-30 + 1 day", "no day 2024-02-30"),
        ("2024-02-28 * 2", "With a date only"),
        ("2024-02-28 + 3 hours", "whole days"),
        ("2024-02-28 + 9000 years", "no year between"),
        ("2 +", "is no expression"),
        ("(" * 400, "is no expression"),
        ("sqrt(-1)", "cannot be calculated"),
        ("sqrt(1, 2)", "take one number"),
        ("5 to m", "The result has no unit"),
        ("2024-01-01 in weeks", "A date has no unit"),
        ("__import__('os').system('true')", "Only numbers, units, dates"),
        ("(1).__class__", "Only numbers, units, dates"),
        ("[x for x in 'ab']", "Only numbers, units, dates"),
        ("(lambda: 1)()", "Only numbers, units, dates"),
        ("sum(*[1])", "Only numbers, units, dates"),
        ("round(1, ndigits=2)", "Only numbers, units, dates"),
        ("- 2024-03-01", "cannot be calculated"),
        ("sqrt(2024-03-01)", "cannot be calculated"),
        ("round(2024-03-01)", "cannot be calculated"),
        ("2024-03-01 + _7", "'_7' is no unit"),
        ("0 ** -100", "cannot be calculated|divides by zero"),
        ("1 degC / 2", "cannot be calculated|do not go together"),
        ("1e9999 min", "too large"),
        ("True + 1", "is no unit|Only numbers"),
    ],
)
def test_what_cannot_be_calculated_is_told_to_the_model_and_never_run(calculate, expression, told):
    with pytest.raises(ToolError, match=told):
        calculate(expression)


PARTS = (
    *("1", "2.5", "1e9", "1e9999", "0", "15%", "1,234", "99999999999999999999", "1_000", "0x10", "1j", "٣", "½", "_0"),
    *(
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "^",
        "(",
        ")",
        ",",
        " of ",
        " to ",
        " in ",
        "x",
        "'",
        "[",
        "lambda",
        ";",
        "\n",
    ),
    *(
        "2024-03-01",
        "9999-12-31",
        "0001-01-01",
        "km",
        "EUR",
        "$5",
        "degC",
        "²",
        "month",
        "days",
        "1if",
        "True",
        "**100",
    ),
    *("sqrt(", "min(", "round(", "mean(", "median(", "sum("),
)


@settings(max_examples=300, deadline=2_000, derandomize=True, database=None)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join), st.sampled_from(["", "m", "days", "EUR"]))
def test_whatever_is_written_comes_to_a_result_or_a_sentence(expression, to):
    with contextlib.suppress(ToolError):
        assert reckoned(expression, to).text.startswith(expression.strip())
