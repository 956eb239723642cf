"""What did the agent do, and how does it go on? `citewell runs`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from agent.commands.asking import WAITING, answered, ended, followed
from agent.commands.shared import citewell, cli, confirmed, fail, result
from agent.commands.terminal.output import width
from agent.commands.terminal.progress import ProgressLine
from agent.plain import in_a_line, marked, plain
from ingest.errors import CitewellError

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.journal.entry import Entry
    from agent.journal.events import Verdict
    from agent.run.rules.deciding import Word
    from agent.wire import Citewell

_WAITING = ("awaiting_approval", "escalated")
_TAKEN_UP = 5.0  # seconds within which a service finds a run that it is to go on with


@cli.group()
def runs() -> None:
    """See what the agent did, and let it go on.

    \b
    Example:
      citewell runs list
    """


@runs.command("list")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
def list_(limit: int) -> None:
    """List the latest runs.

    \b
    Example:
      citewell runs list
    """
    found = citewell().journal.runs(limit=limit)
    room = width() - 40
    lines = []
    for run in found:
        question = in_a_line(run.question)
        short = question if len(question) <= room else f"{question[: room - 1]}…"
        lines.append(f"{run.id:27}  {run.status:9}  {short}")
    result({"schema": 1, "runs": [asdict(run) for run in found]}, "\n".join(lines) or "No run yet. Try: citewell ask …")


@runs.command()
@click.argument("id")
@click.option("--at", type=click.IntRange(1), metavar="N", help="The whole state after that event.")
@click.option("--diff", type=click.IntRange(1), nargs=2, metavar="N M", help="What changed between two events.")
def show(id: str, at: int | None, diff: tuple[int, int] | None) -> None:
    """Show what happened in a run; the beginning of its id is enough.

    \b
    Example:
      citewell runs show r-20260131T0915
      citewell runs show r-20260131T0915 --at 3
      citewell runs show r-20260131T0915 --diff 3 5
    """
    from agent.commands.story import story

    opened = citewell()
    journal = opened.journal
    if at is not None or diff is not None:
        _at(opened, journal.events(id), at, diff)
        return
    events = journal.legible(id)
    run = events[0].run
    fate = journal.status(run)
    shown = _shown(opened, run) if fate in _WAITING else None
    data = {
        "schema": 1,
        "run": run,
        "id": run,
        "status": fate,
        "events": [asdict(event) for event in events],
        "waiting": shown,
    }

    def told() -> str:
        from agent.run.people.waiting import as_text

        below = f"\n\n{as_text(run, shown, width())}" if shown else ""
        return f"run {run} · {fate.replace('_', ' ')}\n{story(events)}{below}"

    result(data, told)
    if any(event.content.get("damaged") is True for event in events):
        fail()


def _shown(opened: Citewell, run: str, by: str | None = None) -> dict[str, Any] | None:
    """What a person is shown of the call for which a run waits; None where it waits for none, or that is gone. Raises
    `NotTheirs` where somebody of that name may not see it.
    """
    from agent.journal.entry import Damaged
    from agent.journal.events import NotKept
    from agent.run.rules.deciding import NotWaiting

    try:
        return opened.waiting(run, by=by)
    except (NotWaiting, NotKept, Damaged):
        return None


@runs.command()
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(1), help="How many, the oldest first.")
def waiting(limit: int) -> None:
    """List the runs that wait for a person's word on a call; `runs show` has all that bears on one.

    \b
    Example:
      citewell runs waiting
    """
    found = citewell().journal.waiting(limit=limit)
    lines = [
        marked(f"{each['run']:27}  {each['tool']:16}  {each['expires'] or '':25}  {in_a_line(each['question'])}")[
            : width()
        ].rstrip()
        for each in found
    ]
    result({"schema": 1, "waiting": found}, "\n".join(lines) or "No run waits for a person.")


def _at(opened: Citewell, events: Sequence[Entry], at: int | None, diff: tuple[int, int] | None) -> None:
    import difflib
    import json

    from agent.journal.replay import written

    states = opened.states(events[0].run)
    numbers = [number for number in (at, *(diff or ())) if number is not None]
    if beyond := [number for number in numbers if number > len(states)]:
        raise click.UsageError(f"The run has {len(states)} events, and no event {beyond[0]}.")
    kept = {number: written(states[number - 1], whole=True) for number in numbers}
    told = {"schema": 1, "run": events[0].run}
    if diff is None:
        [(number, text)] = kept.items()
        name = type(states[number - 1]).__name__
        result({**told, "at": number, "state": name, "content": json.loads(text)}, f"{name}\n{text}")
        return
    first, second = diff
    texts = [f"{type(states[number - 1]).__name__}\n{kept[number]}".splitlines() for number in diff]
    names = (f"after event {first}", f"after event {second}")
    lines = list(difflib.unified_diff(texts[0], texts[1], *names, lineterm=""))
    result({**told, "from": first, "to": second, "diff": lines}, "\n".join(lines) or "Nothing changed.")


@runs.command()
@click.argument("id")
@click.option(
    "--with",
    "changed",
    multiple=True,
    metavar="WHAT=VALUE",
    help="Ask the question again with model=NAME, index=VERSION or prompt=FILE, and compare; repeatable.",
)
def replay(id: str, changed: tuple[str, ...]) -> None:
    """Make every state and every request of a run again from its events; neither the model nor a tool is asked.

    With --with the question is asked again instead, as a run of its own, and both answers are shown side by side.

    \b
    Example:
      citewell runs replay r-20260131T0915
      citewell runs replay r-20260131T0915 --with model=claude-haiku-5-5
    """
    if changed:
        _again(id, _changes(changed))
        return
    from agent.journal.replay import asked

    opened = citewell()
    found = opened.replay(id)
    version = asked(opened.journal.events(id)).index_version
    lines = [
        f"event {each.event} ({each.kind}): the {each.what} is another ({each.recorded[:12]}… was recorded, "
        f"{each.found[:12]}… comes of it now)"
        for each in found.differences
    ]
    if found.erased:
        lines.append(f"erased, so that nothing can be said of them: events {', '.join(map(str, found.erased))}")
    if found.unrecorded:
        lines.append(f"not compared, as an earlier Citewell wrote them: events {', '.join(map(str, found.unrecorded))}")
    if found.lost:
        gone = f"what they rest on is not in the index version {found.texts_of}"
        lines.append(f"not made again, since {gone}: events {', '.join(map(str, found.lost))}")
    if found.texts_of != version:
        lines.append(
            f"the index version {version} that it asked is gone: texts were read from {found.texts_of}, so that a "
            "document which was changed since shows as a difference"
        )
    what = f"{found.states} states and {found.requests} requests were made again"
    differ = f"{len(found.differences)} differ" if found.differences else "each as it was"
    head = f"{what}: {differ}."
    result({"schema": 1, **asdict(found)}, "\n".join([head, *lines]))
    if not found.same:
        fail()


def _changes(words: tuple[str, ...]) -> dict[str, str]:
    """What `--with` names; of a prompt the text that its file holds."""
    found: dict[str, str] = {}
    for word in words:
        what, is_pair, value = word.partition("=")
        if what not in ("model", "index", "prompt") or not is_pair or not value:
            raise click.UsageError(f"--with takes model=NAME, index=VERSION or prompt=FILE, not {word!r}.")
        found[what] = value
    if "prompt" in found:
        from pathlib import Path

        try:
            found["prompt"] = Path(found["prompt"]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise click.UsageError(
                f"The prompt {found['prompt']} cannot be read ({error}): name a text file."
            ) from None
    return found


def _again(id: str, changed: dict[str, str]) -> None:
    from agent.results import answer_json

    opened = citewell()
    events = opened.journal.events(id)
    run, release = events[0].run, events[0].content.get("release") or {}
    end, status = events[-1].content, opened.journal.status(events[0].run)
    answer = opened.ask_again(run, **changed)
    said, why = str(end.get("answer") or ""), str(end.get("reason") or "")
    quoted = [str(each.get("document")) for each in end.get("citations") or []]
    before = {
        "run": run,
        "status": status,
        "answer": said,
        "reason": end.get("reason"),
        "citations": quoted,
        "model": release.get("model"),
        "index_version": release.get("index_version"),
    }
    now = answer_json(answer)
    cited = [each.document for each in answer.citations]
    same = {
        "status": status == answer.status,
        "answer": said == answer.answer,
        "citations": quoted == cited,
    }
    differences = [name for name, is_same in same.items() if not is_same]
    columns = [
        (f"before: {run}", f"now: {answer.run}"),
        (f"{before['model']} · {before['index_version']}", f"{answer.model_asked} · {answer.index_version}"),
        (status.replace("_", " "), answer.status.replace("_", " ")),
        (said or why, answer.answer or answer.reason or ""),
        (f"cites {', '.join(quoted) or 'nothing'}", f"cites {', '.join(cited) or 'nothing'}"),
    ]
    told = f"{', '.join(differences)} changed" if differences else "nothing changed"
    data = {"schema": 1, "run": run, "same": not differences, "differences": differences, "before": before, "now": now}
    result(data, "\n".join([*(_beside(left, right) for left, right in columns), told]))


def _beside(left: str, right: str) -> str:
    """Two texts in two columns."""
    import textwrap
    from itertools import zip_longest

    room = (width() - 3) // 2
    lines = [textwrap.wrap(in_a_line(text), room) for text in (left, right)]
    return "\n".join(f"{one:{room}} │ {other}".rstrip() for one, other in zip_longest(*lines, fillvalue=""))


@runs.command()
@click.argument("id", required=False)
def resume(id: str | None) -> None:
    """Let a run go on whose process is gone, from the last of its events; without an id, every such run.

    \b
    Example:
      citewell runs resume r-20260131T0915
    """
    opened = citewell()
    if id is not None:
        _told(opened, _waited_for(opened, id))
        return
    from agent.results import answer_json

    found: list[Answer] = []
    left: list[dict[str, str]] = []
    lines: list[str] = []
    for run in opened.journal.unfinished():
        try:
            found.append(answer := _on(opened, run))
            waits = f": {in_a_line(answer.reason or '')}" if answer.status in WAITING else ""
            lines.append(f"{run}  {answer.status}{waits}")
        except CitewellError as error:  # the others go on all the same
            left.append({"run": run, "code": error.code, "reason": str(error)})
            lines.append(f"{run}  does not go on: {error}")
    result(
        {"schema": 1, "resumed": [answer_json(answer) for answer in found], "left": left},
        "\n".join(lines) or "No run is to be resumed: each has an end, waits for a person, or goes on.",
    )
    if left:
        fail()
    for status in ("failed", *WAITING):
        for answer in (each for each in found if each.status == status):
            ended(answer)


_by = click.option("--by", metavar="NAME", help="Who says so; else the account of this user.")


@runs.command()
@click.argument("id")
@_by
@click.option("--comment", metavar="TEXT", default="", help="Why; it is recorded.")
@click.option("--edit", metavar="JSON", help="Arguments to be put in place of the call's own, as an object.")
@click.option("--yes", is_flag=True, help="At a terminal: do not ask once more.")
def approve(id: str, by: str | None, comment: str, edit: str | None, yes: bool) -> None:
    """Let the call run for which a run waits, and go on with the run.

    It is shown first, and at a terminal you are asked. What runs is what was shown: where the charter, the tool or its
    plugin changed since, it waits anew.

    \b
    Example:
      citewell runs approve r-20260131T0915 --by "Head of Support"
      citewell runs approve r-20260131T0915 --edit '{"amount": 50}'
    """
    import sys
    from getpass import getuser

    from agent.run.people.waiting import as_text

    opened, edited = citewell(), _arguments(edit)
    run = opened.journal.events(id)[0].run
    shown = _shown(opened, run, plain(by or getuser()))
    if shown is not None:
        click.echo(plain(as_text(run, shown, width())), err=True)
        if sys.stdin.isatty() and not yes and not confirmed("Shall this call run?"):
            raise click.Abort
    _decided(id, "approve", by, comment, edited, shown["digest"] if shown else None)


@runs.command()
@click.argument("id")
@_by
@click.option("--comment", metavar="TEXT", default="", help="Why; it is recorded, and the model is told.")
def deny(id: str, by: str | None, comment: str) -> None:
    """Do not let the call run for which a run waits, and go on with the run without it.

    \b
    Example:
      citewell runs deny r-20260131T0915 --comment "The customer was refunded yesterday"
    """
    _decided(id, "deny", by, comment)


@runs.command()
@click.argument("id")
@_by
@click.option("--comment", metavar="TEXT", default="", help="Why; it is recorded.")
def cancel(id: str, by: str | None, comment: str) -> None:
    """End a run that cannot go on, or is not to: one that was cut off, or waits for a person. Nobody goes on with it.

    \b
    Example:
      citewell runs cancel r-20260131T0915 --comment "Its journal was damaged"
    """
    from getpass import getuser

    account = getuser()
    run = citewell().journal.cancel(id, by=plain(by or account), account=account, comment=plain(comment))
    result({"schema": 1, "run": run, "status": "failed"}, f"The run {run} is ended, and nobody goes on with it.")


@runs.command()
@click.option("--head", metavar="HASH", help="A head that was kept elsewhere, and must be in the journal.")
def verify(head: str | None) -> None:
    """Check that nobody changed, moved or took out anything that the journal holds.

    \b
    Example:
      citewell runs verify --head "$(cat head.txt)"
    """
    found = citewell().journal.verify(head=head)
    words = f"{found.events:,} events, each as it was written and in its place. Head: {found.head}"
    result({"schema": 1, **asdict(found)}, words if found.ok else "\n".join(found.problems))
    if not found.ok:
        fail()


@runs.command()
def head() -> None:
    """Print one hash over the ends of all runs: keep it elsewhere, and give it to verify.

    \b
    Example:
      citewell runs head > head.txt
    """
    found = citewell().journal.head()
    result({"schema": 1, "head": found}, found)


def _arguments(edit: str | None) -> dict[str, Any] | None:
    import json

    if edit is None:
        return None
    try:
        said = json.loads(edit)
    except ValueError as error:
        raise click.UsageError(
            f"--edit holds no JSON ({error}): write an object such as '{{\"amount\": 50}}'."
        ) from None
    if not isinstance(said, dict):
        raise click.UsageError("--edit is to hold an object such as '{\"amount\": 50}'.")
    return said


def _decided(
    id: str,
    verdict: Verdict,
    by: str | None,
    comment: str,
    edited: dict[str, Any] | None = None,
    shown: str | None = None,
) -> None:
    from getpass import getuser

    from agent.run.rules.deciding import Word

    account = getuser()
    opened = citewell()
    word = Word(verdict, plain(by or account), account, plain(comment), edited, shown)
    if not opened.is_served:
        _told(opened, _on(opened, id, word))
        return
    import asyncio

    run = asyncio.run(opened.decide(id, word))
    if answer := _served(opened, run):
        _told(opened, answer)
        return
    said = f"It is recorded, and the service that holds the home goes on with the run: see citewell runs show {run}."
    result({"schema": 1, "run": run, "status": opened.journal.status(run)}, said)


def _served(opened: Citewell, run: str) -> Answer | None:
    """The run's next end, to which the service carries it on; None where it takes longer than a run may."""
    line, until = ProgressLine(), time.monotonic() + opened.settings.agent.deadline + _TAKEN_UP
    line.say("the service that holds the home goes on with it")
    try:
        while time.monotonic() < until:
            fate = opened.journal.status(run)
            if fate not in ("running", "killed"):
                return opened.answer_in(run)
            if fate == "killed" and not opened.is_served:  # it ended meanwhile
                return _on(opened, run)
            time.sleep(0.1)
    finally:
        line.done()
    return None


def _waited_for(opened: Citewell, id: str) -> Answer:
    """The run goes on as soon as its owner counts as gone."""
    from agent.journal.owner import LEASE

    run = opened.journal.events(id)[0].run
    line, until = ProgressLine(), time.monotonic() + LEASE
    while (seconds := opened.journal.waits(run)) > 0 and time.monotonic() < until:
        line.say(f"its process was heard of lately; waiting {seconds:.0f} s for it to be heard of again or not")
        time.sleep(min(seconds, 0.5))
    line.done()
    return _on(opened, run)


def _on(opened: Citewell, id: str, word: Word | None = None) -> Answer:
    import asyncio  # as slow to import as all that --help needs

    return asyncio.run(followed(opened, lambda ask, aloud: opened.resume(id, word=word, ask=ask, aloud=aloud)))


def _told(opened: Citewell, answer: Answer) -> None:
    from agent.results import answer_json

    result(answer_json(answer), lambda: answered(answer, opened.settings.eval))
    ended(answer)
