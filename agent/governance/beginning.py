"""What does a charter begin as, for the tools that are installed? As what holds without one, written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.governance.charter import key
from plugins.tool import Tool

_HEAD: Final = """\
# What the agent may do alone, when a person decides, and who owns what comes of it.
# To see it as a page: citewell charter. To say who stands for it: citewell charter sign --by NAME.

[owner]
name = ""                        # who answers for what the agent does
contact = ""
# review = 2027-06-30            # when somebody looks at this again; past it, citewell doctor warns

[tools]                          # allow: it runs alone; approve: a person is asked each time; deny: it never runs
# A name, "plugin:NAME" or "effect:read|write|external"; the most specific holds.
"""
_LIMITS: Final = """
# Limits on what a tool is given: within them `within` holds, beyond them `otherwise`.
# [tools.{name}]
# within = "allow"
# otherwise = "approve"
# {argument} = {{ max = 100 }}       # min, max, in = [...], or matches = "AC-[0-9]{{6}}"
# sum = {{ {argument} = {{ run = 100, day = 500 }} }}
# calls = {{ day = 20 }}
# approvers = 1                  # people who have to agree
"""
_REST: Final = """
[budget]                         # of one run; the stricter of this and of citewell.toml holds
# steps = 12
# tokens = 60000
# cost = 0.50
# seconds = 120
[budget.day]                     # of all runs of a day (UTC); [budget.user] is of one principal's
# cost = 20.0

[approvals]
own = false                      # whether who asked may approve
expires = "24h"                  # after that a call that waits is denied
run = 3                          # calls of one run that may wait for a person
hour = 20                        # calls of one principal in an hour

# [[escalate]]                   # when a person goes on; they stand by weight, the first that holds routes
# rule = "legal"
# when = "topic"
# words = ["lawsuit", "subpoena"]
# route = "legal"

# [routes.legal]
# queue = "legal"
# mail = ["legal@example.org"]

# [principals.NAME]              # what is stricter for one who asks
# labels = ["public"]
"""


def commented(tools: Sequence[Tool]) -> str:
    """A charter that changes nothing yet: each tool with what holds for it now, and the rest to be filled in."""
    width = max((len(key(tool.name)) for tool in tools), default=0)
    lines = [f'{key(tool.name):{width}} = "{_rule(tool)}"  # {tool.effect}, of {tool.plugin}' for tool in tools]
    acting = next((tool for tool in tools if tool.effect != "read"), None)
    limited = ""
    if acting is not None:
        arguments = list(acting.schema.get("properties", {})) or ["argument"]
        limited = _LIMITS.format(name=key(acting.name), argument=arguments[0])
    return f"{_HEAD}{chr(10).join(lines)}\n{limited}{_REST}"


def _rule(tool: Tool) -> str:
    return "allow" if tool.effect == "read" else "approve"
