"""OpenDocument texts with styles of their own."""

from __future__ import annotations

from tests.support.documents import archive, files_of, odt

STYLES = (
    '<style:style style:name="U" style:family="text"><style:text-properties '
    'style:text-position="super 58%"/></style:style>'
    '<style:style style:name="D" style:family="text"><style:text-properties '
    'style:text-position="-33% 58%"/></style:style>'
    '<style:style style:name="S" style:family="text"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="S2" style:family="text" style:parent-style-name="S"/>'
    '<style:style style:name="H" style:family="text"><style:text-properties '
    'text:display="none"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" '
    'style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" '
    'style:num-format="a" style:num-suffix=")"/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/>'
    "</text:list-style>"
)
NAMES = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'


def styled(body: str) -> bytes:
    """A text whose own styles are ``STYLES``."""
    styles = f"<office:automatic-styles>{STYLES}</office:automatic-styles><office:body>"
    data = odt(body)
    files = files_of(data)
    content = files["content.xml"].decode()
    content = content.replace("<office:body>", styles, 1)
    content = content.replace("<office:document-content", f"<office:document-content {NAMES}", 1)
    return archive({**files, "content.xml": content})


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'
