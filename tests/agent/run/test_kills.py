"""A run that is killed at any of its appends loses nothing and does nothing twice; and who measures it would see it."""

import subprocess
import sys

import pytest

from tests.places import ROOT


def measured(*words):
    done = subprocess.run(
        [sys.executable, "benchmarks/runs.py", "brief", *words], cwd=ROOT, capture_output=True, text=True, timeout=250
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_run_that_writes_is_killed_before_within_and_after_each_append():
    code, told = measured()
    assert code == 0, told
    assert "'writes repeated': 0" in told
    assert "'handed to a person': " in told, "some kill fell between the effect and its record"


@pytest.mark.slow
def test_without_the_guard_the_write_happens_twice_and_it_is_seen():
    code, told = measured("sabotaged")
    assert code == 1
    assert "'writes repeated': 0" not in told
