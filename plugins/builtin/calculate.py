"""What comes of numbers, units and dates? Exactly, in decimals, and never by running what a model wrote.

An expression is taken apart by Python's own parser, and only the parts that are named here are known. Units are pint's;
to a date months and years are added by the calendar.
"""

from __future__ import annotations

import ast
import calendar
import decimal
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from plugins.tool import ToolError, ToolResult

_CONTEXT = decimal.Context(
    prec=34,
    Emax=9_999,
    Emin=-9_999,
    traps=[decimal.DivisionByZero, decimal.InvalidOperation, decimal.Overflow],
)
_DIGITS = 15  # of a result that is not told whole
_SURE = 28  # digits that no conversion between units has rounded
_POWER = 100
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_MONEY = ("EUR", "USD", "GBP", "JPY", "CHF", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "CZK", "AUD", "CAD")
_SIGNS = {
    "×": "*",
    "·": "*",
    "÷": "/",
    "−": "-",
    "–": "-",
    "^": "**",
    "°C": " degC",
    "°F": " degF",
    "²": "**2",
    "³": "**3",
}
_DATE = re.compile(r"(?<![\w.-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%(?=\s*(?:$|[-+*/),]|of\b))")
_AMOUNT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*((?![eE][-+]?\d|of\b)[^\W\d_]\w*)(\s*\*\*\s*-?\d+)?(?!\s*\()"
)
_INTO = re.compile(r"(.*\S)\s+(?:in|to)\s+([^\W\d_][^+]*)", re.DOTALL)
_NAME = "<expression>"
_CALENDAR = {"month": 1, "year": 12}

_EXPRESSION = (
    "Such as `15% of 80 EUR`, `3 ft + 20 cm`, `120 km / 1.5 h`, `2024-03-01 + 90 days`, `2024-12-24 - 2024-03-01`, "
    "`mean(3, 4, 8)`. Also abs, round, sqrt, min, max, sum, median."
)


def calculate(
    expression: Annotated[str, Field(min_length=1, max_length=500, description=_EXPRESSION)],
    to: Annotated[str, Field(max_length=50, description="The unit of the result, such as km/h or weeks.")] = "",
) -> ToolResult:
    """Calculate with numbers, units and dates, exactly.

    Use when: an answer needs a number or a date that follows from what is stated: a sum, a share, a conversion between
    units, the days between two dates, a date some time later.
    Do not use when: a document states the result.
    """
    with decimal.localcontext(_CONTEXT):
        try:
            into = None if to else _INTO.fullmatch(expression.strip())
            value = _value(into[1] if into else expression)
            if to := into[2] if into else to:
                value = _converted(value, to)
            written, exact = _written(value)
        except decimal.DivisionByZero:
            raise ToolError(f"{expression} divides by zero: correct it.") from None
        except decimal.Overflow:
            raise ToolError(f"{expression} is too large a number: ask for less.") from None
        except (ArithmeticError, AttributeError, ValueError, TypeError) as fault:  # pint's own are among them
            raise ToolError(f"{expression} cannot be calculated ({_said(fault)}): correct it.") from None
    sign = "=" if exact else "≈"
    return ToolResult(f"{expression.strip()} {sign} {written}", data={"expression": expression, "result": written})


calculate.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot


def _value(expression: str) -> Any:
    """A number, a quantity or a date."""
    dates: dict[str, date] = {}
    source = _plain(expression, dates)
    _quiet()
    try:
        tree = ast.parse(source, _NAME, mode="eval")
        return _of(tree.body, source, dates)
    except (SyntaxError, RecursionError, MemoryError):
        raise ToolError(
            f"{expression[:80]!r} is no expression: write it as 3 * (2 + 4), 5 km / 2 h or 2024-03-01 + 90 days."
        ) from None


@lru_cache(maxsize=1)
def _quiet() -> None:
    """Python warns of what it would understand and people do not write, such as `1if`; nobody asked it."""
    warnings.filterwarnings("ignore", category=SyntaxWarning, module=re.escape(_NAME))


def _plain(expression: str, dates: dict[str, date]) -> str:
    """As Python would write it; each date is a name, under which it is put among the others."""

    def dated(found: re.Match[str]) -> str:
        try:
            dates[f"_{len(dates)}"] = date(*map(int, found.groups()))
        except ValueError as fault:
            raise ToolError(f"There is no day {found[0]} ({fault}): correct it.") from None
        return f" _{len(dates) - 1} "

    text = expression
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    for sign, money in _CURRENCIES.items():
        text = re.sub(rf"{re.escape(sign)}\s*(\d[\d.,]*)", rf"\1 {money}", text).replace(sign, f" {money}")
    text = _DATE.sub(dated, text)
    if not re.search(r"[^\W\d]\s*\(", text):  # in a call commas are between its arguments
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    text = _PERCENT.sub(r"(\1/100)", text)
    text = _AMOUNT.sub(lambda found: f"({found[1]}*{_spelled(found[2])}{found[3] or ''})", text)
    return re.sub(r"\bof\b", "*", text).strip()


def _spelled(unit: str) -> str:
    """A unit that Python can read as a name."""
    return "inch" if unit == "in" else unit


def _of(node: ast.expr, source: str, dates: Mapping[str, date]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _CONTEXT.create_decimal(ast.get_source_segment(source, node) or str(number))  # not by way of a float
        case ast.Name(id=name) if name in dates:
            return dates[name]
        case ast.Name(id=name):
            return _unit(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_of(operand, source, dates)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _of(operand, source, dates)
        case ast.BinOp(left=left, op=sign, right=right):
            return _both(sign, _of(left, source, dates), _of(right, source, dates))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS and arguments:
            return _FUNCTIONS[name]([_of(each, source, dates) for each in arguments])
        case ast.Tuple():
            raise ToolError("A comma is not known here: write decimals with a point, as 3.5.")
        case _:
            known = ", ".join(_FUNCTIONS)
            raise ToolError(f"Only numbers, units, dates, + - * / // % ** and {known} are known: write it with these.")


def _both(sign: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(left, date) or isinstance(right, date):
        return _dated(sign, left, right)
    match sign:
        case ast.Add():
            return _measured(lambda: left + right)
        case ast.Sub():
            return _measured(lambda: left - right)
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.FloorDiv():
            return _measured(lambda: left // right)
        case ast.Mod():
            return _measured(lambda: left % right)
        case ast.Pow():
            if not isinstance(right, Decimal) or abs(right) > _POWER:
                raise ToolError(f"A power is a number of at most {_POWER}: correct it.")
            return left**right
        case _:
            raise ToolError("Only + - * / // % and ** are known: write it with these.")


def _dated(sign: ast.operator, left: Any, right: Any) -> Any:
    """A date some time before or after another, or the days between two."""
    if isinstance(left, date) and isinstance(right, date) and isinstance(sign, ast.Sub):
        return _units().Quantity(Decimal((left - right).days), "day")
    if isinstance(right, date) and isinstance(sign, ast.Add):
        left, right = right, left
    if isinstance(right, date) or not isinstance(sign, ast.Add | ast.Sub):
        raise ToolError("With a date only `date + time`, `date - time` and `date - date` are known: write it so.")
    way = 1 if isinstance(sign, ast.Add) else -1
    unit = str(getattr(right, "units", ""))
    if unit in _CALENDAR and right.magnitude == int(right.magnitude):
        return _months_later(left, way * int(right.magnitude) * _CALENDAR[unit])
    days = right if isinstance(right, Decimal) else _converted(right, "day").magnitude
    if days != int(days):
        raise ToolError("To a date whole days, weeks, months or years are added: write it so.")
    try:
        return left + timedelta(days=way * int(days))
    except OverflowError:
        raise ToolError("That is no year between 1 and 9999: correct it.") from None


def _months_later(day: date, months: int) -> date:
    """The same day of another month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ToolError("That is no year between 1 and 9999: correct it.")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=1)
def _units() -> Any:
    """What pint knows, and currencies, of which none is worth so much of another."""
    import pint

    known: Any = pint.UnitRegistry(non_int_type=Decimal, autoconvert_offset_to_baseunit=True)
    for money in _MONEY:
        known.define(f"{money} = [money_{money.lower()}]")
    return known


def _unit(name: str) -> Any:
    import pint

    try:
        return _units().Quantity(Decimal(1), _units().parse_units(name))
    except (pint.UndefinedUnitError, ValueError):
        raise ToolError(f"{name!r} is no unit that is known: write it out, such as km, hours or EUR.") from None


def _converted(value: Any, to: str) -> Any:
    if isinstance(value, date):
        raise ToolError("A date has no unit: leave `to` out.")
    unit = _value(to)
    if isinstance(unit, Decimal | date):
        raise ToolError(f"{to!r} is no unit: name one, such as m, km/h or weeks.")
    if isinstance(value, Decimal):
        raise ToolError(f"The result has no unit, so it cannot be told in {to}: write units into the expression.")
    return _measured(lambda: value.to(unit.units))


def _measured(operation: Callable[[], Any]) -> Any:
    import pint

    try:
        return operation()
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError) as fault:
        raise ToolError(f"These units do not go together ({_said(fault)}): correct them.") from None


def _summed(values: Sequence[Any]) -> Any:
    total = values[0]
    for each in values[1:]:
        total = _both(ast.Add(), total, each)
    return total


def _median(values: Sequence[Any]) -> Any:
    ordered = _measured(lambda: sorted(values))
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _both(ast.Add(), ordered[middle - 1], ordered[middle]) / Decimal(2)


def _rounded(values: Sequence[Any]) -> Any:
    if len(values) > 2 or (len(values) == 2 and not isinstance(values[1], Decimal)):
        raise ToolError("round takes a number, and how many decimals: write round(3.14159, 2).")
    step = Decimal(1).scaleb(-int(values[1])) if len(values) == 2 else Decimal(1)
    if isinstance(values[0], Decimal):
        return values[0].quantize(step, rounding=decimal.ROUND_HALF_UP)
    return _units().Quantity(values[0].magnitude.quantize(step, rounding=decimal.ROUND_HALF_UP), values[0].units)


def _single(function: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any]:
    def of(values: Sequence[Any]) -> Any:
        if len(values) != 1:
            raise ToolError("abs and sqrt take one number: correct it.")
        return function(values[0])

    return of


_FUNCTIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "abs": _single(abs),
    "round": _rounded,
    "sqrt": _single(lambda value: value ** Decimal("0.5")),
    "min": lambda values: _measured(lambda: min(values)),
    "max": lambda values: _measured(lambda: max(values)),
    "sum": _summed,
    "mean": lambda values: _summed(values) / Decimal(len(values)),
    "median": _median,
}


def _written(value: Any) -> tuple[str, bool]:
    """A value as it is told, and whether that is all of it."""
    if isinstance(value, date):
        return f"{value.isoformat()} ({calendar.day_name[value.weekday()]})", True
    if isinstance(value, Decimal):
        return _number(value)
    number, exact = _number(value.magnitude)
    if value.dimensionless and str(value.units) == "dimensionless":
        return number, exact
    return f"{number} {_unit_written(value.units, number)}", exact


def _unit_written(units: Any, number: str) -> str:
    name = (
        f"{units:~P}" if str(units) not in ("day", "week", "month", "year", "hour", "minute", "second") else str(units)
    )
    return f"{name}s" if name == str(units) and number not in ("1", "-1") and name not in _MONEY else name


def _number(value: Decimal) -> tuple[str, bool]:
    exact = value.normalize()
    shown = exact
    if len(exact.as_tuple().digits) > _DIGITS:
        shown = decimal.Context(prec=_DIGITS).plus(exact).normalize()
    plain = f"{shown:f}" if abs(shown.adjusted()) < 21 else f"{shown:E}"
    return plain, abs(shown - exact) <= abs(exact).scaleb(-_SURE)


def _said(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200] or type(fault).__name__
