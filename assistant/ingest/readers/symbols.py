"""Maps codes of the fonts Symbol and Wingdings to Unicode."""

from __future__ import annotations

_SYMBOL = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝ"
    "ΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
)
"""Places 32 to 126."""

_SYMBOL_HIGH = (
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇"
    "®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
"""Places 160 to 254."""

_WINGDINGS = {
    0x6C: "•", 0x6E: "•", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0x73: "◆", 0x78: "☒", 0x76: "❖",
    0x9F: "•", 0xA7: "•", 0xA8: "☐", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xFB: "✗", 0xFC: "✓",
    0xFD: "☒", 0xFE: "☑", 0x4A: "☺", 0x4C: "☹",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐",
}  # fmt: skip
_PRIVATE = 0xF000  # where Word keeps the places of such fonts


def symbol(font: str, code: int) -> str:
    """The letter at ``code`` in ``font``; empty where it is unknown: none beats a wrong one.

    A font that is neither Symbol nor Wingdings has the letters of Unicode.
    """
    place = code - _PRIVATE if _PRIVATE <= code <= _PRIVATE + 0xFF else code
    name = font.lower()
    if name == "symbol":
        if 32 <= place < 32 + len(_SYMBOL):
            return _SYMBOL[place - 32]
        return _SYMBOL_HIGH[place - 160] if 160 <= place < 160 + len(_SYMBOL_HIGH) else ""
    if name in ("wingdings", "wingdings 2"):
        return (_WINGDINGS if name == "wingdings" else _WINGDINGS_2).get(place, "")
    if name in ("wingdings 3", "webdings"):
        return ""
    return chr(place) if 32 <= place < 0xD800 else ""
