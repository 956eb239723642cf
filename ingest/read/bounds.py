"""How much may one file cost before it is given up?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading one file may take. A file that takes more is a Failure that says so; the others go on.

    `seconds` without a document, and one more for each two megabytes of the file; `memory` in bytes, of the process
    that reads; `text` in letters of one document; `expansion` in bytes, all that is unpacked from a file; `rows` of
    failed and skipped parts that one file may fill a report with.
    """

    seconds: float = 20.0
    memory: int = 512 << 20
    text: int = 16_000_000
    expansion: int = 1 << 30
    rows: int = 1_000

    def patience(self, size: int) -> float:
        """The seconds to wait for the next document of a file of `size` bytes."""
        return self.seconds + size / (2 << 20)
