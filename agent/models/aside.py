"""What does a model say to a question of ours that nobody is shown? One reply within bounds, or why there is none."""

from __future__ import annotations

import asyncio
from typing import Final

from agent.models.model import Model, ModelFailed, Question
from agent.state import Reply

SECONDS: Final = 20.0  # that a model is given for it


class Unsaid(Exception):
    """A model said nothing that could be of use, and why; whoever asked goes on by a rule."""


async def said_aside(model: Model, asked: Question, *, within: float) -> Reply:
    """What the model says to one question. Raises `Unsaid`."""
    seconds = min(SECONDS, within)
    reply: Reply | None = None
    try:
        async with asyncio.timeout(seconds):
            async for item in model.reply([asked], (), within=seconds, aloud=False):
                reply = item if isinstance(item, Reply) else reply
    except TimeoutError:
        raise Unsaid("the model took too long") from None
    except ModelFailed as fault:
        raise Unsaid(f"the model failed ({fault.code})") from fault
    if reply is None:
        raise Unsaid("the model said nothing")
    return reply
