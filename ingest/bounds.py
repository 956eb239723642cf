"""How much may one file cost before it is given up?"""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_FILE = 4 << 30  # bytes; a larger one is not even hashed
_PATIENCE = 300.0  # seconds without a document, however large the file is


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading one file may take. A file that takes more is a Failure that says so; the others go on.

    `seconds` without a document, from which `patience`, `work` and `time` follow, all of them the file's own: of the
    processor, or of silence in which its process waited; `memory` in bytes, of the process that reads;
    `text` in letters of one document; `expansion` in bytes, all that is unpacked from a file; `rows` of failed and
    skipped parts that one file may fill a report with; `file` in bytes, as it lies there.
    """

    seconds: float = 20.0
    memory: int = 512 << 20
    text: int = 16_000_000
    expansion: int = 1 << 30
    rows: int = 1_000
    file: int = LARGEST_FILE

    def patience(self, size: int) -> float:
        """The seconds of silence to wait for the next document of a file of `size` bytes."""
        return max(self.seconds, min(_PATIENCE, self.seconds + size / (2 << 20)))

    def work(self, size: int) -> float:
        """The seconds of the processor that the next document of a file of `size` bytes may take."""
        return 1.5 * self.patience(size)

    def time(self, size: int, letters: int) -> float:
        """The seconds that a file of `size` bytes which has given so many letters may take in all.

        They grow with what it gives, so that a large collection is read to its end and a small bomb is not.
        """
        return 1.5 * self.seconds + size / (1 << 20) + letters / 100_000

    def asks(self, size: int, letters: int, used: float) -> tuple[float, float]:
        """After how many seconds of work, and of silence, a reader is asked for what it has of the next document.

        That is when two thirds are gone of what is left, after the file has given so many `letters` in `used` seconds.
        """
        left = self.time(size, letters) - used
        return (min(self.work(size), left) * 2 / 3, min(self.patience(size), left) * 2 / 3)

    def letters(self, size: int) -> int:
        """How many letters all the documents of a file of `size` bytes may have together."""
        return 10 * (self.text + size)

    @property
    def message(self) -> int:
        """The bytes of one document as a message: a letter takes up to six where JSON spells it out."""
        return 8 * self.text + (1 << 20)
