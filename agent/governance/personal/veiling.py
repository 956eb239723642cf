"""What leaves for a model's server instead of personal data, and how is it put back into what the model says?

Each value has a placeholder, such as `⟨email 1⟩`, numbered by kind in the order in which the messages hold them. So the
same messages always leave alike, and later ones change nothing of what was sent before them; nothing is kept anywhere.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from agent.governance.personal.detecting import Detectors
from agent.governance.personal.finding import Finding, apart
from agent.models.model import Again, Message, Model, ModelFailed, Question, Results, ToolSpec
from agent.state import Observation, Passage, Reply, Shape, Token

_OPEN: Final = "\N{MATHEMATICAL LEFT ANGLE BRACKET}"
_CLOSE: Final = "\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
_MARK: Final = re.compile(rf"{_OPEN}[^{_OPEN}{_CLOSE}\n]{{1,60}} \d{{1,6}}{_CLOSE}")
_LONGEST: Final = 80  # characters of a placeholder that may come in several pieces
TOLD: Final = (
    f"What stands in {_OPEN} {_CLOSE} is a placeholder for something personal. Where you need it, write it exactly as "
    "it stands."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which kinds do not leave: `always`, and of what a tool gives back those that its name has `by_tool`."""

    always: tuple[str, ...] = ()
    by_tool: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, tool: str) -> tuple[str, ...]:
        """Those of what a tool gives back."""
        return (*self.always, *self.by_tool.get(tool, ()))

    @property
    def is_none(self) -> bool:
        """Whether everything leaves as it is."""
        return not self.always and not any(self.by_tool.values())


class Veil:
    """What stands for what in one request: it learns of each text that it hides, and puts back what it has learnt."""

    def __init__(self, detectors: Detectors) -> None:
        self._detectors = detectors
        self._marks: dict[str, str] = {}  # by value
        self._values: dict[str, str] = {}  # by placeholder
        self._counted: dict[str, int] = {}
        self._known: dict[str, str] = {}  # kinds by value

    def hidden(self, text: str, kinds: Iterable[str]) -> str:
        """A text with placeholders for what is personal in it, and for what was found to be before."""
        return self._without(text, self._found(text, kinds))

    def put_back(self, text: str) -> str:
        """The text for which this one stands."""
        return _MARK.sub(lambda found: self._values.get(found[0], found[0]), text) if _OPEN in text else text

    def hidden_passage(self, passage: Passage, kinds: Sequence[str]) -> Passage:
        """The same passage in the same number of blocks, so that a citation of them means the same."""
        starts = sorted({edge - passage.start for block in passage.blocks for edge in block})
        found = self._found(passage.text, kinds, starts)
        places, moved, at = {}, 0, 0
        for edge in starts:
            while at < len(found) and found[at].end <= edge:
                moved += len(self._mark(found[at])) - (found[at].end - found[at].start)
                at += 1
            places[edge] = edge + moved + passage.start
        blocks = tuple((places[start - passage.start], places[end - passage.start]) for start, end in passage.blocks)
        return replace(
            passage,
            text=self._without(passage.text, found),
            blocks=blocks,
            document=self.hidden(passage.document, kinds),
            title=self.hidden(passage.title, kinds),
            context=self.hidden(passage.context, kinds),
            headings=tuple(self.hidden(each, kinds) for each in passage.headings),
        )

    def hidden_in(self, value: Any, kinds: Sequence[str]) -> Any:
        """JSON with every text of it hidden."""
        return _each_text(value, lambda text: self.hidden(text, kinds))

    def put_back_in(self, value: Any) -> Any:
        """JSON with every text of it put back."""
        return _each_text(value, self.put_back)

    def _found(self, text: str, kinds: Iterable[str], edges: Sequence[int] = ()) -> list[Finding]:
        """What is to be hidden, in its order; none of it lies over an edge."""
        # What looks like a placeholder already is hidden too: put back, it would be somebody else's value.
        literal = [Finding("mark", *each.span(), each[0]) for each in _MARK.finditer(text)]
        known = [
            Finding(kind, *each.span(), value)
            for value, kind in sorted(self._known.items(), key=lambda pair: (-len(pair[0]), pair[0]))
            if value in text
            for each in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text)
        ]
        of_kinds = self._detectors.find(text, kinds)
        whole = sorted(apart([*literal, *of_kinds, *known]), key=lambda each: each.start)
        self._known |= {each.value: each.kind for each in of_kinds}  # whole: a part of one may be any word
        return [part for each in whole for part in _cut(each, edges) if part.value.strip()]

    def _without(self, text: str, found: Sequence[Finding]) -> str:
        pieces, last = [], 0
        for each in found:
            pieces += [text[last : each.start], self._mark(each)]
            last = each.end
        return "".join([*pieces, text[last:]])

    def _mark(self, found: Finding) -> str:
        if found.value not in self._marks:
            number = self._counted[found.kind] = self._counted.get(found.kind, 0) + 1
            mark = f"{_OPEN}{found.kind} {number}{_CLOSE}"
            self._marks[found.value], self._values[mark] = mark, found.value
        return self._marks[found.value]


def _cut(found: Finding, edges: Sequence[int]) -> list[Finding]:
    """What was found in parts, none of which lies over an edge."""
    cuts = [found.start, *(edge for edge in edges if found.start < edge < found.end), found.end]
    return [
        replace(found, start=start, end=end, value=found.value[start - found.start : end - found.start])
        for start, end in pairwise(cuts)
    ]


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key): _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(inner, change) for inner in value]
    return value


def left_out(text: str, detectors: Detectors, kinds: Sequence[str]) -> str:
    """A text that is kept or shown for good, such as a log's: of what is personal in it only the kind is left."""
    for found in reversed(detectors.find(text, kinds)):
        text = f"{text[: found.start]}{_OPEN}{found.kind}{_CLOSE}{text[found.end :]}"
    return text


class Veiled:
    """A model whose server is given placeholders: what it says comes back with what they stand for."""

    def __init__(self, model: Any, detectors: Detectors, kept: Kept) -> None:
        self._model, self._detectors, self._kept = model, detectors, kept

    @property
    def name(self) -> str:
        return str(self._model.name)

    @property
    def where(self) -> str | None:
        where: str | None = self._model.where
        return where

    @property
    def uses_tools(self) -> bool:
        return bool(self._model.uses_tools)

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], *, within: float | None = None, aloud: bool = True
    ) -> AsyncGenerator[Token | Reply]:
        """What the model says to what is hidden, put back."""
        veil, hidden = self._hidden(messages)
        held = ""
        try:
            async with aclosing(self._model.reply(hidden, tools, within=within, aloud=aloud)) as items:
                async for item in items:
                    if isinstance(item, Token):
                        said, held = _whole(held + item.text)
                        if said:
                            yield Token(veil.put_back(said))
                        continue
                    if held:
                        yield Token(veil.put_back(held))
                        held = ""
                    yield _reply_put_back(item, veil)
        except ModelFailed as fault:
            fault.heard = veil.put_back(fault.heard)
            raise

    def request(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        given: Shape | None = None,
        effortless: bool | None = None,
    ) -> Mapping[str, Any]:
        request: Mapping[str, Any] = self._model.request(
            self._hidden(messages)[1], tools, given=given, effortless=effortless
        )
        return request

    async def is_held(self, within: float) -> bool:
        return bool(await self._model.is_held(within))

    def writing(self, told: str, schema: Mapping[str, Any] | None = None) -> Model:
        return Veiled(self._model.writing(told, schema), self._detectors, self._kept)

    async def aclose(self) -> None:
        await self._model.aclose()

    def _hidden(self, messages: Sequence[Message]) -> tuple[Veil, list[Message]]:
        veil, always = Veil(self._detectors), self._kept.always
        hidden: list[Message] = []
        for message in messages:
            match message:
                case Question():
                    passages = tuple(veil.hidden_passage(each, always) for each in message.passages)
                    text, earlier = veil.hidden(message.text, always), veil.hidden(message.earlier, always)
                    remembered = veil.hidden(message.remembered, always)
                    is_told = bool(passages) and not self._kept.is_none
                    hidden.append(Question(f"{text}\n\n{TOLD}" if is_told else text, passages, earlier, remembered))
                case Reply():
                    content = tuple(_hidden_block(block, veil, always) for block in message.content)
                    hidden.append(replace(message, content=content))
                case Results():
                    results = tuple(_hidden_result(each, veil, self._kept) for each in message.observations)
                    hidden.append(Results(results))
                case Again():
                    hidden.append(Again(tuple(veil.hidden(each, always) for each in message.reasons)))
        return veil, hidden


def _whole(text: str) -> tuple[str, str]:
    """What can be shown of a text that goes on, and what may be the beginning of a placeholder."""
    at = text.rfind(_OPEN)
    if at < 0 or _CLOSE in text[at:] or len(text) - at > _LONGEST:
        return text, ""
    return text[:at], text[at:]


def _hidden_result(observation: Observation, veil: Veil, kept: Kept) -> Observation:
    kinds = kept.of(observation.call.name)
    return replace(
        observation,
        text=veil.hidden(observation.text, kinds),
        note=veil.hidden(observation.note, kinds),
        passages=tuple(veil.hidden_passage(each, kinds) for each in observation.passages),
    )


_AS_IT_IS: Final = frozenset({"type", "id", "name", "thinking", "signature", "data"})  # the server's own words


def _hidden_block(block: Mapping[str, Any], veil: Veil, kinds: Sequence[str]) -> Mapping[str, Any]:
    return {key: value if key in _AS_IT_IS else veil.hidden_in(value, kinds) for key, value in block.items()}


def _put_back_block(block: Mapping[str, Any], veil: Veil) -> Mapping[str, Any]:
    return {key: value if key in _AS_IT_IS else veil.put_back_in(value) for key, value in block.items()}


def _reply_put_back(reply: Reply, veil: Veil) -> Reply:
    segments = tuple(
        replace(
            each,
            text=veil.put_back(each.text),
            quotes=tuple(replace(quote, text=veil.put_back(quote.text)) for quote in each.quotes),
        )
        for each in reply.segments
    )
    calls = tuple(replace(call, arguments=veil.put_back_in(call.arguments)) for call in reply.calls)
    content = tuple(_put_back_block(block, veil) for block in reply.content)
    return replace(reply, segments=segments, calls=calls, content=content)
