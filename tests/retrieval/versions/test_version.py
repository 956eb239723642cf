"""Does an opened version know what is hidden?"""

from contextlib import closing
from dataclasses import replace

import numpy as np

from retrieval.model import Scope
from retrieval.versions.home import Home
from tests.retrieval.words import (
    ENCODER,
    TEXTS,
    Forgetting,
    build,
)


def test_a_version_knows_what_is_hidden_though_another_thread_clears_what_it_keeps(tmp_path):
    build(tmp_path, TEXTS)
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        shared = replace(
            version,
            erased_now=lambda: frozenset({"docs/00.md", "docs/none.md"}),
            _masks=Forgetting(),
            _hidden=Forgetting(),
        )
        assert shared.hidden() == {"docs/00.md"}
        assert np.count_nonzero(~shared.mask(Scope())) == shared.hidden_chunks() > 0
