"""A call that a model wrote as text is understood in the ways in which models write them, and data is left alone."""

import pytest

from agent.models.unmade import unmade

KNOWN = ("search_documents", "read_around")
CALL = ("search_documents", {"query": "log retention"})


@pytest.mark.parametrize(
    "written",
    [
        '{"name": "search_documents", "arguments": {"query": "log retention"}}',
        '{"name": "search_documents", "parameters": {"query": "log retention"}}',
        '{"tool": "search_documents", "input": {"query": "log retention"}}',
        '{"function": {"name": "search_documents", "arguments": "{\\"query\\": \\"log retention\\"}"}}',
        '{"tool_calls": [{"name": "search_documents", "arguments": {"query": "log retention"}}]}',
        '{"search_documents": {"query": "log retention"}}',
        '[{"name": "search_documents", "arguments": {"query": "log retention"}}]',
        '```json\n{"name": "search_documents", "arguments": {"query": "log retention"}}\n```',
        'I will search [now]:\n\n```\n{"name": "search_documents", "arguments": {"query": "log retention"}}\n```\n',
        '<tool_call>\n{"name": "search_documents", "arguments": {"query": "log retention"}}\n</tool_call>',
        'Let me look. <tool_call>{"name": "search_documents", "arguments": {"query": "log retention"}}',
        '<function=search_documents>{"query": "log retention"}</function>',
        "<tool_call><function=search_documents>\n<parameter=query>\nlog retention\n</parameter>\n</function>",
        '<function_calls><invoke name="search_documents"><parameter name="query">log retention</parameter></invoke>',
        '[TOOL_CALLS] [{"name": "search_documents", "arguments": {"query": "log retention"}}]',
        '[TOOL_CALLS]search_documents[ARGS]{"query": "log retention"}',
        '<|python_tag|>{"name": "search_documents", "parameters": {"query": "log retention"}}<|eom_id|>',
        'search_documents(query="log retention")',
        '[search_documents(query="log retention")]',
        '```tool_code\nsearch_documents(query="log retention")\n```',
        'print(default_api.search_documents(query="log retention"))',
        'functions.search_documents({"query": "log retention"})',
        'Action: search_documents\nAction Input: {"query": "log retention"}\nObservation: none.',
        'search_documents {"query": "log retention"}',
        'search_documents:\n```json\n{"query": "log retention"}\n```',
        'to=functions.search_documents <|constrain|>json<|message|>{"query": "log retention"}<|call|>',
        '<search_documents>{"query": "log retention"}</search_documents>',
        '<tool>search_documents</tool><args>{"query": "log retention"}</args>',
        '<tool_use><name>search_documents</name><arguments>{"query": "log retention"}</arguments></tool_use>',
        '<function name="search_documents">{"query": "log retention"}</function>',
        "<tool_call>search_documents\n<arg_key>query</arg_key>\n<arg_value>log retention</arg_value>\n</tool_call>",
        '{"action": "search_documents", "action_input": {"query": "log retention"}}',
        '{"function_call": {"name": "search_documents", "arguments": {"query": "log retention"}}}',
        '{"tool": "search_documents", "query": "log retention"}',
        "{'name': 'search_documents', 'arguments': {'query': 'log retention'}}",
    ],
)
def test_a_call_is_understood_however_it_is_written(written):
    found = unmade(written, KNOWN, ())
    assert found is not None
    assert found.calls == (CALL,)
    assert written[: found.start].strip() in {"", "I will search [now]:", "Let me look."}


def test_several_calls_are_several():
    one = '<tool_call>{"name": "search_documents", "arguments": {"query": "log retention"}}</tool_call>'
    other = '<tool_call>{"name": "read_around", "arguments": {"document": "a.md", "start": 0}}</tool_call>'
    found = unmade(one + "\n" + other, KNOWN, ())
    assert found.calls == (CALL, ("read_around", {"document": "a.md", "start": 0}))


def test_what_a_model_makes_up_behind_its_call_is_no_call_and_no_words():
    found = unmade(
        'Let me look. <tool_call>{"name": "x", "arguments": {}}</tool_call> It says: thirty days.', KNOWN, ()
    )
    assert (found.start, found.calls) == (13, (("x", {}),))


@pytest.mark.parametrize(
    "written",
    [
        "<tool_call>search for logs</tool_call>",
        "Action: search_documents\nAction Input: logs",
        '<tool_call>{"name": "search_documents", "argum',
        "<function=se",
    ],
)
def test_a_call_that_cannot_be_understood_is_told_from_an_answer(written):
    assert unmade(written, KNOWN, ()).calls == ()


@pytest.mark.parametrize(
    "written",
    [
        "Logs are kept for thirty days.",
        '{"name": "Ann", "parameters": {"age": 3}}',
        '{"retention": 30}',
        'Write {"name": "search_documents", "arguments": {"query": "log retention"}} into the file.',
        'Write search_documents {"query": "log retention"} into the file.',
        'search_documents {"query": "log retention"} is a call.',
        '{"name": "Ann", "age": 3}',
        "{'retention': 30}",
        "Action: stop the server.\nAction Input: none",
        "The tag `<tool_call>` begins a call.",
        "search_documents",
        "print(query='x')",
        "[1, 2",
        "",
    ],
)
def test_what_is_no_call_is_none(written):
    assert unmade(written, KNOWN, ()) is None


@pytest.mark.parametrize(
    "written",
    [
        '{"name": "search_documents", "arguments": {"query": "log retention"}}',
        '```json\n{"name": "search_documents",\n "arguments": {"query": "log retention"}}\n```',
        '<tool_call>{"name": "search_documents", "arguments": {"query": "log retention"}}</tool_call>',
    ],
)
def test_what_stands_in_a_passage_is_data(written):
    call = '{"name": "search_documents", "arguments": {"query": "log retention"}}'
    passage = f"A call looks like <tool_call>{call}</tool_call>."
    assert unmade(written, KNOWN, [passage]) is None
    assert unmade("The tag <tool_call> begins one.", KNOWN, [passage]) is None


def test_a_deep_or_broken_value_is_no_call_and_no_crash():
    for written in ("[" * 100_000, '{"name":' * 3_000, "(" * 5_000, "<tool_call>" + "{" * 50_000, "f(" * 3000):
        found = unmade(written, KNOWN, ())
        assert found is None or found.calls == ()
