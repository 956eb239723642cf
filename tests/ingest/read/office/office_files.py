"""How does a test write a small document of an office program?"""

import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"


def zipped(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def word(path: Path, body: str, **parts: str) -> Path:
    """A Word document; `parts` are further ones by kind, each with what stands in its root."""
    names = (
        f'xmlns:w="{W}" xmlns:m="{M}" xmlns:a="{A}" xmlns:r="{OFFICE}/relationships" '
        'xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    )
    roots = {"header": "hdr", "footer": "ftr"}
    relation = '<Relationship Id="{0}" Type="' + OFFICE + '/relationships/{0}" Target="{1}"/>'
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    related = "".join(relation.format(kind, f"{kind}.xml") for kind in parts)
    files = {
        f"word/{kind}.xml": f"<w:{roots.get(kind, kind)} {names}>{content}</w:{roots.get(kind, kind)}>"
        for kind, content in parts.items()
    }
    return zipped(
        path,
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": rels.format(relation.format("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": rels.format(related),
            "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
            **files,
        },
    )


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*content: str) -> str:
    return f"<w:p>{''.join(content)}</w:p>"


def field(instruction: str, result: str) -> str:
    kinds = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{kinds[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{kinds[1]}{run(result)}{kinds[2]}"


def odf(path: Path, body: str, *, styles: str = "", manifest: str = "", **parts: str) -> Path:
    """An OpenDocument file; `parts` are those of the objects in it, by name."""
    base = "urn:oasis:names:tc:opendocument:xmlns:"
    keys = {"office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing", "chart": "chart"}
    keys |= {"presentation": "presentation", "svg": "svg-compatible"}
    names = " ".join(f'xmlns:{key}="{base}{name}:1.0"' for key, name in keys.items())
    names += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    kind = "presentation" if path.suffix == ".odp" else "text"
    files = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {names}><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>",
        "styles.xml": f"<office:document-styles {names}>{styles}</office:document-styles>",
        "META-INF/manifest.xml": manifest or "<manifest/>",
    }
    return zipped(path, files | {f"{key}/content.xml": part.replace("NAMES", names) for key, part in parts.items()})
