"""Words that the Unicode CLDR knows in each language, as Babel carries it.

What a language is without here it has from English. Each table is made when it is first needed,
in up to 0.1 s, and kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_name
from babel.units import format_unit

from assistant.language.facts.fact import folded
from assistant.language.lexicon import lexicon, lexicons

_KNOWN_EVERYWHERE = ("en", "fr", "de", "es")
"""A name in one of these languages is recognised in a text of any language."""

_MEASURES = ("area", "digital", "duration", "energy", "length", "mass", "power", "speed",
             "temperature", "volume")  # fmt: skip
_SAME_UNIT = {"generic": "degree", "concentr-percent": "%", "ton": "tonne"}
_SPELT_OUT = frozenset({"duration", "temperature"})
"""Their short forms, such as "a" and "s", are too often something else."""

_CURRENCY_SIGNS = {"$": "USD", "us$": "USD", "$us": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_WORD_LETTERS = re.compile(r"[^\W\d_]")


def locale(language: str) -> Locale:
    """Babel's locale of ``language``, English if it has none."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


@cache
def decimal_point(language: str) -> str:
    """The character between a number and its decimals: "." or ","."""
    return str(locale(language).number_symbols["latn"]["decimal"])


@cache
def scales(language: str) -> Mapping[str, int]:
    """Words for powers of a thousand: "milliard" and "milliards" give 10 ** 9."""
    found = dict(lexicon(language).numbers.scales)
    formats = locale(language).compact_decimal_formats
    for length in ("short", "long"):
        for patterns in formats.get(length, {}).values():
            for power, pattern in patterns.items():
                word = folded(re.sub(r"[0\s'.]+", " ", pattern.pattern).strip())
                # A single letter is more often a unit: "5 m". And "00 M" is of another power.
                if len(word) > 1 and pattern.pattern.count("0") == 1:
                    found[word] = int(power)
    return found


@cache
def units(language: str) -> Mapping[str, str]:
    """Words and signs for units and currencies: "kilomètres" and "km" give "kilometer"."""
    found: dict[str, str] = {folded(name): unit for name, unit in _currencies(language)}
    for region in (language, "en_GB") if locale(language).language == "en" else (language,):
        known = locale(region)
        for unit in map(str, known.unit_display_names):
            measure, _, name = unit.partition("-")
            if measure in _MEASURES or unit in _SAME_UNIT:
                canonical = _SAME_UNIT.get(unit) or _SAME_UNIT.get(name) or name
                for phrase in _unit_phrases(unit, measure, known):
                    found.setdefault(phrase, canonical)
    return found | {"%": "%"} | dict(lexicon(language).numbers.units)


def _unit_phrases(unit: str, measure: str, known: Locale) -> Iterator[str]:
    lengths: list[Literal["long", "short"]] = ["long"]
    if measure not in _SPELT_OUT:
        lengths.append("short")
    for length in lengths:
        for count in (1, 2):
            if length == "short" and unit == "length-inch":
                continue  # "in"
            written = folded(format_unit(count, unit, length, locale=known))
            # Dutch writes the force of a wind as the bare number.
            if phrase := re.sub(r"\s+", " ", written.lstrip("12")).strip():
                yield phrase


def _currencies(language: str) -> Iterator[tuple[str, str]]:
    known = locale(language)
    for code in map(str, known.currencies):
        for count in (1, 2):
            yield get_currency_name(code, count, known), code
        yield code, code
    yield from _CURRENCY_SIGNS.items()
    # The bare word, which CLDR has only within "US dollar" and the like.
    for one in lexicons().values():
        for code, words in one.numbers.currencies.items():
            for word in words:
                yield word, code


@cache
def months(language: str) -> Mapping[str, int]:
    """Full names of months, folded."""
    return _calendar(language, "months", ("wide",))


@cache
def short_months(language: str) -> Mapping[str, int]:
    """Abbreviated names of months, folded and without their point."""
    return _calendar(language, "months", ("abbreviated",))


@cache
def weekdays(language: str) -> Mapping[str, int]:
    """Full names of weekdays, folded; Monday is 1."""
    return {name: day + 1 for name, day in _calendar(language, "days", ("wide",)).items()}


def _calendar(language: str, what: str, widths: tuple[str, ...]) -> dict[str, int]:
    names = getattr(locale(language), what)
    return {
        folded(name).rstrip("."): number
        for form in ("format", "stand-alone")
        for width in widths
        for number, name in names[form].get(width, {}).items()
    }


def codes(name: str, language: str = "en") -> frozenset[str]:
    """The codes of territories, languages and cities that ``name`` stands for.

    A people or language has the codes of its language and of the country that most speak it in.
    """
    short = name.replace(".", "")
    if short.isupper() and short in _more_places():
        return frozenset({_more_places()[short]})
    return _names(language).get(folded(name), frozenset())


@cache
def _more_places() -> Mapping[str, str]:
    return {name: code for one in lexicons().values() for name, code in one.names.places.items()}


@cache
def _names(language: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for code in dict.fromkeys((*_KNOWN_EVERYWHERE, language)):
        known = locale(code)
        for name, meant in (*_territories(known), *_languages(known), *_cities(known)):
            if _WORD_LETTERS.search(name):
                found[folded(name)].add(meant)
    for name, meant in _more_places().items():
        found[name].add(meant)  # not folded: "Un" is no abbreviation
    return {name: frozenset(meant) for name, meant in found.items()}


def _territories(known: Locale) -> Iterator[tuple[str, str]]:
    for code, name in known.territories.items():
        if code.isalpha():
            yield name, code
            yield name.split(" (")[0], code


def _languages(known: Locale) -> Iterator[tuple[str, str]]:
    likely = get_global("likely_subtags")
    plain = {code: set(folded(name).split()) for code, name in known.languages.items()}
    for code, name in known.languages.items():
        base, _, territory = code.partition("_")
        if not territory and len(code) == 2:
            yield name, code
            country = "GB" if code == "en" else likely.get(code, "").rpartition("_")[2]
            if country:
                yield name, country
        elif len(territory) == 2:
            # "American English" less "English": what comes from the country.
            rest = [word for word in name.split() if folded(word) not in plain.get(base, ())]
            if len(rest) == 1:
                yield rest[0], territory


def _cities(known: Locale) -> Iterator[tuple[str, str]]:
    for zone, names in known.time_zones.items():
        if "city" in names:
            yield names["city"], zone
    for zone in get_global("zone_territories"):
        area, _, city = zone.partition("/")
        if city and area != "Etc" and "city" not in known.time_zones.get(zone, {}):
            yield city.rpartition("/")[2].replace("_", " "), zone


@cache
def peoples(language: str) -> frozenset[str]:
    """The names of languages and peoples that ``language`` writes, folded, of one word each."""
    return frozenset(folded(name) for name, _ in _languages(locale(language)) if " " not in name)
