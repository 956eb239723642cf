"""What do the documents say? `citewell ask` and `search`."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import click

from agent.commands.lines import tested
from agent.commands.shared import citewell, cli, fail, forget_typed, given, result
from agent.commands.terminal.draft import Draft
from agent.commands.terminal.progress import ProgressLine
from agent.limits import MOST, check_scope, check_text
from agent.plain import escaped, in_a_line, plain

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.results import SearchResult
    from agent.run.deps import Asker
    from agent.state import State, Token
    from agent.wire import Citewell
    from eval.settings import EvalSettings
    from plugins.tool import Tool
    from retrieval.model import Mode, Scope

_HEADS: Final[Mapping[str, str]] = {
    "abstained": "No answer",
    "failed": "Failed",
    "awaiting_approval": "Waiting for approval",
    "escalated": "A person is to go on",
}
_INACTIVE: Final[Mapping[str, tuple[str, str]]] = {
    "address": ("address that nothing cited says", "addresses that nothing cited says"),
    "link": ("link", "links"),
    "image": ("image", "images"),
    "markup": ("piece of markup", "pieces of markup"),
    "signs": ("kind of sign that nobody sees", "kinds of signs that nobody sees"),
}
_filter = click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only documents with this metadata; also >=, >, <=, <.",
)
_label = click.option(
    "--label", "labels", multiple=True, metavar="L", help="Only documents with this label; repeatable."
)


@cli.command()
@click.argument("question")
@_filter
@_label
@click.option("--conversation", metavar="ID", help='Go on in this conversation, or begin it; "new" names one.')
@click.option("--principal", metavar="NAME", help="Whose question and conversation it is; it is recorded.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there is no answer.")
@click.option("--dry-run", is_flag=True, help="Print what would leave for the model's server, and ask nobody.")
def ask(
    question: str,
    filters: tuple[str, ...],
    labels: tuple[str, ...],
    conversation: str | None,
    principal: str | None,
    strict: bool,
    dry_run: bool,
) -> None:
    """Answer a question from the documents, with the places where the answer stands.

    \b
    Example:
      citewell ask "How long are logs kept?"
      citewell ask "And who deletes them?" --conversation logs
    """
    question = check_text(plain(question), "question")
    import asyncio  # as slow to import as all that --help needs
    from getpass import getuser

    opened = citewell()
    whose: dict[str, Any] = {
        "conversation": conversation,
        "principal": plain(principal) if principal else None,
    }
    if dry_run:
        _dry(opened, question, _scope(filters, labels), whose)
        return
    whose["account"] = getuser()
    scope = _scope(filters, labels)
    answer = asyncio.run(
        followed(opened, lambda ask, aloud: opened.run(question, scope=scope, ask=ask, aloud=aloud, **whose))
    )
    from agent.results import answer_json

    if given("debug") and (finding := opened.taken_as()) is not None:
        click.echo(plain(f"citewell: passages went to {opened.model_name} as {finding.shape}: {finding.how}"), err=True)

    result(answer_json(answer), lambda: answered(answer, opened.settings.eval))
    ended(answer, strict=strict)


@cli.command()
@click.argument("query")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, MOST), help="How many passages.")
@_filter
@_label
@click.option("--mode", type=click.Choice(["hybrid", "dense", "lexical"]), default="hybrid", show_default=True)
@click.option("--explain", is_flag=True, help="Show where the score of each hit comes from.")
@click.option("--document", metavar="NAME", help="With --explain: what became of this document.")
def search(
    query: str,
    k: int,
    filters: tuple[str, ...],
    labels: tuple[str, ...],
    mode: Any,
    explain: bool,
    document: str | None,
) -> None:
    """Show the passages that answer a question best.

    \b
    Example:
      citewell search "log retention" -k 5 --explain
      citewell search "log retention" --explain --document docs/logs.md
    """
    query = check_text(plain(query), "query")
    if document is not None and not explain:
        raise click.UsageError("--document asks what became of a document: say --explain too.")
    line = ProgressLine()
    line.say("Searching the documents …")
    if explain:
        _explained(line, query, document, k=k, scope=_scope(filters, labels), mode=mode)
        return
    found = citewell().search(query, k=k, scope=_scope(filters, labels), mode=mode)
    from agent.commands.lines import hit_lines
    from agent.results import search_json

    line.done()
    lines = [hit_lines(rank, hit) for rank, hit in enumerate(found.hits, start=1)]
    result(search_json(found), "\n".join([*lines, *_uncalibrated(found)]) or "Nothing matches.")


def _explained(line: ProgressLine, query: str, document: str | None, *, k: int, scope: Scope, mode: Mode) -> None:
    from agent.commands.lines import account_lines, hit_lines
    from agent.results import explained_json

    done = citewell().explain(query, k=k, scope=scope, mode=mode, document=document)
    told, found = done.found, done.explanation
    line.done()
    explained = zip(found.hits, found.standings, strict=True)
    lines = [hit_lines(rank, hit, standing) for rank, (hit, standing) in enumerate(explained, start=1)]
    account = [account_lines(found.document)] if found.document else []
    text = "\n".join([*(lines or ["Nothing matches."]), *account, *_uncalibrated(told)])
    result(explained_json(told, found), text)


def _uncalibrated(found: SearchResult) -> list[str]:
    """What to know of probabilities that no gold of this corpus bears out."""
    if found.calibrated is not False or not found.hits or found.hits[0].probability is None:
        return []
    return [
        "How likely passages are to be relevant is uncalibrated on this corpus: write gold, then citewell eval gate."
    ]


def _dry(opened: Citewell, question: str, scope: Scope, whose: Mapping[str, Any]) -> None:
    """The first request of a run as JSON, as it would be sent; the key travels beside it, and is not shown."""
    from dataclasses import asdict

    leaving = opened.dry_run(question, scope=scope, **whose)
    if leaving.request is None:
        follows = f"understood as: {in_a_line(leaving.understood)}\n" if leaving.understood else ""
        text = (
            follows + "Nothing would leave: no model is configured, so that sentences of the documents are quoted here."
        )
    else:
        why = f" ({leaving.why})" if leaving.why else ""
        head = f"citewell: to {leaving.to}, for the model {leaving.model}{why}; nobody was asked"
        if not given("as_json"):
            click.echo(plain(head), err=True)
        text = json.dumps(leaving.request, ensure_ascii=False, indent=2)
    result({"schema": 1, **asdict(leaving)}, text)


WAITING: Final = ("awaiting_approval", "escalated")  # for a person


def ended(answer: Answer, *, strict: bool = False) -> None:
    """Sets the exit code by which a script knows how a run ended."""
    if answer.status in WAITING:
        fail(3)
    if answer.status == "failed" or (strict and answer.status != "answered"):
        fail()


async def followed(
    opened: Citewell, begin: Callable[[Asker | None, bool], AsyncGenerator[State | Token | Answer]]
) -> Answer:
    """The end of a run that is shown as it goes on; `begin` is given whom to ask, and whether its words are heard."""
    from agent.answer import Answer
    from agent.state import Abstained, Act, Retrieve, Think, Token, Understand

    draft = Draft(quiet=given("as_json"))
    line = ProgressLine(quiet=draft.shows)  # where nobody sees the words come, at least that something goes on
    line.say("opening the index")
    waiting, asked = False, ""
    try:
        ask = _consent if sys.stdin.isatty() else None
        async with aclosing(begin(ask, draft.shows)) as items:
            async for item in items:
                match item:
                    case Answer():
                        return item
                    case Token(text):
                        if waiting:
                            draft.clear()
                        waiting = False
                        draft.add(text)
                    case Understand(account=None):
                        draft.add("Looking at what was said before …")
                        line.say("looking at what was said before")
                        asked = item.question
                    case Retrieve():
                        draft.clear()
                        if asked not in {"", item.question}:
                            draft.note(f"understood as: {item.question}")
                        draft.add("Searching the documents …")
                        line.say("searching the documents")
                    case Think() if opened.settings.has_model:
                        draft.clear()
                        draft.add(f"Waiting for {opened.model_name} …")
                        waiting = draft.shows
                        line.say(f"waiting for {opened.model_name}")
                    case Act():
                        for call in item.reply.calls:
                            draft.note(f"{call.name} {_written(call.arguments)}")
                        line.say(f"waiting for {item.next_call.name}")
                    case Abstained() if item.said and given("debug"):
                        draft.clear()
                        click.echo(plain(f"citewell: the model said, without evidence: {item.said}"), err=True)
                    case _:
                        draft.clear()
    finally:
        draft.clear()
        line.done()
    raise RuntimeError("the run had no end")


async def _consent(tool: Tool, arguments: Mapping[str, Any]) -> bool:
    """Asks the person at the terminal whether a tool may run; no answer is a no."""
    forget_typed()
    what = f"The model wants to run {tool.name} of the plugin {tool.plugin} (effect: {tool.effect}) with"
    click.echo(plain(f"{what}\n  {_written(arguments)}\nRun it? [y/N]: "), nl=False, err=True)
    # Not in a thread that reads: while it does, Ctrl-C could not end the run, nor the process.
    import asyncio

    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def answered(answer: Answer, asked: EvalSettings) -> str:
    """A run's end for people: what was said, its sources, and what to know before relying on it."""
    from agent.commands.lines import folded, sources
    from agent.memory.remembered import line

    run = f"run {answer.run}" if answer.run else "not recorded"
    note = f"index {answer.index_version} · {tested(answer.tested, asked)} · {run}"
    if answer.conversation:
        note = f"{note} · conversation {answer.conversation}"
    if answer.understood:
        note = f"{folded(f'understood as: {in_a_line(answer.understood)}')}\n{note}"
    if answer.remembered:
        shaped = "; it did not shape the answer" if answer.model_asked == "extractive" else ""
        lines = "; ".join(f"{in_a_line(line(each))} ({each.id}{shaped})" for each in answer.remembered)
        note = f"{folded(f'remembered: {lines}')}\n{note}"
    if answer.model_asked == "extractive":
        quoted = (
            f"No model is configured: these are the best sentences of the sources, as they stand{_but_for(answer)}."
            if answer.status == "answered"
            else "No model is configured, so only sentences of the sources could be quoted."
        )
        how = "For an answer in a model's words set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a local server."
        note = f"{folded(f'{quoted} {how}')}\n{note}"
    if answer.status == "answered":
        return "\n\n".join([answer.answer, sources(answer.citations, said=answer.answer), *_reservations(answer), note])
    near = [f"Nearest passages:\n{sources(answer.nearest, numbered=False)}"] if answer.nearest else []
    head = f"{_HEADS[answer.status]}: {answer.reason}"
    return "\n\n".join([head, *near, *_unread(answer), *_reservations(answer), note])


def _but_for(answer: Answer) -> str:
    """What is not shown as it stands: a row, and a number that would be taken for one of our marks."""
    said = _bare(answer.answer)
    changed = [each.quote for each in answer.citations if _bare(each.quote) not in said]
    told = "but that a row is put as column: value" if any(map(_is_row, changed)) else ""
    marks = "but that a number which would be taken for a mark, [1], is put as (1)"
    return "".join(f", {each}" for each in (told, marks if not all(map(_is_row, changed)) else "") if each)


def _is_row(quote: str) -> bool:
    return quote.startswith("|")


def _bare(text: str) -> str:
    """Its words in one line, without fences and directives around code."""
    return " ".join(re.sub(r"```+\S*|~~~+\S*|\.\. [\w-]+::[^\n]*", " ", text).split())


def _unread(answer: Answer) -> list[str]:
    """What was not read and may say it, and what to do."""
    from agent.commands.lines import folded

    if not answer.unread_total:
        return []
    counted = f"{answer.unread_total:,} file{'s' * (answer.unread_total != 1)} or parts of files"
    what = "make them readable, then citewell ingest them again; citewell status lists what failed."
    if not answer.unread:
        return [folded(f"What was not read cannot answer: {counted}. If it may be there, {what}")]
    named = [f"    {in_a_line(one.document)}: {in_a_line(one.reason)}" for one in answer.unread]
    head = folded(f"Not read, and may say it (of {counted} that were not read): {what}")
    return ["\n".join([head, *named])]


def _reservations(answer: Answer) -> list[str]:
    """What to know before relying on what was said."""
    from agent.commands.lines import folded

    told = []
    if answer.unverified:
        named = "; ".join(f"“{in_a_line(said)}”" for said in answer.unverified)
        told.append(f"Left out, since no source was found to bear it out: {named}.")
    if answer.open and answer.cut:  # else the answer says so
        told.append(f"Nothing is cited for: {'; '.join(map(in_a_line, answer.open))}.")
    if answer.cut:
        told.append("A limit on tokens cut the answer off; raise [agent] max_tokens, or ask for less at once.")
    if answer.inactive:
        counts = Counter(answer.inactive)
        kinds = ", ".join(f"{n} {_INACTIVE[kind][n != 1]}" for kind, n in counts.items())
        told.append(f"Shown as text alone, or left out, since it does more than be read: {kinds}.")
    if answer.left_out and answer.status != "failed":
        told.append(
            f"Of the passages that were found {answer.left_out} did not fit into what the model reads at once, and "
            "were left out: give its server a larger context."
        )
    return [folded(" ".join(told))] if told else []


def _scope(filters: tuple[str, ...], labels: tuple[str, ...]) -> Scope:
    from retrieval.filters import BadFilter, conditions
    from retrieval.model import Scope

    try:
        scope = Scope(frozenset(labels), conditions(filters))
    except BadFilter as fault:
        raise click.UsageError(f"--filter {fault}") from None
    check_scope(scope)
    return scope


def _written(content: Mapping[str, Any]) -> str:
    return escaped(json.dumps(dict(content), ensure_ascii=False))
