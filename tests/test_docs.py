"""Does the guide say what is true, and all of it?"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CHAPTERS = sorted(DOCS.glob("*.md"))
PACKAGES = ("agent", "eval", "ingest", "plugins", "retrieval")
GUIDE = "\n".join(path.read_text("utf-8") for path in CHAPTERS)


def fences(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(kind=click.Command):
    """Every command by its whole name; or, of the `kind` of a group, every group."""
    from agent.cli import _load_commands
    from agent.commands.shared import cli

    _load_commands()
    pending = [("citewell", cli)]
    while pending:
        name, command = pending.pop()
        is_group = isinstance(command, click.Group)
        if is_group:
            pending += [(f"{name} {child}", command.commands[child]) for child in command.commands]
        if is_group == (kind is click.Group):
            yield name, command


def test_every_file_that_who_contributes_is_sent_to_is_there():
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    places = set(re.findall(r"`([\w./-]+/(?:[\w.-]+\.\w+)?)`", told))

    assert len(places) > 20
    assert not [place for place in places if not (ROOT / place).exists()]


@pytest.mark.parametrize(
    ("name", "command"), [*commands()], ids=lambda value: str(value) if isinstance(value, str) else ""
)
def test_every_command_is_in_the_guide_and_shows_an_example(name, command):
    words = name.split()[1:]
    grouped = rf"citewell {words[0]} [\w|`]*{words[-1]}" if len(words) > 1 else rf"citewell {words[0]}\b"

    assert re.search(grouped, GUIDE), f"no chapter mentions `{name}`"
    assert "Example:" in (command.help or "")


def test_no_command_is_named_that_is_not_there():
    there, groups = dict(commands()), dict(commands(click.Group))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(path for path in CHAPTERS if path.name != "decisions.md")]
    code = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    for path in (*pages, *code):
        joined = re.sub(
            r"\"\s*\n\s*f?\"", "", path.read_text("utf-8")
        )  # a sentence that the code writes in two strings
        for named in re.findall(r"(?<![\w./-])citewell((?:\s[a-z][a-z-]*)+)", joined):
            words = named.split()
            name = f"citewell {' '.join(words[: 1 + (f'citewell {words[0]}' in groups)])}"
            assert name in there or name in groups, f"{path.relative_to(ROOT)} names `{name}`, which is no command"


def test_every_option_of_a_command_has_help_or_speaks_for_itself():
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in commands()
        for option in command.params
        if isinstance(option, click.Option) and not option.help and not isinstance(option.type, click.Choice)
    ]

    assert silent in ([], ["citewell serve --port"])


def test_every_setting_is_in_the_guide():
    from agent.settings import Settings, tables

    table = (DOCS / "settings.md").read_text("utf-8")
    for name in (each.name for each in fields(Settings)):
        for key in tables().get(name, [None]):
            setting = {
                "api_key": "ANTHROPIC_API_KEY",
                "base_url": "ANTHROPIC_BASE_URL",
                "database_url": "CITEWELL_DATABASE_URL",
                "mail_password": "CITEWELL_MAIL_PASSWORD",
            }.get(name, name)
            shown = f"{name}.{key}" if key else setting
            assert f"`{shown}`" in table, f"docs/settings.md does not explain {shown}"


def test_the_settings_file_of_the_guide_is_valid(tmp_path):
    from agent.settings import load_settings

    (tmp_path / "citewell.toml").write_text(fences((DOCS / "settings.md").read_text("utf-8"), "toml")[0], "utf-8")
    settings = load_settings(folder=tmp_path, environment={})

    assert settings.eval.floors == {"nDCG@10": 0.6}
    assert settings.eval.gold == tmp_path / "gold.jsonl"


def test_every_field_of_an_answer_is_in_the_guide():
    from agent.answer import Answer
    from agent.state import Citation

    told = (DOCS / "asking.md").read_text("utf-8").split("## ")[0]

    assert not [field.name for each in (Answer, Citation) for field in fields(each) if f"`{field.name}`" not in told]


def test_every_hook_and_every_metric_is_in_the_guide():
    from eval.measure.evaluate import METRICS
    from plugins import hookspecs

    for hook in (name for name in vars(hookspecs) if name.startswith("citewell_")):
        assert f"`{hook}`" in GUIDE, f"no chapter explains {hook}"
    gold = (DOCS / "gold.md").read_text("utf-8")
    for metric in METRICS:
        assert metric in gold, f"docs/gold.md does not explain {metric}"


def test_the_plugin_of_the_guide_is_the_one_in_examples():
    listing = fences((DOCS / "plugins.md").read_text("utf-8"), "python")[0]

    assert listing == (ROOT / "examples" / "citewell-dice" / "citewell_dice.py").read_text("utf-8")


def test_every_format_that_is_read_is_in_the_guide_and_the_other_way_round():
    from ingest.read.registry import supported

    table = (DOCS / "documents.md").read_text("utf-8").split("## Formats")[1].split("## ")[0]

    assert set(re.findall(r"`(\.\w+)`", table)) == set(supported())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_the_chapters_code_parses_and_its_links_lead_somewhere(chapter):
    text = chapter.read_text("utf-8")
    for code in fences(text, "python"):
        ast.parse(code)
    for line in "\n".join(fences(text, "json")).splitlines():
        json.loads(line)
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (DOCS / target).exists(), f"{chapter.name} links to {target}, which is not there"


def test_every_chapter_is_in_the_index():
    index = (DOCS / "index.md").read_text("utf-8")

    assert [path.name for path in CHAPTERS if path.name != "index.md" and f"({path.name})" not in index] == []


def terms():
    """The glossary's terms, each with the address of its entry and the chapter that explains it at length."""
    for entry in re.split(r"^## ", (DOCS / "glossary.md").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        term, _, meaning = entry.partition("\n")
        yield term, "glossary.md#" + term.lower().replace(" ", "-"), set(re.findall(r"\]\((\w+\.md)", meaning))


def first_use(term, text):
    """Where the prose of a page first uses a term: not in its code, its headings or the targets of its links."""
    silent = r"^```.*?^```|^#.*?$|`[^`]+`|\]\([^)]*\)"
    prose = re.sub(silent, lambda found: " " * len(found[0]), text, flags=re.MULTILINE | re.DOTALL)
    words = re.escape(term).replace(r"\ ", r"\s+")
    return re.search(rf"(?<![\w-]){words}(?:s|ed)?\b", prose, 0 if term.isupper() else re.IGNORECASE)


@pytest.mark.parametrize("page", [ROOT / "README.md", *CHAPTERS], ids=lambda path: path.name)
def test_a_term_is_linked_to_its_meaning_where_a_page_first_uses_it(page):
    if page.name in ("glossary.md", "decisions.md"):  # the meanings themselves, and a log
        return
    text = page.read_text("utf-8")
    for term, address, chapters in terms():
        if page.name not in chapters and (use := first_use(term, text)):
            places = "|".join(re.escape(place) for place in (address, *chapters))
            link = re.compile(rf"[^\[\]]*\]\([\w./]*(?:{places})")
            line = text[: use.start()].count("\n") + 1
            assert link.match(text, use.start()), f"{page.name}:{line} uses {use[0]!r} first; link it to {address}"


def test_every_quote_of_the_sample_gold_stands_in_the_guide():
    for line in (ROOT / "examples" / "gold.jsonl").read_text("utf-8").splitlines():
        for relevant in json.loads(line).get("relevant", []):
            text = (ROOT / relevant["document"]).read_text("utf-8")
            assert " ".join(relevant.get("quote", "").split()) in " ".join(text.split()), line


def test_decisions_stand_in_the_order_of_their_days():
    days = re.findall(r"^\*\*(\d{4}-\d\d-\d\d), ", (DOCS / "decisions.md").read_text("utf-8"), re.MULTILINE)

    assert len(days) > 40
    assert days == sorted(days)
