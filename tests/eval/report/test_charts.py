"""Is every drawing to scale?"""

import re

import numpy as np
import pytest

from eval.calibrate.costs import reliability as bins
from eval.report.charts import histogram, interval, reliability


def test_an_interval_is_drawn_to_scale():
    drawn = interval(0.5, 0.4, 0.6, 0.25)
    assert 'cx="100.0"' in drawn
    assert "M80.0 9h40.0" in drawn
    assert "M50.0 1v16" in drawn


def test_a_histogram_counts_everything_and_what_lies_beyond_at_its_edges():
    drawn = histogram([("one", [-5.0, 0.1, 0.1, 9.0]), ("two", [])], 0, 1, "label")
    shares = [float(share) for share in re.findall(r'class="bar0"[^>]*><title>([\d.]+)%', drawn)]
    assert sum(shares) == pytest.approx(100)
    assert (shares[0], shares[-1]) == (25, 25)


def test_reliability_puts_a_calibrated_bin_on_the_line():
    stated, true = np.array([0.25] * 4 + [0.75] * 4), np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    drawn = reliability(bins(stated, true), "label")
    assert "stated 0.25, relevant 0.25, 4 passages" in drawn
    assert "stated 0.75, relevant 0.75, 4 passages" in drawn
