"""Does somebody say that they want a person? By five forms of words, in English, German, French, Spanish and Italian.

To talk to a person, to be put through to one, to want one, that one helps or calls, and not to want a machine. Who only
speaks of people, as of an agent that cleans, is not meant.
"""

from __future__ import annotations

import re
from typing import Final

_PEOPLE: Final = {
    "en": r"(?:an? |some |the |your |my |another |a member of )?(?:(?:real|live|actual|human) ){0,2}"
    r"(?:human(?: being)?|person|someone|somebody|anyone|anybody|agent|representative|operator|manager|supervisor|boss|"
    r"colleague|employee|expert|adviser|advisor|staff|support|customer (?:service|support|care))\b(?!['-])",
    "de": r"(?:(?:einem|einer|einen|eine|ein|ihrem|ihren|ihrer|dem|den|der|an|zum|zur) ){0,2}"
    r"(?:(?:echte|richtige|menschliche)\w* )?"
    r"(?:jemand(?:em|en)?|mensch(?:en)?|person|(?:mitarbeiter|berater|sachbearbeiter|ansprechpartner|chef)(?:in)?|"
    r"vorgesetzten?|kolleg(?:en|e|in)|kundenservice|kundendienst|support)\b",
    "fr": r"(?:une? |le |la |un de vos |votre )?(?:vraie? )?"
    r"(?:(?:être )?humain|personne|quelqu'un|agent|conseill(?:er|ère)|"
    r"opérat(?:eur|rice)|responsable|superviseur|service client)\b",
    "es": r"(?:una? |su |el |la )?(?:humano|persona|ser humano|alguien|agente|supervisora?|responsable|gerente|"
    r"representante|operadora?)\b",
    "it": r"(?:un'|una? |il |la )?(?:umano|essere umano|persona|qualcuno|operat(?:ore|rice)|responsabile|supervisore|"
    r"addett[oa])\b",
}
_FORMS: Final = {
    "en": (
        r"\b(?:speak|talk|chat|discuss (?:this|it|that))(?:ing)? (?:directly )?(?:to|with) {}",
        (
            r"\b(?:connect|transfer|forward|pass|hand|put|escalate)(?: me| us| this| it| that)?(?: through| over| on)? "
            r"(?:to|with) {}"
        ),
        r"(?<!do )\b(?:i|we) (?:just |really )?(?:want|need|would like|prefer) {}",
        r"\b(?:get|give|find|bring|send) (?:me|us) {}",
        r"\b(?:i|we) (?:want|need|would like|have) to (?:speak|talk) (?:to|with) {}",
        r"(?:^|[.!?,;] ?|\bplease )escalate\b|\bescalate (?:this|it)\b",
        r"\b(?:can|could|will|would) {}(?: \w+){{0,4}} (?:help|assist|call|ring|phone|contact) (?:me|us)\b",
        r"\bis there {}(?: \w+){{0,3}} (?:speak|talk|help)\b",
        r"\b{},? (?:and )?(?:not|no) (?:an? )?(?:ro)?bots?\b",
        r"\bno (?:ro)?bots?\b.{{0,20}}\b{}",
    ),
    "de": (
        r"\bmit {} (?:sprechen|reden|telefonieren|verbinden|verbunden)\b",
        r"\bverbinden? (?:sie )?(?:mich|uns) (?:bitte )?mit {}",
        r"\b(?:leiten?|geben|gib|holen?) (?:sie )?(?:bitte )?(?:das|dies|es|mich|mir|uns)? ?(?:bitte )?(?:weiter )?{}",
        r"\b(?:ich|wir) (?:möchte|will|wollen|brauche|brauchen|hätte gern|würde gern)(?: bitte| gern)? {}",
        (
            r"\b(?:kann|könnte) (?:mich |mir |uns )?(?:bitte )?{}(?: bitte)? (?:mich |mir |uns )?"
            r"(?:zurückrufen|anrufen|helfen)\b"
        ),
        r"\bkeine?n? (?:ro)?bot(?:er)?\b.{{0,20}}\b{}",
    ),
    "fr": (
        r"\bparler (?:à|avec) {}",
        r"\b(?:passez|mettez|transférez|donnez)-(?:moi|nous) (?:en relation )?(?:avec |à |vers )?{}",
        r"\b(?:je veux |je voudrais |j'aimerais |il me faut |j'ai besoin d'){}",
        r"\b(?:transmettre|transférer|passer) (?:cela|ceci|ça|ma demande|mon dossier) (?:à|au) ?{}",
        r"\bje ne veux pas (?:d'un |parler à un |un )(?:robot|bot)\b",
        r"\b{} (?:peut|pourrait)(?:-il|-elle)? (?:m'aider|m'appeler|me répondre)\b",
    ),
    "es": (
        r"\bhablar con {}",
        r"\b(?:páseme|pásame|póngame|conécteme|transfiérame) (?:con|a) {}",
        r"\b(?:quiero|necesito|prefiero|quisiera) (?:que me (?:atienda|ayude|llame) )?{}",
        r"\bno quiero (?:un |hablar con un )?(?:robot|bot)\b",
        r"\bpuede {} (?:ayudarme|llamarme|atenderme)\b",
    ),
    "it": (
        r"\bparlare con {}",
        r"\b(?:mi passi|mi passa|passatemi|mi colleghi|mi trasferisca) (?:a |con )?{}",
        r"\b(?:voglio|vorrei|ho bisogno di) {}",
        r"\bnon voglio (?:parlare con )?un (?:robot|bot)\b",
        r"\b{} può (?:aiutarmi|chiamarmi)\b|\bpuò (?:aiutarmi|chiamarmi) {}",
    ),
}
_FORM: Final = re.compile(
    "|".join(form.format(*[_PEOPLE[language]] * 2) for language, forms in _FORMS.items() for form in forms)
    + "|人工客服|人工服务|真人客服",
    re.IGNORECASE,
)
_LONGEST: Final = 2_000
"""Characters of a question that are looked at, from its beginning and from its end."""


def asks_for_person(question: str) -> bool:
    """Whether somebody says that they want a person."""
    said = " ".join(question.replace("’", "'").split())
    return any(_FORM.search(part) for part in {said[:_LONGEST], said[-_LONGEST:]})
