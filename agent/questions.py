"""Which questions does a passage answer? A model writes them, where one is set."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from agent.evidence.passages import passages
from agent.governance.personal.keeping import Brought, keeping
from agent.models.choose import speaker
from agent.models.model import Model, Question
from agent.models.prompt import ASK
from agent.settings import Settings
from agent.state import Reply
from ingest.model import Chunk
from retrieval.model import Hit

_MOST = 2
_LISTED = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s*")
_WORDS = range(3, 41)


def asker(settings: Settings, brought: Brought) -> Callable[[Chunk], Sequence[str]] | None:
    """What asks the model for questions; None where no model is set. Raises `ModelFailed` when called."""
    if not settings.has_model:
        return None
    model = keeping(settings.redact, brought).model(speaker(settings, ASK))
    return lambda chunk: asyncio.run(_asked(model, chunk))


def written(reply: str) -> list[str]:
    """The questions in a model's reply: lines that ask something in a few words."""
    lines = (_LISTED.sub("", line).strip() for line in reply.splitlines())
    return [line for line in lines if line.endswith(("?", "？", "؟")) and _is_one(line)][:_MOST]


def _is_one(line: str) -> bool:
    return len(line.split()) in _WORDS or (not line.isascii() and 6 <= len(line) <= 200)


async def _asked(model: Model, chunk: Chunk) -> Sequence[str]:
    shown = passages([Hit(chunk, 1.0)], first=0)
    if not shown[0].blocks:
        return []
    reply = Reply((), (), "end")
    try:
        async for item in model.reply([Question("Which questions does this passage answer?", shown)], ()):
            if isinstance(item, Reply):
                reply = item
    finally:
        await model.aclose()
    return written(reply.text) if reply.stop == "end" else []
