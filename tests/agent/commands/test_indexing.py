"""Documents come in, and which version is served is shown and changed, for people and as JSON."""

import zipfile

import pytest

from retrieval.lexical.reading import OLDER
from tests.agent.program import gold_file
from tests.homes import PUBLIC, write


def test_status_and_versions(citewell, home):
    status = citewell("status", "--json", "--home", home).json
    versions = citewell("index", "versions", "--json", "--home", home).json["versions"]

    assert status.keys() >= {"schema", "live", "versions", "documents", "failures"}
    assert status["versions"] == versions
    assert versions[0].keys() >= {"id", "verdict", "chunks", "created"}
    assert status["live"] == versions[0]["id"] == (home / "live").read_text()
    assert status["documents"] == {"total": len(PUBLIC) + 1, "failed": 0, "skipped": 0, "unread": 0}


@pytest.mark.slow
def test_ingest_publish_and_rollback(citewell, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    first = citewell("ingest", folder, "--json").json
    (folder / "bad.pdf").write_bytes(b"%PDF torn")
    second = citewell("ingest", folder, tmp_path / "guide" / "logs.md", "--json", "--no-publish").json

    assert first.keys() >= {
        *("schema", "index_version", "published", "verdict", "documents", "chunks", "seconds", "failures", "skipped")
    }
    assert first["documents"].keys() == {
        *("added", "updated", "unchanged", "renamed", "removed", "failed", "skipped", "gone"),
    }
    assert (first["published"], first["verdict"], first["documents"]["added"]) == (True, "probe", len(PUBLIC))
    assert second["failures"][0].keys() == {"document", "error"}
    assert second["index_version"] == first["index_version"], "nothing that could be read is new"
    (folder / "new.md").write_text("# New\n\nNew things are told here that were not told before.\n")
    third = citewell("ingest", folder, "--json", "--no-publish").json
    assert not third["published"]
    published = citewell("index", "publish", "--json").json
    assert (published["live"], published["previous"]) == (third["index_version"], first["index_version"])
    said = citewell("index", "rollback").out
    assert f"index publish {third['index_version']} to go back to the other" in said
    assert citewell("index", "publish").code == 1, "what was left is no candidate"
    assert citewell("index", "publish", third["index_version"]).code == 0
    back = citewell("index", "rollback", "--json").json
    assert (back["live"], back["previous"]) == (first["index_version"], third["index_version"])
    assert citewell("status", "--json").json["pinned"]
    assert citewell("index", "publish", first["index_version"], "--json").code == 0
    done = citewell("index", "publish", third["index_version"], "--json")
    assert (done.code, done.json["live"]) == (0, third["index_version"])
    none = citewell("index", "publish", "--json")
    assert (none.code, none.json["error"]["code"]) == (1, "no_candidate")
    assert third["index_version"] in none.json["error"]["message"]
    assert not citewell("status", "--json").json["pinned"]


@pytest.mark.slow
def test_a_named_path_may_have_any_bytes_and_nothing_that_failed_is_no_error(citewell, tmp_path):
    folder = tmp_path / "a\udcff"
    folder.mkdir()
    (folder / "b\udcff.md").write_text("# Pumps\n\nThey pump.\n")

    words = ("ingest", folder / "b\udcff.md", "--as", "odd", "--json")
    assert citewell(*words).json["documents"]["added"] == 1
    assert citewell(*words).json["documents"]["unchanged"] == 1
    again = citewell("ingest", "--retry-failed", "--json")
    assert (again.code, set(again.json["documents"].values())) == (0, {0})


@pytest.mark.slow
def test_status_counts_scans_and_ingest_what_is_no_longer_on_disk(citewell, tmp_path):
    from tests.ingest.read.pdf.made_pdf import lines, pdf

    folder, home = write(tmp_path / "docs", {"a.md": "# A\n\nA page.", "b.md": "# B\n\nB page."}), tmp_path / "home"
    picture = "q 100 0 0 100 0 0 cm /I Do Q"
    (folder / "scan.pdf").write_bytes(pdf(picture))
    (folder / "half.pdf").write_bytes(pdf(lines(72, 700, "A page with text."), picture))
    citewell("ingest", folder, "--home", home)
    status = citewell("status", "--home", home, "--json").json
    assert (status["no_text_layer"], status["ingesting"]) == (["docs/half.pdf", "docs/scan.pdf"], None)
    assert "scans     2 PDFs with pages that have no text layer" in citewell("status", "--home", home).out
    (folder / "a.md").rename(folder / "c.md")
    write(folder, {"c.md": "# A\n\nA page that was renamed and edited."})
    done = citewell("ingest", folder, "--home", home)
    assert "1 document of before is no longer on disk and still in the index; ingest with --prune" in done.out


@pytest.mark.slow
def test_what_is_skipped_in_a_file_is_named_again_while_the_file_is_unchanged(citewell, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    with zipfile.ZipFile(folder / "more.zip", "w") as packed:
        packed.writestr("a.md", "# Pumps\n\nThey pump.\n")
        packed.writestr("b.png", b"\x89PNG\r\n")
    first, second = citewell("ingest", folder, "--json").json, citewell("ingest", folder, "--json").json

    assert [one["document"] for one in first["skipped"]] == ["guide/more.zip!/b.png"]
    assert (second["skipped"], second["documents"]["skipped"]) == (first["skipped"], 1)
    (folder / "tour.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    (folder / "notes.md").write_text("# Notes\n\nAs [1] and [7] say, the garden is watered on every Monday.\n")
    assert citewell("ingest", folder).code == 0
    assert "not read  2 files or parts of files" in citewell("status").out
    counted = citewell("status", "--json").json["documents"]["unread"]
    assert counted == 2, "a file that is skipped whole, and a part of one"
    quoted = citewell("ask", "When is the garden watered?").out
    assert "As (1) and [7] say, the garden" in quoted
    assert "“As [1] and [7] say, the garden" in quoted
    assert "is put as (1)" in " ".join(quoted.split()), "what is not as it stands is told"
    (folder / "more.zip").unlink()
    assert citewell("ingest", folder, "--prune", "--no-publish").code == 0
    assert citewell("status", "--json").json["documents"]["skipped"] == 1, "the live version is as it was"
    assert citewell("index", "publish").code == 0
    assert citewell("status", "--json").json["documents"]["skipped"] == 0


def test_a_ledger_that_cannot_be_opened_is_said(citewell, tmp_path):
    (tmp_path / "home" / "ledger.sqlite").mkdir(parents=True)
    done = citewell("ingest", write(tmp_path / "guide", PUBLIC), "--json", "--home", tmp_path / "home")

    assert (done.code, done.json["error"]["code"]) == (1, "ledger_unusable")
    assert "is no file, and one should be there: move it away" in done.json["error"]["message"]


@pytest.mark.slow
def test_strict_makes_a_failed_document_and_a_missing_answer_count(citewell, tmp_path, home):
    folder = write(tmp_path / "guide", PUBLIC)
    (folder / "bad.pdf").write_bytes(b"%PDF torn")

    assert citewell("ingest", folder).code == 0
    (folder / "bad.pdf").write_bytes(b"%PDF torn again")
    assert citewell("ingest", folder, "--strict").code == 1
    assert citewell("ask", "--home", home, "--label", "nobody", "What?").code == 0
    assert citewell("ask", "--home", home, "--label", "nobody", "What?", "--strict").code == 1


def test_forcing_needs_a_reason_and_shows(citewell, home, tmp_path):
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    id = citewell("eval", "gate", gold, "--json", "--home", home).json["index_version"]

    assert citewell("index", "publish", id, "--json", "--home", home).json["error"]["code"] == "refused"
    bare = citewell("index", "publish", id, "--force", "--json", "--home", home)
    assert (bare.code, "--reason" in bare.json["error"]["message"]) == (2, True)
    assert citewell("index", "publish", id, "--reason", "so", "--home", home).code == 2
    assert citewell("index", "publish", id, "--force", "--reason", "no grue here", "--home", home).code == 0
    assert "by force" in citewell("status", "--home", home).out
    assert citewell("ask", "Logs?", "--json", "--home", home).json["tested"] == "forced"


@pytest.mark.slow
def test_a_refused_version_is_told_with_its_reasons(citewell, tmp_path):
    folder = write(tmp_path / "guide", {**PUBLIC, "bad.pdf": "%PDF torn"})
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    done = citewell("ingest", folder, "--gold", gold)

    assert done.code == 1
    assert "NOT published" in done.out
    assert "goes on answering" not in done.out, "nothing is live yet"
    status = citewell("status").out
    assert "failed its gate" in status
    assert "guide/bad.pdf: " in status
    assert citewell("ingest", folder).code == 0
    (folder / "more.md").write_text("# More\n\nThere is more to say about the moon.\n")
    assert "goes on answering" in citewell("ingest", folder, "--gold", gold).out


@pytest.mark.slow
def test_a_rebuild_is_told_as_an_ingest_is(citewell, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    first = citewell("ingest", folder, "--json").json
    done = citewell("index", "rebuild", "--json")
    assert (done.code, done.json.keys()) == (0, first.keys())
    assert done.json["documents"].keys() == first["documents"].keys()
    assert (done.json["published"], done.json["verdict"]) == (True, "probe")
    assert not citewell("status", "--json").json["rebuild_due"]
    assert "rebuild " not in citewell("status").out
    none = citewell("index", "rebuild", "--json", "--home", tmp_path / "nothing")
    assert (none.code, none.json["error"]["code"]) == (2, "no_index")


@pytest.mark.slow
def test_status_and_doctor_say_when_a_rebuild_is_due(citewell, tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.versions.candidate.CURRENT", OLDER)
    citewell("ingest", write(tmp_path / "guide", PUBLIC), "--json")
    assert "citewell index rebuild" in citewell("status").out
    checks = {check["name"]: check for check in citewell("doctor", "--json").json["checks"]}
    assert checks["index"]["ok"]
    assert "citewell index rebuild" in checks["index"]["detail"]
