"""Is source code cut where its definitions begin, and does every chunk of it know where it is?"""

from textwrap import dedent

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.model import Document
from ingest.split.blocks import blocks
from ingest.split.code import definition_blocks
from ingest.split.outline import outline
from ingest.split.split import SplitSettings, split
from tests.places import ROOT

LANGUAGES = ["python", "javascript", "yaml", "ini", "css", "go", "sql", "shell", ""]


def titles(text, language):
    """The definitions as paths, in order."""

    def walk(found, above):
        for definition in found:
            yield " › ".join((*above, definition.title))
            yield from walk(definition.inner, (*above, definition.title))

    return list(walk(outline(dedent(text).strip("\n").split("\n"), language), ()))


def parts(text, language=""):
    """The blocks as (heading path, text) with the headings' own titles in the path."""
    text = dedent(text).strip("\n") + "\n"
    path = ()
    made = []
    for block in blocks(Document("d", text, "file", "code", metadata={"code": language})):
        if block.kind == "heading":
            path = (*path[: block.level - 1], block.title)
        made.append((path, text[block.start : block.end]))
    return made


def words_by_spaces(text):
    spans, start = [], 0
    for number, letter in enumerate(text + " "):
        if letter.isspace():
            spans.append((start, number))
            start = number + 1
    return spans


PYTHON = '''
    import os

    # What is ordered
    @final
    class Order(Base):
        """One order."""

        @property
        def total(
            self,
        ):
            text = """
    class NotOne:
        pass
    """
            return text

        async def load(self): ...

    def main():
        Order().load()
'''


def test_python_is_outlined_by_its_own_parser():
    assert titles(PYTHON, "python") == ["class Order", "class Order › def total", "def main"]


def test_what_stands_above_a_definition_belongs_to_it():
    found = parts(PYTHON, "python")
    assert (("class Order",), "# What is ordered\n@final\nclass Order(Base):") in found
    assert (("class Order", "def total"), "@property\n    def total(\n        self,\n    ):") in found


def test_broken_python_is_outlined_by_its_indentation():
    broken = (
        PYTHON.replace("import os", "print 'old'")
        .replace("class NotOne", "        kind NotOne")
        .replace("    pass", "")
    )
    assert titles(broken, "python") == titles(PYTHON, "python")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "java",
            """
            /**
             * An order.
             */
            public class Order extends Base {
                static final String ODD = "a { b"; // }

                @Override
                public int total(int a,
                                 int b) throws IOException {
                    if (a > b) {
                        return a;
                    }
                    return b;
                }
            }
            class Other {
                int x;
            }
            """,
            ["public class Order extends Base", "public class Order extends Base › public int total", "class Other"],
        ),
        (
            "c",
            """
            static int
            add (int a, int b)
            {
            #ifdef ODD
              return b;
            #endif
            }
            struct point {
              int x;
            };
            """,
            ["add", "struct point"],
        ),
        (
            "go",
            "func (s *Server) Start(ctx Context) error {\n\treturn nil\n}\n\ntype Server struct {\n\tName string\n}\n",
            ["func (s *Server) Start", "type Server struct"],
        ),
        (
            "javascript",
            """
            export const add = (a, b) => {
              return a + b;
            };
            describe('orders', () => {
              it('adds them', async () => {
                expect(1).toBe(1);
              });
            });
            if (ready) {
              start();
            }
            """,
            ["export const add = (a, b)", "describe('orders'", "describe('orders' › it('adds them'"],
        ),
        (
            "ruby",
            """
            module Shop
              class Order
                def total(a = {})
                  a.each do |i|
                    i
                  end
                end
              end
            end
            """,
            ["module Shop", "module Shop › class Order", "module Shop › class Order › def total"],
        ),
        (
            "rust",
            "impl<'a> Order<'a> {\n    pub fn new(x: &'a str) -> Self {\n        Order { x }\n    }\n}\n",
            ["impl<'a> Order<'a>", "impl<'a> Order<'a> › pub fn new"],
        ),
        ("sql", "CREATE TABLE orders (\n  id INT\n);\n\nSELECT (\n  1\n);\n", ["CREATE TABLE orders", "SELECT ( 1 )"]),
        ("shell", "greet() {\n  echo hi\n}\nfunction bye {\n  echo bye\n}\n", ["greet", "function bye"]),
        (
            "shell",
            """
            main () {
              n=${#1} b=${0##*[/]}
              case $1 in
                a|b)
                  x ;;
                c) y ;;
              esac
              x
            }
            assert() {
              sub="$(rev)" || {
                die
              }
            }
            """,
            ["main", "assert"],
        ),
        (
            "rust",
            """
            fn f() {
                all.push(Chapter {
                    a,
                    b
                });
                each(|a| {
                    b();
                });
                if a
                    && (b(c)) {
                    d();
                }
            }
            """,
            ["fn f"],
        ),
        (
            "javascript",
            "function f(a) {\n  if (/^x:\\/\\/[/(]/.test(a)) {\n    return a;\n  }\n  b();\n}\n",
            ["function f"],
        ),
        ("go", 'func T(t *T) {\n\tt.Run("one", func(t *T) {\n\t\tx()\n\t})\n}\n', ["func T", 'func T › t.Run("one"']),
        ("clojure", "(ns a.b)\n(defn add\n  [a b]\n  (+ a b))\n", ["(defn add"]),
        ("toml", "a = 1\n[tool.x] # comment\nb = [\n  [1]\n]\n[[bin]]\nc = 2\n", ["[tool.x]", "[[bin]]"]),
        ("ini", "; first\n[one]\na=1\n\n[two]\nb=2\n", ["[one]", "[two]"]),
        (
            "yaml",
            "version: 3\nservices:\n  web:\n"
            + "".join(f"    key{n}: {n}\n" for n in range(12))
            + "  db:\n    image: x\n",
            ["services", "services › web"],
        ),
        ("yaml", "tasks:\n" + "- name: x\n  run: y\n" * 6, ["tasks"]),
    ],
)
def test_other_languages_are_outlined_by_brackets_and_indentation(language, text, expected):
    assert titles(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE OR REPLACE FUNCTION f(a text)\nRETURNS text\nRETURN pad($1, ';');", {"CREATE FUNCTION f": 3}),
        ("CREATE FUNCTION f() AS $x$\nBEGIN\n  a;\n$x$;\nSELECT 1\n;", {"CREATE FUNCTION f": 4, "SELECT 1": 2}),
        (
            "CREATE TRIGGER t\nBEGIN\n  IF a THEN\n    b := CASE WHEN c THEN d END;\n  END IF;\nEND;\nDELETE\nFROM c;",
            {"CREATE TRIGGER t": 6, "DELETE FROM c": 2},
        ),
        (
            "BEGIN;\nUPDATE a\nSET b = 'it''s; it\\'s';\n-- don't;\nDELETE\nFROM c;",
            {"UPDATE a SET b = 'it''s": 2, "DELETE FROM c": 3},
        ),
        (
            "CREATE PROCEDURE p\nAS SELECT 1\nGO\nCREATE VIEW v AS\nSELECT 2",
            {"CREATE PROCEDURE p": 2, "CREATE VIEW v": 2},
        ),
        (
            "CREATE FUNCTION f IS\n  x DATE;\nBEGIN\n  a;\nEND;\n/\nCREATE PACKAGE p AS\n  TYPE a;\n  x b;\nEND p;\n",
            {"CREATE FUNCTION f": 5, "CREATE PACKAGE p": 4},
        ),
        (
            "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  a;\nEND$$\nCREATE PROCEDURE q()\n  b;\n$$\nDELIMITER ;",
            {"CREATE PROCEDURE p": 4, "CREATE PROCEDURE q": 3},
        ),
        (
            "COPY t FROM stdin;\n1\tit's; so\n\\.\nALTER TABLE t\n  ADD x int;",
            {"COPY t FROM stdin": 3, "ALTER TABLE t ADD x int": 2},
        ),
    ],
)
def test_a_statement_is_one_definition_whatever_semicolons_stand_in_it(text, expected):
    assert {each.title: each.last - each.first for each in outline(text.split("\n"), "sql")} == expected


def test_what_goes_on_after_a_definition_is_not_taken_for_a_part_of_it():
    lines = "".join(f"    x{number} = {number}\n" for number in range(6))
    found = parts(
        f"class A:\n    def f(self):\n        return 1\n\n{lines}\n\ny0 = 1\ny1 = 2\ny2 = 3\ny3 = 4\n", "python"
    )
    assert [path for path, text in found if text.startswith("x")] == [("class A",), ("class A",)]
    assert [path for path, text in found if text.startswith("y")] == [("file",), ("file",)]


def test_a_short_function_is_one_chunk_and_a_long_one_says_in_each_what_it_is():
    short = "".join(f"    def short{n}(self):\n        return call(self, {n})\n\n" for n in range(9))
    long = "    def long(self):\n" + "".join(f"        step number {n} of many\n" for n in range(60))
    text = f"class Pump:\n{short}{long}"
    document = Document("d", text, "pump.py", "code", metadata={"code": "python"})
    chunks = split(document, words_by_spaces, SplitSettings(window=50, context=20, target=50))
    for number in range(9):
        assert (
            sum(f"def short{number}(self):\n        return call(self, {number})" in chunk.text for chunk in chunks) == 1
        )
    late = [chunk for chunk in chunks if "step number" in chunk.text]
    assert len(late) > 5
    assert {chunk.context for chunk in late if "def " not in chunk.text} == {"pump.py › class Pump › def long"}


def covered(text, language):
    """Checks that every line that is not blank lies in exactly one block."""
    reached = 0
    for block in definition_blocks(text, language, "t"):
        assert reached <= block.start < block.end <= len(text)
        assert not text[reached : block.start].strip(), "a line is lost"
        assert text[block.start : block.end].strip()
        assert block.kind in {"heading", "code"}
        reached = block.end
    assert not text[reached:].strip(), "a line is lost"


MARGINS = st.sampled_from(["", "", "  ", "    ", "        ", "\t", "\t\t", " \t "])
WORDS = st.sampled_from(
    [
        *(
            "class A:",
            "def f(a,",
            "b):",
            "pass",
            "class B {",
            "void f(int a) {",
            "}",
            "});",
            "{",
            "(",
            "/*",
            "*/",
            '"""',
            "'",
        ),
        *(
            "# comment",
            "// comment",
            "@decorator",
            "func (s *S) F() {",
            "key:",
            "- item:",
            "- a",
            "[section]",
            "x = 1",
            "end",
        ),
        *("function f() {", "it('a', () => {", "#include <x>", "struct P", "if (x) {", "\x0c", "x\u2028y", "é = 'ü'"),
    ]
)
SOURCES = st.lists(st.one_of(st.just(""), st.builds("{}{}".format, MARGINS, WORDS)), max_size=40).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(SOURCES, st.sampled_from(LANGUAGES))
@example("class A:\n}\n*/\nclass A:\n  class A:", "python")  # a comment that ends, but begins nowhere
def test_every_line_lies_in_exactly_one_block(text, language):
    covered(text, language)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_whatever_the_text_nothing_is_lost(text, language):
    covered(text, language)


@pytest.mark.parametrize("path", sorted((ROOT / "ingest").rglob("*.py")), ids=lambda path: path.name)
def test_our_own_sources_are_covered_and_outlined(path):
    text = path.read_text(encoding="utf-8")
    covered(text, "python")
    covered(text, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "{" * 20_000,
        "class A {\n" * 20_000,
        "def f():\n" * 20_000,
        "\n".join(" " * (n % 300) + "def f():" for n in range(20_000)),
        "f(" * 30_000,
        "a " * 50_000 + "(",
        "/* " * 20_000,
        "'" * 50_000,
        '"\\' * 30_000,
        "a = (" * 10_000,
        "export " * 20_000,
        "@a\n" * 20_000 + "class A:\n    pass\n",
        "*/\n" * 20_000 + "class A {\n}\n",
        "key:\n" * 20_000,
        "x: " * 30_000 + "{",
        "$a$ ';\\" * 20_000,
        "DELIMITER x\n" * 20_000,
        "CREATE FUNCTION f IS a b;" * 20_000,
        "CREATE FUNCTION f IS a b\n" + "c;\n" * 20_000,
        "BEGIN CASE\nEND IF; END\n" * 20_000,
        "FROM stdin " * 20_000,
        "a) b) {\n" * 20_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
@pytest.mark.parametrize("language", ["python", "javascript", "yaml", "css", "sql", "shell"])
@pytest.mark.timeout(20)
def test_hostile_sources_take_no_longer_than_others(text, language):
    covered(text, language)
