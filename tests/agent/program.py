"""How does a test start `citewell`, and what does it look at in what it said?"""

import json
import sys
from dataclasses import dataclass

PROGRAM = [sys.executable, "-c", "from agent.cli import main; main()"]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one JSON object on standard output."""
        return json.loads(self.out)


def gold_file(folder, *pairs):
    path = folder / "gold.jsonl"
    lines = [
        json.dumps({"id": str(number), "question": question, "relevant": [{"document": name}]})
        for number, (question, name) in enumerate(pairs)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


ASKED = (
    ("How long are logs kept?", "guide/logs.md"),
    ("When are backups?", "guide/backup.md"),
    ("Where are the logs?", "guide/logs.md"),
)


STEERS = "\x1b[2J\x07\x9b2J\u202e\u2066\u2069\u200e\u200f\u200b\u2060\ufeff\xad\u061c\U000e0041\u2028\u2029\x0b\x7f"


def steers(done):
    """What of it is left in what a person sees; a line break may stand where one was."""
    return sorted(set(STEERS) - set("[2J") & set(done.out + done.err))
