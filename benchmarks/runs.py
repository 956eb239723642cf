"""Does a run that was killed at any instant go on as if nothing had been?

`runs.py [kills|brief|away|load] [KILLS] [SCENARIO]`: `kills 40 "a follow-up"` is that kind of run alone.

kills: a child process drives a run and is killed (SIGKILL) before, within and after each append, and at so many random
instants (300 by default); another one resumes it, sometimes two at once, sometimes killed itself. What the tools did is
told by files that they write to, not by the journal. A follow-up is the second question of a conversation: a model says
first what it asks by itself, and the first question's run is in the same journal. On SQLite and on PostgreSQL.
brief: the run that writes, on SQLite, at each append; with `sabotaged` behind it the guard is taken out, and the write
must be seen to happen twice.
away: PostgreSQL is stopped hard for up to two seconds again and again, while 500 runs go on.
load: what loop, journal and tools cost a step; 500 runs at once, through the real client, against a scripted model that
takes 50 ms a turn in a process of its own; how much memory a run holds that waits for its model.
"""

# ruff: noqa: ARG002, SLF001 - stand-ins take what the real ones take; a kill within an append needs its inside

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from agent.governance.charter import Approvals, Charter, always
from agent.journal import append
from agent.journal.events import Decided, Resumed, Verdict
from agent.journal.fold import replay
from agent.journal.journal import Driven, Journal
from agent.journal.record import Overtaken
from agent.memory.conversation import exchange, rests_on
from agent.models.claude import Claude
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import Answered, Escalated, Quote, Reply, Segment, ToolCall, Usage
from ingest.model import Chunk
from plugins.contract import tool_from
from retrieval.model import Hit

TEXTS = {
    "guide/logs.md": "Logs are kept for thirty days. A nightly job deletes them.",
    "guide/ports.md": "The server listens on port 8000. Metrics are served on port 9100.",
}
SCENARIOS = {
    "only reads": ("look", "tide", "look+tide"),
    "writes": ("look", "post", "tide"),
    "writes, idempotent": ("put", "tide"),
    "a follow-up": ("understood", "look", "post", "put"),
}
BEFORE = "r-20260101T000000-before"  # the first question of a conversation
WANTED = "Post it, put it."  # else text of no trust that was read keeps a call for a person
ASKED = f"How long are logs kept? {WANTED}"
FOLLOW_UP, UNDERSTOOD = f"And for how long? {WANTED}", f"For how long are logs kept? {WANTED}"
PHASES = ("before", "within", "after")
LOAD = ("look", "tide", "look", "tide")
PAUSE = 0.05  # seconds that the scripted model takes for a turn
RESUMED = 2.0  # seconds within which a run is to have gone on


class Shelf:
    """A search that finds every document."""

    def __call__(self, query: str, *, k: int = 10, scope: Any = None, mode: str = "hybrid") -> list[Hit]:
        found = [Chunk(name, 0, len(text), text, title=name) for name, text in TEXTS.items()]
        return [Hit(chunk, 1 / place, 0.5, None, None, 0.9) for place, chunk in enumerate(found, 1)]

    def text(self, name: str) -> str | None:
        return TEXTS.get(name)

    def page(self, name: str, offset: int) -> None:
        return None

    page_label = page


class Nobody:
    """No plugin is told of calls."""

    async def before_tool_call(self, *_: Any, **__: Any) -> None:
        return None

    async def after_tool_call(self, tool: str, arguments: Any, result: Any, *_: Any, **__: Any) -> Any:
        return result


@dataclass
class ByTurn:
    """A model whose move follows from what it was shown alone; it takes `pause` seconds."""

    moves: tuple[str, ...]
    pause: float = 0.0
    name: str = "scripted"
    uses_tools: bool = True

    async def reply(self, messages: Any, tools: Any, *, within: float | None = None, aloud: bool = True) -> Any:
        turn = sum(isinstance(message, Reply) for message in messages)
        if self.pause:
            await asyncio.sleep(self.pause)
        if turn < len(self.moves):
            calls = tuple(
                ToolCall(f"c{turn}{place}", name, {"words": f"{turn}"})
                for place, name in enumerate(self.moves[turn].split("+"))
            )
            yield Reply((Segment("Let me see."),), calls, "calls", Usage(10, 5), (), "scripted")
            return
        quote = Quote(0, 0, 1, "Logs are kept for thirty days.")
        yield Reply((Segment("Logs are kept for thirty days.", (quote,)),), (), "end", Usage(10, 5), (), "scripted")

    async def aclose(self) -> None:
        return None


class Rewriting(ByTurn):
    """A model that says what the follow-up asks by itself."""

    async def reply(self, messages: Any, tools: Any, *, within: float | None = None, aloud: bool = True) -> Any:
        yield Reply((Segment(UNDERSTOOD),), (), "end", Usage(10, 5), (), "scripted")


@cache
def tools(outside: Path) -> tuple[Any, ...]:
    """Tools that say in a file of their own what they did; runs of a process share them, as those of a home do."""

    def note(kind: str, words: str) -> None:
        with (outside / kind).open("a") as file:
            file.write(f"{words}\n")
            file.flush()
            os.fsync(file.fileno())

    def look(words: str = "") -> str:
        """Look. Use when: asked."""
        return f"Looked {words}."

    def tide(words: str = "") -> str:
        """Tell the tide. Use when: asked."""
        return f"High water {words}."

    def post(words: str = "") -> str:
        """Post it. Use when: asked."""
        note("posted", words)
        return f"Posted {words}."

    def put(idempotency_key: str, words: str = "") -> str:
        """Put it, once for each key. Use when: asked."""
        there = (outside / "put").read_text().split() if (outside / "put").exists() else []
        if idempotency_key not in there:
            note("put", idempotency_key)
        return f"Put {words}."

    look.effect = tide.effect = "read"
    post.effect, put.effect, put.idempotent = "external", "write", True
    return tuple(tool_from(function, plugin="bench") for function in (look, tide, post, put))


async def _yes(*_: Any) -> bool:
    """Whoever sits there says yes to what is asked since text of no trust was read."""
    return True


def parts(
    id: str, moves: tuple[str, ...], journal: Journal, outside: Path, pause: float = 0.0
) -> tuple[Run, Deps, Oversight]:
    shelf = Shelf()
    rules = {name: always("allow") for name in ("post", "put")}
    allowed = Charter(tools=rules, approvals=Approvals(own=True))
    follows = moves[:1] == ("understood",)
    deps = Deps(shelf, shelf, ByTurn(moves[follows:], pause), Nobody(), tools(outside), (allowed,), ask=_yes)
    if not follows:
        return Run(id, ASKED), deps, Oversight(journal)
    earlier = tuple(filter(None, [exchange(journal.events(BEFORE))]))
    this = Run(id, FOLLOW_UP, conversation="trial", earlier=earlier)
    return this, replace(deps, rewriter=lambda: Rewriting(())), Oversight(journal, rests_on=rests_on(earlier))


async def drive(this: Run, deps: Deps, over: Oversight, began: Callable[[], object] = int, **more: Any) -> Any:
    last = None
    async with aclosing(run(this, deps, over, **more)) as items:
        async for item in items:
            began()
            last = item
    return last


@dataclass
class Trial:
    """One run, driven by child processes over one journal."""

    place: str | Path
    outside: Path
    moves: tuple[str, ...]
    id: str = "r-20260101T000000-trial"

    def begin(self, kill: tuple[int, str] | None = None) -> int:
        if self.follows:  # nobody kills what was asked before
            waited(self._fork(lambda journal: asyncio.run(drive(*parts(BEFORE, (), journal, self.outside))), None))
        return self._fork(lambda journal: self._first(journal), kill)

    @property
    def follows(self) -> bool:
        return self.moves[0] == "understood"

    def resume(self, kill: tuple[int, str] | None = None, *, word: Verdict = "deny") -> int:
        return self._fork(lambda journal: self._again(journal, word), kill)

    def ended(self) -> Any:
        """What the run has come to, by its journal alone."""
        with closing(Journal(self.place)) as journal:
            with suppress(Exception):
                return replay(journal.events(self.id), Shelf()), journal.status(self.id), journal.verify().problems
            return None, "none", journal.verify().problems

    def searched(self) -> list[str]:
        """What was searched for first, by the journal."""
        with closing(Journal(self.place)) as journal:
            return [str(each.content["query"]) for each in journal.events(self.id) if each.kind == "retrieved"]

    def posted(self) -> Counter[str]:
        file = self.outside / "posted"
        return Counter(file.read_text().split() if file.exists() else [])

    def put(self) -> Counter[str]:
        file = self.outside / "put"
        return Counter(file.read_text().split() if file.exists() else [])

    def _first(self, journal: Journal) -> None:
        this, deps, over = parts(self.id, self.moves, journal, self.outside)
        with journal.during(self.id):
            asyncio.run(drive(this, deps, over, (self.outside / "begun").touch))

    def begun(self) -> float:
        """When its first event was seen to be on disk."""
        until = time.monotonic() + 10
        while not (self.outside / "begun").exists() and time.monotonic() < until:
            time.sleep(0.001)
        return time.monotonic()

    def _again(self, journal: Journal, word: Verdict) -> None:
        with suppress(Driven, Overtaken), journal.during(self.id):
            entries = journal.events(self.id)
            this, deps, over = parts(self.id, self.moves, journal, self.outside)
            state = replay(entries, deps.texts)
            by: Any = Resumed({})
            if isinstance(state, Escalated) and state.pending:
                by = Decided(state.pending, word, "bench", "bench")
            elif not isinstance(state, Answered):
                pass
            else:
                return
            asyncio.run(drive(this, deps, over, begun=Begun(state, len(entries)), by=by))

    def _fork(self, work: Callable[[Journal], None], kill: tuple[int, str] | None) -> int:
        child = os.fork()
        if child:
            return child
        try:
            if kill is not None:
                kill_at(*kill)
            with closing(Journal(self.place)) as journal:
                work(journal)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a child says why, and goes
            print(f"child: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)


def kill_at(number: int, phase: str) -> None:
    """Ends this process at its so manieth append: before it, within its transaction, or when it is committed."""
    count = itertools.count(1)
    original, settle = append.put, append.Appender._settle

    def put(connection: Any, batch: Any) -> Any:
        here = next(count) == number
        if here and phase == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(connection, batch)
        if here and phase == "within":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    committed = itertools.count(1)

    def settled(self: Any, batch: Any) -> None:
        if phase == "after":
            for waiting in batch:
                waiting.done.add_done_callback(
                    lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(committed) == number else None
                )
        settle(self, batch)

    append.put, append.Appender._settle = put, settled


def waited(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def judged(trial: Trial, begun: bool, tally: Counter[str]) -> None:
    """What is wrong with the run after the kill and the resuming, by what lies outside the journal."""
    state, status, problems = trial.ended()
    if problems:
        tally["journals that do not verify"] += 1
    if state is None:
        tally["lost" if begun else "never begun"] += 1
        return
    posted, put = trial.posted(), trial.put()
    tally["writes repeated"] += sum(count - 1 for count in (*posted.values(), *put.values()) if count > 1)
    if status == "killed":
        tally["lost"] += 1
    tally["follow-ups misunderstood"] += trial.follows and trial.searched() != [UNDERSTOOD]
    if isinstance(state, Answered):
        tally["answered"] += 1
        tally["changed answers"] += state.answer != "Logs are kept for thirty days. [1]"
    elif isinstance(state, Escalated):
        tally["handed to a person"] += 1
        tally["handed over for another reason"] += state.rule != "outcome_unknown"
    else:
        tally[f"ended as {status}"] += 1


def decided(trial: Trial, tally: Counter[str]) -> None:
    """A person looks what became of the call, and says so; who ran it again is killed within it, and asks once more."""
    tally["of these gone on with by a person's word"] += 1
    done = trial.posted()
    if not done:
        tally["of these approved, and killed as it ran again"] += 1
        tally["approved runs that were killed"] += waited(trial.resume((3, "before"), word="approve")) < 0
        waited(trial.resume())
        state = trial.ended()[0]
        tally["handed to a person again"] += isinstance(state, Escalated)
        if not isinstance(state, Escalated) or state.rule != "outcome_unknown":
            tally["handed over for another reason"] += 1
        done = trial.posted()
        tally["approved calls that did not run"] += not done
    waited(trial.resume(word="deny"))
    if not isinstance(trial.ended()[0], Answered):
        tally["lost"] += 1
    tally["writes repeated"] += sum(count - 1 for count in trial.posted().values() if count > 1)


def kills(random_kills: int, where: Callable[[Path], str | Path], only: str = "") -> Counter[str]:
    tally: Counter[str] = Counter()
    seconds: list[float] = []
    chance = random.Random(15)
    with tempfile.TemporaryDirectory() as folder:
        numbers = itertools.count()

        def fresh(moves: tuple[str, ...]) -> Trial:
            outside = Path(folder) / f"{next(numbers)}"
            outside.mkdir()
            return Trial(where(outside), outside, moves)

        def settled(trial: Trial, *, twice: bool, killed: bool) -> None:
            begun = trial.ended()[0] is not None
            if killed:
                child = trial.resume()
                time.sleep(chance.uniform(0, 0.15))
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                tally["resumers killed"] += 1
            began = time.monotonic()
            children = [trial.resume() for _ in range(2 if twice else 1)]
            for child in children:
                waited(child)
            seconds.append(time.monotonic() - began)
            tally["two resumers at once"] += twice
            judged(trial, begun, tally)
            if isinstance(trial.ended()[0], Escalated):
                decided(trial, tally)

        for moves in [SCENARIOS[only]] if only else SCENARIOS.values():
            whole = fresh(moves)
            waited(whole.begin())
            with closing(Journal(whole.place)) as journal:
                count = len(journal.events(whole.id))
            for number, phase in itertools.product(range(1, count + 1), PHASES):
                trial = fresh(moves)
                code = waited(trial.begin((number, phase)))
                tally["kills at a transition"] += code == -signal.SIGKILL
                settled(trial, twice=number % 3 == 0, killed=number % 3 == 1)
        whole = fresh(SCENARIOS[only or "writes"])
        child = whole.begin()
        took = whole.begun()
        waited(child)
        took = time.monotonic() - took
        every = itertools.cycle([SCENARIOS[only]] if only else SCENARIOS.values())
        for number in range(3 * random_kills):
            if tally["kills at a random instant"] == random_kills:
                break  # one that had ended already is replaced by another
            trial = fresh(next(every))
            child = trial.begin()
            trial.begun()  # of what was killed before nothing was promised
            time.sleep(chance.uniform(0, took))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            tally["kills at a random instant"] += waited(child) == -signal.SIGKILL
            settled(trial, twice=number % 3 == 0, killed=number % 3 == 1)
    tally["slowest resume, ms"] = round(max(seconds) * 1000)
    tally["median resume, ms"] = round(statistics.median(seconds) * 1000)
    return tally


@contextmanager
def server() -> Iterator[Any]:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.postgres import running

    with running() as found:
        yield found


def away(server: Any, runs: int = 500, stops: int = 6) -> Counter[str]:
    """A child drives many runs while their database goes and comes; it tells what was acknowledged."""
    place = server.database()
    with tempfile.TemporaryDirectory() as folder:
        outside, told = Path(folder), Path(folder) / "acknowledged.json"
        Journal(place).close()
        child = os.fork()
        if not child:
            acknowledged: list[tuple[str, int]] = []
            fates: Counter[str] = Counter()

            async def all_of_them() -> None:
                with closing(Journal(place)) as journal:
                    original = journal.submit

                    def submit(id: str, said: Any, **more: Any) -> Any:
                        done = original(id, said, **more)
                        done.add_done_callback(
                            lambda it: acknowledged.append((id, it.result().number)) if not it.exception() else None
                        )
                        return done

                    journal.submit = submit  # type: ignore[method-assign]

                    async def one(number: int) -> None:
                        id = f"r-{number:05}"
                        await asyncio.sleep(number * 0.02)
                        try:
                            end = await drive(*parts(id, ("look", "tide", "look"), journal, outside, 0.3))
                            fates[type(end).__name__] += 1
                        except Exception as error:  # noqa: BLE001 - counted
                            fates[type(error).__name__] += 1

                    await asyncio.gather(*(one(number) for number in range(runs)))

            asyncio.run(all_of_them())
            told.write_text(json.dumps({"acknowledged": acknowledged, "fates": fates}))
            os._exit(0)
        chance = random.Random(2)
        for _ in range(stops):
            time.sleep(chance.uniform(0.5, 2))
            server.stop()
            time.sleep(chance.uniform(0, 2))
            server.start()
        tally: Counter[str] = Counter({"children that failed": waited(child) != 0, "times it was stopped": stops})
        found = json.loads(told.read_text())
    with closing(Journal(place)) as journal:
        there = {(run.id, event.number) for run in journal.runs(limit=10_000) for event in journal.events(run.id)}
        tally["journals that do not verify"] = not journal.verify().ok
    tally["acknowledged events"] = len(found["acknowledged"])
    tally["acknowledged events lost"] = len({tuple(each) for each in found["acknowledged"]} - there)
    tally["runs that were not answered"] = sum(found["fates"].values()) - found["fates"].get("Answered", 0)
    tally.update({f"runs: {name}": count for name, count in found["fates"].items()})
    return tally


def serve(port: int) -> None:
    """A scripted model that speaks the Messages API: it calls tools four times, then answers; each turn takes 50 ms."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    heard: set[str] = set()

    async def messages(request: Any) -> StreamingResponse:
        body = await request.json()
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        first = json.dumps(body["messages"][0])
        held = "Wait" in first or ("Hold" in first and first not in heard)
        heard.add(first)
        pause = 3600.0 if held else PAUSE
        block: dict[str, Any] = {"type": "text", "text": ""}
        delta: dict[str, Any] = {"type": "text_delta", "text": 'Logs are kept for thirty days [1.1 "thirty days"].'}
        if turn < len(LOAD):
            block = {"type": "tool_use", "id": f"t{turn}", "name": LOAD[turn], "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps({"words": f"{turn}"})}
        stop = "tool_use" if turn < len(LOAD) else "end_turn"
        usage = {"input_tokens": 10, "output_tokens": 5}
        start = {"id": "m", "type": "message", "role": "assistant", "model": "scripted", "content": [], "usage": usage}
        events = [
            {"type": "message_start", "message": start | {"stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        ]

        async def stream() -> Any:
            await asyncio.sleep(pause)
            for event in events:
                yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def asked(_: Any) -> JSONResponse:
        return JSONResponse(len(heard))

    app = Starlette(routes=[Route("/v1/messages", messages, methods=["POST"]), Route("/asked", asked)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", backlog=2048)


@contextmanager
def scripted() -> Iterator[tuple[str, Any]]:
    """The scripted model's address, and its process."""
    import psutil

    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen([sys.executable, __file__, "serve", str(port)])
    try:
        while True:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 0.2)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait()


def load(runs: int = 500) -> Counter[str]:
    """What a step costs, and how many runs go on at once."""
    with scripted() as (url, process):
        return loaded(runs, url, process)


def loaded(runs: int, url: str, server: Any) -> Counter[str]:
    tally: Counter[str] = Counter()
    moves = LOAD
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder) / "journal.sqlite")) as journal:
        asyncio.run(speaking("r-first", url, journal, Path(folder)))
        tally["memory an idle run, kB"] = round(statistics.median(idled(url) for _ in range(3)))
        tally["of it Python's own objects, kB"] = idled(url, traced=True)
        steps, alone = [], []
        for number in range(30):
            began = time.monotonic()
            asyncio.run(drive(*parts(f"r-step-{number}", moves, journal, Path(folder))))  # a model that takes no time
            events = len(journal.events(f"r-step-{number}"))
            steps.append((time.monotonic() - began) / events * 1000)
        for number in range(10):
            used = time.process_time()
            asyncio.run(speaking(f"r-alone-{number}", url, journal, Path(folder)))
            alone.append(time.process_time() - used)
        tally["a step, µs, median"] = round(statistics.median(steps) * 1000)
        tally["one run's processor, ms"] = round(statistics.median(alone) * 1000)

        async def all_of_them() -> list[Any]:
            def one(number: int) -> Any:
                return speaking(f"r-load-{number}", url, journal, Path(folder))

            return await asyncio.gather(*(one(number) for number in range(runs)), return_exceptions=True)

        began, used, before = time.monotonic(), time.process_time(), sum(server.cpu_times()[:2])
        ends = asyncio.run(all_of_them())
        tally["the runs' processor, ms"] = round((time.process_time() - used) * 1000)
        tally["the model's processor, ms"] = round((sum(server.cpu_times()[:2]) - before) * 1000)
        took = time.monotonic() - began
        tally["errors"] = sum(not isinstance(end, Answered) for end in ends)
        bound = max((len(moves) + 1) * PAUSE, statistics.median(alone) * runs / (os.cpu_count() or 1))
        tally["all of them, ms"] = round(took * 1000)
        tally["their bound, ms"] = round(bound * 1000)
        tally["times the bound, %"] = round(took / bound * 100)
    return tally


async def speaking(id: str, url: str, journal: Journal, folder: Path, question: str = "How long are logs kept?") -> Any:
    """A run through the real client."""
    this, deps, over = parts(id, (), journal, folder)
    model = Claude("scripted", base_url=url, citations="numbered")
    try:
        return await drive(replace(this, question=question), replace(deps, model=model), over)
    finally:
        await model.aclose()


def idle(url: str, *, traced: bool, runs: int = 500) -> int:
    """How many bytes a run holds that waits for its model: of the process, or of what Python itself allocates."""
    import psutil

    process = psutil.Process()

    async def hold(journal: Journal, folder: Path) -> int:
        if traced:
            tracemalloc.start()
        before = process.memory_info().rss
        these = [
            asyncio.ensure_future(speaking(f"r-idle-{number}", url, journal, folder, "Wait: how long are logs kept?"))
            for number in range(runs)
        ]
        await asyncio.sleep(15)
        held = tracemalloc.get_traced_memory()[0] if traced else process.memory_info().rss - before
        for each in these:
            each.cancel()
        await asyncio.gather(*these, return_exceptions=True)
        return held

    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder) / "journal.sqlite")) as journal:
        asyncio.run(speaking("r-first", url, journal, Path(folder)))
        return asyncio.run(hold(journal, Path(folder))) // runs


def idled(url: str, *, traced: bool = False) -> int:
    """The same in kB, told by a process of its own: one that has freed memory takes less of it anew."""
    words = [sys.executable, __file__, "traced" if traced else "idle", url]
    return round(int(subprocess.run(words, check=True, capture_output=True, text=True).stdout) / 1000)


def main(what: str, count: int, only: str) -> int:
    wrong = 0
    if what == "brief":
        print(dict(found := kills(0, lambda outside: outside / "journal.sqlite", only or "writes")), flush=True)
        wrong += failures(found)
    if what in ("all", "kills"):
        print("SQLite:", dict(found := kills(count, lambda outside: outside / "journal.sqlite", only)), flush=True)
        wrong += failures(found)
    if what in ("all", "kills", "away"):
        with server() as running:
            if what != "away":
                print("PostgreSQL:", dict(found := kills(count, lambda _: running.database(), only)), flush=True)
                wrong += failures(found)
            if what != "kills":
                print("away:", dict(found := away(running)), flush=True)
                wrong += failures(found)
    if what in ("all", "load"):
        print("load:", dict(found := load()), flush=True)
        wrong += failures(found)
        wrong += not found["a step, µs, median"] <= 10_000
        wrong += not found["times the bound, %"] <= 200
        wrong += not found["memory an idle run, kB"] <= 100
    return 1 if wrong else 0


def failures(found: Counter[str]) -> int:
    bad = (
        *("lost", "writes repeated", "changed answers", "journals that do not verify", "errors"),
        *("handed over for another reason", "acknowledged events lost", "children that failed"),
        *("follow-ups misunderstood", "approved calls that did not run", "runs that were not answered"),
    )
    late = found["median resume, ms"] > RESUMED * 1000
    return sum(found[name] for name in bad) + late + sum(found[name] for name in found if name.startswith("ended as"))


if __name__ == "__main__":
    named = sys.argv[1] if len(sys.argv) > 1 else "all"
    if named == "serve":
        serve(int(sys.argv[2]))
        raise SystemExit
    if named in ("idle", "traced"):
        print(idle(sys.argv[2], traced=named == "traced"))
        raise SystemExit
    if sys.argv[-1] == "sabotaged":
        from agent.run import steps

        steps.outcome_unknown = lambda *_: None  # type: ignore[assignment]
        sys.argv.pop()
    [count, only] = [*sys.argv[2:], *("300", "")[len(sys.argv[2:]) :]]
    raise SystemExit(main(named, int(count), only))
