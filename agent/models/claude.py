"""How does a model behind the Messages API reply? By streaming, under one deadline."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from agent.models import connections
from agent.models.capabilities import SECONDS, Finding, Findings, Unanswered, find_out, found
from agent.models.faults import TRIES, Passing, Rejected, is_of_another, is_of_tools, judged
from agent.models.markup import Readable
from agent.models.messages import as_called, build_request, read_reply
from agent.models.model import Late, Message, ModelFailed, Question, ToolSpec, WindowExceeded, digest_of, shown
from agent.models.numbered import marks, statements
from agent.models.prompt import ANSWER, Told
from agent.models.window import SURE, estimated, room
from agent.state import Reply, Shape, Token
from plugins.bounded import aside

if TYPE_CHECKING:
    import anthropic
    from anthropic.lib.streaming import AsyncMessageStream

API: Final = "https://api.anthropic.com"
NO_KEY: Final = "no-key-needed"  # sent to servers that need no key, since the client library insists on one

_PATH: Final = re.compile(r"(?:/v1)?(?:/(?:messages|chat/completions|completions|models))?/*$")
_TOLD: Final = 5.0  # seconds between two words about trying again
_A_TOKEN: Final = 40  # characters that no token is longer than on the average

log = logging.getLogger(__name__)

_AT_HAND: Final = ToolSpec("note", "Write something down.", {"type": "object", "properties": {}})


class Claude:
    """A model behind the Messages API.

    `base_url` names any other server that speaks the same API (Ollama, llama.cpp, LM Studio, vLLM); such a server
    needs no key; what is left of a path behind it, as other clients want it, is taken off. None of these lets its model
    cite search results, so it is first found out in which shape a server takes passages (`citations` may name one
    instead), and `findings` keep that. `deadline` is in seconds and covers one whole reply, retries and finding out
    included: the client library's own timeout is per read, and it would wait as long as a server's `retry-after` says.
    A fault that may pass is tried again, after `backoff` seconds and then after twice as many, while nothing was said.
    `told` is what it is told to do, `effort` how much of it the model shall make, where its server takes that;
    `window`, how many tokens it reads at once, where its server does not say.
    """

    uses_tools = True

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        max_tokens: int = 4096,
        deadline: float = 120.0,
        backoff: float = 0.5,
        told: Told = ANSWER,
        citations: Literal["auto", "native", "numbered"] = "auto",
        effort: str | None = None,
        window: int | None = None,
        findings: Findings | None = None,
    ) -> None:
        key = (api_key or "").strip()
        if not key and not base_url:
            raise ModelFailed(f"The model {model} needs a key; set ANTHROPIC_API_KEY.")
        if not (key.isascii() and key.isprintable()):
            raise ModelFailed("The key holds characters that no key has; copy it again into ANTHROPIC_API_KEY.")
        address = urlsplit(base_url or API)
        address = address._replace(path=_PATH.sub("", address.path))  # the client library adds `/v1/messages` itself
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ModelFailed("The model's base URL is not an address; write it like http://localhost:11434.")
        self.name = model
        self._key = key or NO_KEY
        self._base_url = address.geturl()
        self.where = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._backoff = backoff
        self._told = told
        self._citations = citations
        self._effort = effort
        self._window = window
        self._schema: Mapping[str, Any] | None = None
        self._findings = findings or Findings()
        self._is_anthropic = address.hostname == urlsplit(API).hostname
        self.served: str | None = None  # who answered last, as the server named it
        self._client: anthropic.AsyncAnthropic | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], *, within: float | None = None, aloud: bool = True
    ) -> AsyncGenerator[Token | Reply]:
        """Tokens as they come, if `aloud`, then the one `Reply`. Leaving it early closes the connection.

        What nobody hears can be begun again when its stream breaks.
        """
        until = asyncio.get_running_loop().time() + (self._deadline if within is None else within)
        await aside(_library)
        finding = await self.finding(until)
        await self._require_room(messages, tools, finding, until)
        shape = finding.shape
        if shape == "native" and not finding.proved and not self._is_settled and shown(messages):
            spoken = self._doubted(messages, tools, until, aloud=aloud)
        else:
            spoken = self._answered(messages, tools, shape, until, aloud=aloud)
        try:
            async with aclosing(spoken) as items:
                async for item in items:
                    yield item
            return
        except Rejected as error:  # before anything was said
            if shape == "numbered" or self._is_anthropic:
                raise
            if self._citations == "native":
                raise self._as_set(error) from error
            refused = error
        try:
            async with aclosing(self._answered(messages, tools, "numbered", until, aloud=aloud)) as items:
                async for item in items:
                    if isinstance(item, Reply):
                        await self._keep(found("numbered", "it refused a request with search results"))
                    yield item
        except Rejected as error:
            if is_of_tools(error.said):
                raise
            both = f"The model's server refused the request with search results and as text ({error.said})"
            raise ModelFailed(f"{both}; put right what it names, or choose another model.") from error
        except (WindowExceeded, Late):
            raise
        except ModelFailed as error:
            raise refused from error

    async def _require_room(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], finding: Finding, until: float
    ) -> None:
        """Raises `WindowExceeded` where it is known how much the model reads at once, and this is more.

        Where it may be, the server counts, if it can; else what is estimated counts.
        """
        window = self._window or finding.window
        if window is None:
            return
        free, request = room(window, self._max_tokens), self.request(messages, tools, given=finding.shape)
        found, how = estimated(request), "about "
        if found <= free * SURE:
            return
        left = max(0.0, until - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(min(SECONDS, left / 2)):
                found, how = await _Questions(self._connect(), self.name).count_whole(request), ""
        except (Unanswered, TimeoutError) as error:
            log.debug("the model's server counts no tokens, so they are estimated: %s", error)
        if found > free:
            fault = WindowExceeded(
                f"What was asked and found has {how}{found:,} tokens, and of the {window:,} that the model {self.name} "
                f"reads at once {free:,} are for it; lower [agent] passages, or give the model's server a larger "
                "context."
            )
            fault.over = found - free
            raise fault

    async def is_held(self, within: float) -> bool:
        """Whether its server can be asked to see to it that what it writes is of a schema."""
        return (await self.finding(asyncio.get_running_loop().time() + within)).structured

    def writing(self, told: str, schema: Mapping[str, Any] | None = None) -> Claude:
        """The same, on the same connection, that is told to do something else, and held to a schema."""
        other = copy(self)
        import anthropic

        held = anthropic.transform_schema(dict(schema)) if schema is not None else None
        vars(other).update(_told=Told(told, told), _effort=None, _schema=held)
        return other

    async def _doubted(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], until: float, *, aloud: bool
    ) -> AsyncGenerator[Token | Reply]:
        """What a model says that is given search results, though it is not known that it cites them.

        An answer that cites nothing and names no number says that it does not: then it is asked again, with text, if
        that can be done in the time that is left. Its words are told only once it is known that they are the answer.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        first: Reply | None = None
        async with aclosing(self._answered(messages, tools, "native", until, aloud=False)) as items:
            async for item in items:
                first = item if isinstance(item, Reply) else first
        assert first is not None  # a reply is the last of them
        if any(segment.quotes for segment in first.segments):
            if first.shape == "native":
                await self._keep(found("native", "its model cited a search result", proved=True))
        elif first.stop in {"end", "length"} and first.text.strip():
            await self._keep(found("numbered", "its model was given search results, and neither cited nor named one"))
            if until - clock() > clock() - began:
                said = False
                try:
                    async with aclosing(self._answered(messages, tools, "numbered", until, aloud=aloud)) as items:
                        async for item in items:
                            said = True
                            yield replace(item, usage=first.usage + item.usage) if isinstance(item, Reply) else item
                    return
                except ModelFailed as error:
                    log.debug("the model was asked again with text, and did not answer: %s", error)
                    if said:
                        raise
        if aloud and first.text:
            yield Token(first.text)
        yield first

    def _as_set(self, error: Rejected) -> ModelFailed:
        """The same where it is search results that it refuses, which were set."""
        if "search_result" not in error.said:
            return error
        return ModelFailed(
            f'The model\'s server refuses search results ({error.said}); set [agent] citations = "auto".'
        )

    async def _answered(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], shape: Shape, until: float, *, aloud: bool
    ) -> AsyncGenerator[Token | Reply]:
        """What the model says when passages reach it in this shape, begun again after a fault that may pass.

        That is while nothing was said, and while there is time: a server that asks for more than there is ends it.
        """
        last: Passing | None = None
        told = -_TOLD
        refused: Rejected | None = None
        for tried in count(1):
            said = False
            effortless = refused is not None or not await aside(self._makes_effort)
            try:
                async with aclosing(
                    self._spoken(messages, tools, shape, until, aloud=aloud, effortless=effortless)
                ) as items:
                    async for item in items:
                        if refused is not None and not said:
                            await self._keep_effortless(refused)
                        said = True
                        yield item
                return
            except Rejected as error:  # an effort is refused in other words by each server, or in none
                if effortless or self._effort is None or is_of_another(error.said):
                    raise
                refused = error
                continue
            except Late as late:
                if last is None or said:
                    raise
                raise last from late  # it is why there was no time
            except Passing as fault:
                last = fault
                wait = fault.after if fault.after is not None else self._backoff * 2 ** min(tried - 1, 3)
                left = until - asyncio.get_running_loop().time()
                if fault.after is not None and wait > left:
                    raise fault.told_with(left) from fault
                if said or wait > left or (tried >= TRIES and not fault.patient):
                    raise
                if (now := asyncio.get_running_loop().time()) - told >= _TOLD:
                    told = now
                    log.warning("%s It is tried again.", fault)
            await asyncio.sleep(wait)

    async def finding(self, until: float | None = None, *, anew: bool = False) -> Finding:
        """In which shape the server takes passages, as it is set, known or found out now.

        Finding out is no turn of a run, and its tokens are counted nowhere.
        """
        known = None if anew and self._citations == "auto" else await aside(self.known)
        if known is not None:
            return known
        await aside(_library)
        loop = asyncio.get_running_loop()
        seconds = SECONDS if until is None else max(0.0, min(SECONDS, (until - loop.time()) / 2))
        finding = await find_out(
            _Questions(self._connect(), self.name),
            is_anthropic=self._is_anthropic,
            seconds=seconds,
            thorough=anew,
        )
        await self._keep(finding)
        return finding

    async def examine(self, seconds: float) -> Finding:
        """What the server is found able to do, asked anew; that it answers at all is proved by the first of its words.

        Raises `ModelFailed`.
        """
        until = asyncio.get_running_loop().time() + seconds
        await aside(_library)
        request = [Question("Answer with one word: are you there?")]

        try:
            async with aclosing(self._answered(request, [_AT_HAND], "numbered", until, aloud=True)) as items:
                async for _ in items:
                    break
        except Late as error:
            raise Late(
                f"The model at {self.where} said nothing within {seconds:g} seconds: see what its server is doing, "
                "then try again."
            ) from error
        return await self.finding(until, anew=True)

    def known(self) -> Finding | None:
        """In which shape the server takes passages, as far as that is known without asking it."""
        if self._citations != "auto":
            return found(self._citations, "[agent] citations says so")
        return self._findings.known(self.where, self.name)

    @property
    def _is_settled(self) -> bool:
        """Whether no answer changes in which shape the model is given passages."""
        return self._citations != "auto" or self._is_anthropic

    async def _keep(self, finding: Finding) -> None:
        await aside(self._findings.keep, self.where, self.name, finding)

    def _makes_effort(self) -> bool:
        """Whether an effort is set, and not known to be refused."""
        return self._effort is not None and not self._findings.refuses_effort(self.where, self.name)

    async def _keep_effortless(self, refused: Rejected) -> None:
        """For the next request: the server took this one without the effort."""
        told = "the model's server takes no [agent] effort (%s); it is asked without"
        log.warning(told, refused.said or "it does not say why")
        await aside(self._findings.keep_effortless, self.where, self.name)

    async def _spoken(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        shape: Shape,
        until: float,
        *,
        aloud: bool,
        effortless: bool,
    ) -> AsyncGenerator[Token | Reply]:
        request = self.request(messages, tools, given=shape, effortless=effortless)
        arguments: defaultdict[int, str] = defaultdict(str)
        heard: list[str] = []
        left = self._max_tokens * _A_TOKEN
        words, unmarked = Readable(), marks.Unmarked(shown(messages) if shape == "numbered" else ())
        stream = await self._open(request, until)
        try:
            self._require_events(stream)
            while (event := await self._next(stream, until)) is not None:
                if event.type == "message_start":
                    self.served = event.message.model if isinstance(event.message.model, str) else None
                elif event.type == "text":
                    heard.append(event.text)
                    if aloud and (ready := unmarked.feed(words.feed(event.text))):
                        yield Token(ready)
                elif event.type == "content_block_delta":
                    if (left := left - len(_said(event.delta))) < 0:
                        raise ModelFailed(
                            f"The model {self.name} went on and on: it wrote more than {self._max_tokens * _A_TOKEN:,} "
                            f"characters, and may write {self._max_tokens:,} tokens; see why its server does not stop "
                            "there, or choose another model."
                        )
                    if event.delta.type == "input_json_delta":
                        arguments[event.index] += event.delta.partial_json
            reply = as_called(self._read(stream, arguments, messages, shape), messages, tools, shape)
            left_out = effortless and self._effort is not None
            reply = replace(reply, request=digest_of(request), given=shape, effortless=left_out)
            if aloud and reply.stop in {"end", "pause"} and (rest := unmarked.feed(words.rest()) + unmarked.rest()):
                yield Token(rest)
            yield await self._understood(reply, messages, shape)
        except ModelFailed as fault:
            if heard:
                fault.heard, fault.served = "".join(heard), self.served
            raise
        finally:
            await stream.close()

    def request(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        given: Shape | None = None,
        effortless: bool | None = None,
    ) -> dict[str, Any]:
        """The body of the request, as it is sent."""
        known = self.known() if given is None else None
        shape = given or (known.shape if known else "native" if self._is_anthropic else "numbered")
        request = build_request(
            *(messages, tools),
            model=self.name,
            max_tokens=self._max_tokens,
            told=self._told,
            shape=shape,
            effort=self._effort if effortless is False or (effortless is None and self._makes_effort()) else None,
            schema=self._schema,
        )
        return request | {"stream": True}

    async def _understood(self, reply: Reply, messages: Sequence[Message], shape: Shape) -> Reply:
        """The reply, whose marks are read where it was to cite and named passages by number instead."""
        if shape == "numbered" or any(segment.quotes for segment in reply.segments):
            return reply
        read = statements.read(reply.text, shown(messages))
        if not any(quote.first < quote.last for segment in read for quote in segment.quotes):
            return reply
        if not self._is_settled:
            await self._keep(found("numbered", "its answer named passages by number and cited none"))
        return replace(reply, segments=read, shape="numbered")

    async def aclose(self) -> None:
        """Let go of the connections, which are closed when no other run has them; a later reply opens new ones."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await connections.let_go()

    def _connect(self) -> anthropic.AsyncAnthropic:
        """The client of this event loop: connections cannot be carried from one loop to another."""
        import anthropic

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            timeout = anthropic.Timeout(self._deadline, connect=min(10.0, self._deadline))
            self._client = anthropic.AsyncAnthropic(
                api_key=self._key,
                base_url=self._base_url,
                timeout=timeout,
                max_retries=0,
                http_client=connections.taken(anthropic.DefaultAsyncHttpxClient),
                open_telemetry={"traces": {"content_mode": "metadata_only"}},  # given, no variable changes it
            )
            self._loop = loop
        return self._client

    async def _open(self, request: dict[str, Any], until: float) -> AsyncMessageStream[None]:
        import anthropic

        try:
            async with asyncio.timeout_at(until):
                body = {name: each for name, each in request.items() if name != "stream"}  # it adds that itself
                return await self._connect().messages.stream(**body).__aenter__()
        except TimeoutError as error:
            raise self._late("begin to answer") from error
        except anthropic.APIError as error:
            raise self._stated(error) from error
        except UnicodeEncodeError as error:  # half a surrogate pair, from a terminal or from JSON
            raise ModelFailed("The question holds a character that cannot be sent; write it again.") from error

    async def _next(self, stream: AsyncMessageStream[None], until: float) -> Any:
        """The next event, or None at the end."""
        import anthropic

        try:
            async with asyncio.timeout_at(until):
                return await anext(stream, None)
        except TimeoutError as error:
            raise self._late("finish its answer") from error
        except anthropic.APIError as error:
            raise self._stated(error) from error
        except Exception as error:
            # Only the client library runs in here. What it raises when the connection breaks or an event makes no
            # sense is no `AnthropicError`, and is not promised: transport, decoding, index and attribute errors.
            raise self._broken() from error

    def _require_events(self, stream: AsyncMessageStream[None]) -> None:
        """A page, however well it was served, must not be read as a stream."""
        kind = stream.response.headers.get("content-type", "nothing").partition(";")[0]
        if kind != "text/event-stream":
            raise ModelFailed(
                f"{self.where} answered with {self._hidden(kind)}, not with the Messages API; check the base URL."
            )

    def _read(
        self, stream: AsyncMessageStream[None], arguments: Mapping[int, str], messages: Sequence[Message], shape: Shape
    ) -> Reply:
        evidence = shown(messages) if shape == "numbered" else None
        try:
            message = stream.current_message_snapshot
        except AssertionError as error:  # none has begun
            raise self._broken() from error
        try:
            told = message.to_dict(mode="json", warnings=False)
            return replace(read_reply(told, arguments, evidence), shape=shape)
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # the library validates nothing
            raise ModelFailed(str(self._broken())) from error  # it is there in full, and was paid for

    def _stated(self, error: anthropic.APIError) -> ModelFailed:
        import anthropic

        if not isinstance(error, anthropic.APIStatusError):
            return Passing(
                f"No connection to the model's server at {self.where}; check that it runs and can be reached."
            )
        said = error.api_message if isinstance(error.api_message, str) else f"status {error.status_code}"
        told = error.type if isinstance(error.type, str) else ""  # whatever the server wrote there
        return judged(
            error.status_code,
            told,
            self._hidden(said),
            error.response.headers,
            model=self.name,
            where=self.where,
            is_anthropic=self._is_anthropic,
        )

    def _late(self, doing: str) -> ModelFailed:
        return Late(
            f"The model did not {doing} within the {self._deadline:g} seconds of the run; raise [agent] deadline, or "
            "ask again."
        )

    def _broken(self) -> ModelFailed:
        return Passing(f"The model's server at {self.where} broke off its answer or garbled it; ask again.")

    def _hidden(self, words: str) -> str:
        """A server's words without our key, should it repeat it."""
        # As a word of its own: a server that needs no key is often given one like "a" or "no".
        return re.sub(rf"(?<!\w){re.escape(self._key)}(?!\w)", "…", words)


def _library() -> None:
    """Loads the client library: half of what a command takes until its run goes on, and not needed for that."""
    import anthropic  # noqa: F401


class _Questions:
    """What is asked of a server about itself: once each, and without a stream."""

    def __init__(self, client: anthropic.AsyncAnthropic, model: str) -> None:
        self._client = client.with_options(max_retries=0)
        self._model = model

    async def capabilities(self) -> dict[str, Any]:
        return await self._answered(self._client.models.retrieve(self._model))

    async def count(self, content: Sequence[dict[str, Any]]) -> int:
        return await self.count_whole({"model": self._model, "messages": [{"role": "user", "content": list(content)}]})

    async def count_whole(self, request: Mapping[str, Any]) -> int:
        """How many tokens a whole request has."""
        told = {
            name: request[name] for name in ("model", "messages", "system", "tools", "tool_choice") if name in request
        }
        counted = await self._answered(self._client.messages.count_tokens(**told))
        tokens = counted.get("input_tokens")
        if not isinstance(tokens, int):
            raise Unanswered(404, "it counts no tokens")
        return tokens

    async def say(self, content: Sequence[dict[str, Any]]) -> dict[str, Any]:
        messages: Any = [{"role": "user", "content": list(content)}]
        return await self._answered(self._client.messages.create(model=self._model, max_tokens=100, messages=messages))

    async def _answered(self, request: Awaitable[Any]) -> dict[str, Any]:
        import anthropic

        try:
            reply = await request
            told = reply.to_dict(mode="json", warnings=False)
        except anthropic.APIStatusError as error:
            raise Unanswered(error.status_code, f"status {error.status_code}") from error
        except anthropic.APIError as error:
            raise Unanswered(None, "no connection") from error
        except (AttributeError, TypeError, ValueError) as error:  # a page, or what is no message
            raise Unanswered(404, "it answered with something else") from error
        return told if isinstance(told, dict) else {}


def _said(delta: Any) -> str:
    """What came of a block, be it words, a thought or arguments."""
    found = (getattr(delta, name, None) for name in ("text", "thinking", "partial_json"))
    return next((each for each in found if isinstance(each, str)), "")
