"""Charters for tests: of rules alone, or as somebody would write one."""

from agent.governance.charter import Approvals, Charter, always
from agent.governance.reading import parsed


def ruled(rules, *, own=True):
    """The charter that says so of each tool; who asks may approve."""
    return Charter(tools={name: always(rule) for name, rule in rules.items()}, approvals=Approvals(own=own))


def written(text):
    """The charter that a text says, which is to be one."""
    charter, problems = parsed(text)
    assert charter is not None, problems
    return charter
