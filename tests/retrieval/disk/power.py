"""A disk whose power can be cut: what was not forced to it is lost, or, of folders, may have got there all the same.

Every `os.fsync` in this process is seen. A file is durable as it was when it was last synced; a folder, as the list of
its names. Two disks can be found after a cut, and anything between them: the *late* one, with nothing but what was
synced, and the *early* one, whose folders are as they are now while the contents of files that were not synced are
gone. What the engines sync by themselves is not believed, but for the two small files that the embedded engine replaces
whenever it opens or closes a shard, through a temporary one that it syncs.
"""

import os
import stat
from pathlib import Path

from retrieval.stores.edge import _copy_sparse

_SELF_SYNCED = {"edge_config.json", "segment.json"}


class Disk:
    """Watches everything below `root`, which is durable as it is when this begins; calls `cut` at every sync."""

    def __init__(self, root: Path, shadows: Path, patch, cut) -> None:
        self.root, self._shadows, self._cut = root, shadows, cut
        self._files: dict[int, Path] = {}
        self._folders: dict[int, dict[str, int]] = {}
        self._kinds: dict[int, bool] = {}
        self._held: dict[int, int] = {}
        self._count = 0
        self._busy = False
        shadows.mkdir()
        for path in [root, *root.rglob("*")]:
            self._synced(path)
        real = os.fsync

        def fsync(descriptor):
            real(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if not self._busy and path.is_relative_to(root):
                self._busy = True
                self._cut(self, path)  # before it is counted as done; what is after it comes before the next
                self._synced(path)
                self._busy = False

        patch.setattr(os, "fsync", fsync)

    def image(self, target: Path, *, early: bool) -> Path:
        """What is found when the power is back."""
        self._laid(self.root.stat().st_ino, target, self.root if early else None)
        return target

    def state(self, *, early: bool) -> frozenset[tuple[str, int]]:
        """What can be seen of the image: nothing of what is being built, and is found by nobody."""
        return frozenset(self._seen(self.root.stat().st_ino, self.root if early else None, ""))

    def _seen(self, inode, now, path):
        for name, (number, is_folder) in self._names(inode, now).items():
            if not name.startswith(".building-"):
                shadow = self._files.get(number, number)
                yield f"{path}/{name}", hash((str(shadow), is_folder))
                if is_folder:
                    yield from self._seen(number, now / name if now is not None else None, f"{path}/{name}")

    def close(self) -> None:
        for descriptor in self._held.values():
            os.close(descriptor)

    def _synced(self, path: Path) -> None:
        found = path.lstat()
        if found.st_ino not in self._held:  # a number is given to another file once nobody has this one any more
            self._held[found.st_ino] = os.open(path, os.O_RDONLY)
        if stat.S_ISDIR(found.st_mode):
            listed = {entry.name: entry.inode() for entry in os.scandir(path)}
            self._folders[found.st_ino] = listed
            for entry in os.scandir(path):
                self._kinds[entry.inode()] = entry.is_dir()
                if entry.name in _SELF_SYNCED:
                    self._synced(Path(entry.path))
        else:
            self._count += 1
            shadow = self._shadows / str(self._count)
            _copy_sparse(str(path), str(shadow))
            self._files[found.st_ino] = shadow

    def _laid(self, inode: int, target: Path, now: Path | None) -> None:
        """A folder as it will be found; `now` is the folder as it is, where names need no sync to be there."""
        target.mkdir()
        for name, (number, is_folder) in self._names(inode, now).items():
            if is_folder:
                self._laid(number, target / name, now / name if now is not None else None)
            elif now is not None and name in _SELF_SYNCED:
                _copy_sparse(str(now / name), str(target / name))
            elif number in self._files:
                _copy_sparse(str(self._files[number]), str(target / name))
            else:
                (target / name).touch()  # its name is there, its content is not

    def _names(self, inode: int, now: Path | None) -> dict[str, tuple[int, bool]]:
        if now is not None:
            return {entry.name: (entry.inode(), entry.is_dir()) for entry in os.scandir(now)}
        return {name: (number, self._kinds[number]) for name, number in self._folders.get(inode, {}).items()}
