"""One run that is about to begin, for tests: itself and the parts that it works with."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, fields, replace
from itertools import count

from agent.models.claude import Claude
from agent.run.deps import Clock, Deps, Oversight, Run
from agent.run.loop import run
from plugins.contract import tool_from
from plugins.manager import load_plugins
from retrieval.model import EVERYTHING
from retrieval.search.hybrid import HybridSearch

KEY = "sk-test-0123456789"


@dataclass(frozen=True)
class One:
    """A run and its parts; called with a question it begins."""

    this: Run
    deps: Deps
    over: Oversight

    def __call__(self, question):
        """Its items."""
        return run(replace(self.this, question=question, clock=Clock()), self.deps, self.over)

    def but(self, **changed):
        """The same with other values of the run or of its parts."""
        parts, taken = [], set()
        for part in (self.this, self.deps, self.over):
            own = {field.name for field in fields(part)} & changed.keys()
            parts.append(replace(part, **{name: changed[name] for name in own}))
            taken |= own
        assert taken == changed.keys(), f"nothing has {', '.join(changed.keys() - taken)}"
        return One(*parts)

    @property
    def run(self):
        return self.this.id

    @property
    def release(self):
        return self.this.release

    @property
    def journal(self):
        return self.over.journal

    @property
    def model(self):
        return self.deps.model


def working_with(library, journal):
    """What makes runs on a home, given the address of their model."""
    numbers = count()

    def make(url, *functions, tools=(), scope=EVERYTHING, erased=frozenset, **more):
        within = HybridSearch(library.version(), library.encoder).within(scope)
        made = tuple(tool_from(function, plugin="mine") for function in functions)
        model = Claude("claude-sonnet-5-5", api_key=KEY, base_url=url)
        release = {"index_version": library.version().id}
        this = Run(f"r-{next(numbers)}", "", scope, release)
        deps = Deps(within, within, model, load_plugins(), (*tools, *made))
        return One(this, deps, Oversight(journal, erased, erased())).but(**more)

    return make


def asked(one, question="How long are logs kept?"):
    """Every item of one run."""

    async def to_the_end():
        try:
            async with aclosing(one(question)) as items:
                return [item async for item in items]
        finally:
            await one.model.aclose()

    return asyncio.run(to_the_end())
