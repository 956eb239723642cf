"""How does the evaluation of an agent read, as a page with its course over time?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.cases.evaluate import Evaluated
from eval.cases.history import Compared, Recorded
from eval.report.charts import course
from eval.report.page import BadTarget

_TEMPLATE = Path(__file__).with_name("cases.html")
_OURS = "<title>Agent report: "


def target(path: str | Path) -> Path:
    """The page's place; raises `BadTarget` where it would replace anything but such a page."""
    path = Path(path)
    if path.suffix != ".html":
        raise BadTarget(f"The report is a page, and {path} does not end with .html: name one that does with -o.")
    if path.exists() and not _is_ours(path):
        raise BadTarget(f"{path} is no report on cases and would be replaced by one; name another with -o.")
    return path


def write_cases(
    path: str | Path,
    found: Evaluated,
    *,
    release: str,
    history: Sequence[Recorded],
    compared: Compared | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """The page, written; it needs no network. `history` has the oldest evaluation first."""
    from jinja2 import Environment, StrictUndefined

    path = target(path)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    points = [(f"{each.at[:10]} {each.release}", each.rate.mean, each.rate.low, each.rate.high) for each in history]
    page = environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        found=found,
        release=release,
        said=" ".join([sentence(found), *([compared.said] if compared else [])]),
        notes=notes,
        history=list(reversed(history)),
        picture=course(points, "The share of cases that passed, over time"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def sentence(found: Evaluated) -> str:
    """The outcome for those who read no further."""
    rate, cases = found.rate, len(found.results)
    tries = "" if found.tries == cases else f" every time, and {rate.mean:.1%} of all {found.tries} tries"
    share = "" if tries else f"{rate.mean:.1%}, "
    return f"{found.passed} of {cases} cases passed{tries} ({share}95 % interval {rate.low:.1%} to {rate.high:.1%})."


def _is_ours(path: Path) -> bool:
    try:
        return _OURS in path.read_text("utf-8")[:1000]
    except (OSError, ValueError):
        return False
