"""Is every run found that quotes an erased document, and no other?"""

import pytest

from agent.journal.journal import Journal
from retrieval.erasure.erasing import delete
from retrieval.versions.home import Home
from tests.retrieval.erasure.secret import SECRET, TEXT
from tests.retrieval.words import build


@pytest.mark.slow
def test_every_way_of_quoting_is_found_in_the_journal_and_no_run_on_other_documents_is_lost(tmp_path):
    home = Home(tmp_path)
    lines = "one two three four\nfive six seven eight\nnine ten eleven twelve\n"
    chinese = "合同规定违约金为每日千分之五由乙方在十日内支付给甲方"
    build(home, {SECRET: TEXT, "docs/lines.md": lines, "docs/zh.md": chinese, "docs/twin.md": TEXT[:400]})
    build(home, {"docs/a.md": "pump"}, removed=["docs/twin.md"])
    told = {
        "quote": {"question": "quillwort auditor of row 29 found under the brontophobia clause?"},
        "json": {"passages": [{"text": lines}]},
        "chinese": {"answer": "违约金为每日千分之五由乙方"},
        "name": {"answer": f"According to {SECRET}, nothing is owed."},
        "twin": {"passages": [{"document": "docs/twin.md", "text": TEXT[60:300]}]},
        "longer name": {"question": "What does more-docs/secret.md.old say?"},
        "other": {"question": "What of the pump?"},
    }
    journal = Journal(home.path / "journal.sqlite")
    for run, content in told.items():
        journal.append(run, "begun", content)
    delete(home, [SECRET, "docs/lines.md", "docs/zh.md"], records=lambda: [Journal(home.path / "journal.sqlite")])
    left = {run for run in told if not journal.events(run)[0].content.get("erased")}
    assert left == {"twin", "longer name", "other"}
    assert journal.verify().ok
    journal.close()
