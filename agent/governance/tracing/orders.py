"""Does a text seem to give orders to the assistant that reads it? That is a reason to look, and never proof.

It reads what people write who do this: to ignore what was told before, words to an assistant, orders about its answer
or its silence, calls of tools that act, and the marks of models' own templates, in several languages, and what of it is
encoded, turned around or spelt with other letters. Whoever knows these rules writes around them, so nothing is allowed
because nothing was found.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import Final
from urllib.parse import unquote

from agent.governance.tracing.letters import seen, spellings

_MOST: Final = 20_000  # characters of a text that are read
_CODED: Final = 12  # stretches of it that are decoded, at most
_SHOWN: Final = 80  # characters of an order that are shown

_LEAD: Final = (
    r"(?:^|[.!?:;,\"'“”‘’(\[{|=-]\s*|(?-i:(?<=\s)(?=[A-Z]))|\b(?:please|kindly|now|must|should|shall|and|then|you"
    r"|to|just|hello|hi|so|but|simply"
    r"|first|instead|important|urgent|can|will)\s+)"
)
_DROP: Final = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|dismiss|discard|do not (?:follow|obey|heed)"
    r"|don'?t (?:follow|obey|heed)|stop (?:following|obeying))"
)
_ANY: Final = (
    r"(?:(?:all|any|every|of|the|these|those|other|old|such|what|whatever|current|given|absolutely|completely)\s+)"
)
_OURS: Final = (
    r"(?:previous|prior|earlier|above|preceding|foregoing|existing|initial|original|system|your|safety|hidden|developer"
    r"|aforementioned|past|former)"
)
_TOLD: Final = (
    r"(?:instructions?|prompts?|rules|guidelines?|directions|directives?|commands|orders|constraints|restrictions"
    r"|programming|safeguards?|training|guardrails|system messages?)"
)
_AI: Final = (
    r"(?:ais?|llms?|(?:large )?language models?|chat ?bots?|(?:ai|llm|virtual|automated|digital)[ -](?:assistant|agent"
    r"|model|system|bot|reviewer|reader)s?|assistants?|chatgpt|claude|gemini|copilot)"
)
_ENGLISH: Final = (  # each with what one of must stand in a text that it is found in
    (
        "ignore|disregard|forget|overrid|overrul|bypass|dismiss|discard|follow|obey|heed",
        rf"{_LEAD}{_DROP}\s+{_ANY}{{0,4}}{_OURS}\s+(?:{_ANY}|{_OURS}\s+|and\s+|\w+\s+(?={_TOLD})){{0,3}}{_TOLD}\b",
    ),
    (
        "ignore|disregard|forget|overrid|overrul|bypass|dismiss|discard|follow|obey|heed",
        (
            rf"{_LEAD}{_DROP}\s+{_ANY}{{0,3}}{_TOLD}\s+(?:above\b|before this|(?:that )?you (?:were|have been|had been"
            rf"|got)|given)"
        ),
    ),
    (
        "ignore|disregard|forget|overrid|overrul|bypass|dismiss|discard|follow|obey|heed|pay no attention",
        (
            rf"{_LEAD}(?:{_DROP}|pay no attention to)\s+(?:everything|all|anything"
            rf"|what(?:ever)?)\s+(?:that\s+)?(?:\w+\s+){{0,3}}?"
            r"(?:you(?:'ve| have| were| had)?(?: been)? (?:told|given|instructed|taught)|told you|above|(?:said"
            r"|written) before)\b"
        ),
    ),
    (
        "void|cancel|revoked|suspended|obsolete",
        (
            rf"\b{_OURS}\s+{_TOLD}\s+(?:are|were|is)\s+(?:now\s+|hereby\s+)?(?:void|cancelled|canceled|revoked"
            rf"|suspended|obsolete)\b"
        ),
    ),
    (
        "you were given|you were told|you have been",
        rf"\b{_TOLD}\s+(?:that\s+)?you\s+(?:were|have been)\s+(?:given|told)\s+(?:no longer|do not|don'?t|are)\b",
    ),
    (
        "note|message|attention|notice|instruction|reminder|hint|request|memo|warning|important",
        (
            rf"\b(?:note|message|attention|notice|instructions?|reminder|hint|request|memo|warning|important)\s*(?:to"
            rf"|for|:)?\s*"
            rf"(?:the |an |any |all |every |our |your |this |other )?{_AI}(?=\s*(?:[:,.!–—-]|reading|processing"
            rf"|handling|that\b|who\b|when\b))"
        ),
    ),
    (
        "if you|when you|as you|since you|because you",
        rf"\b(?:if|when|as|since|because)\s+you(?:'re| are)\s+(?:an?\s+|the\s+)?{_AI}\b",
    ),
    (
        "as a",
        rf"\bas\s+an?\s+{_AI}(?:\s+\w+)?,?\s+you\s+(?:must|will|should|have|shall|are)\b",
    ),
    (
        "dear|hey|hi |hello|ok",
        rf"\b(?:dear|hey|hi|hello|ok)\s+(?:ai\s+)?{_AI}\b(?=\s*[,:!.])",
    ),
    (
        "reading|processing|handling|summari|reads",
        (
            rf"\b(?:to|for)\s+(?:any|all|every|the)\s+{_AI}\s+(?:reading|processing|handling|summari[sz]ing"
            rf"|that reads?|who reads?)\b"
        ),
    ),
    (
        "ai|llm|chatbot|chat bot|assistant|gpt|claude|gemini|copilot|language model",
        (
            rf"(?:^|[.!?\n]\s*)@?{_AI}\s*[:,]\s*(?:please|you|when|if|kindly|ignore|do|send|call|mark|answer|reply"
            rf"|approve|never"
            r"|always|this|note|now|stop|use|tell|forward|refund|close|open)\b"
        ),
    ),
    (
        "from now|from here|from this point",
        (
            r"\bfrom\s+(?:now|here|this point)\s+on(?:wards?)?,?\s+(?:you|all your answers)\s+(?:must|are|shall"
            r"|should|only|have to|act|answer"
            r"|respond|speak|can|will (?!find|see|receive|get|be able|have to pay|need))"
        ),
    ),
    (
        "you are now|you are no longer|you're now|you're no longer",
        (
            r"\byou(?:'re| are)\s+(?:now|no longer)\s+(?:an?\s+|the\s+|my\s+|called\s+"
            r"|in\s+)?(?:\w+\s+){0,2}?(?:\w*bot|ai|assistant"
            r"|dan|agent|jailbroken|unrestricted|free from|persona|language model|llm|(?:developer|god|debug) mode)\b"
        ),
    ),
    (
        "act as|pretend|to play|to answer",
        (
            r"\byou (?:are going|are about|have|will have) to (?:act as|pretend|play|answer)\b[^.!?]{0,60}\b(?:dan|ai"
            r"|bot|character|role|persona"
            r"|prompts?|evil|language model)\b"
        ),
    ),
    (
        "do anything now|developer mode|jailbroken|jail broken|in character",
        r"\b(?:do anything now|developer mode (?:enabled|output)|jail ?broken|(?:stay|remain) in character)\b",
    ),
    (
        "user|human|operator",
        (
            rf"{_LEAD}(?:do not|don'?t|never)\s+(?:tell|mention|inform|reveal|disclose|alert"
            rf"|notify)\b[^.!?\n]{{0,40}}\b(?:the|this) "
            r"(?:user|human|operator)s?\b"
        ),
    ),
    (
        "system prompt|instruction|prompts",
        (
            r"\b(?:repeat|print|reveal|show|output|display|tell me|give me|write out|expose|leak|recite|what (?:is"
            r"|are|was|were)"
            r"|ignore .{0,30} and (?:print|say|write))\s+(?:\w+\s+){0,4}?(?:(?:your|the|this) system prompt"
            r"|your (?:(?:hidden|initial|original|secret"
            r"|system|full|exact|prior|previous|above)\s+)+(?:instructions?|prompts?)"
            r"|(?:the )?instructions (?:that )?you (?:were|have been) given)\b"
        ),
    ),
    (
        "your ",
        (
            r"(?:^|[.!?:;,\"(]\s*|(?-i:(?<=\s)(?=[A-Z]))|\b(?:please|then|and|also|to|must|should)\s+)(?:include|add"
            r"|insert|append|attach|embed|begin|start"
            r"|end|finish|close|conclude|open|write|provide|put|use|replace|swap|modify|change|alter|integrate"
            r"|incorporate|introduce|make"
            r"|mention|remove|omit|misspell|translate|format|rearrange|present|encode|group|scramble|substitute"
            r"|convert|use|craft|weave|ensure"
            r"|slip|sprinkle|feature|spell|switch|recommend|advertise|promote)\b[^.!?\n]{0,160}?\byour (?:own |final "
            r"|entire |whole |next )?"
            r"(?:response|answer|output|summary|reply to the user)s?\b"
        ),
    ),
)
_MORE: Final = (
    (
        "forget everything|stop everything",
        (
            r"\bforget\s+everything\s+(?:that\s+)?you\s+(?:have\s+|'ve\s+)?(?:learn|know|knew|were)"
            r"|\bstop\s+everything\W{1,9}(?:now\W{1,9})?(?:just\s+)?(?:print|say|write|do)\b"
        ),
    ),
    (
        "says|tells|decode|decrypt",
        (
            r"\b(?:do|follow|obey|execute)\s+(?:exactly\s+)?what(?:ever)?\s+(?:it|this|that|the\s+(?:text|message"
            r"|mail|document|page))\s+(?:says|tells)\b"
            r"|\b(?:decode|decrypt)\s+(?:this|it|the following|what follows)\s+(?:and|then)\s+(?:do|follow|act|obey"
            r"|execute|run)\b"
        ),
    ),
)
_OTHERS: Final = (  # of languages that many write; in each, at least that what was told is to be ignored
    (
        "anweisung|regeln|vorgaben|instruktion|richtlinien|befehle|prompt",
        (
            r"\b(?:ignorier\w*|vergiss|vergessen sie|missacht\w*|übergeh\w*|umgeh\w*)\b[^.!?]{0,40}\b(?:bisherige\w*"
            r"|vorherige\w*|vorige\w*"
            r"|obige\w*|frühere\w*|vorangegangene\w*|deine|ihre|sämtliche\w*)\s+(?:\w+\s+){0,2}(?:\w*anweisung\w*"
            r"|regeln|vorgaben|instruktion\w*"
            r"|richtlinien|befehle|prompts?)\b"
        ),
    ),
    (
        "alles was|alles, was",
        (
            r"\b(?:vergiss|vergessen sie|ignorier\w*)\s+alles,?\s+was\b[^.!?]{0,40}\b(?:gesagt|vorher|oben|davor"
            r"|aufgetragen)\b"
        ),
    ),
    (
        "ki|llm|assistent|sprachmodell|chatbot",
        (
            r"\b(?:hinweis|nachricht|anweisung(?:en)?|achtung|botschaft|notiz)\s+(?:an|für)\s+(?:die|den|das|alle"
            r"|eine\w?|jede\w?)\s+"
            r"(?:ki\b|llm\b|\w*assistent\w*|\w*sprachmodell\w*|chatbots?\b)"
        ),
    ),
    (
        "nutzer",
        (
            r"\b(?:sage?|verrate?|erzähle?|teile?|sagen sie)\b[^.!?]{0,20}\b(?:dem|der"
            r"|den)\s+(?:be)?nutzer\w*\b[^.!?]{0,20}\b(?:nichts|nicht|kein)"
        ),
    ),
    (
        "ab jetzt|von nun an|ab sofort",
        r"\b(?:ab jetzt|von nun an|ab sofort)\s+(?:antwortest|bist|wirst|sollst|musst|darfst|sprichst|handelst)\s+du\b",
    ),
    (
        "ignor|oubli|négli",
        (
            r"\b(?:ignor\w+|oubli\w+|négli\w+)\b[^.!?]{0,30}\b(?:instructions?|consignes?|règles|directives"
            r"|ordres)\s+(?:\w+\s+){0,2}"
            r"(?:précédent\w*|antérieur\w*|ci-dessus|initial\w*)"
        ),
    ),
    (
        "oubli",
        r"\boubli\w+\s+tout\s+ce\s+(?:qu|que)\b[^.!?]{0,30}\b(?:dit|appris|donné)\b",
    ),
    (
        "pour|à|au",
        (
            r"\b(?:note|message|instructions?|attention)\s+(?:pour|à|au|aux)\s+(?:l'|les?\s+|une?\s+"
            r"|tous les\s+)?(?:ia|assistante?s?|modèles? de langage|chatbots?)\b"
        ),
    ),
    (
        "utilisat|usag",
        (
            r"\bne\s+(?:le\s+|rien\s+)?(?:dis|dites|révèle|révélez|mentionne)\b[^.!?]{0,20}\b(?:à\s+l'"
            r"|aux\s+)(?:utilisat\w+|usag\w+)"
        ),
    ),
    (
        "ignor|olvid|esque|dimentic|descart|desconsider",
        (
            r"\b(?:ignor\w+|olvid\w+|esque[cç]\w+|dimentic\w+|descart\w+|desconsider\w+)\b[^.!?]{0,30}\b(?:instruc\w+"
            r"|instru[cç]\w+|istruzion\w+|reglas"
            r"|regras|regole|órdenes|ordens|directrices|direttive)\s+(?:\w+\s+){0,2}(?:anterior\w*|previ\w+"
            r"|precedent\w+|de arriba|acima)"
        ),
    ),
    (
        "olvid",
        r"\bolvid\w+\s+todo\s+lo\s+que\b[^.!?]{0,30}\b(?:dijeron|dicho|antes)\b",
    ),
    (
        "nota|mensa|messaggio|instrucciones|aten",
        (
            r"\b(?:nota|mensaje|mensagem|messaggio|instrucciones|atención|atenção)\s+(?:para|al?|per)\s+(?:el\s+"
            r"|la\s+|o\s+|l'|los\s+)?(?:ia\b|asistente|assistente|modelo de)"
        ),
    ),
    (
        "usuario|cliente",
        r"\bno\s+(?:se\s+lo\s+|le\s+)?(?:digas|diga|menciones|reveles)\b[^.!?]{0,20}\bal?\s+(?:usuario|cliente humano)",
    ),
    (
        "negeer|vergeet",
        (
            r"\b(?:negeer|vergeet)\b[^.!?]{0,20}\b(?:vorige|eerdere|bovenstaande|voorgaande)\s+(?:instructies"
            r"|opdrachten|regels|aanwijzingen)"
        ),
    ),
    (
        "ignoruj|zapomnij|pomiń",
        (
            r"\b(?:z?ignoruj\w*|zapomnij\w*|pomiń)\b[^.!?]{0,20}\b(?:poprzedni\w+|wcześniejsz\w+"
            r"|powyższ\w+)\s+(?:instrukcj\w+|polece\w+|zasad\w*)"
        ),
    ),
    (
        "игнорируй|забудь",
        (
            r"(?:игнорируй\w*|забудь\w*)[^.!?]{0,30}(?:предыдущ|прежн|вышеуказанн)[^.!?]{0,20}(?:инструкци|указани"
            r"|правил|команд)"
        ),
    ),
    (
        "忽略|无视|無視|忽視|忘记|忘記|不要理会",
        r"(?:忽略|无视|無視|忽視|忘记|忘記|不要理会)[^。！？]{0,8}(?:之前|以前|上面|上述|先前|前面|以上|此前)[^。！？]{0,8}(?:指令|指示|说明|說明|规则|規則|提示|要求|内容|內容)",
    ),
    (
        "無視|忘れ",
        r"(?:これまで|以前|上記|今まで|前述)[^。！？]{0,12}(?:指示|命令|ルール|プロンプト|規則)[^。！？]{0,12}(?:無視|忘れ)",
    ),
    (
        "무시|잊",
        r"(?:이전|위의|앞선|기존)[^.!?]{0,12}(?:지시|명령|지침|규칙|프롬프트)[^.!?]{0,12}(?:무시|잊)",
    ),
    (
        "talimat|komut|kural",
        (
            r"(?:önceki|yukarıdaki)[^.!?]{0,20}(?:talimat|komut|kural)\w*[^.!?]{0,15}(?:yok say|unut|görmezden"
            r"|dikkate alma)"
        ),
    ),
    (
        "تجاهل|انس",
        r"(?:تجاهل|انس|تجاهلوا)[^.!?]{0,15}(?:التعليمات|الأوامر|القواعد)[^.!?]{0,10}(?:السابقة|أعلاه)",
    ),
    (
        "निर्देश",
        r"(?:पिछले|पूर्व|ऊपर के)[^।]{0,20}निर्देश[^।]{0,15}(?:अनदेखा|भूल|नज़रअंदाज़)",
    ),
)
_LINES: Final = re.compile(
    r"(?im)<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|begin_of_text)\|>"
    r"|\[/?INST\]|<</?SYS>>"
    r"|^\s*#{2,4} ?(?:instruction|response) ?:\s*$"
    r"|^\W*(?:system|assistant|developer)(?: message| prompt)?\s*:\s*(?:you (?:must|are|will|should|now)|ignore"
    r"|new instructions|override)"
)
_CALLED: Final = (
    r"\b(?:call|use|invoke|run|execute|trigger|apply)\s+(?:(?:the|a|your|tool|function|named?"
    r"|called)\s+){{0,4}}(?:{names})"
    r"(?:\s+(?:tool|function|with|on|for each|and|to|now)\b|\s*[({{\[:]|[`'\"])|(?<![\w.])(?:{coded})\s*[({{]"
)

_TAGGED: Final = re.compile("[\U000e0020-\U000e007e]+")
_MARKUP: Final = re.compile(r"[*`~#>|\\]+(?=\w)|(?<=\w)[*`~|]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|<!--|-->")
_BEGINS: Final = re.compile(rf"(?i)\n\s*(?=(?:{_DROP}|never|include|add|insert|append|begin|end|write|start)\b)")
_BASE64: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{24,8000}={0,2}(?![\w+/=-])")
_HEX: Final = re.compile(r"(?i)(?<![^\W_])(?:[0-9a-f]{2}[ :]?){12,4000}(?![0-9a-f])")
_ESCAPES: Final = re.compile(r"(?i)\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,5})\}")


def orders(text: str, acting: Collection[str] = ()) -> str | None:
    """What of a text seems to be an order, in its own words, and how it was hidden; None where nothing does.

    `acting` are the names of tools that do more than read.
    """
    called = _called(frozenset(acting))
    for how, form in _forms(text[:_MOST]):
        found = _LINES.search(form)
        flat = " ".join(_BEGINS.sub(". ", _MARKUP.sub(" ", form)).split())
        found = found or _ruled(flat) or (called.search(flat) if called else None)
        if found:
            said = " ".join(found[0].split()).strip(" .,:;!?\"'")
            return f"{said if len(said) <= _SHOWN else f'{said[: _SHOWN - 3]}...'}{f' ({how})' if how else ''}"
    return None


@cache
def _rules() -> list[tuple[tuple[str, ...], re.Pattern[str]]]:
    known = (*_ENGLISH, *_MORE, *_OTHERS)
    return [(tuple(clues.split("|")), re.compile(pattern, re.IGNORECASE)) for clues, pattern in known]


def _ruled(text: str) -> re.Match[str] | None:
    low = text.lower()
    for clues, pattern in _rules():
        if any(clue in low for clue in clues) and (found := pattern.search(text)):
            return found
    return None


@lru_cache(maxsize=32)
def _called(names: frozenset[str]) -> re.Pattern[str] | None:
    if not names:
        return None
    any_of = "|".join(re.escape(name) for name in sorted(names))
    coded = "|".join(re.escape(name) for name in sorted(names) if "_" in name) or r"(?!)"
    return re.compile(_CALLED.format(names=any_of, coded=coded), re.IGNORECASE)


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """The text as it is read, and each other one that it may stand for; with how that was hidden."""
    plain = seen(text)
    known = {plain}
    yield "", plain
    for how, form in _hidden(text, plain):
        if form not in known:
            known.add(form)
            yield how, form


def _hidden(text: str, plain: str) -> Iterator[tuple[str, str]]:
    for tagged in _TAGGED.findall(text):
        yield "in signs that nobody sees", "".join(chr(ord(sign) - 0xE0000) for sign in tagged)
    for how, form in spellings(plain):
        yield how, form
        if how == "spelt out":
            yield how, _run_together(form)
    if "&" in plain and ";" in plain:
        yield "as entities", html.unescape(plain)
    if plain.count("%") > 5:
        yield "in percent signs", unquote(plain)
    if plain.count("\\") > 5:
        yield "as escapes", _ESCAPES.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), plain)
    yield "turned by thirteen letters", codecs.encode(plain, "rot13")
    yield "turned around", plain[::-1]
    yield from _decoded(plain)


def _run_together(text: str) -> str:
    """Words that were spelt out as one, with their bounds again, as far as what orders begin with goes."""
    return re.sub(
        r"(?i)(ignore|disregard|forget|all|previous|prior|above|your|the|instructions?|rules|prompts?)", r" \1 ", text
    )


def _decoded(text: str) -> Iterator[tuple[str, str]]:
    tries = [(found[0], "in base64", _of_base64) for found in _BASE64.finditer(text)]
    tries += [(found[0], "as hexadecimal numbers", _of_hex) for found in _HEX.finditer(text)]
    for written, how, decode in tries[:_CODED]:
        try:
            said = decode(written).decode("utf-8")
        except (ValueError, binascii.Error):
            continue
        if sum(each.isprintable() or each.isspace() for each in said) >= 0.95 * len(said):
            yield how, seen(said)


def _of_base64(written: str) -> bytes:
    bare = written.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def _of_hex(written: str) -> bytes:
    return bytes.fromhex(re.sub("[ :]", "", written))
