"""What is Citewell told by its surroundings? The only reader of the environment and of `citewell.toml`.

Flags go over `CITEWELL_*`, these over `citewell.toml` (in the current folder or its nearest parent), these over the
defaults below. `CITEWELL_EVAL_GOLD` is the key `gold` of the table `[eval]`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le

from agent.limits import DEADLINE, MAX_TURNS
from eval.settings import EvalSettings
from ingest.access import explained
from ingest.bounds import Bounds
from ingest.errors import CitewellError
from ingest.mistakes import toml_mistake, value_mistake
from retrieval.search.settings import PASSAGES, SearchSettings

if TYPE_CHECKING:
    from agent.state import Usage

_FILE = "citewell.toml"
_BOUNDS = Bounds()
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OURS_ALONE = ("ANTHROPIC_", "CITEWELL_")  # variables that no server is given
_BY_NAME = "env:"
_UNCHECKED = {
    "home",
    "api_key",
    "base_url",
    "database_url",
    "mail_password",
    "file",
}  # texts and paths, which cannot be wrong

_FROM_ENVIRONMENT = {  # alone: a key or a password has no place in a file that is shared
    "api_key": "ANTHROPIC_API_KEY",
    "base_url": "ANTHROPIC_BASE_URL",
    "database_url": "CITEWELL_DATABASE_URL",
    "mail_password": "CITEWELL_MAIL_PASSWORD",
}
_REACHES: Final = (("qdrant", "url"), ("mail", "host"))  # the settings by which a server is named
WEBHOOK_SECRET: Final = "CITEWELL_WEBHOOK_SECRET"  # noqa: S105 - the variable, where a route names no other


class BadSettings(CitewellError):
    """A setting that is not known, or has a value that cannot be."""

    code: ClassVar[str] = "bad_settings"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class _Table:
    """What is written in a table is checked by pydantic, which is imported only where something is."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings(_Table):
    """`[ingest]`: what reading one file may take before it is given up."""

    workers: Annotated[int, Ge(1), Le(64)] | None = None  # processes that read; at most four by default
    seconds: Annotated[float, Gt(0)] = _BOUNDS.seconds  # without a document; one more for each 2 MB of the file
    memory: Annotated[int, Ge(128)] = _BOUNDS.memory >> 20  # megabytes that the process which reads a file may hold
    expansion: Annotated[int, Ge(1)] = _BOUNDS.expansion >> 20  # megabytes that one file may unpack to


@dataclass(frozen=True, slots=True, kw_only=True)
class QdrantSettings(_Table):
    """`[qdrant]`: the server that keeps the vectors, where the embedded engine does not."""

    url: str | None = None  # where it listens, such as http://127.0.0.1:6333
    api_key: str | None = field(default=None, repr=False)  # its key; better set in the environment


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings(_Table):
    """`[agent]`: who writes the answer, and within which bounds."""

    model: str = "claude-sonnet-5-5"  # a model of the Messages API, or "extractive" for none
    fast_model: str | None = None  # for what is easy or not shown to anybody; by default `model`
    strong_model: str | None = None  # for the answers that are not easy; by default `model`
    plan: Literal["rule", "model"] = "rule"  # who says by which questions one of several parts is searched for
    evidence: Literal["search", "model"] = "search"  # who orders what was found: the fast model reads each passage
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = (
        None  # of the strong one, where its server knows it
    )
    window: Annotated[int, Ge(256)] | None = None  # tokens that the model reads at once, where its server does not say
    citations: Literal["auto", "native", "numbered"] = "auto"  # passages as search results, or as numbered text
    passages: Annotated[int, Ge(1), Le(50)] = PASSAGES  # how many the first search hands to the model
    budget_tokens: Annotated[int, Ge(1)] | None = None  # of one run; it ends before the turn that would go beyond
    budget_cost: Annotated[float, Gt(0)] | None = None  # likewise, by the prices that are set
    max_turns: Annotated[int, Ge(1), Le(100)] = MAX_TURNS  # how often the model may speak in one run
    max_tokens: Annotated[int, Ge(16)] = 4096  # the most tokens in one reply
    deadline: Annotated[float, Gt(0)] = DEADLINE  # seconds that one run may take
    charter: Path | None = None  # by default charter.toml beside citewell.toml, else beside the home, if it is there
    price_input: Annotated[float, Ge(0)] | None = None  # of a million input tokens; without it cost is null
    price_output: Annotated[float, Ge(0)] | None = None  # of a million output tokens
    fast_price_input: Annotated[float, Ge(0)] | None = None  # the same of the fast model, where it is another
    fast_price_output: Annotated[float, Ge(0)] | None = None

    @property
    def strong(self) -> str:
        """The model that answers what is not easy."""
        return self.strong_model or self.model

    @property
    def fast(self) -> str | None:
        """The model for what is easy; None where it would be the same."""
        fast = self.fast_model or self.model
        return fast if fast != self.strong else None


Personal = Literal["card", "email", "iban", "id", "key", "machine", "name", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactSettings(_Table):
    """`[redact]`: which personal data is kept from the model's server and out of logs; without kinds none is."""

    kinds: tuple[Personal, ...] = ()
    detectors: tuple[str, ...] = ()  # of plugins, by name: what each finds is a kind of its own
    model: bool = True  # whether placeholders leave for the model's server in its place
    logs: bool = True  # whether it is left out of logs
    names: Path | None = None  # a list of names, one a line, which are the kind `name`
    regions: tuple[str, ...] = ()  # of telephone numbers without a country's prefix, such as "DE"

    @property
    def of_all(self) -> tuple[str, ...]:
        """The kinds that are set, those of plugins too."""
        return (*self.kinds, *self.detectors)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings(_Table):
    """`[memory]`: of whom something is remembered; without principals nothing is, and nothing is looked for."""

    principals: tuple[str, ...] = ()  # those who consented, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class McpSettings(_Table):
    """`[mcp.NAME]`: a server whose tools become ours, by the command that starts it or the address it listens on."""

    command: tuple[str, ...] | None = None  # the program and its arguments; it is run in the folder of citewell.toml
    url: str | None = None  # where it speaks streamable HTTP, such as http://127.0.0.1:8931/mcp
    effects: dict[str, Literal["read", "write", "external"]] = field(default_factory=dict)  # by the server's own names
    env: tuple[str, ...] = ()  # variables of ours that the command is given beside PATH, HOME and their like
    key: str | None = None  # "env:NAME": the variable of ours whose value is sent to the address as a bearer token
    timeout: Annotated[float, Gt(0), Le(3600)] = 30.0  # seconds that one call may take

    @property
    def key_variable(self) -> str | None:
        """The name of the variable that holds the key."""
        return self.key.removeprefix(_BY_NAME) if self.key is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings(_Table):
    """`[mail]`: the server that takes the mail which tells people of cases."""

    host: str | None = None
    port: Annotated[int, Ge(1), Le(65535)] = (
        587  # on 465 all is encrypted; on others from STARTTLS on, but for loopback
    )
    sender: str | None = None  # the address from which it comes
    user: str | None = None  # where the server wants a name; its password is CITEWELL_MAIL_PASSWORD


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The `citewell.toml` that was read: its owner (None where users have no numbers), and a hash of what it says.

    `names` are the settings by which it names what is to be run or contacted, where the environment does not.
    """

    path: Path
    owner: int | None
    digest: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(_Table):
    """Everything that can be set. Relative paths in `citewell.toml` begin at its folder."""

    home: Path = Path(".citewell")  # where the index, the journal and the cache are kept
    ingest: IngestSettings = field(default_factory=IngestSettings)
    retrieval: SearchSettings = field(default_factory=SearchSettings)
    qdrant: QdrantSettings = field(default_factory=QdrantSettings)
    eval: EvalSettings = field(default_factory=EvalSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    redact: RedactSettings = field(default_factory=RedactSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)
    mail: MailSettings = field(default_factory=MailSettings)
    mcp: dict[str, McpSettings] = field(default_factory=dict)  # servers by name, whose tools become ours
    file: SettingsFile | None = None  # what was read, if anything was; it cannot be set
    api_key: str | None = field(default=None, repr=False)  # ANTHROPIC_API_KEY; read from the environment alone
    base_url: str | None = None  # ANTHROPIC_BASE_URL: any server that speaks the Messages API
    database_url: str | None = field(default=None, repr=False)  # CITEWELL_DATABASE_URL: where the journal lies, if set
    mail_password: str | None = field(default=None, repr=False)  # CITEWELL_MAIL_PASSWORD: of the user of [mail]

    @property
    def has_model(self) -> bool:
        """Whether a model is configured; without one, answers quote the sources."""
        return self.agent.model != "extractive" and bool(self.api_key or self.base_url)

    def cost(self, usage: Usage) -> float | None:
        """What these tokens cost at most (cached ones are priced as others); None without a model or its prices."""
        agent = self.agent
        fast_in, fast_out = usage.fast_input_tokens, usage.fast_output_tokens
        priced = [
            (usage.read - fast_in, usage.output_tokens - fast_out, agent.price_input, agent.price_output),
            (fast_in, fast_out, agent.fast_price_input, agent.fast_price_output),
        ]
        if not self.has_model:
            return None
        cost = 0.0
        for tokens_in, tokens_out, price_in, price_out in priced if fast_in or fast_out else priced[:1]:
            if price_in is None or price_out is None:
                return None
            cost += tokens_in * price_in + tokens_out * price_out
        return round(cost / 1e6, 6)


def load_settings(
    *, home: Path | None = None, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in force in `folder` (the current one); `home` is the flag. Raises `BadSettings`."""
    environment = os.environ if environment is None else environment
    folder = (folder or _current()).resolve()
    file = settings_file(folder)
    values, read = _from_file(file) if file else ({}, None)
    read = replace(read, names=_addresses(values, environment)) if read else None
    for name, variable in _FROM_ENVIRONMENT.items():
        if name in values:
            raise BadSettings(f"{file} sets {name}: set {variable} in the environment instead.")
    if "file" in values:
        raise BadSettings(f"{file} sets file, which is not a setting; the guide's settings.md lists them.")
    base = file.parent if file else folder
    _absolute(values, base)
    _from_environment(values, environment, folder)
    if home is not None:
        values["home"] = folder / home.expanduser()
    values.setdefault("home", folder / ".citewell")
    _default_charter(values, base)
    values["file"] = read
    values["api_key"] = environment.get("ANTHROPIC_API_KEY") or None
    values["base_url"] = _address("ANTHROPIC_BASE_URL", environment)
    values["database_url"] = environment.get("CITEWELL_DATABASE_URL") or None
    values["mail_password"] = environment.get("CITEWELL_MAIL_PASSWORD") or None
    _dotted(values.get("eval"))
    if values.keys() <= _UNCHECKED and isinstance(values["home"], Path):
        return Settings(**values)
    settings = _checked(values, file)
    for name, server in settings.mcp.items():
        if (wrong := _misnamed(name, server)) is not None:
            raise BadSettings(f"{file} has [mcp.{name}], {wrong}.")
    return settings


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where is kept what a user allowed: outside of every home, since a home may come with a folder of another's."""
    environment = os.environ if environment is None else environment
    given = Path(environment.get("XDG_STATE_HOME") or "")
    if given.is_absolute():
        return given / "citewell"
    try:
        return Path.home() / ".local" / "state" / "citewell"
    except RuntimeError:
        raise BadSettings("This user has no home folder: set XDG_STATE_HOME to a folder of yours.") from None


def passed_on(names: Iterable[str], environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Those of the variables of these names that are set."""
    environment = os.environ if environment is None else environment
    return {name: environment[name] for name in names if name in environment}


def _misnamed(name: str, server: McpSettings) -> str | None:
    """What of a server's table cannot be, and what to do."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?", name):
        return "which is no name for a server: give it 1 to 20 small letters, digits and hyphens"
    if (server.command is None) == (server.url is None):
        return "which needs one of `command` and `url`: give it the one by which it is reached"
    if server.command is not None and (
        not server.command or not all(server.command) or "\0" in "".join(server.command)
    ):
        return 'whose command is not a program with its arguments: write it like ["npx", "some-server"]'
    if server.url is not None and not _is_address(server.url):
        return "whose url is no address: write one such as http://127.0.0.1:8931/mcp, without a name or a key in it"
    if server.url is not None and server.env:
        return "which gives variables to an address: env is for a command, so leave it out"
    if server.key is not None and (wrong := _no_key(server.key, server.url)):
        return wrong
    for variable in server.env:
        if variable.upper().startswith(_OURS_ALONE):
            return f"which hands {variable} on, and that is Citewell's alone: leave it out of env"
        if not _VARIABLE.fullmatch(variable):
            return f"whose env names {variable!r:.80}: list the names of variables, without their values"
    return None


def _no_key(key: str, url: str | None) -> str | None:
    """Why a server cannot be given this key. What stands where a name should may be the key itself: it is not shown."""
    variable = key.removeprefix(_BY_NAME)
    if variable == key or not _VARIABLE.fullmatch(variable):
        return 'whose key is not the name of a variable: put the key into one, and write key = "env:NAME"'
    if variable.upper().startswith(_OURS_ALONE):
        return f"which hands {variable} on, and that is Citewell's alone: name another variable as its key"
    if url is None:
        return "which gives a key to a command: name the variable in env instead"
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        return "whose key could be read by others on the way: write the url with https"
    return None


def _is_address(text: str) -> bool:
    """Whether it names a server, with nothing in it that is a secret or cannot be seen."""
    return _names_server(text) and "@" not in urlsplit(text).netloc and not re.search(r"[\s\x00-\x1f]", text)


def _names_server(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _checked(values: Mapping[str, Any], file: Path | None) -> Settings:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "unexpected_keyword_argument":
            raise BadSettings(
                f"{file} sets {where}, which is not a setting; the guide's settings.md lists them."
            ) from None
        place = f"{file} or the environment" if file else "The environment"
        raise BadSettings(
            f"{place} has a bad setting {where}: it {value_mistake(first)}; correct or remove it."
        ) from None


def tables() -> dict[str, dict[str, str]]:
    """The tables of a settings file, each with its keys and their types as they are written above."""
    made: dict[str, Any] = {each.name: each.default_factory for each in fields(Settings)}
    return {
        name: {each.name: str(each.type) for each in fields(table)}
        for name, table in made.items()
        if is_dataclass(table)
    }


def _address(variable: str, environment: Mapping[str, str]) -> str | None:
    """A server's address. What is none may be a key in the wrong place, so it is not shown."""
    value = environment.get(variable) or None
    if value and (not _names_server(value) or len(value.split()) > 1):
        raise BadSettings(
            f"{variable} holds no address of a server: set it to one such as http://127.0.0.1:8080, or unset it."
        )
    return value


def _current() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise BadSettings("The current folder is gone: change to one that is there, then try again.") from None


def settings_file(folder: Path) -> Path | None:
    """The `citewell.toml` in a folder or its nearest parent."""
    return next((place / _FILE for place in (folder, *folder.parents) if (place / _FILE).is_file()), None)


def set_in_environment(table: str, keys: Iterable[str], environment: Mapping[str, str] | None = None) -> list[str]:
    """The variables that go over what a settings file says of these keys of a table."""
    environment = os.environ if environment is None else environment
    return [variable for key in keys if environment.get(variable := _variable(table, key))]


def set_by(
    folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[Path | None, list[str], list[str], list[str]]:
    """The settings file in force, what it sets, the variables that set something, and those that only look like it."""
    environment = os.environ if environment is None else environment
    file = settings_file((folder or _current()).resolve())
    values = _from_file(file)[0] if file else {}
    names = [
        *(f"{table}.{key}" for table, inner in values.items() if isinstance(inner, dict) for key in inner),
        *(name for name, value in values.items() if not isinstance(value, dict)),
    ]
    known = {"CITEWELL_HOME", WEBHOOK_SECRET, *_FROM_ENVIRONMENT.values()} | {
        _variable(name, key) for name, table in tables().items() for key in table
    }
    unknown = sorted(name for name in environment if name.startswith("CITEWELL_") and name not in known)
    return file, names, sorted(name for name in known if environment.get(name)), unknown


def _addresses(values: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, ...]:
    """What a settings file says of what is to be run or contacted."""
    own = [(table, key) for table, key in _REACHES if isinstance(told := values.get(table), dict) and key in told]
    servers = values.get("mcp")
    return (
        *(f"[{table}] {key}" for table, key in own if not environment.get(_variable(table, key))),
        *(f"[mcp.{name}]" for name in sorted(servers if isinstance(servers, dict) else ())),
    )


def _variable(table: str, key: str) -> str:
    return f"CITEWELL_{table}_{key}".upper()


def _from_file(file: Path) -> tuple[dict[str, Any], SettingsFile]:
    """What a file says, and the file: all of one reading, so that what is allowed is what is meant."""
    try:
        with file.open("rb") as stream:
            written, owner = stream.read(), os.fstat(stream.fileno()).st_uid if hasattr(os, "getuid") else None
        read = SettingsFile(file.resolve(), owner, hashlib.sha256(written).hexdigest())
        return tomllib.loads(written.decode("utf-8")), read
    except OSError as error:
        raise BadSettings(explained(error, of=file)) from None
    except UnicodeDecodeError:
        raise BadSettings(f"{file} is not UTF-8 text: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{file} cannot be read ({toml_mistake(error)}); correct it there.") from None


def _from_environment(values: dict[str, Any], environment: Mapping[str, str], folder: Path) -> None:
    if environment.get("CITEWELL_HOME"):
        values["home"] = folder / Path(environment["CITEWELL_HOME"]).expanduser()
    for name, table in tables().items():
        for key, kind in table.items():
            value = environment.get(_variable(name, key))
            if value and kind.startswith("dict"):
                _set(values, name, key, _numbers(_variable(name, key), value))
            elif value and kind.startswith("tuple"):
                _set(values, name, key, [each.strip() for each in value.split(",") if each.strip()])
            elif value:  # an empty variable is one that is not set
                _set(values, name, key, folder / Path(value).expanduser() if kind == "Path | None" else value)


def _dotted(table: Any) -> None:
    """Names with a dot in one key: in TOML `answers.right = 0.6` is a table inside a table."""
    if not isinstance(table, dict):
        return
    limits = [(table, name) for name in ("floors", "ceilings")]
    for name in ("tag_floors", "tag_ceilings"):
        if isinstance(tags := table.get(name), dict):
            limits += [(tags, tag) for tag in tags]
    for outer, name in limits:
        own = outer.get(name)
        if isinstance(own, dict) and isinstance(inner := own.get("answers"), dict):
            rest = {key: value for key, value in own.items() if key != "answers"}
            outer[name] = rest | {f"answers.{key}": value for key, value in inner.items()}


def _absolute(values: dict[str, Any], base: Path) -> None:
    """Makes the paths in a settings file independent of where the command is run."""
    places = (
        (values, "home"),
        (values.get("eval"), "gold"),
        (values.get("agent"), "charter"),
        (values.get("redact"), "names"),
    )
    for table, key in places:
        if isinstance(table, dict) and isinstance(table.get(key), str):
            table[key] = base / Path(table[key]).expanduser()
    retrieval = values.get("retrieval")
    for key in ("model", "reranker"):
        if isinstance(retrieval, dict) and isinstance(retrieval.get(key), str):
            folder = base / Path(retrieval[key]).expanduser()
            retrieval[key] = str(folder) if folder.is_dir() else retrieval[key]


def _default(values: dict[str, Any], table: str, key: str, value: Any) -> None:
    given = values.get(table, {})
    if isinstance(given, dict) and key not in given:
        _set(values, table, key, value)


def _default_charter(values: dict[str, Any], base: Path) -> None:
    """The charter beside the settings, else beside the home: from wherever that is used, the same holds for it."""
    beside = [base, *([values["home"].resolve().parent] if isinstance(values["home"], Path) else [])]
    for charter in (each / "charter.toml" for each in beside):
        if os.path.lexists(charter):  # one that cannot be read is said when it is, not passed over
            _default(values, "agent", "charter", charter)
            return


def _set(values: dict[str, Any], table: str, key: str, value: Any) -> None:
    """Sets a key of a table; what should be a table and is not is left for the validation to name."""
    if isinstance(values.setdefault(table, {}), dict):
        values[table][key] = value


def _numbers(variable: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        examples = {
            "TAG_FLOORS": '{"billing": {"nDCG@10": 0.5}}',
            "TAG_CEILINGS": '{"billing": {"answers.beside": 0.1}}',
            "CEILINGS": '{"answers.beside": 0.1}',
        }
        example = examples.get(variable.removeprefix("CITEWELL_EVAL_"), '{"nDCG@10": 0.6}')
        raise BadSettings(f"{variable} is not JSON; write it like {example}.") from None
