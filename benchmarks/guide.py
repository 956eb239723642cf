"""How is a real model behind a real server asked about the guide, by whichever benchmark?"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from agent.answer import Answer
from agent.settings import AgentSettings, Settings, load_settings
from agent.wire import Citewell, open_citewell

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.real_model import Absent, Served, served, weights  # noqa: E402 - the checkout's, not an installed one


def options(of: str | None, *, passages: int, tokens: int, seconds: float) -> argparse.ArgumentParser:
    """The options that name the model and its bounds; these are the defaults."""
    parser = argparse.ArgumentParser(description=of, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--name")
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--passages", type=int, default=passages)
    parser.add_argument("--tokens", type=int, default=tokens)
    parser.add_argument("--seconds", type=float, default=seconds, help="that one run may take")
    return parser


@contextmanager
def opened(given: argparse.Namespace, **agent: int) -> Iterator[Citewell]:
    """The guide, indexed, with that model; where there is none, it is said and nothing is measured."""
    try:
        file = None if given.url else given.model or weights()
    except Absent as absent:
        print(f"Not measured: {absent}.")
        sys.exit(0)
    running = nullcontext(Served(given.url)) if file is None else served(file, context=given.context)
    with running as server:
        settings = Settings(
            home=load_settings(home=ROOT / ".bench" / "guide", environment={}).home,
            agent=AgentSettings(
                model=given.name or (file.stem if file else "default"),
                passages=given.passages,
                max_tokens=given.tokens,
                deadline=given.seconds,
                **agent,
            ),
            base_url=server.base_url,
        )
        with open_citewell(settings=settings) as citewell:
            citewell.ingest(ROOT / "docs")
            yield citewell


def is_empty(answer: Answer) -> bool:
    """Answered, without a word."""
    words = re.sub(r"\[\d+\]", "", answer.answer)
    return answer.status == "answered" and not re.search(r"[^\W\d_]", words)
