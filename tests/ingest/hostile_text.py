"""Which files of text are hostile: too deep, too long, looping, or in an encoding that lies?"""

# ruff: noqa: E501 - a case is a row of a table

from __future__ import annotations

from pathlib import Path

from tests.ingest.hostile_case import Case, Expected, fails, partly, passes_over, reads
from tests.ingest.hostile_formats import CUES, LAUGHS, LETTER, NOTEBOOK, PAGE, RICH

MB = 1 << 20
WORD = "lighthouse"
PROSE = "The keeper of the lighthouse trims the lamp at dusk, and the ships pass.\n"
TOO_LONG = "longer than [0-9,]+ letters|memory|too long|too large|larger than"
LONG_WORD = "x" * 99
TOO_DEEP = "nest|deep"


def _sparse(size: int):
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return write


# What the length of a text, of a line or of a word can do

LONG = [
    Case("long/20-mb.txt", lambda _: PROSE * (20 * MB // len(PROSE)), fails(TOO_LONG)),
    Case("long/sparse-200-mb.txt", _sparse(200 * MB), fails(f"binary|{TOO_LONG}")),
    Case("long/one-word.txt", lambda _: f"{WORD} " + "x" * (4 * MB), reads(WORD)),
    Case("long/one-paragraph.txt", lambda _: PROSE.replace("\n", " ") * (2 * MB // len(PROSE)), reads(WORD)),
    Case("long/single-letters.txt", lambda _: "a " * (MB // 2) + WORD, reads(WORD)),
    Case("long/blank-lines.txt", lambda _: WORD + "\n" * MB + "keeper", reads(WORD, "keeper")),
    Case("long/spaces.txt", lambda _: WORD + " " * (4 * MB) + "keeper", reads(WORD, "keeper")),
    Case("long/stops.txt", lambda _: f"{WORD} {'.' * 300_000}x {PROSE}", reads(WORD)),
    Case("long/closing-quotes.txt", lambda _: f"{WORD} " + "a!" + "”" * 300_000 + "x", reads(WORD)),
    Case("long/ideographic-stops.txt", lambda _: "灯台" + "。」" * 20_000, reads("灯台")),
    Case("long/two-blanks.txt", lambda _: f"{WORD}\n" + " \n\t" * 500_000 + "x", reads(WORD)),
    Case("long/heading.md", lambda _: "# " + f"{WORD} " * 100_000 + "\n\n" + PROSE * 200 + f"\n{PROSE}" * 3_000, reads(WORD)),
    Case("long/one-word-heading.md", lambda _: "# " + "x" * MB + f"\n\n{PROSE}" * 3_000, reads(WORD)),
    Case("long/many-headings.md", lambda _: f"# {WORD}\n" * 10_000, reads(WORD)),
    Case("long/headings-of-nothing.md", lambda _: f"{WORD}\n\n" + "# \u200b\n" * 5_000, reads(WORD)),
    Case("long/front-matter.md", lambda _: "---\n" + "a: b\n" * 20_000 + f"---\n{WORD}\n", reads(WORD)),
    Case("long/front-matter-unclosed.md", lambda _: "---\n" + "--- a\n" * 15_000 + WORD, reads(WORD)),
    Case("long/front-matter-aliases.md", lambda _: "---\na: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    ) + f"---\n{WORD}\n", reads(WORD)),
    Case("long/front-matter-deep.md", lambda _: "---\na: " + "[" * 20_000 + f"\n---\n{WORD}\n", reads(WORD)),
]  # fmt: skip

# Markdown and its kin: what a parser goes through again and again

MARKED = [
    Case("marked/quotes.md", ">" * 100_000 + WORD, reads(WORD)),
    Case("marked/brackets.md", f"{WORD} " + "[" * 100_000, reads(WORD)),
    Case("marked/closed-brackets.md", f"{WORD} " + "[" * 50_000 + "a" + "]" * 50_000, reads(WORD)),
    Case("marked/definitions.md", f"{WORD}\n\n" + "".join(f"[a{n}]: /b\n" for n in range(10_000)), reads(WORD)),
    Case("marked/half-definitions.md", f"{WORD}\n\n" + '[a]: /b "\n' * 10_000, reads(WORD)),
    Case("marked/emphasis.md", f"{WORD} " + "*a_ " * 100_000 + "**b" * 50_000, reads(WORD)),
    Case("marked/backticks.md", f"{WORD} " + "".join("`" * (n % 900 + 1) + "a" for n in range(1_500)), reads(WORD)),
    Case("marked/cdata.md", f"{WORD} " + "a <![CDATA[ " * 50_000, reads(WORD)),
    Case("marked/comments.md", f"{WORD} " + "a <!-- " * 50_000, reads(WORD)),
    Case("marked/links.md", f"{WORD} " + "[a](<b" * 30_000, reads(WORD)),
    Case("marked/empty-definitions.md", f"{WORD} a <!-- b -->\n\n" + "[//]: # (x\n" * 10_000, reads(WORD)),
    Case("marked/hidden-tags.md", f"{WORD} " + "<b hidden>a " * 20_000, reads(WORD)),
    Case("marked/lists.md", f"* {WORD}\n  * b\n" * 8_000, reads(WORD)),
    Case("marked/list-staircase.md", "".join(f"{' ' * n}- {WORD}\n" for n in range(1_000)), reads(WORD)),
    Case("marked/dashes.md", "- " * 100_000 + WORD, reads(WORD)),
    Case("marked/wide-table.md", lambda _: f"|{WORD}" * 20_000 + "|\n" + "|-" * 20_000 + "|\n" + "|a|\n" * 2_000, reads(WORD)),
    Case("marked/fence.md", f"{WORD}\n\n" + "```\na\n" * 8_001, reads(WORD)),
    Case("marked/sections.rst", lambda _: "".join(f"{WORD}\n{'=' * 10}\n\n" for _ in range(15_000)), reads(WORD)),
    Case("marked/adornments.rst", lambda _: f"{WORD}\n\n" + "=" * 300_000 + "x\n" + ("=" * 500 + " " * 500 + "x\n") * 200, reads(WORD)),
    Case("marked/literal-blanks.rst", lambda _: f"{WORD}::\n\n  a\n" + "\n" * 100_000 + "  b\n", reads(WORD)),
    Case("marked/title-reference.rst", lambda _: f"`{' ' * 50_000}x\n{'=' * 50_010}\n\n{WORD}\n", reads(WORD)),
    Case("marked/title-roles.rst", lambda _: f"{':a' * 50_000}\n{'=' * 100_010}\n\n{WORD}\n", reads(WORD)),
    Case("marked/header.rst", lambda _: "Title: a\nX: b\n" + " c\n" * 500_000 + f"\n{WORD}\n", reads(WORD)),
    Case("marked/include.rst", f"{WORD}\n\n.. include:: include.rst\n.. include:: /etc/passwd\n", reads(WORD), never="root:x:"),
    Case("marked/include.adoc", f"= Sea\n\n{WORD}\n\ninclude::include.adoc[]\n\ninclude::/etc/passwd[]\n", reads(WORD), never="root:x:"),
    Case("marked/attributes.adoc", f":a: {{b}}{{b}}\n:b: {{a}}{{a}}\n\n= Sea\n\n{WORD} {{a}}\n", reads(WORD)),
    Case("marked/blocks.adoc", f"= Sea\n\n{WORD}\n\n" + "".join("=" * (4 + n % 90) + "\n" for n in range(10_000)), reads(WORD)),
    Case("marked/signs.adoc", f"= Sea\n\n{WORD} " + "*_`#" * 50_000 + "[[" * 50_000 + "<<" * 50_000, reads(WORD)),
    Case("marked/spaces.adoc", lambda _: f"= Sea\n\n{WORD} link:" + " " * 200_000 + "x" + ":" * 100_000, reads(WORD)),
    Case("marked/recursive.tex", f"\\documentclass{{article}}\\def\\a{{\\a\\a}}\\newcommand{{\\b}}{{\\b\\b}}\\begin{{document}}{WORD} \\a \\b keeper\\end{{document}}", reads(WORD, "keeper")),
    Case("marked/braces.tex", f"\\begin{{document}}{WORD} " + "{" * 100_000 + "a" + "}" * 100_000 + "\\end{document}", fails(TOO_DEEP)),
    Case("marked/open-braces.tex", f"\\begin{{document}}{WORD} " + "{" * 50_000, fails(TOO_DEEP)),
    Case("marked/environments.tex", f"\\begin{{document}}{WORD} " + "\\begin{quote}" * 10_000 + "\\end{document}", fails(TOO_DEEP)),
    Case("marked/mathematics.tex", f"\\begin{{document}}{WORD} " + "$a" * 50_001 + "\\end{document}", reads(WORD)),
    Case("marked/input.tex", f"\\begin{{document}}{WORD} \\input{{/etc/passwd}}\\include{{input}}\\end{{document}}", reads(WORD), never="root:x:"),
    Case("marked/groups.rtf", "{\\rtf1\\ansi " + "{" * 100_000 + WORD + "}" * 100_000 + "}", reads(WORD)),
    Case("marked/open-groups.rtf", f"{{\\rtf1\\ansi {WORD} " + "{\\b " * 100_000, reads(WORD)),
    Case("marked/letters.rtf", f"{{\\rtf1\\ansi\\ansicpg1252 {WORD} " + "\\'e9" * 500_000 + "}", reads(WORD)),
    Case("marked/binary.rtf", f"{{\\rtf1\\ansi {WORD} {{\\pict\\bin1000000000 x}} keeper}}", reads(WORD)),
    Case("marked/surrogates.rtf", f"{{\\rtf1\\ansi {WORD} \\u-10179? \\u-1? \\u55357? keeper}}", reads(WORD, "keeper")),
    Case("marked/cut.rtf", RICH[:-12], reads(WORD)),
    Case("marked/nothing.srt", lambda _: "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\n\n" for n in range(1, 300_001)), fails("no text|no cue")),
    Case("marked/times.srt", f"1\n99:99:99,999 --> 00:00:00,000\n{WORD}\n\n0\n-1 --> x\nkeeper\n", reads(WORD)),
    Case("marked/head.vtt", "WEBVTT\n\nNOTE nothing\n", fails("no text|no cue")),
    Case("marked/tags.vtt", lambda _: f"WEBVTT\n\n00:01.000 --> 00:02.000\n{WORD} " + "<" * 300_000 + "\n", reads(WORD)),
]  # fmt: skip

# Trees: HTML, XML, JSON

REFUSED = "entit|DTD|well-formed|XML"  # what could be read of it is read, and the rest is said to be missing
TREES = [
    Case("trees/deep.html", "<div>" * 100_000 + WORD, reads(WORD)),
    Case("trees/unclosed.html", lambda _: f"<p>{WORD}" + "<b>a" * 200_000, reads(WORD)),
    Case("trees/unclosed-million.html", lambda _: f"<p>{WORD}" + "<i>" * 1_000_000 + "keeper", reads(WORD, "keeper")),
    Case("trees/attribute.html", lambda _: f"<p title='{'x' * (12 * MB)}'>{WORD}</p>", reads(WORD)),
    Case("trees/attributes.html", lambda _: f"<p {' '.join(f'a{n}=b' for n in range(100_000))}>{WORD}</p>", reads(WORD)),
    Case("trees/author.html", lambda _: f"<meta name=author content='{'x' * (3 * MB)}'><title>{'y ' * MB}</title>" + f"<p>{WORD} keeper</p>" * 2_000, reads(WORD)),
    Case("trees/comment.html", lambda _: f"<p>{WORD}<!-- {'x' * (12 * MB)} --><p>keeper", reads(WORD, "keeper")),
    Case("trees/open-comment.html", f"<p>{WORD}</p><!-- never closed", reads(WORD)),
    Case("trees/open-script.html", f"<p>{WORD}</p><script>never closed <p>x", reads(WORD)),
    Case("trees/long-text.html", lambda _: f"<p>{WORD} " + f"{LONG_WORD} " * 120_000 + "keeper</p>", reads(WORD, "keeper")),
    Case("trees/spaces.html", lambda _: f"<pre>{WORD}{' ' * 300_000}x</pre>", reads(WORD)),
    Case("trees/tables.html", "<table><tr><td>a<td>" * 3_000 + WORD, reads(WORD)),
    Case("trees/spans.html", f"<table><tr><td rowspan=1000000000 colspan=1000000000>{WORD}<tr><td>a<td>b</table>", reads(WORD)),
    Case("trees/wide-table.html", lambda _: "<table><tr>" + f"<td>{WORD}" * 20_000 + "<tr><td>a" * 2_000 + "</table>", reads(WORD)),
    Case("trees/headings.html", f"<h1>{WORD}" + "<h1>a" * 20_000, reads(WORD)),
    Case("trees/hidden.html", lambda _: f"<p>{WORD}" + "<p>a<p hidden>b" * 10_000, reads(WORD)),
    Case("trees/lists.html", "<ul><li>" * 5_000 + WORD, reads(WORD)),
    Case("trees/quotes.html", "<blockquote>" * 3_000 + WORD, reads(WORD)),
    Case("trees/nul.html", f"<p>{WORD}\0 keeper{PROSE * 9}</p>", reads(WORD, "keeper")),
    Case("trees/entities.html", lambda _: f"<p>{WORD} " + "&#x110000;&#xD800;&nosuch;" * 50_000 + "</p>", reads(WORD)),
    Case("trees/charset.html", b"<meta charset=utf-16><p>lighthouse k\xc3\xa9eper</p>", reads("lighthouse kéeper")),
    Case("trees/picture.html", f'<svg xmlns="http://www.w3.org/2000/svg"><text>{WORD}</text></svg>', fails("no text")),
    Case("trees/laughs.xml", f'<!DOCTYPE a [{LAUGHS}]><a>{WORD}&l9;</a>', fails(REFUSED)),
    Case("trees/quadratic.xml", lambda _: '<!DOCTYPE a [<!ENTITY l "' + "x" * 100_000 + '">]><a>' + "&l;" * 100_000 + "</a>", fails(REFUSED)),
    Case("trees/external.xml", f'<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]><a><b>{WORD}</b>&l;</a>', partly(WORD, failed=REFUSED), never="root:x:"),
    Case("trees/external-dtd.xml", f'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><b>{WORD}</b></a>', reads(WORD), never="root:x:"),
    Case("trees/entity-loop.xml", f'<!DOCTYPE a [<!ENTITY l "&m;"><!ENTITY m "&l;">]><a>{WORD}&l;</a>', fails(REFUSED)),
    Case("trees/parameter-loop.xml", f'<!DOCTYPE a [<!ENTITY % l "%m;"><!ENTITY % m "%l;">%l;]><a>{WORD}</a>', partly(WORD, failed=REFUSED)),
    Case("trees/xinclude.xml", f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><b>{WORD}</b><xi:include href="/etc/passwd" parse="text"/></a>', reads(WORD), never="root:x:"),
    Case("trees/deep.xml", "<a>" * 100_000 + WORD + "</a>" * 100_000, partly(failed=TOO_DEEP + "|depth")),
    Case("trees/attributes.xml", lambda _: "<a" + "".join(f' a{n}="b"' for n in range(100_000)) + f">{WORD}</a>", reads(WORD)),
    Case("trees/long-text.xml", lambda _: f"<a><b>{WORD} {f'{LONG_WORD} ' * 120_000}keeper</b></a>", partly(WORD, failed="too long")),
    Case("trees/cut.xml", f"<a><b>{WORD}</b><b>and", partly(WORD, failed="well-formed")),
    Case("trees/two-roots.xml", f"<a>{WORD}</a><a>keeper</a>", partly(WORD, failed="well-formed")),
    Case("trees/feed.rss", f"<rss><channel><item><title>{WORD}</title><description>&lt;p&gt;keeper" + "&lt;div&gt;" * 20_000 + "</description></item></channel></rss>", reads(WORD, "keeper")),
    Case("trees/deep.json", "[" * 100_000 + "]" * 100_000, fails(TOO_DEEP)),
    Case("trees/deep-objects.json", '{"a":' * 100_000 + "1" + "}" * 100_000, fails(TOO_DEEP)),
    Case("trees/one-line.json", lambda _: '{"a": "' + "x" * (17 * MB) + '"}', fails(TOO_LONG)),
    Case("trees/numbers.json", lambda _: "[" + "0," * (5 * MB) + "0]", fails(f"{TOO_LONG}|within")),
    Case("trees/twice.json", f'{{"a": "{WORD}", "a": "keeper"}}', reads(WORD, "keeper")),
    Case("trees/surrogates.json", f'{{"\\ud800": "{WORD} \\udfff"}}', reads(WORD)),
    Case("trees/digits.json", f'{{"a": "{WORD}", "b": {"9" * 10_000}}}', reads(WORD)),
    Case("trees/not-a-number.json", f'{{"a": "{WORD}", "b": NaN, "c": -Infinity, "d": 1e999}}', reads(WORD)),
    Case("trees/keys.json", lambda _: "{" + ", ".join(f'"k{n}": "{WORD}"' for n in range(20_000)) + "}", reads(WORD)),
    Case("trees/marked.json", b"\xef\xbb\xbf" + f'{{"a": "{WORD}"}}'.encode(), reads(WORD)),
    Case("trees/cut.json", f'{{"a": "{WORD}", "b": ["', fails("JSON")),
    Case("trees/empty.json", "{}", fails("no text")),
    Case("trees/cut.ipynb", NOTEBOOK[:-40], fails("notebook|JSON")),
    Case("trees/list.ipynb", "[1, 2]", fails("notebook")),
    Case("trees/cells.ipynb", lambda _: '{"nbformat": 4, "cells": [' + ",".join(['{"cell_type":"raw"}'] * 600_000) + "]}", fails("no text|memory|no cell")),
    Case("trees/shapes.ipynb", '{"nbformat": 4, "metadata": 7, "cells": [null, 1, {"cell_type": 3, "source": {"a": 1}, "outputs": 5}, {"cell_type": "markdown", "source": "lighthouse"}]}', Expected((WORD,), "")),
    Case("trees/output.ipynb", lambda _: '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "lighthouse = 1", "outputs": [{"output_type": "display_data", "data": {"image/png": "' + "A" * (10 * MB) + '"}}]}]}', reads(WORD)),
    Case("trees/old.ipynb", '{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "markdown", "source": "lighthouse"}]}]}', reads(WORD)),
    Case("trees/bad-lines.jsonl", lambda _: "{bad\n" * 1_000_000, fails("JSON|more than")),
    Case("trees/long-line.jsonl", lambda _: f'{{"text": "{WORD}"}}\n{{"text": "' + "x" * (17 * MB) + '"}\n', partly(WORD, failed=TOO_LONG)),
    Case("trees/fields.jsonl", lambda _: '{"text": "' + WORD + '", ' + ", ".join(f'"k{n}": "{"v" * 5_000}"' for n in range(2_000)) + "}\n", reads(WORD)),
    Case("trees/long-name.jsonl", lambda _: f'{{"_id": "{"x" * MB}", "text": "{WORD}"}}\n{{"_id": "b", "text": "keeper"}}\n', partly("keeper", failed="name|_id|id is")),
    Case("trees/digits.jsonl", f'{{"text": "{WORD}"}}\n{{"text": "keeper", "n": {"9" * 10_000}}}\n', reads(WORD, "keeper")),
    Case("trees/pretty.jsonl", '{\n  "text":\n  "lighthouse"\n}\n', fails("JSON")),
    Case("trees/same-name.jsonl", f'{{"_id": "a", "text": "{WORD}"}}\n' * 1_001, partly(WORD, failed="same name|more than")),
]  # fmt: skip

# Tables

TABLES = [
    Case("tables/cell.csv", lambda _: f"{WORD},b\n" + "x" * (17 * MB) + ",c\n", fails(TOO_LONG)),
    Case("tables/wide.csv", lambda _: ",".join([WORD] * 100_000) + "\n" + ",".join("12345") + "\n", reads(WORD)),
    Case("tables/wide-and-long.csv", lambda _: ",".join([WORD] * 20_000) + "\n" + ",".join(["1"] * 20_000 + ["\n"]) * 8, reads(WORD)),
    Case("tables/padded.csv", lambda _: "a\n" * 100_000 + "," * 100_000 + WORD + "\n", fails("memory|columns")),
    Case("tables/quote.csv", f'{WORD},b\n"never closed,2\n' + "3,4\n" * 20_000 + "keeper,5\n", reads(WORD, "keeper")),
    Case("tables/quotes.csv", lambda _: f"{WORD},b\n" + '"' * 400_001 + "\n", reads(WORD)),
    Case("tables/commas.csv", "," * 1_000_000 + "\n", fails("no text|empty")),
    Case("tables/nul.csv", f"{WORD},b\n" + "c,d\n" * 200 + "e,\0f\n", reads(WORD)),
    Case("tables/returns.csv", f"{WORD},b\rkeeper,d\r", reads(WORD, "keeper")),
    Case("tables/utf-16.csv", f"{WORD};b\nkeeper;d\n".encode("utf-16"), reads(WORD, "keeper")),
    Case("tables/sniffed.csv", lambda _: f"{WORD}\n" + "\"'\"'\"',;|\t" * 5_000, reads(WORD)),
]  # fmt: skip

# Encodings

ENCODINGS = [
    Case("encodings/odd-utf-16.txt", b"\xff\xfe" + f"{WORD} keeper".encode("utf-16-le") + b"x", reads(WORD, "keeper")),
    Case("encodings/unmarked-utf-16.txt", f"{WORD} keeper\n".encode("utf-16-le") * 20, reads(WORD)),
    Case("encodings/surrogate-utf-16.txt", b"\xff\xfe" + f"{WORD} ".encode("utf-16-le") + b"\x00\xd8x\x00", reads(WORD)),
    Case("encodings/marked-utf-8-cut.txt", b"\xef\xbb\xbf" + f"{WORD} é".encode()[:-1], reads(WORD)),
    Case("encodings/overlong.txt", WORD.encode() + b" \xc0\xaf\xc0\x80 \xe0\x80\xaf " + PROSE.encode() * 9, reads(WORD)),
    Case("encodings/mixed.txt", ("Žluťoučký kůň " * 50).encode() + "Größe".encode("latin-1") + f" {WORD}".encode(), reads("Žluťoučký", WORD)),
    Case("encodings/utf-7.txt", f"{WORD} +AGE-+AOk-", reads(WORD)),
    Case("encodings/replaced.txt", lambda _: "\ufffd" * 300_000, fails("encod|no words|no text|replacement")),
    Case("encodings/zalgo.txt", WORD + "".join(f"a{chr(0x300 + n % 112) * 900}" for n in range(900)), reads(WORD)),
    Case("encodings/mark-only.txt", b"\xef\xbb\xbf", fails("no text|empty")),
    Case("encodings/mark-only-16.csv", b"\xff\xfe", fails("no text|empty")),
    Case("encodings/nuls.md", bytes(5_000), fails("binary")),
    Case("encodings/noise.txt", lambda _: bytes(n * n * 7919 % 251 + 1 for n in range(2 * MB)), fails("encod|binary|text")),
    Case("encodings/high-bytes.txt", lambda _: bytes(range(0x80, 0x100)) * 4_000, fails("encod|binary|text")),
    Case("encodings/escapes.log", (WORD + " \x1b[31mkeeper\x1b[0m done\x07 at the end of a line that is as long as most\n") * 9, reads(WORD, "keeper")),
    Case("encodings/separators.txt", f"{WORD}\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1ekeeper", reads(WORD, "keeper")),
    Case("encodings/isolates.txt", f"{WORD} " + "\u2066\u202e" * 50_000 + "keeper", reads(WORD, "keeper")),
    Case("encodings/tags.txt", f"{WORD} " + "\U000e0041" * 50_000 + "keeper", reads(WORD, "keeper")),
    Case("encodings/about-pdf.md", f"# Formats\n\nA PDF begins with %PDF-1.7; {WORD}.\n", reads(WORD)),
    Case("encodings/about-rtf.txt", f"{{\\rtf1 is how RTF begins; {WORD}", reads(WORD)),
]  # fmt: skip

# Code: whatever it is, it is text

CODES = [
    Case("code/deep.py", f"# {WORD}\n" + "(" * 100_000, reads(WORD)),
    Case("code/indents.py", lambda _: f"# {WORD}\n" + "".join(" " * n + "if a:\n" for n in range(600)), reads(WORD)),
    Case("code/minified.js", lambda _: f"/* {WORD} */" + "a=function(b){return b*2};" * 20_000, reads(WORD)),
    Case("code/aliases.yaml", "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    ) + f"w: {WORD}\n", reads(WORD)),
    Case("code/object.yaml", f"!!python/object/apply:os.system ['touch /tmp/owned']\n# {WORD}\n", reads(WORD)),
    Case("code/quotes.sql", lambda _: f"-- {WORD}\n" + "'" * 500_001, reads(WORD)),
    Case("code/braces.c", lambda _: f"/* {WORD} */" + "{" * 200_000, reads(WORD)),
    Case("code/comments.c", lambda _: f"// {WORD}\n" + "/*" * 200_000, reads(WORD)),
]  # fmt: skip

# Letters

NESTED = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(10_000))
LETTERS = [
    Case("letters/nested.eml", f"Subject: Sea\nMIME-Version: 1.0\n{NESTED}Content-Type: text/plain\n\n{WORD}\n", Expected((), f"{TOO_DEEP}|parts")),
    Case("letters/headers.eml", lambda _: "".join(f"X-A{n}: b\n" for n in range(100_000)) + LETTER, reads(WORD)),
    Case("letters/cyclic.eml", 'Subject: Sea\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n' + '--b\nContent-Type: multipart/mixed; boundary="b"\n\n' * 50 + f"--b\nContent-Type: text/plain\n\n{WORD}\n--b--\n", reads(WORD)),
    Case("letters/no-boundary.eml", f"Subject: Sea\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\n{WORD}\n", reads(WORD)),
    Case("letters/many-parts.eml", lambda _: 'Subject: Sea\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n' + "--b\nContent-Type: text/plain\n\n\n" * 20_000 + f"--b\nContent-Type: text/plain\n\n{WORD}\n--b--\n", reads(WORD)),
    Case("letters/base64.eml", LETTER.replace("\n\n", "\nContent-Transfer-Encoding: base64\n\n!!%%$$"), fails("base64|no text|damaged|decode|encod")),
    Case("letters/quoted.eml", LETTER.replace("\n\n", "\nContent-Transfer-Encoding: quoted-printable\n\n") + "=ZZ==3D=\n=", reads(WORD)),
    Case("letters/charset.eml", LETTER.replace("utf-8", "x-nothing"), reads(WORD)),
    Case("letters/subject.eml", lambda _: LETTER.replace("Subject: Sea", "Subject: " + "=?utf-8?q?=C3?=\n " * 20_000), reads(WORD)),
    Case("letters/long-header.eml", lambda _: LETTER.replace("Sea", "x" * (5 * MB)), reads(WORD)),
    Case("letters/no-headers.eml", f"\n{WORD}\n", fails("header")),
    Case("letters/body-alone.eml", f"{WORD} keeper\n", fails("header")),
    Case("letters/forwarded.eml", "Subject: Sea\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n" * 500 + LETTER, Expected((), f"{TOO_DEEP}|in one another")),
    Case("letters/attached.eml", 'Subject: Sea\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
         f'--b\nContent-Type: text/plain\n\n{WORD}\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="../../../tmp/owned.txt"\n\nkeeper\n--b--\n', reads(WORD, "keeper")),
    Case("letters/nothing.mbox", lambda _: "From a\n" * 100_000, reads("From a")),
    Case("letters/cut.mbox", f"From a@b Thu Jan  1 00:00:00 2020\n{LETTER}\nFrom c@d Thu Jan  1 00:00:00 2020\nSubject: x", reads(WORD)),
    Case("letters/not-one.mbox", f"{WORD} keeper\n", fails("mailbox|mbox|From|holds")),
]  # fmt: skip

# Cut off where it does no harm: what is there is read
CUT = [
    Case("cut/page.html", PAGE[:-25], reads("lighthouse")),
    Case("cut/cues.srt", CUES + "2\n00:00:0", reads(WORD)),
    Case("cut/letter.md", f"# {WORD}\n\n```\nnever closed", reads(WORD)),
    Case("cut/table.tsv", f'{WORD}\tb\nc\t"d', reads(WORD)),
]

TEXT = [*LONG, *MARKED, *TREES, *TABLES, *ENCODINGS, *CODES, *LETTERS, *CUT]
HUGE = [
    Case("huge/front-matter.md", lambda _: "---\n" + "a: b\n" * 300_000 + f"---\n{WORD}\n", reads(WORD)),
    Case("huge/keys.json", lambda _: "{" + ", ".join(f'"k{n}": "{WORD}"' for n in range(200_000)) + "}", reads(WORD)),
    Case(
        "huge/many-parts.eml",
        lambda _: (
            'Subject: Sea\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
            + "--b\nContent-Type: text/plain\n\n\n" * 100_000
            + f"--b\nContent-Type: text/plain\n\n{WORD}\n--b--\n"
        ),
        reads(WORD),
    ),
    Case("huge/paragraph.txt", lambda _: PROSE.replace("\n", " ") * (15 * MB // len(PROSE)), reads(WORD)),
    Case("huge/single-letters.txt", lambda _: "a " * (7 * MB) + WORD, reads(WORD)),
    Case("huge/headings.md", lambda _: f"# {WORD}\n" * 1_000_000, reads(WORD)),
    Case("huge/blank-lines.txt", lambda _: WORD + "\n" * (15 * MB) + "keeper", reads(WORD, "keeper")),
    Case("huge/stops.txt", lambda _: f"{WORD} {'.' * (10 * MB)}x", reads(WORD)),
    Case("huge/lists.md", lambda _: f"* {WORD}\n  * b\n" * 400_000, reads(WORD)),
    Case("huge/rows.csv", lambda _: f"{WORD},b,c\n" * 700_000, reads(WORD)),
    Case(
        "huge/records.jsonl",
        lambda _: "".join(f'{{"_id": "{n}", "text": "{WORD}"}}\n' for n in range(500_000)),
        reads(WORD),
    ),
    Case("huge/200-mb.txt", lambda _: PROSE * (200 * MB // len(PROSE)), fails(TOO_LONG)),
    Case("huge/2-gb.txt", _sparse(2 << 30), fails(f"binary|{TOO_LONG}")),
    Case("huge/2-gb.pdf", _sparse(2 << 30), fails(f"damaged|{TOO_LONG}")),
    Case("huge/2-gb.zip", _sparse(2 << 30), fails("damaged|zip")),
    Case("huge/2-gb.jsonl", _sparse(2 << 30), fails(f"binary|{TOO_LONG}")),
    Case("huge/2-gb.csv", _sparse(2 << 30), fails(f"binary|{TOO_LONG}")),
    Case("huge/2-gb.eml", _sparse(2 << 30), fails(f"binary|{TOO_LONG}|no text")),
    Case("huge/2-gb", _sparse(2 << 30), passes_over("suffix|text")),
]
