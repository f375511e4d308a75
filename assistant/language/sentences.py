"""Sentences of a text as exact slices of it.

Their borders come from ``sentencex`` (Wikimedia, MIT; 300 languages, 30 MB a second), which gives
offsets in code points. What is added here: abbreviations that it does not know, quotations that it
takes for one sentence, and pieces too long for an embedding model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex
from sentencex import get_sentence_boundaries

Span = tuple[int, int]
"""``(start, end)`` of a slice of a text, in code points."""

LONGEST = 640
"""Characters; longer sentences (tables, code, lists without a full stop) are cut. About 160 tokens,
and few sentences of prose are longer."""

LONGEST_UNSPACED = 240
"""The same for scripts without spaces, which have more tokens a character."""

_LONG_QUOTE = 300  # characters from which a "sentence" with quotation marks is split inside them
_WINDOW = 4_000  # characters given to sentencex at a time: some texts take it quadratic time

# Titles that stand before a name, and words that stand before a number, with a full stop.
_TITLE_WORDS = (
    "M MM Mme Mmes Mlle Mlles Mgr Me Dr Drs Pr Prof Mr Mrs Ms St Ste Sr Sra Srta Sig Dott Ing Hr "
    "Gen Col Lt Sgt Capt Fa Hrn Frl"
)
_TITLES = frozenset(_TITLE_WORDS.split())
_NUMBER_WORDS = (
    "p pp vol art chap fig env ca no nos nr nrn num núm approx aprox eq sec sect tab abb abs ziff "
    "rdnr rn kap bd pág págs cap "
    "janv févr avr juil sept oct nov déc jan feb apr aug sep dec okt dez jän"
)
_BEFORE_NUMBER = frozenset(_NUMBER_WORDS.split())
# German writes a full stop behind ordinals, and a capital begins every noun after it: what stands
# before tells an ordinal ("auf dem 3. Stockwerk"), what stands after a new sentence ("im 3. Das").
_ORDINAL = re.compile(
    r"\b(?:d(?:er|ie|as|em|en|es)|[iaz]m|zu[mr]|vom|beim|ins?|ans|aufs|fürs|durchs|bis|seit|ab|und|"
    r"(?:jede|jene|diese|ihre|seine|unsere|eine|welche)[mnrs]?|(?:sein|ihr|unser|ein)(?:e[mnrs])?|"
    r"Ende|Anfang|Mitte)\s+\d{1,3}\.$",
    re.IGNORECASE,
)
_OPENS_GERMAN = re.compile(
    r"(?:Der|Die|Das|Dem|Den|Des|Er|Sie|Es|Wir|Ihr|Ich|Man|Ein|Eine|Einer|Dies\w*|Dort|Da|Dann|Danach|"
    r"Darauf|Doch|Aber|Und|Oder|Auch|Nur|Nun|So|Im|In|Am|An|Auf|Aus|Bei|Mit|Nach|Seit|Von|Vor|Zu|Zum|"
    r"Zur|Für|Wenn|Als|Weil|Was|Wer|Wie|Wo)\b"
)
# Law gazettes, before the number of a part or a page: "Bundesgesetzbl. I S. 2".
_GAZETTE = re.compile(r"(?:\b\w*[gG]esetzbl|\b\w{0,4}Bl|\bAmtsbl|\bBAnz|\bSlg)\.$")
_PART = re.compile(r"(?:[IVX]{1,4}|[LC]|S\.|Nr\.|AT|\d+)(?=[\s,;.)]|$)")
_ABBREVIATION = 3  # letters of a word whose full stop a small letter may follow ("Jr. est parti")
_AROUND = 40  # characters on each side of a border that tell whether it is one
_SPACE = re.compile(r"\s*")
_ALPHANUMERIC = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"(?:^|[\s'’(«\"-])(\w+)\.$")
_QUOTE_MARKS = re.compile(r"[\"«»“”„「」『』()\[\]]")
_OPENERS = frozenset("\"'«“„([「『")
_BREAKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[.!?…][\"'»”’)\]]*\s+(?=\S)|[。！？।]",
        r"[;:,][\"'»”’)\]]*\s+(?=\S)|[，、；：،]|[|\n][^\S\n]*(?=\S)",
        r"\s(?=\S)",
        r"[;,)}>](?=\S)",
    )
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def split_sentences(text: str, language: str) -> list[Span]:
    """The sentences of ``text``, in order, each without surrounding white space.

    Together they hold every character of ``text`` but white space, once. ``language`` is an
    ISO 639-1 code; any other value takes the rules that most languages share. None is longer than
    ``LONGEST`` characters: longer ones are cut after a full stop, else after a comma, else at a
    space, else between two characters as a reader sees them.
    """
    cuts = [0, *_starts(text, language), len(text)]
    spans = [_trimmed(text, start, end) for start, end in pairwise(cuts)]
    spans = [part for span in spans for part in _open_quotes(text, span, language)]
    spans = _join(text, [span for span in spans if span[0] < span[1]], language)
    return [part for span in spans for part in _shorten(text, span)]


def halves(text: str, span: Span) -> list[Span]:
    """``span`` of ``text`` cut near its middle, at the best place there; as it is if one letter."""
    start, end = span
    if end - start < 2:  # nothing to divide
        return [span]
    cut = _last_break(text, start, start + max(1, (end - start) * 3 // 5))
    return [_trimmed(text, start, cut), _trimmed(text, cut, end)]


def _starts(text: str, language: str) -> Iterator[int]:
    """Offsets at which ``sentencex`` begins a sentence, rising."""
    offset = 0
    while offset < len(text):
        window = text[offset : offset + _WINDOW]
        starts = [found["start_index"] for found in get_sentence_boundaries(language, window)]
        starts = [start for start in starts if start > 0]
        is_last = offset + len(window) == len(text)
        if not is_last and not starts:
            starts = [len(window)]
        yield from (offset + start for start in starts if _is_border(text, offset + start))
        # What the last sentence of a window is part of, only the next window can tell.
        offset = len(text) if is_last else offset + starts[-1]


def _is_border(text: str, index: int) -> bool:
    """Whether ``text`` may be cut there: not inside a letter and its accents, or a joined emoji."""
    if not 0 < index < len(text):
        return index == len(text)
    after = unicodedata.category(text[index])
    return after not in ("Mn", "Mc", "Me", "Cf") and text[index - 1] != "\u200d"


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    right = start + len(words.rstrip())
    return min(right, start + len(words) - len(words.lstrip())), right


def _open_quotes(text: str, span: Span, language: str) -> list[Span]:
    """A long quotation as the sentences in it: sentencex keeps what is between marks together."""
    start, end = span
    if end - start < _LONG_QUOTE or not _QUOTE_MARKS.search(text, start, end):
        return [span]
    cuts = [start]
    for cut in _starts(_QUOTE_MARKS.sub(" ", text[start:end]), language):
        cuts.append(_before_openers(text, cuts[-1], start + cut))
    return [_trimmed(text, *pair) for pair in pairwise([*cuts, end])]


def _before_openers(text: str, start: int, end: int) -> int:
    """Where the marks begin that stand before ``end``, but open what follows; ``end`` if none do.

    Not before ``start``.
    """
    cut = at = end
    while True:
        while at > start and text[at - 1].isspace():
            at -= 1
        if at <= max(start, 1) or text[at - 1] not in _OPENERS or not text[at - 2].isspace():
            return cut
        at -= 1
        cut = at


def _join(text: str, spans: Sequence[Span], language: str) -> list[Span]:
    """``spans``, with those put together again between which no sentence ends."""
    joined: list[Span] = []
    complete = True  # the last one holds a word; a dash or a closing quotation mark does not
    for start, end in spans:
        word = bool(_ALPHANUMERIC.search(text, start, end))
        both = word and complete
        if joined and (not both or _goes_on(text, joined[-1], (start, end), language)):
            joined[-1] = (joined[-1][0], end)
            complete = complete or word
        else:
            joined.append((start, end))
            complete = word
    return joined


def _goes_on(text: str, before: Span, after: Span, language: str) -> bool:
    left = text[max(before[0], before[1] - _AROUND) : before[1]]
    right = text[after[0] : min(after[1], after[0] + _AROUND)]
    if right[0] == "-" and right[1:2].isupper():
        return True  # the second half of "J.-C."
    if _GAZETTE.search(left) and _PART.match(right):
        return True
    word = _LAST_WORD.search(left)
    if word is None:
        return False
    if language == "de" and _ORDINAL.search(left) and right[0].isupper():
        return not _OPENS_GERMAN.match(right)
    if right[0].islower():
        return len(word[1]) <= _ABBREVIATION
    if right[0].isdigit():
        return word[1].lower() in _BEFORE_NUMBER
    # English initials ("J. Smith", not "plan B. Then") sentencex knows by itself.
    initial = len(word[1]) == 1 and word[1].isupper() and language != "en"
    return (word[1] in _TITLES or initial) and not left.endswith("J.-C.")


def _shorten(text: str, span: Span) -> Iterator[Span]:
    """``span`` in even parts that are no longer than allowed."""
    start, end = span
    while start < end:
        sample = text[start : min(end, start + LONGEST)]
        unspaced = len(_UNSPACED.findall(sample)) * 2 > len(sample)
        longest = LONGEST_UNSPACED if unspaced else LONGEST
        parts = -(-(end - start) // longest)
        cut = end if parts == 1 else _last_break(text, start, start + -(-(end - start) // parts))
        yield _trimmed(text, start, cut)
        space = _SPACE.match(text, cut, end)
        start = space.end() if space else cut


def _last_break(text: str, start: int, limit: int) -> int:
    """Where to cut ``text[start:limit]``: in its second half, at the best kind of place there."""
    middle = (start + limit) // 2
    for pattern in _BREAKS:
        places = [found.end() for found in pattern.finditer(text, middle, limit)]
        places = [place for place in places if _is_border(text, place)]
        if places:
            return places[-1]
    clusters = [found.start() for found in regex.finditer(r"\X", text[start : limit + 1])]
    return start + clusters[-1] if clusters[-1] else limit
