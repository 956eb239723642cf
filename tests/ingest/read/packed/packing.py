"""How does a test pack files into an archive?"""

import io
import tarfile
import zipfile


def zipped(*members):
    """A zip archive of (name or entry, content) pairs."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def tarred(*members, mode="w"):
    """A tar archive of (name, content, attributes of its entry) triples."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content, attributes in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in attributes.items():
                setattr(entry, key, value)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()
