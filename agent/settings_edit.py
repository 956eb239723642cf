"""How is a setting that was chosen for the user written where the user keeps settings? Comments and layout stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agent.settings import BadSettings, settings_file
from retrieval.disk.durable import write_durably


def apply_settings(table: str, values: Mapping[str, str | float | None], folder: Path | None = None) -> Path:
    """Sets these in the `citewell.toml` in force, or in a new one in `folder` (the current one); its path.

    What is None is taken out.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    folder = (folder or Path.cwd()).resolve()
    path = settings_file(folder) or folder / "citewell.toml"
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
        found = document.setdefault(table, tomlkit.table())
        for name, value in values.items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = value
        write_durably(path, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError, TOMLKitError, AttributeError, TypeError) as error:
        said = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        raise BadSettings(f"{path} cannot be changed ({error}); write {said} into its [{table}] yourself.") from error
    return path
