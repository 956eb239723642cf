"""Do others see that an ingest runs, and how far it is?"""

from retrieval.versions.underway import Underway, telling, underway
from tests.homes import PUBLIC, write


def test_others_see_that_an_ingest_runs_and_how_far_it_is(citewell, tmp_path):
    docs, home, seen, steps = write(tmp_path / "docs", PUBLIC), citewell.home.path, [], []
    home.mkdir()
    (home / "ingesting").write_text("what one that was killed left")
    assert underway(home) is None
    report = citewell.ingest(docs, on_progress=lambda *_: seen.append(underway(home)), on_step=steps.append)
    assert report.published
    assert seen[0].started
    assert (seen[0].documents, seen[0].done) == (len(PUBLIC), 0)
    assert underway(home) is None
    assert [step.split(",")[0] for step in steps] == [
        "looking for files",
        "making the encoder ready",
        "taking over the live version",
        "writing the index",
        "asking the new version",
    ]


def test_an_ingest_tells_others_the_files_that_are_done(tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.versions.underway._EVERY", 0)
    with telling(tmp_path) as tell:
        tell(618, 120, 4000, 2300)
        assert underway(tmp_path) == Underway(underway(tmp_path).started, 618, 120, 4000, 2300)
    assert underway(tmp_path) is None
