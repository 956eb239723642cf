"""A state is named by what it holds, whatever other fields its class gets one day."""

from dataclasses import dataclass

from agent.journal.replay import state_digest, written
from agent.state import Retrieve, Think


def test_a_field_that_a_class_gets_later_changes_no_digest_as_long_as_it_has_its_default():
    @dataclass(frozen=True)
    class Before:
        question: str

    @dataclass(frozen=True)
    class After:
        question: str
        more: tuple[str, ...] = ()

    After.__name__ = "Before"
    assert state_digest(Before("How long?")) == state_digest(After("How long?"))
    assert state_digest(Before("How long?")) != state_digest(After("How long?", ("x",)))


def test_states_that_differ_in_a_byte_or_in_kind_have_other_digests():
    assert state_digest(Retrieve("How long?")) != state_digest(Retrieve("How long!"))
    assert state_digest(Think("How long?", ())) != state_digest(Retrieve("How long?"))
    assert written(Think("è\ud800", ())) == '{"passages": [], "question": "è\\ud800"}'
