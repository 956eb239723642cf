"""Does the list of what was erased lose nothing?"""

import threading

from retrieval.versions.erasure_list import Erased
from retrieval.versions.home import Home


def test_two_who_erase_at_once_block_both(tmp_path):
    lists = [Home(tmp_path).erased for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=one, n=n: [one.put([Erased(f"{n}-{i}", "now")]) for i in range(20)])
        for n, one in enumerate(lists)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Home(tmp_path).erased.names()) == 40
