"""A run of small parts, for tests: documents that all match, tools, and a model that does what its moves say."""

from dataclasses import dataclass

from agent.models.model import ModelFailed, WindowExceeded, shown
from agent.state import Quote, Reply, Segment, Token, ToolCall, Usage
from ingest.model import Chunk
from plugins.contract import tool_from
from plugins.tool import ToolContext, ToolError, ToolResult
from retrieval.model import Hit

TEXTS = {
    "guide/logs.md": "Logs are kept for thirty days. A nightly job deletes them.",
    "guide/ports.md": "The server listens on port 8000. Metrics are served on port 9100.",
    "guide/backup.md": "Backups are made every Sunday. They are encrypted.",
    "guide/noise.md": "The printer is grey.",
}
LOGS = "guide/logs.md"


@dataclass(frozen=True)
class Shelf:
    """A search that finds every document that is not erased, in order; and their texts."""

    erased: set

    def __call__(self, query, *, k=10, scope=None, mode="hybrid"):
        found = [Chunk(name, 0, len(text), text, title=name) for name, text in TEXTS.items() if name not in self.erased]
        return [Hit(chunk, 1 / place, 0.5, None, None, self.likely(chunk)) for place, chunk in enumerate(found, 1)][:k]

    def likely(self, chunk):
        return {"guide/noise.md": 0.1, "guide/ports.md": 0.4}.get(chunk.document)

    def text(self, name):
        return None if name in self.erased else TEXTS.get(name)

    def page(self, name, offset):
        return None

    page_label = page


class Watchers:
    """Nobody is told of calls."""

    async def before_tool_call(self, *_, **__):
        """Nobody refuses."""

    async def after_tool_call(self, tool, arguments, result, run, **_):
        """Nobody takes anything out."""
        return result


def look(context: ToolContext, query: str = "") -> ToolResult:
    """Look again. Use when: asked."""
    return ToolResult("", tuple(context.search(query, k=4)), note="There may be more.")


def tide(lines: int = 1) -> str:
    """Tell the tide. Use when: asked."""
    return "High water is at noon. Low water is at six. " * lines


def send(words: str = "") -> str:
    """Send it. Use when: asked."""
    return f"Sent: {words}."


def moan() -> str:
    """Complain. Use when: asked."""
    raise ToolError("Say which one.")


look.effect = tide.effect = moan.effect = "read"
send.effect = "external"
TOOLS = tuple(tool_from(function, plugin="mine") for function in (look, tide, send, moan))
USAGE = Usage(10, 5, 1, 2)


def citing(messages, stop="end"):
    seen = shown(messages)
    segments = [Segment("So it is.", (Quote(seen[-1].number, 0, 1, seen[-1].block_text(0)),))] if seen else []
    said = (*segments, Segment(" And so on \ud800", (Quote(0, 0, 1, "forged, and nowhere to be found"),)))
    block = {"type": "text", "text": "So it is.", "citations": [{"cited_text": "è"}]}
    return Reply(said, (), stop, USAGE, ({"type": "thinking", "signature": "s"}, block), "served", "native")


def calling(*names, **arguments):
    def reply(messages):
        turn = len(messages)
        calls = tuple(ToolCall(f"c{turn}{place}", name, arguments) for place, name in enumerate(names))
        content = tuple({"type": "tool_use", "id": call.id, "name": call.name} for call in calls)
        return Reply((Segment("Let me see."),), calls, "calls", USAGE, content, "served")

    return reply


def saying(stop):
    return lambda messages: citing(messages, stop)


def failing(error, heard=""):
    def reply(_):
        error.heard, error.served = heard, "served"
        raise error

    return reply


MOVES = {
    **{stop: saying(stop) for stop in ("pause", "length", "window", "refusal", "unmade")},
    "uncited": lambda _: Reply((Segment("I think so."),), (), "end", USAGE, (), None, "numbered"),
    "look": calling("look", query="again"),
    "tide": calling("tide", lines=2),
    "send": calling("send", words="è\n"),
    "several": calling("tide", "send", "look", "moan", "nonsense"),
    "by name": calling("look", query=f"what {LOGS} says"),
    "too long": failing(WindowExceeded("It is too long: ask for less.")),
    "broken": failing(ModelFailed("It broke off; ask again."), heard="Logs are ke"),
    "down": failing(ModelFailed("It is down; ask again.")),
}


@dataclass
class Scripted:
    """A model that does what its moves say, and cites when they are over; `erase` is called as often as it speaks."""

    moves: list
    erase: object = lambda _: None
    name, uses_tools = "scripted", True

    async def reply(self, messages, tools, *, within=None, aloud=True):
        yield Token("So")
        self.erase("speaking")
        yield (MOVES[self.moves.pop(0)] if self.moves else citing)(messages)

    async def aclose(self):
        """It holds nothing."""
