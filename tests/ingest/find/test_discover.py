"""Are the right files found, under names that are the same on every machine?"""

import os
import socket
import tempfile
import unicodedata
from pathlib import Path

import pytest

from ingest.find.discover import LabelTaken, NothingToRead, discover, nothing_in


@pytest.fixture
def tree(tmp_path):
    def make(*files: str, **contents: str) -> Path:
        for name in files:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("text")
        return tmp_path

    return make


def names(found) -> list[str]:
    return [source.name for source in found.sources]


def skips(found) -> dict[str, str]:
    return {skipped.document: skipped.reason for skipped in found.skipped}


def test_a_document_is_named_by_its_folder_and_its_path_within(tree):
    found = discover([tree("docs/b.md", "docs/guide/a.txt", "docs/a.md") / "docs"])
    assert names(found) == ["docs/a.md", "docs/b.md", "docs/guide/a.txt"]
    assert found.sources[2].path.read_text() == "text"
    assert found.roots == {"docs": found.sources[0].root}
    assert found.covered == ("docs/",)


def test_the_current_folder_has_its_own_name(tree, monkeypatch):
    monkeypatch.chdir(tree("docs/guide/a.md") / "docs")
    assert names(discover(["."])) == ["docs/guide/a.md"]
    assert names(discover(["guide/.."])) == ["docs/guide/a.md"]
    assert names(discover(["guide/a.md"])) == ["guide/a.md"]


def test_a_file_is_named_by_its_folder_and_covers_nothing(tree):
    root = tree("docs/a.md", "docs/b.md", "docs/c.md")
    found = discover([root / "docs/b.md", root / "docs/a.md"])
    assert names(found) == ["docs/a.md", "docs/b.md"]
    assert found.covered == ()


def test_a_given_label_takes_the_place_of_the_folders_name(tree):
    assert names(discover([tree("docs/a.md") / "docs"], label="handbook")) == ["handbook/a.md"]


@pytest.mark.parametrize("label", ["", " ", "a/b", "..", "a\\b"])
def test_a_label_that_would_spoil_names_is_refused(tree, label):
    with pytest.raises(LabelTaken, match="--as LABEL"):
        discover([tree("docs/a.md") / "docs"], label=label)


def test_two_places_under_one_label_are_refused_with_a_hint(tree):
    root = tree("x/docs/a.md", "y/docs/a.md", "z/b.md")
    with pytest.raises(LabelTaken, match="--as LABEL") as refused:
        discover([root / "x/docs", root / "y/docs"])
    assert str(root / "x/docs") in str(refused.value)
    assert str(root / "y/docs") in str(refused.value)
    with pytest.raises(LabelTaken):
        discover([root / "x/docs", root / "z"], label="one")


def test_what_lies_within_a_named_folder_belongs_to_it(tree):
    root = tree("docs/a.md", "docs/.notes/b.md", "docs/guide/c.md")
    found = discover([root / "docs/guide", root / "docs/.notes/b.md", root / "docs", root / "docs/a.md"])
    assert names(found) == ["docs/.notes/b.md", "docs/a.md", "docs/guide/c.md"]


def test_patterns_are_expanded_where_the_shell_did_not(tree, monkeypatch):
    root = tree("docs/a.md", "docs/b.txt", "docs/sub/c.md")
    monkeypatch.chdir(root)
    assert names(discover(["docs/*.md"])) == ["docs/a.md"]
    assert names(discover([str(root / "docs/**/*.md")])) == ["docs/a.md", "sub/c.md"]
    (root / "docs/[1].md").write_text("text")
    assert names(discover(["docs/[1].md"])) == ["docs/[1].md"]


def test_what_is_not_documents_is_passed_over_without_a_word(tree):
    root = tree(
        "docs/a.md",
        "docs/.hidden.md",
        "docs/.git/b.md",
        "docs/node_modules/c.md",
        "docs/__pycache__/d.md",
        "docs/env/pyvenv.cfg",
        "docs/env/lib/e.md",
    )
    found = discover([root / "docs"])
    assert names(found) == ["docs/a.md"]
    assert found.skipped == ()


def test_gitignore_is_honoured_as_git_does(tree):
    root = tree(
        *("docs/a.md", "docs/a.log", "docs/keep.log", "docs/build/b.md", "docs/sub/a.log", "docs/sub/keep.log"),
        *("docs/sub/only/here.md", "docs/sub/build.md", "docs/only/here.md", "docs/deep/drafts/x.md"),
        *("docs/part/x.md", "docs/part/kept/y.md"),
    )
    (root / ".gitignore").write_text("a.md\n")  # above what is named
    (root / "docs/.gitignore").write_text(
        "\ufeff# made\n*.log\n!keep.log\nbuild/\ndrafts\n!drafts/x.md\npart/*\n!part/kept/\n!\n"
    )
    (root / "docs/sub/.gitignore").write_text("/only/\nkeep.log\n!a.log\n")
    assert names(discover([root / "docs"])) == [
        *("docs/a.md", "docs/keep.log", "docs/only/here.md", "docs/part/kept/y.md"),
        *("docs/sub/a.log", "docs/sub/build.md"),
    ]


@pytest.mark.parametrize("named", [".hidden", ".hidden/a.md", "node_modules", "build", "build/a.md", "env"])
def test_a_path_that_is_named_is_read_though_it_is_hidden_or_ignored(tree, named):
    root = tree(".hidden/a.md", "node_modules/a.md", "build/a.md", "env/pyvenv.cfg", "env/a.md")
    (root / ".gitignore").write_text("build/\n")
    assert "a.md" in [name.split("/")[-1] for name in names(discover([root / named]))]


def test_links_are_followed_within_the_root_alone(tree):
    root = tree("docs/z/a.md", "docs/.data/1/hidden.md", "secret/s.md")
    docs = root / "docs"
    (docs / "alias.md").symlink_to("z/a.md")
    (docs / "loop").symlink_to(".")
    (docs / "z/up").symlink_to("..")
    (docs / "self").symlink_to("self")
    (docs / "current").symlink_to(".data/1")
    (docs / "config.md").symlink_to(".data/1/hidden.md")
    (docs / "out").symlink_to(root / "secret")
    (docs / "out.md").symlink_to(root / "secret/s.md")
    found = discover([docs])
    assert names(found) == ["docs/config.md", "docs/z/a.md"]
    assert {name: reason.split(":")[0] for name, reason in skips(found).items()} == {
        "docs/out": "it is a link that leads out of docs",
        "docs/out.md": "it is a link that leads out of docs",
        "docs/self": "it is a link that leads nowhere",
    }


def test_a_link_that_is_named_is_a_place_of_that_name(tree):
    root = tree("versions/17/a.md")
    (root / "docs").symlink_to("versions/17")
    assert names(discover([root / "docs"])) == ["docs/a.md"]


def test_the_home_is_never_read(tree):
    root = tree("docs/a.md", "docs/home/versions/b.md")
    home = root / "docs/home"
    (root / "docs/link").symlink_to(home)
    assert names(discover([root / "docs"], home=home)) == ["docs/a.md"]
    with pytest.raises(NothingToRead, match="home"):
        discover([home / "versions"], home=home)


def test_what_cannot_be_read_is_named_with_a_reason(tree):
    root = tree("docs/a.md", "docs/b.xyz", "docs/c.jpg", "docs/d.wpd", "docs/LICENSE")
    (root / "docs/program").write_bytes(b"\x7fELF\0\0\0\1")
    os.mkfifo(root / "docs/pipe.md")
    found = discover([root / "docs"])
    assert names(found) == ["docs/LICENSE", "docs/a.md"]
    reasons = skips(found)
    assert list(reasons) == ["docs/b.xyz", "docs/c.jpg", "docs/d.wpd", "docs/pipe.md", "docs/program"]
    assert ".xyz files are not supported" in reasons["docs/b.xyz"]
    assert "OCR" in reasons["docs/c.jpg"]
    assert "save it as .docx" in reasons["docs/d.wpd"]
    assert "give it the suffix" in reasons["docs/program"]
    assert "not a regular file" in reasons["docs/pipe.md"]


def test_a_socket_is_not_opened(tree):
    with tempfile.TemporaryDirectory(dir="/tmp") as short, socket.socket(socket.AF_UNIX) as listener:
        (Path(short) / "a.md").write_text("text")
        listener.bind(f"{short}/s.md")
        assert list(skips(discover([short]))) == [f"{Path(short).name}/s.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the superuser")
def test_a_folder_that_cannot_be_opened_is_named(tree):
    root = tree("docs/a.md", "docs/locked/b.md")
    (root / "docs/locked").chmod(0)
    try:
        found = discover([root / "docs"])
    finally:
        (root / "docs/locked").chmod(0o700)
    assert names(found) == ["docs/a.md"]
    assert list(skips(found)) == ["docs/locked"]


def test_a_plugins_kind_is_found(tree):
    root = tree("docs/a.foo", "docs/b.MD")
    assert names(discover([root / "docs"])) == ["docs/b.MD"]
    assert names(discover([root / "docs"], extra={".foo": lambda path, name: []})) == ["docs/a.foo", "docs/b.MD"]


def test_names_are_composed_and_never_collide(tree):
    name = "é.md"
    root = tree(f"docs/{unicodedata.normalize('NFD', name)}")
    assert names(discover([root / "docs"])) == [f"docs/{name}"]
    tree(f"docs/{name}")
    found = discover([root / "docs"])
    if len(list((root / "docs").iterdir())) == 2:  # a file system that keeps both
        assert names(found) == [f"docs/{name}"]
        assert len(found.skipped) == 1


def test_a_name_that_is_no_text_can_be_stored(tree):
    root = tree("docs/a.md")
    try:
        (root / "docs" / os.fsdecode(b"\xff.md")).write_text("text")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert names(discover([root / "docs"])) == ["docs/\\xff.md", "docs/a.md"]


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["missing"], "does not exist"),
        (["docs/*.pdf"], "matches no file"),
        ([], "no path"),
        (["docs", "missing"], "does not exist"),
    ],
)
def test_a_path_that_is_not_there_is_refused(tree, monkeypatch, paths, reason):
    root = tree("docs/a.md", "odd/a.xyz", "hidden/.a.md")
    (root / "empty").mkdir()
    monkeypatch.chdir(root)
    with pytest.raises(NothingToRead, match=reason):
        discover(paths)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("empty", "name a file or folder with documents"),
        ("odd", "not supported"),
        ("odd/a.xyz", "not supported"),
        ("hidden", "is hidden or excluded"),
    ],
)
def test_where_nothing_can_be_read_that_is_found_and_the_reason_is_known(tree, monkeypatch, path, reason):
    root = tree("odd/a.xyz", "hidden/.a.md")
    (root / "empty").mkdir()
    monkeypatch.chdir(root)
    found = discover([path])
    assert found.sources == ()
    assert reason in str(nothing_in([path], found))
