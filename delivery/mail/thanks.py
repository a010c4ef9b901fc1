"""Whether a mail says thanks and nothing else. Plain Python.

A grammar of whole phrases, not a guess: every word must belong to one of them, so that anything else (a question, a
number, a "but", a name that nobody here has) makes the text more than thanks. Where it is in doubt, it is more.
"""

import re
from collections.abc import Iterable

LONGEST = 400  # characters: who says more has something to say

# Regular expressions over words in small letters that are separated by one space. The languages are those in which
# ``trimming`` finds the end of what was written.
_GREETINGS = (
    r"hi( there| all)?", r"hello( there| all)?", r"hey", r"dear( all| team| support( team)?)?",
    r"good (morning|afternoon|evening)",
    r"hallo( zusammen)?", r"guten (tag|morgen|abend)", r"moin", r"liebe[rs]?( kolleg(en|innen))?",
    r"sehr geehrte (damen und herren|frau|herr)", r"sehr geehrter herr",
    r"bonjour( à tous)?", r"bonsoir", r"hola", r"buen(os días|as tardes)", r"ciao", r"buon(giorno|asera)",
    r"beste", r"goede(morgen|middag)",
)  # fmt: skip
_FOR = (
    r"for ((that|this|it|everything|all)|(the|your|all your|all the|this|that)( (very|so))?"
    r"( (quick|fast|prompt|kind|great|good|swift|friendly))?"
    r" (help|support|fix|answer|reply|response|work|solution|update|effort|efforts|assistance|service|info"
    r"|information|feedback|explanation))"
)
_FUER = (
    r"für (die|ihre|eure|deine|den|das|ihren|euren)( (schnelle|rasche|prompte|gute|tolle|nette|freundliche|schnellen))?"
    r"( (hilfe|antwort|lösung|unterstützung|rückmeldung|mühe|info|information|arbeit|support|bearbeitung|erklärung"
    r"|reaktion))"
)
_POUR = r"pour (votre|ton|l|la|le)( (aide|réponse|retour|soutien|travail|réactivité|solution|explication))"
_POR = r"por (su|tu|la|vuestra)( (rápida))?( (ayuda|respuesta|solución|apoyo))"
_VOOR = r"voor (de|je|uw|jullie)( (snelle|goede))?( (hulp|reactie|oplossing|antwoord|ondersteuning))"
_PER = (
    r"per (la|il|l|il vostro|la vostra|il suo|la sua|il tuo|la tua)( (rapida))?( (aiuto|risposta|soluzione|supporto))"
)
_THANKS = (
    rf"((many|a lot of|a thousand|big|great|perfect|super) )?thanks( (again|all|everyone|everybody|team|guys))?"
    rf"( (so much|very much|a lot|a million|a bunch))?( again)?( {_FOR})?",
    rf"(we |i )?(want to |would like to )?thank you( (again|all|so much|very much|kindly))*( {_FOR})?",
    rf"(much|very much|greatly) appreciated( {_FOR})?",
    r"thx", r"thnx", r"tnx", r"ty", r"cheers",
    r"perfect", r"great", r"super", r"excellent", r"wonderful", r"brilliant", r"awesome", r"ok", r"okay",
    r"((ganz )?(herzlichen|vielen|besten|lieben|tausend) )?danke?( (schön|sehr|vielmals|ihnen|euch|dir|nochmals))*"
    rf"( {_FUER})?",
    rf"dankeschön( {_FUER})?", r"merci (vielmals|viel mal)", r"perfekt", r"prima", r"wunderbar", r"klasse", r"toll",
    rf"(un grand |mille )?merci( (beaucoup|bien|encore|à vous|à tous|infiniment))*( {_POUR})?", r"parfait",
    r"je vous remercie",
    rf"((muchas|muchísimas|mil) )?gracias( (de nuevo|a todos))?( {_POR})?", r"perfecto", r"genial",
    rf"(hartelijk |heel erg )?(bedankt|dank je wel|dank u wel|dankjewel|dankuwel)( {_VOOR})?", r"top",
    rf"(grazie|molte grazie|mille grazie|tante grazie)( (ancora|mille))?( {_PER})?", r"perfetto", r"ottimo",
)  # fmt: skip
# Which of the words above carry it: "Great" alone may be meant otherwise.
_CORE = re.compile(
    r"\b(thanks|thank you|thx|thnx|tnx|ty|appreciated|danke?|dankeschön|merci|remercie|gracias|bedankt|dank (je|u) wel"
    r"|dankjewel|dankuwel|grazie)\b"
)
_CLOSINGS = (
    r"(kind|best|warm|many)? ?(regards|wishes)", r"all the best", r"best", r"yours( (sincerely|faithfully|truly))?",
    r"sincerely", r"have a (nice|good|great) (day|evening|weekend|week|one)",
    r"((mit )?(freundlichen?|besten?|vielen?|lieben?|herzliche|schöne) )?(grü(ß|ss)en?|gru(ß|ss))",
    r"lg", r"vg", r"mfg", r"schöne[ns] (tag|abend|wochenende)( noch)?", r"einen schönen tag( noch)?",
    r"(bien )?cordialement", r"bien à vous", r"bonne (journée|soirée)",
    r"(un )?(cordial )?saludos?( cordial(es)?)?", r"met vriendelijke groet(en)?", r"(vriendelijke )?groet(en|jes)?",
    r"(cordiali |distinti )?saluti", r"buona (giornata|serata)",
)  # fmt: skip

_PHRASE = re.compile("|".join(f"(?:{each})" for each in (*_GREETINGS, *_THANKS, *_CLOSINGS)))
# Between two phrases: a new line, the end of a sentence, a comma, a dash. Any other sign is more than thanks.
_BREAK = re.compile(r"[\n.,!;–—-]+|\s:-?\)|[🙂😊👍🙏😀👌❤️]+")
# Words that say more even where a client is called so.
_NEVER_A_NAME = frozenset(
    {"no", "not", "but", "still", "again", "broken", "fails", "wrong", "open", "reopen", "nicht", "kein", "keine"}
    | {"aber", "noch", "wieder", "defekt", "falsch", "offen", "non", "pas", "mais", "encore", "pero", "niet", "maar"}
)
_PLAIN = re.compile(r"[a-zäöüßàâçéèêëîïôûùúáíóñ' ]*")


def only_thanks(text: str, *, names: Iterable[str] = ()) -> bool:
    """Whether ``text`` (without quotation and signature) is a thank-you and nothing else.

    ``names``: of people and organisations that greeting, thanks and signature may name ("Thanks, Sue").
    """
    if len(text) > LONGEST or not text.strip():
        return False
    known = {word for name in names for word in _words(name)} - _NEVER_A_NAME
    words = text.lower().replace("’", "'").replace("\r", "")
    parts = [" ".join(part.split()) for part in _BREAK.split(words)]
    parts = [part for part in parts if part]
    return any(_CORE.search(part) for part in parts) and all(_is_known(part, known) for part in parts)


def _is_known(part: str, names: set[str]) -> bool:
    """One phrase, or several in a row with names between them; every word of it used up."""
    if not _PLAIN.fullmatch(part) and not set(_words(part)) <= names:
        return False
    words = part.split()
    # reached[n]: the first n words are phrases and names; a phrase of the table has at most 16 words.
    reached = [True] + [False] * len(words)
    for end in range(1, len(words) + 1):
        if reached[end - 1] and words[end - 1] in names:
            reached[end] = True
            continue
        reached[end] = any(
            reached[start] and _PHRASE.fullmatch(" ".join(words[start:end])) for start in range(max(0, end - 16), end)
        )
    return reached[-1]


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s.,'’-]+", name.lower()) if word]
