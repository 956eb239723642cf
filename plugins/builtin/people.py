"""How does the model hand a question over to a person?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from plugins.tool import ToolResult


def hand_over(
    reason: Annotated[str, Field(min_length=1, max_length=1_000, description="For that person, in a sentence.")],
) -> ToolResult:
    """Hand the question over to a person, which ends your work on it.

    Use when: the user asks for a person, or a decision or a permission is needed.
    Do not use when: the documents simply do not say; then say so.
    """
    return ToolResult(f"The question is handed over to a person: {reason}", data={"hand_over": reason})


hand_over.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot
