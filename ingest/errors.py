"""What can go wrong that a user can put right, in every room?

CitewellError               its message ends with what to do; `code` is stable
├── ingest    NothingToRead, NotPrunable, LabelTaken, LedgerUnusable, Unreadable, NotWritable, NotReadable, BadHome
├── retrieval NoIndex, ForeignIndex (NoServer), DamagedIndex, Refused, Busy, NoEncoder, StoreFailed, DiskFull,
│             ErasureListUnusable, NoReranker, NoDocument, StillPending, BadRange
├── eval      BadCalibration, BadCases, BadGold, BadFloor, BadMeasure, BadRun, BadTarget, BadVerdict, NoCandidate,
│             NoHistory
├── plugins   BadTool, BadName, NoPart, NoPlugin, NoMcp
└── agent     BadSettings, BadCharter, ModelFailed (Late, WindowExceeded, Rejected, Passing), NoSuchRun,
              JournalUnusable (Away), Damaged, NotKept (TextGone), Overtaken, Driven, IsOver, NotWaiting, BadEdit,
              NotTheirs, NothingLeft, NotProven, NoSuchCase, NotInHand, NotLoopback, PortTaken, Saturated, Stopping,
              Stalled, NotRecorded, NotAsked, NotTrusted, Unwell, BadRequest, NoSuchConversation, NoNames,
              DetectorFailed, NotDelivered, BadReport, NotRemembered, NoMemory, StillOwed
"""

from __future__ import annotations

from typing import ClassVar


class CitewellError(Exception):
    """Something a user can put right; the message is one sentence or two and ends with how."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1  # 2: what was typed or configured cannot be, and nothing was begun
    http_status: ClassVar[int] = 503  # it may go away by itself; 500: the service's operator must see to it

    @property
    def outside(self) -> str:
        """What a client of the service is told, who is not to learn where its parts lie."""
        return str(self)
