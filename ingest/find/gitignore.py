"""What do the `.gitignore` files between a folder and a file exclude?"""

from __future__ import annotations

from pathlib import Path

from pathspec import GitIgnoreSpec

Rules = tuple[tuple[Path, GitIgnoreSpec], ...]  # folders with what their .gitignore says, the outermost first


def rules_of(folder: Path) -> Rules:
    """What the folder's own `.gitignore` says; a pattern that git would not understand excludes nothing."""
    file = folder / ".gitignore"
    if not file.is_file():
        return ()
    lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n")
    return ((folder, GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))),)


def is_ignored(path: Path, rules: Rules, *, is_folder: bool) -> bool:
    """What the nearest `.gitignore` that has a word on it says; nothing below an ignored folder should be asked for."""
    for folder, spec in reversed(rules):
        within = path.relative_to(folder).as_posix()
        include = spec.check_file(f"{within}/" if is_folder else within).include
        if include is not None:
            return include
    return False


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
