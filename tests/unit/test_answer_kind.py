import pytest

from assistant.answer.judge.answer_kind import Asked, asked, asks_for_many, offers
from assistant.language.facts import facts


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Why did tensions rise?", "en", Asked.REASON),
        ("What was the reason for the delay?", "en", Asked.REASON),
        ("How many people live there?", "en", Asked.NUMBER),
        ("What is the price of the book?", "en", Asked.MONEY),
        ("What does the crossing cost?", "en", Asked.MONEY),
        ("How much will I be charged for it?", "en", Asked.MONEY),
        ("How much rain fell?", "en", Asked.NUMBER),
        ("Since when has it been open?", "en", Asked.DATE),
        ("In which year did it open?", "en", Asked.DATE),
        ("At what time does it close?", "en", Asked.TIME),
        ("Um wie viel Uhr wird gegessen?", "de", Asked.TIME),
        ("À quelle heure ouvre le parc ?", "fr", Asked.TIME),
        ("¿A qué hora sale el barco?", "es", Asked.TIME),
        ("where is the tower", "en", Asked.PLACE),
        ("Who ran it?", "en", Asked.NAME),
        ("To whom did it belong?", "en", Asked.NAME),
        ("Which company built it?", "en", Asked.NAME),
        ("Pourquoi les Anglais ont-ils arrêté ?", "fr", Asked.REASON),
        ("Pour quelle raison a-t-il fermé ?", "fr", Asked.REASON),
        ("Combien coûte l’abonnement ?", "fr", Asked.MONEY),
        ("Combien de personnes paient ?", "fr", Asked.NUMBER),
        ("Quelle est la hauteur du barrage ?", "fr", Asked.NUMBER),
        ("Depuis quand est-ce permis ?", "fr", Asked.DATE),
        ("À quelle date a-t-il ouvert ?", "fr", Asked.DATE),
        ("Où se trouve l’épave ?", "fr", Asked.PLACE),
        ("Dans quelle ville est-il né ?", "fr", Asked.PLACE),
        ("Par qui fut-il battu ?", "fr", Asked.NAME),
        ("Comment s’appelle son frère ?", "fr", Asked.NAME),
        ("Warum wurde die Brücke gesperrt?", "de", Asked.REASON),
        ("Woran liegt es, dass die Brücke gesperrt ist?", "de", Asked.REASON),
        ("À quoi sont dues les fissures du pont ?", "fr", Asked.REASON),
        ("Comment s'explique cette hausse ?", "fr", Asked.REASON),
        ("¿A qué se debe el cierre?", "es", Asked.REASON),
        ("What explains the fall in sales?", "en", Asked.REASON),
        ("Wie viele Häuser stehen dort?", "de", Asked.NUMBER),
        ("Wie lange dauert die Fahrt?", "de", Asked.NUMBER),
        ("Was verdient ein Lotse?", "de", Asked.MONEY),
        ("In welchem Jahr fiel die Mauer?", "de", Asked.DATE),
        ("Wo liegt der See?", "de", Asked.PLACE),
        ("Wer leitet das Haus?", "de", Asked.NAME),
        ("¿Por qué cerró la fábrica?", "es", Asked.REASON),
        ("¿Cuántos linces hay?", "es", Asked.NUMBER),
        ("¿Cuánto cuesta el billete?", "es", Asked.MONEY),
        ("¿Cuándo llegaron?", "es", Asked.DATE),
        ("¿En qué ciudad nació?", "es", Asked.PLACE),
        ("¿Quién la dirige?", "es", Asked.NAME),
    ],
)
def test_what_a_question_asks_for(question, language, kind):
    assert asked(question, language) is kind


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What did she say when she won?", "en"),
        ("What did the man who won say?", "en"),
        ("Que dit-il quand il gagne ?", "fr"),
        ("Qu’a fait celui qui a gagné ?", "fr"),
        ("Kdo to byl?", "cs"),
        ("", "en"),
    ],
)
def test_what_does_not_tell_asks_for_anything(question, language):
    assert asked(question, language) is Asked.ANYTHING


@pytest.mark.parametrize(
    ("kind", "sentence", "language"),
    [
        (Asked.REASON, "It closed because the river rose.", "en"),
        (Asked.REASON, "Il a fermé, car la rivière montait.", "fr"),
        (Asked.REASON, "Sie wurde gesperrt, weil sie Risse hatte.", "de"),
        (Asked.REASON, "Sie wurde gesperrt, um die Pfeiler zu prüfen.", "de"),
        (Asked.REASON, "Cerró porque subió el río.", "es"),
        (Asked.NUMBER, "Il compte douze maisons.", "fr"),
        (Asked.MONEY, "A berth is 12 euros a night.", "en"),
        (Asked.MONEY, "Die Fahrt kostet einen Euro.", "de"),
        (Asked.MONEY, "Berth: 4 | Price: 31", "en"),
        (Asked.DATE, "It opened on 3 May 1912.", "en"),
        (Asked.NAME, "On Monday the council chose Emmett Shear.", "en"),
        (Asked.PLACE, "The birds were let go in Austria.", "en"),
        (Asked.PLACE, "Ils ont été relâchés près de Rauris.", "fr"),
        (Asked.TIME, "The park closes at 9 p.m.", "en"),
        (Asked.TIME, "Gegessen wird um 12 Uhr.", "de"),
        (Asked.TIME, "Le parc ouvre à 9 heures.", "fr"),
        (Asked.TIME, "El barco sale a las 6:45.", "es"),
    ],
)
def test_a_sentence_that_offers_the_thing_asked_for(kind, sentence, language):
    assert offers(kind, sentence, language, ())
    assert not offers(Asked.ANYTHING, sentence, language, ())


@pytest.mark.parametrize("kind", [k for k in Asked if k is not Asked.ANYTHING])
def test_a_sentence_without_it_does_not_offer_it(kind):
    assert not offers(kind, "They went on as before.", "en", ())


def test_a_number_of_other_things_is_no_sum_of_money():
    assert not offers(Asked.MONEY, "The crossing takes 40 minutes.", "en", ())
    assert not offers(Asked.MONEY, "Er steht an Pier 4.", "de", ())


def test_what_the_question_says_itself_is_no_answer_to_it():
    known = facts("What happened in London on 3 May 1912?", "en")
    assert not offers(Asked.DATE, "The third of it was the 3 May 1912.", "en", known)
    assert not offers(Asked.NAME, "It was in Londres.", "fr", known)
    assert offers(Asked.NAME, "It was in Paris.", "en", known)


def test_a_name_that_does_something_is_no_place():
    assert not offers(Asked.PLACE, "On the hill stood Emmett Shear.", "en", ())


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("List all the lakes", "en"),
        ("Which countries took part?", "en"),
        ("What are the consequences?", "en"),
        ("Quels pays ont participé ?", "fr"),
        ("Liste les lacs", "fr"),
        ("Welche Länder nahmen teil?", "de"),
        ("Nenne die Seen", "de"),
        ("¿Cuáles son los lagos?", "es"),
        ("¿En qué países vive?", "es"),
    ],
)
def test_a_question_that_asks_for_several_things(question, language):
    assert asks_for_many(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Which country won?", "en"),
        ("What happens next?", "en"),
        ("What is on the list?", "en"),
        ("Quel pays a gagné ?", "fr"),
        ("Welches Land gewann?", "de"),
        ("¿Qué país ganó?", "es"),
        ("Které země?", "cs"),
    ],
)
def test_a_question_that_asks_for_one_thing(question, language):
    assert not asks_for_many(question, language)
