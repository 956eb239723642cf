"""May what a settings file names be run or contacted, and which tools of the servers there were allowed by a person?

A `citewell.toml` comes with a folder, and a folder may be another's. So the commands and addresses in one are used only
where the file belongs to the user, who allowed it as it is; what was allowed is kept beside the user's own things.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from agent.settings import Settings, passed_on, state_folder
from ingest.access import explained
from ingest.errors import CitewellError

if TYPE_CHECKING:
    from plugins.mcp import Servers
    from plugins.servers import Offer, Server

_FILE = "trusted.json"


class NotTrusted(CitewellError):
    """A settings file names what is to be run or contacted, and nobody allowed that."""

    code: ClassVar[str] = "not_trusted"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Trusted:
    """What was allowed: settings files by their path, as hashes; tools by their server, as it told of them."""

    files: Mapping[str, str]
    tools: Mapping[str, Mapping[str, str]]


def servers(settings: Settings) -> list[Server]:
    """The servers that the settings name; nothing is started."""
    from plugins.servers import Server

    folder = settings.file.path.parent if settings.file else Path.cwd()
    return [
        Server(
            name=name,
            command=told.command,
            url=told.url,
            effects=told.effects,
            env=passed_on(told.env),
            key=told.key_variable,
            token=passed_on([told.key_variable or ""]).get(told.key_variable or ""),
            folder=folder if told.command else None,
            timeout=told.timeout,
        )
        for name, told in sorted(settings.mcp.items())
    ]


def connected(settings: Settings) -> Servers:
    """The same, to be connected when they are first needed, with the tools that were allowed. Raises `NoMcp`."""
    from plugins.servers import check_library

    check_library()
    from plugins.mcp import Servers

    return Servers(servers(settings), allowed)


def check_trust(settings: Settings) -> None:
    """Raises `NotTrusted` unless what the settings name may be run and contacted."""
    file = settings.file
    if file is None or not file.names:  # what a script names, or the environment, is the user's own
        return
    check_owner(settings)
    known = _read().files.get(str(file.path))
    if known != file.digest:
        how = "was changed since it was allowed" if known else "was not allowed yet"
        raise NotTrusted(
            f"{file.path} names what is to be run or contacted ({', '.join(file.names)}), and it {how}: look at it, "
            "then type citewell trust."
        )


def check_owner(settings: Settings) -> None:
    """Raises `NotTrusted` where the settings file is another user's."""
    file = settings.file
    if file is not None and file.owner is not None and file.owner != os.geteuid():
        raise NotTrusted(
            f"{file.path} names what is to be run or contacted ({', '.join(file.names)}) and belongs to another user: "
            "copy it, or take that out."
        )


def trust_file(settings: Settings) -> None:
    """From now on what the settings file names may be run and contacted, as long as it stays as it is."""
    check_owner(settings)
    if settings.file is None:
        return
    trusted = _read()
    _write(replace(trusted, files={**trusted.files, str(settings.file.path): settings.file.digest}))


def trust_tools(server: Server, offers: Sequence[Offer]) -> None:
    """From now on the tools of a server are offered that are told as they are now."""
    trusted = _read()
    _write(replace(trusted, tools={**trusted.tools, server.identity: {offer.own: offer.told for offer in offers}}))


def forget(settings: Settings) -> None:
    """Nothing that the settings file names may be run or contacted any more, until it is allowed again."""
    trusted, gone = _read(), {server.identity for server in servers(settings)}
    files = {
        path: known for path, known in trusted.files.items() if not settings.file or path != str(settings.file.path)
    }
    _write(Trusted(files, {key: told for key, told in trusted.tools.items() if key not in gone}))


def allowed(server: Server) -> Mapping[str, str]:
    """What was told of each tool of a server when it was allowed."""
    return _read().tools.get(server.identity, {})


def _read() -> Trusted:
    path = state_folder() / _FILE
    try:
        with path.open(encoding="utf-8") as stream:
            if hasattr(os, "geteuid") and os.fstat(stream.fileno()).st_uid != os.geteuid():
                raise NotTrusted(f"{path} says what you allowed, and belongs to another user: remove it.")
            told: Any = json.load(stream)
        return Trusted(dict(told["files"]), {key: dict(each) for key, each in told["tools"].items()})
    except FileNotFoundError:
        return Trusted({}, {})
    except OSError as error:
        raise NotTrusted(explained(error, of=path)) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NotTrusted(f"{path} is damaged: remove it, then type citewell trust.") from None


def _write(trusted: Trusted) -> None:
    from retrieval.disk.durable import write_durably

    folder = state_folder()
    path = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
        told = {"schema": 1, "files": dict(trusted.files), "tools": {key: dict(v) for key, v in trusted.tools.items()}}
        write_durably(path, json.dumps(told, indent=2, sort_keys=True) + "\n")
    except OSError as error:
        raise NotTrusted(f"What you allow cannot be kept: {explained(error, of=path)}") from None
