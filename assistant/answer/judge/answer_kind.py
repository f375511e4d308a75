"""What a question asks for, and whether a sentence holds such a thing.

A sentence that resembles a question often repeats it; one that answers "when" holds a date that the
question does not. English, French, German and Spanish questions are understood; of any other it is
not known what they ask for, and no sentence is preferred.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from assistant.language.facts import Fact, Kind, facts, holds


class Asked(StrEnum):
    """The kind of thing that answers a question."""

    REASON = "reason"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    NAME = "name"
    ANYTHING = "anything"


_WHICH = {
    "en": r"(?:what|which)(?:'s| is| was| are| were)?(?: the| its| his| her| their)?",
    "fr": r"quel(?:le)?s?(?: est| sont| etait| etaient| fut| furent| sera)?"
    r"(?: l[ea]s?\b| l'| son| sa| ses| leurs?)?",
    "de": r"welche[mnrs]?(?: ist| sind| war| waren)?(?: der| die| das| den| dem)?",
    "es": r"(?:que|cual(?:es)?)(?: es| son| fue| fueron| era| eran)?(?: el| la| los| las| su)?",
}
"""What stands before the noun that says what is asked for."""

_NOUNS: Mapping[str, Mapping[Asked, str]] = {
    "en": {
        Asked.REASON: "reason|cause|motive|ground|purpose",
        Asked.NUMBER: "number|percentage|share|proportion|price|amount|sum|rate|area|population|"
        "size|length|height|width|depth|distance|budget|cost|age|duration|temperature|speed|"
        "weight|score|value|salary|toll|total",
        Asked.DATE: "year|date|day|month|century|decade|season|period",
        Asked.PLACE: "city|country|region|place|continent|island|town|state|village|capital|"
        "province|street|location|site|area|district|river",
        Asked.NAME: "name|person|people|man|woman|president|author|writer|minister|actor|"
        "actress|player|general|king|queen|architect|painter|singer|director|leader|mayor|"
        "scientist|astronomer|company|firm|group|party|team|club|organi[sz]ation|university|"
        "newspaper|book|film|movie|song|language",
    },
    "fr": {
        Asked.REASON: "raison|cause|motif|but|objectif",
        Asked.NUMBER: "nombre|pourcentage|part|proportion|prix|montant|somme|taux|superficie|"
        "surface|population|taille|longueur|largeur|hauteur|profondeur|distance|altitude|budget|"
        "cout|age|duree|temperature|vitesse|poids|masse|score|valeur|salaire|bilan|effectif",
        Asked.DATE: "annee|date|jour|mois|siecle|decennie|epoque|periode|moment|saison",
        Asked.PLACE: "ville|pays|region|lieu|endroit|continent|ile|commune|village|capitale|"
        "province|rue|site|quartier|departement|etat|fleuve",
        Asked.NAME: "nom|surnom|prenom|personne|personnalite|homme|femme|president|presidente|"
        "auteur|ecrivain|ministre|acteur|actrice|joueur|general|roi|reine|architecte|peintre|"
        "chanteur|chanteuse|realisateur|dirigeant|maire|savant|scientifique|astronome|"
        "entreprise|societe|groupe|parti|equipe|club|organisation|association|universite|"
        "journal|livre|film|chanson|langue",
    },
    "de": {
        Asked.REASON: "grund|ursache|anlass|zweck|ziel",
        Asked.NUMBER: "zahl|anzahl|anteil|preis|betrag|summe|rate|flache|bevolkerung|grosse|"
        "lange|hohe|breite|tiefe|entfernung|kosten|alter|dauer|temperatur|geschwindigkeit|"
        "gewicht|wert|gehalt|prozentsatz",
        Asked.DATE: "jahr|datum|tag|monat|jahrhundert|jahrzehnt|zeit|zeitraum",
        Asked.PLACE: "stadt|land|region|ort|kontinent|insel|dorf|hauptstadt|provinz|strasse|"
        "gegend|bundesland|fluss",
        Asked.NAME: "name|person|mann|frau|prasident|autor|minister|schauspieler|spieler|konig|"
        "konigin|architekt|maler|sanger|regisseur|leiter|forscher|firma|unternehmen|gruppe|"
        "partei|mannschaft|verein|organisation|universitat|zeitung|buch|film|lied|sprache",
    },
    "es": {
        Asked.REASON: "razon|causa|motivo|objetivo|fin",
        Asked.NUMBER: "numero|porcentaje|parte|proporcion|precio|importe|suma|tasa|superficie|"
        "poblacion|tamano|longitud|altura|anchura|profundidad|distancia|presupuesto|coste|costo|"
        "edad|duracion|temperatura|velocidad|peso|valor|salario|cifra",
        Asked.DATE: "ano|fecha|dia|mes|siglo|decada|epoca|periodo|momento",
        Asked.PLACE: "ciudad|pais|region|lugar|continente|isla|pueblo|capital|provincia|calle|"
        "sitio|estado|rio",
        Asked.NAME: "nombre|persona|hombre|mujer|presidente|autor|autora|ministro|actor|actriz|"
        "jugador|rey|reina|arquitecto|pintor|cantante|director|lider|alcalde|cientifico|empresa|"
        "compania|grupo|partido|equipo|club|organizacion|universidad|periodico|libro|pelicula|"
        "cancion|idioma",
    },
}
"""Nouns in lower case without accents, in the singular."""

_INTERROGATIVES: Mapping[str, Mapping[Asked, str]] = {
    "en": {
        Asked.REASON: "why|how come|what (?:caused|led|prompted|made|drove|triggered)",
        Asked.NUMBER: "how (?:many|much|old|long|far|tall|big|large|high|deep|heavy|fast|often|"
        "wide|hot|cold)",
        Asked.DATE: "when",
        Asked.PLACE: "where",
        Asked.NAME: "whom?|whose",
    },
    "fr": {
        Asked.REASON: "pourquoi|qu'est-ce qui (?:a|avait|ont) (?:cause|provoque|declenche|pousse|"
        r"conduit|entraine|permis)\w*",
        Asked.NUMBER: "combien",
        Asked.DATE: "quand",
        Asked.PLACE: "ou",
        Asked.NAME: "qui|comment (?:s'appel|se nomm|appel|nomm)[a-z-]+",
    },
    "de": {
        Asked.REASON: "warum|weshalb|wieso|weswegen",
        Asked.NUMBER: "wie ?viele?|wie (?:lange?|alt|hoch|gross|weit|oft|schwer|teuer|tief|breit|"
        "schnell)",
        Asked.DATE: "wann",
        Asked.PLACE: "wo|woher|wohin",
        Asked.NAME: "wer|wen|wem|wessen|wie heiss(?:t|en)",
    },
    "es": {
        Asked.REASON: "por que",
        Asked.NUMBER: "cuant[oa]s?|a cuanto",
        Asked.DATE: "cuando",
        Asked.PLACE: "a?donde",
        Asked.NAME: "quien(?:es)?|como se llam[a-z]+",
    },
}
"""They count at the beginning of a question or of a clause, with a preposition, or at its end:
elsewhere "who" and "when" begin a clause that says what is known."""

_MANY = {
    "en": r"^(?:please |can you |could you )?(?:list|enumerate|name)\b|\bwhat (?:are|were)\b|"
    r"^(?:\w+ )?(?:which|what) (?:\w+ )?\w+[^aious']s (?:are|were|have|had|do|did|can|could|will|"
    r"took|of|in|on|with)\b|\bwhich \w+(?:tries|ies|ers|ors)\b",
    "fr": r"^(?:liste|enumere|cite|nomme)[rz]?\b|\bquel(?:le)?s ",
    "de": r"^(?:liste|zahle|nenne)\b|\bwelche (?:sind|waren|\w+e[nr])\b",
    "es": r"^(?:lista|enumera|nombra)\b|\bcuales\b|^(?:en |a |de )?que \w+[^i]s\b",
}
"""What asks for several things; a plural after "which" does."""

_REASONS = {
    "en": r"because|since|as a result|due to|owing to|thanks to|so that|in order to|reasons?|"
    r"caus(?:e|es|ed|ing)|therefore|led to|leads? to|after|to (?:prevent|avoid|protect)|argu\w+",
    "fr": r"parce qu\w*|car|puisqu\w*|a cause|en raison|grace a|afin|pour que|du fait|faute de|"
    r"suite a|apres (?:que|avoir)|raisons?|motifs?|causes?|provoqu\w+|entrain\w+|expliqu\w+|"
    r"due?s? a|de peur|par crainte|en effet|pour (?!la |le |les |l'|un |une )\w+(?:er|ir|re)",
    "de": r"weil|da|denn|wegen|aufgrund|dank|damit|um|grund|grunde|ursachen?|deshalb|daher|nachdem|"
    r"fuhrte\w* zu|verursach\w+",
    "es": r"porque|ya que|pues|puesto que|a causa|debido a|gracias a|para que|razon(?:es)?|"
    r"motivos?|causas?|provoc\w+|por eso|tras|despues de",
}

_AT = {
    "en": "in|at|near|from|to|on|around|across|outside|inside|of|off",
    "fr": "a|au|aux|en|dans|pres de|vers|depuis|de|du|des|d'|chez|sur|sous",
    "de": "in|im|bei|nahe|aus|nach|von|vom|am|an|auf",
    "es": "en|a|al|de|del|cerca de|hacia|desde|sobre",
}
_ARTICLE = r"(?:the |la |le |les |l'|el |los |las |der |den |dem |das |die )?"


def asked(question: str, language: str) -> Asked:
    """What ``question`` asks for; ``Asked.ANYTHING`` where its words do not tell."""
    if language not in _WHICH:
        return Asked.ANYTHING
    text = _plain(question)
    for kind, pattern in _INTERROGATIVES[language].items():
        nouns = f"{_WHICH[language]} ?(?:\\w+ )?(?:{_NOUNS[language][kind]})[esnx]{{0,2}}\\b"
        begins = rf"(?:^|[,:;] )(?:\w+[ '])?(?:{pattern})\b"
        if re.search(rf"{begins}|\b(?:{pattern})$|\b{nouns}", text):
            return kind
    return Asked.ANYTHING


def asks_for_many(question: str, language: str) -> bool:
    """Whether ``question`` asks for several things, as "list all" and "which countries" do."""
    return language in _MANY and bool(re.search(_MANY[language], _plain(question)))


def offers(kind: Asked, sentence: str, language: str, known: Sequence[Fact]) -> bool:
    """Whether ``sentence`` holds a thing of ``kind`` that is not among ``known``.

    ``known`` are the facts of the question, which do not answer it.
    """
    if kind is Asked.ANYTHING:
        return False
    if kind is Asked.REASON:
        words = _REASONS.get(language)
        return bool(words and re.search(rf"\b(?:{words})\b", _folded(sentence)))
    found = [fact for fact in facts(sentence, language) if not holds(known, fact)]
    if kind is Asked.NUMBER:
        return any(fact.kind is Kind.NUMBER for fact in found)
    if kind is Asked.DATE:
        return any(fact.kind is Kind.DATE for fact in found)
    names = [fact for fact in found if fact.kind is Kind.NAME and fact.certain]
    if kind is Asked.NAME:
        return bool(names)
    at = re.compile(rf"\b(?:{_AT.get(language, _AT['en'])}) ?{_ARTICLE}$")
    return any(at.search(_folded(sentence[: fact.start])[-20:]) for fact in names)


def _plain(question: str) -> str:
    return _folded(question).strip(' ?!.¿¡"«»')


def _folded(text: str) -> str:
    """``text`` in lower case, without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("’", "'").replace("ß", "ss"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
