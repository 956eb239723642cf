"""Which states can a run be in?

The union `State` is closed. From one that is `GoingOn` a step leads on; `agent/run/steps.py: step` is one `match` over
those. `(Understand →) Retrieve → (Plan →) Think → Check →` leads to an `End`, with `Think ⇄ Act` between. At its end
a run is `Over`, or `Halted` until a person decides: `AwaitingApproval`, `Escalated`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ingest.model import Unseen

LIKELY: Final = 0.5  # from here on a passage is rather relevant than not
WHOLE: Final = -1  # of what a passage serves: the question as it was asked

Shape = Literal["native", "numbered"]  # in which passages reach a model, and in which it names them
LEFT: Final = "left to be resumed"  # the word with which a run is cancelled that is to have no end, but to go on later
Status = Literal["answered", "abstained", "escalated", "awaiting_approval", "failed"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Evidence: stored text that an answer may cite, cut into blocks (sentences or small paragraphs).

    `number` counts over the whole run from 0: it is the index by which a model's citation names this passage.
    `blocks` are spans in the document; `kind` is `document` for indexed text and `tool` for a tool's result,
    where `call` is the id of the tool call and `document` the tool's name. `probability` is the calibrated one of being
    relevant, None where it is not known. `context` is what a chunk of a table or a section repeats of its head. Of a
    question in parts it `serves` those, counted from 0, whose own search found it, and `WHOLE` where that of all of it
    did. What of its text nobody sees who opens the document is `unseen`.
    """

    number: int
    kind: Literal["document", "tool"]
    document: str
    title: str
    text: str
    start: int
    end: int
    blocks: tuple[tuple[int, int], ...]
    page: int | None = None
    headings: tuple[str, ...] = ()
    context: str = ""
    call: str | None = None
    score: float = 0.0
    dense: float | None = None
    lexical: float | None = None
    probability: float | None = None
    page_label: str | None = None
    serves: tuple[int, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    @property
    def weak(self) -> bool:
        """Whether it is more likely irrelevant than relevant, as far as that is known."""
        return self.probability is not None and self.probability < LIKELY

    def block_text(self, block: int) -> str:
        """The text of one block."""
        start, end = self.blocks[block]
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True, slots=True)
class Quote:
    """A model's claim that `text` stands in blocks `[first, last)` of a passage, not yet verified."""

    passage: int
    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an answer with the quotes that are said to support it.

    A `remark` is ours: it says how what is quoted stands to the question, and no document is asked to bear it out.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    remark: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What the model asks a tool to do. `id` is the model's own name for the call.

    `written` is one that it wrote as text instead of making it, so that it is not certain who meant it.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    written: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of an argument stands; `source` names the document or the tool, if it is of one."""

    argument: str
    value: str
    place: Literal["user", "charter", "trusted", "ambiguous", "untrusted", "nowhere"]
    source: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it may be used by a call that nobody looks at."""
        return self.place in ("user", "charter", "trusted")


@dataclass(frozen=True, slots=True)
class Observation:
    """What a tool call gave back to the model: text, or passages that can be cited; and how many were withheld.

    What the tool said is a passage too, unless it said nothing or failed; `note` is what we say beside them. `data` is
    what it gave back for programs.
    """

    call: ToolCall
    text: str
    passages: tuple[Passage, ...] = ()
    error: bool = False
    withheld: int = 0
    note: str = ""
    data: Mapping[str, Any] | None = None
    began: bool = False  # whether the tool was run, whatever came of it
    replaced: bool = False  # whether a plugin's hook put this in the place of what the tool gave


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the model's server counted them; `fast_input_tokens` and `fast_output_tokens` of them are those of
    the fast model, the former with what it read from or wrote to a cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    fast_input_tokens: int = 0
    fast_output_tokens: int = 0

    @property
    def read(self) -> int:
        """All that was read, from a cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def total(self) -> int:
        """All that was read and written, by whichever model."""
        return self.read + self.output_tokens

    @property
    def of_the_fast(self) -> Usage:
        """The same, all of it the fast model's."""
        return replace(self, fast_input_tokens=self.read, fast_output_tokens=self.output_tokens)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.fast_input_tokens + other.fast_input_tokens,
            self.fast_output_tokens + other.fast_output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """One turn of a model. `content` is what must be sent back to it verbatim; only its adapter reads that.

    `stop` is `end`, `calls`, `length` (cut by a token limit), `window` (cut where what the model reads at once was
    full), `unmade` (at a call that was written as text and cannot be understood), `refusal`, `pause` (to be continued),
    or, in a journal alone, `broken` (by a fault, so that nothing came of it). `model` is what the server says that it
    used. `shape` says how it named what it rests on: `native` citations, or `numbered` marks; None where the model
    knows only one way. `request` is the digest of the request that got this reply, `given` the shape in which passages
    stood in it, and `effortless` that it named no effort, since the server refuses that.
    """

    segments: tuple[Segment, ...]
    calls: tuple[ToolCall, ...]
    stop: Literal["end", "calls", "length", "window", "unmade", "refusal", "pause", "broken"]
    usage: Usage = Usage()
    content: tuple[Mapping[str, Any], ...] = ()
    model: str | None = None
    shape: Shape | None = None
    request: str | None = None
    given: Shape | None = None
    effortless: bool = False

    @property
    def text(self) -> str:
        """The whole answer, without marks."""
        return "".join(segment.text for segment in self.segments)

    @property
    def written(self) -> str | None:
        """What the model wrote, with the numbers by which it named passages; None where that is no other text."""
        raw = "".join(str(block.get("text", "")) for block in self.content if block.get("type") == "text")
        return raw if self.shape == "numbered" and raw != self.text else None


@dataclass(frozen=True, slots=True)
class Route:
    """Which of two models was to speak, and why: the `fast` one or the strong one."""

    model: str
    reason: str
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange with the model: its reply, and what the called tools gave back or why its answer was `returned`."""

    reply: Reply
    observations: tuple[Observation, ...] = ()
    returned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that was found, letter by letter, where it is said to stand."""

    kind: Literal["document", "tool"]
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    call: str | None = None
    page_label: str | None = None
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a quote in the stored text.

    `text` is `before`, the quote and `after` in one stretch; `start` and `end` say where in it the quote stands.
    `headings` are those above it, outermost first; `head` is its table's, where it is a row.
    """

    text: str
    start: int
    end: int
    before: str = ""
    after: str = ""
    headings: tuple[str, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class Near(Citation):
    """How a passage begins that came near a question; nobody says that it answers it. `text` is what `quote` is."""

    text: str = ""
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions that a question asks; `about` is how it is called where nothing answers it."""

    question: str
    about: str


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered of who asks, as it was found for a question: that an `attribute` of a `subject` has a `value`.

    It holds `since` a day and before `until`, as far as that was told; it was `recorded` then.
    """

    id: str
    subject: str
    attribute: str
    value: str
    kind: str = "fact"
    since: str | None = None
    until: str | None = None
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Understand:
    """A question follows others of its conversation; it is yet to be said what it asks by itself.

    `account` is what a model said was said before, in place of what the rule leaves of it; empty where that stays, None
    where no model was asked. It took the tokens `spent`.
    """

    question: str
    account: str | None = None
    spent: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Retrieve:
    """The first search is yet to be made. It took the tokens `spent` to understand the question.

    `account` is a model's of what was said before, where there is one. `recalled` is what is remembered of who asks and
    bears on the question; None where that was not looked for.
    """

    question: str
    spent: Usage = Usage()
    account: str | None = None
    recalled: tuple[Recollection, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The first searches are yet to be made: of the question, and of each of its `parts`."""

    question: str
    parts: tuple[Part, ...]
    spent: Usage = Usage()
    account: str | None = None
    recalled: tuple[Recollection, ...] | None = None


@dataclass(frozen=True, slots=True)
class Think:
    """The model is to speak, having seen `passages` and `turns`.

    `withheld` passages are almost surely noise; `left_out` are others, more than it can read at once. `spent` are the
    tokens of replies that are not among the turns, `route` says who spoke last, where there were two to choose from.
    Of the passages of the numbers `cut` only a part is given. `scores` say by its number how a passage bears on the
    question, from 0 to 10; they are `weighed` when they stand in the order of that. Of a question with several `parts`
    each passage says which it serves. `account` is a model's of what was said before in its conversation, where there
    is one.
    """

    question: str
    passages: tuple[Passage, ...]
    turns: tuple[Turn, ...] = ()
    withheld: int = 0
    left_out: int = 0
    spent: Usage = Usage()
    route: Route | None = None
    cut: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    scores: tuple[tuple[int, int], ...] = ()
    weighed: bool = False
    account: str | None = None
    recalled: tuple[Recollection, ...] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """The tools that `reply` calls are to be run; of the first of them it is known what they gave back.

    `begun` names one with a side effect that was begun, and of which it is not known what came of it; `approved` is the
    digest of one that a person allowed, until it `expires`, with the arguments that they `edited`, if they did. `key`
    is that of the one that was begun; empty where an earlier Citewell began it.
    """

    think: Think
    reply: Reply
    observations: tuple[Observation, ...] = ()
    begun: str | None = None
    approved: str | None = None
    edited: Mapping[str, Any] | None = None
    expires: str | None = None
    key: str = ""

    @property
    def next_call(self) -> ToolCall:
        """The first call of which it is not known what it gave back, as a person left it."""
        wanted = self.reply.calls[len(self.observations)]
        return wanted if self.edited is None else replace(wanted, arguments=self.edited)


@dataclass(frozen=True, slots=True)
class Check:
    """The model has said its last; what it cites is to be verified against stored text."""

    think: Think
    reply: Reply


@dataclass(frozen=True, slots=True)
class Inactive:
    """What in an answer would have done more than be read: the `text` of it that is not shown so, where it has one.

    An `address` is left out; a `link`, an `image` and `markup` are shown as text; `signs` are those that nobody sees.
    """

    kind: Literal["address", "link", "image", "markup", "signs"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in which every citation was verified. Marks `[1]`, `[2]`… in `answer` count `citations` from 1.

    `unverified` are the sentences that no source was found to bear out, and that are left out of it; `cut` says that a
    limit on tokens ended it early. `withheld` counts the passages that the model was not shown, as almost surely noise.
    `model` is what the server says that it used, `left_out` how many passages were more than it can read at once, as in
    every end. `open` are the parts of the question for which nothing is cited. An answer that a person gave says `by`
    whom, and cites nothing. `inactive` is what in it would have done more than be read.
    """

    answer: str
    citations: tuple[Citation, ...]
    usage: Usage = Usage()
    withheld: int = 0
    unverified: tuple[str, ...] = ()
    cut: bool = False
    model: str | None = None
    left_out: int = 0
    open: tuple[str, ...] = ()
    by: str | None = None
    inactive: tuple[Inactive, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstained:
    """No answer, because there is no evidence for one. `nearest` are passages that came close.

    `said` is what the model said without evidence: it may be made up, so it is for the journal and for debugging alone.
    """

    reason: str
    nearest: tuple[Near, ...] = ()
    usage: Usage = Usage()
    withheld: int = 0
    said: str = ""
    model: str | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, because something broke; `code` is stable. `nearest` are passages that came close before it did."""

    code: str
    reason: str
    usage: Usage = Usage()
    nearest: tuple[Near, ...] = ()
    model: str | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """A `call` runs only if a person allows it; `pending` is the digest of all that they are shown of it.

    `needed` are the people who have to allow it until it `expires`, `endorsed` the names of those who did.
    """

    before: Act
    call: ToolCall
    pending: str
    reason: str
    needed: int = 1
    endorsed: tuple[str, ...] = ()
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """A person is to go on, by the `rule` of that name.

    Where it is for a `call` of which it is not known whether it took effect, `pending` is its key: a person says
    whether it is run again. The case lies where `route` says; `draft` is the answer that was not given.
    """

    before: GoingOn
    rule: str
    reason: str
    call: ToolCall | None = None
    pending: str | None = None
    route: str | None = None
    draft: Answered | None = None


GoingOn = Understand | Retrieve | Plan | Think | Act | Check
Over = Answered | Abstained | Failed
Halted = AwaitingApproval | Escalated
End = Over | Halted
State = GoingOn | End


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it is written, before its citations are checked."""

    text: str


def think_of(state: State) -> Think | None:
    """What the model saw, where it spoke or is to speak."""
    match state:
        case Think():
            return state
        case Act() | Check():
            return state.think
        case AwaitingApproval() | Escalated():
            return think_of(state.before)
        case _:
            return None


def evidence_of(state: State) -> tuple[Passage, ...]:
    """Everything that may be cited in a state, in the order of its numbers: what the next one is made from."""
    match state:
        case Think():
            found = (passage for turn in state.turns for each in turn.observations for passage in each.passages)
            return (*state.passages, *found)
        case Act():
            return (*evidence_of(state.think), *(passage for each in state.observations for passage in each.passages))
        case Check():
            return evidence_of(state.think)
        case AwaitingApproval() | Escalated():
            return evidence_of(state.before)
        case _:
            return ()


def used(state: State) -> Usage:
    """The tokens that it took to come here."""
    match state:
        case Understand() | Retrieve() | Plan():
            return state.spent
        case Think():
            return sum((turn.reply.usage for turn in state.turns), state.spent)
        case Act() | Check():
            return used(state.think) + state.reply.usage
        case AwaitingApproval() | Escalated():
            return used(state.before)
        case _:
            return state.usage


def served(state: State) -> str | None:
    """The model that spoke last, as its server names it."""
    match state:
        case Think():
            return state.turns[-1].reply.model if state.turns else None
        case Act() | Check():
            return state.reply.model
        case AwaitingApproval() | Escalated():
            return served(state.before)
        case _:
            return None
