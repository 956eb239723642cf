"""How does a plain, typed function become a tool?"""

from __future__ import annotations

import inspect
import math
import re
import typing
from collections.abc import Callable
from typing import Any, ClassVar

import docstring_parser
from pydantic import ConfigDict, Field, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from ingest.errors import CitewellError
from plugins.tool import Arguments, Effect, Tool, ToolContext


class BadTool(CitewellError):
    """A function that cannot become a tool; the message is for whoever wrote it."""

    code: ClassVar[str] = "bad_tool"
    http_status: ClassVar[int] = 500


KEY = "idempotency_key"
"""The parameter by which a tool that is idempotent takes the key of a call, where it takes no context."""


def tool_from(function: Callable[..., Any], *, plugin: str, entry: str | None = None) -> Tool:
    """The tool that a function is: its name, its docstring, its signature, and its attributes.

    The attributes are `effect` (undeclared: `external`), `timeout` (30 seconds), `retries` (0), `idempotent`, `apart`,
    `leaves` (all False) and `env` (no names). An `async def` runs on an event loop that plugins share, any other
    function in a thread of its own, one that is `apart` in a process, which finds it by the plugin's `entry` point.
    Raises `BadTool`.
    """
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        raise BadTool(f"{function!r} is not a function: offer functions or methods as tools.")
    name = function.__name__
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        raise BadTool(f"{name!r} cannot name a tool: rename the function to 1 to 64 letters, digits, `_` or `-`.")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise BadTool(f"{name} yields its result piece by piece: return it whole.")
    description = inspect.getdoc(function)
    if not description:
        raise BadTool(f"{name} has no docstring, so a model cannot know when to call it: write one.")
    effect = _effect(name, getattr(function, "effect", "external"))
    idempotent = _flag(function, "idempotent")
    arguments = _arguments(function, keyed=idempotent)
    if idempotent and not (arguments.injected or arguments.key):
        raise BadTool(
            f"{name} is declared idempotent, but takes no key to know a call again by: give it a parameter "
            f"`{KEY}: str`, or one annotated `ToolContext`, whose `key` it is."
        )
    return Tool(
        name=name,
        description=description,
        effect=effect,
        timeout=_timeout(name, getattr(function, "timeout", 30.0)),
        retries=_retries(name, getattr(function, "retries", 0), effect),
        plugin=plugin,
        warnings=_warnings(name, description),
        arguments=arguments,
        function=function,
        idempotent=idempotent,
        apart=_entry(function, arguments, entry),
        env=_env(function),
        leaves=_flag(function, "leaves") if hasattr(function, "leaves") else None,
    )


def _flag(function: Callable[..., Any], attribute: str) -> bool:
    value = getattr(function, attribute, False)
    if not isinstance(value, bool):
        raise BadTool(f"{function.__name__}.{attribute} is {value!r}: make it True or False.")
    return value


def _entry(function: Callable[..., Any], arguments: Arguments, entry: str | None) -> str | None:
    """By what a process of its own finds it, where it is to have one."""
    if not _flag(function, "apart"):
        return None
    name = function.__name__
    if arguments.injected:
        raise BadTool(
            f"{name} is to run apart and takes a `ToolContext`, but a process of its own has no search: remove one of "
            "the two."
        )
    if entry is None:
        raise BadTool(
            f"{name} is to run apart, where only an installed plugin is found: install it, or remove `apart`."
        )
    return entry


def _env(function: Callable[..., Any]) -> tuple[str, ...]:
    """The variables that its process is given beside the few that every program needs."""
    name, given = function.__name__, getattr(function, "env", ())
    if not isinstance(given, tuple | list) or not all(re.fullmatch(r"[A-Za-z_]\w*", str(each)) for each in given):
        raise BadTool(f'{name}.env does not list names of variables: write it as ("WEATHER_TOKEN",), without a value.')
    if ours := [each for each in given if each.upper().startswith(("ANTHROPIC_", "CITEWELL_"))]:
        raise BadTool(f"{name}.env hands {ours[0]} on, and that is Citewell's alone: leave it out.")
    if given and not _flag(function, "apart"):
        raise BadTool(f"{name}.env names variables, and only a tool that runs apart is given fewer: remove `env`.")
    return tuple(map(str, given))


def _effect(name: str, effect: object) -> Effect:
    for known in typing.get_args(Effect):
        if effect == known:
            return typing.cast("Effect", known)
    raise BadTool(f"{name}.effect is {effect!r}: make it 'read', 'write' or 'external'.")


def _timeout(name: str, timeout: object) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise BadTool(f"{name}.timeout is {timeout!r}: make it a number of seconds above 0.")
    return float(timeout)


def _retries(name: str, retries: object, effect: Effect) -> int:
    if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= 10:
        raise BadTool(f"{name}.retries is {retries!r}: make it a whole number from 0 to 10.")
    if retries and effect != "read":
        raise BadTool(
            f"{name}.retries is {retries}, but its effect is {effect!r} and might then happen twice: "
            "remove `retries`, or declare the effect 'read' if it changes nothing."
        )
    return retries


def _warnings(name: str, description: str) -> tuple[str, ...]:
    """What lets a tool work, but not well."""
    # "Do not use when" alone tells a model nothing about when to call.
    if re.search(r"(?<!not )(?<!n't )(?<!never )\buse when\b", " ".join(description.split()), re.IGNORECASE):
        return ()
    return (f'The docstring of {name} does not say when to call it: add a line "Use when: …".',)


def _arguments(function: Callable[..., Any], *, keyed: bool) -> Arguments:
    """What the model may pass: every parameter but those annotated `ToolContext`, and the key of what is `keyed`.

    Any annotation that pydantic can describe will do: `Literal`, an `Enum`, `X | None`, `list[X]`, a model,
    `Annotated[int, Field(ge=1)]`. Descriptions come from the docstring's parameter section.
    """
    name = function.__name__
    try:
        annotations = typing.get_type_hints(function, include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as fault:
        raise BadTool(
            f"The annotations of {name} cannot be read ({fault}): import what they name at the top of its module."
        ) from None
    described = _descriptions(inspect.getdoc(function) or "")
    injected: list[str] = []
    key: str | None = None
    names: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        _require_keyword(name, parameter)
        if parameter.name not in annotations:
            raise BadTool(
                f"The parameter {parameter.name!r} of {name} has no annotation: give it a type, "
                f"for example `{parameter.name}: str`."
            )
        if annotations[parameter.name] is ToolContext:
            injected.append(parameter.name)
            continue
        if keyed and parameter.name == KEY:
            key = KEY
            continue
        # Under a neutral name, since pydantic keeps some names (`schema`, `model_config`, `_x`) for itself.
        field = f"argument_{len(names)}"
        names[field] = parameter.name
        fields[field] = (annotations[parameter.name], _field(parameter, described.get(parameter.name)))
    try:
        model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        schema = model.model_json_schema(schema_generator=_WithoutTitles)
    except (PydanticUserError, PydanticUndefinedAnnotation, TypeError) as fault:
        reason = str(fault).splitlines()[0]
        raise BadTool(
            f"{name} takes something that JSON cannot say ({reason}): use plain types, lists, enums or pydantic models."
        ) from None
    del schema["title"]
    return Arguments(schema, model, names, tuple(injected), key)


def _require_keyword(function: str, parameter: inspect.Parameter) -> None:
    if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        raise BadTool(f"{function} takes *args or **kwargs, which no schema can describe: name its parameters.")
    if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise BadTool(f"{function} has positional-only parameters, but a model names its arguments: remove the `/`.")


def _field(parameter: inspect.Parameter, description: str | None) -> Any:
    said: dict[str, Any] = {"alias": parameter.name}
    if description:
        said["description"] = description
    if parameter.default is not inspect.Parameter.empty:
        said["default"] = parameter.default
    return Field(**said)


def _descriptions(docstring: str) -> dict[str, str]:
    try:
        parsed = docstring_parser.parse(docstring)
    except docstring_parser.ParseError:
        return {}  # prose that merely looks like a section; the model still gets the whole docstring
    return {each.arg_name: " ".join(each.description.split()) for each in parsed.params if each.description}


class _WithoutTitles(GenerateJsonSchema):
    """A title that repeats a parameter's name costs tokens in every request and says nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False
