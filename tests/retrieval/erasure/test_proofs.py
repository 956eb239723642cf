"""Can it be proven later too that nothing of a document is left?"""

import pytest

from retrieval.erasure import erasing
from retrieval.erasure.erasing import NoDocument, delete, restore, verify
from retrieval.versions.home import Home
from tests.retrieval.erasure.secret import SECRET, TEXT, WORDS, standing
from tests.retrieval.words import build


@pytest.mark.slow
def test_the_proof_of_an_erasure_outlives_its_restoring(home):
    delete(home, [SECRET])
    before = verify(home, SECRET)
    assert restore(home, [SECRET]) == [SECRET]
    with pytest.raises(NoDocument, match="was not erased"):
        restore(home, [SECRET])
    proof = verify(Home(home.path), SECRET)
    assert (proof.clean, proof.sequences, proof.pending) == (True, before.sequences, False)
    assert proof.restored
    assert before.restored is None
    left = home.path / "cache" / "left.bin"
    left.write_text(TEXT)
    assert [trace.file for trace in verify(home, SECRET).found] == ["cache/left.bin"]
    left.unlink()
    build(home, {SECRET: TEXT})
    again = verify(home, SECRET)
    assert (again.clean, again.sequences, again.elsewhere) == (True, 0, before.sequences)
    delete(home, [SECRET])
    assert home.erased.names() == {SECRET}
    assert standing(home.path, WORDS) == []
    assert (verify(home, SECRET).clean, verify(home, SECRET).restored) == (True, None)


@pytest.mark.slow
def test_a_second_erasure_adds_to_what_the_first_had_proven(home, monkeypatch):
    build(home, {SECRET: "Another text of it, of which the heliotrope wagon was the subject all along.\n"})
    monkeypatch.setattr(erasing, "rewrite", lambda *_: ["interrupted"])
    assert delete(home, [SECRET], patience=0).pending == (SECRET,)
    (first,) = home.erased.entries()
    monkeypatch.undo()
    delete(home, [SECRET])
    (second,) = home.erased.entries()
    assert set(first.proofs) <= set(second.proofs)
    assert first.key == second.key
