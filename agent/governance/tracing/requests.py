"""What did who asked ask for, and in which words? Only what is plainly asked for counts: not a question about it.

A question is taken apart into clauses. One asks for a tool where it begins, behind words of courtesy, with a verb that
the tool's name says or a synonym; and it does so plainly where neither it nor what belongs to it has a word of denial,
exception, condition, choice, report, past or doubt. Where nobody can tell, a person is to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from agent.governance.tracing import wording as w
from agent.governance.tracing.figures import tokens
from agent.governance.tracing.wording import folded

_QUOTED: Final = re.compile(
    r"""(?mx)```[\s\S]*?(?:```|\Z)|"[^"]*(?:"|\Z)|“[^”]*(?:”|\Z)|„[^“”]*(?:[“”]|\Z)|«[^»]*(?:»|\Z)|»[^«]*(?:«|\Z)
    |‹[^›]*(?:›|\Z)|「[^」]*(?:」|\Z)|『[^』]*(?:』|\Z)|`[^`\n]*`|(?<!\w)'[^'\n]+'(?!\w)|‘[^’\n]+’(?!\w)
    |<(?P<tag>[a-zA-Z][\w-]*)[^<>@]*>[\s\S]*?(?:</(?P=tag)\s*>|\Z)
    |^[ \t]*[>|][^\n]*
    |^[ \t]*(?:from|sent|subject|fwd?|fw|von|gesendet|betreff|objet|asunto|wg|de|para)[ \t]*:[\s\S]*\Z""",
    re.IGNORECASE,
)
_BARE_QUOTE: Final = 3  # words that a quote has at least to be another's; a title may have fewer
_QUOTE: Final = "\ue000"  # stands for each sign of what is quoted
_BREAKS: Final = re.compile(
    r"""(?ix)(?<=[.!?])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!e\.g\.)\s+|\n+|;\s+|\s*:(?=\s|\ue000)\s*
    |,\s+(?:(?:and|then|but|und|dann|aber|et|puis|mais|y|luego|pero)\s+(?:then\s+|dann\s+|puis\s+|luego\s+)?)?
    |(?<!go\ ahead)(?<!so\ gut)\s+(?:and|then|but|und|dann|aber|et|puis|mais|y|e|luego|pero)\s+
    |,?\s+(?:as\ well\ as|sowie|ainsi\ que|as[ií]\ como|&)\s+|\s+[-–]+\s+|\s*—\s*|\s*\(|\)\s*"""
)
_DENIED: Final = re.compile(
    r"""(?ix)\b(?:not|never|no|without|avoid|stop|cannot|nicht|nie|kein\w*|ohne|ne|pas|jamais|sans|nunca|sin|nada)\b
    |n't\b|n’t\b"""
)
_REVOKED: Final = re.compile(
    r"""(?ix)\b(?:never\ ?mind|forget\ (?:it|that|this|about)|scrap\ (?:it|that|this)|kidding|on\ second\ thoughts?
    |changed\ my\ mind|(?:do\ not|don['’]t)\ (?:\w+\ )?(?:it|that|this)\b|hold\ (?:on|off|it)|better\ not|make\ it
    |(?:cancel|undo|stop|ignore)\ (?:it|that|this)|wait|nope|not\ (?:yet|now|so)|not\ sure|doch\ nicht|lieber\ nicht
    |auf\ keinen\ fall|noch\ nicht|finalement|pas\ encore|mejor\ no|todav[ií]a\ no|as\ if)\b"""
)
_LEAD: Final = re.compile(
    r"""(?x)(?:(?:please|pls|plz|porfa|anyway|second|kindly|then|now|also|and|but|so|ok|okay|yes|thanks
        |thank\ you|next|finally|first|just|hi|hello
    |hey|great|perfect|fine|alright|again|well|bitte|dann|jetzt|nun|auch|und|also|ja|danke|gut|hallo|anschliessend|noch
    |mal|s'il\ (?:te|vous)\ plait|svp|stp|puis|ensuite|alors|maintenant|aussi|et|oui|bonjour|por\ favor|luego|entonces
    |ahora|tambien|y|si\ por|hola|go\ ahead\ and)\ )*
    (?:(?P<asked>(?:can|could)\ you|(?:would|will)\ you\ (?:please|kindly)
        |i\ would\ (?:appreciate\ it|be\ (?:glad|grateful|happy|thankful))\ if\ you\ (?:could|would)
        |it\ would\ be\ (?:great|nice|good|helpful|lovely|kind)\ if\ you\ (?:could|would)
        |(?:i|we)\ (?:would\ like|want|need)\ you\ to
        |(?:kannst|konntest)\ du|(?:konnen|konnten|wurden)\ sie|wurdest\ du
        |(?:peux|pourrais)-tu|(?:pouvez|pourriez)-vous|tu\ (?:peux|pourrais)|vous\ (?:pouvez|pourriez)
        |merci\ de|veuillez
        |il\ faut|il\ faudrait|je\ (?:te|vous)\ prie\ de|(?:puedes|podrias|puede|podria)(?:\ usted)?
        |haz\ el\ favor\ de|hay\ que)
     |(?P<wanted>(?:i|we)\ (?:would\ like|want|need)\ to
        |(?P<noun>(?:i|we)\ (?:would\ like|want|need)\ (?=an?\ |another\ )
            |(?:ich\ brauche|wir\ brauchen|necesito|necesitamos)\ (?=eine?n?\ |una?\ ))
        |(?:ich\ (?:mochte|will)|wir\ (?:mochten|wollen)|je\ (?:veux|voudrais)|quiero|queremos))
     |let's|let\ us|make\ sure\ to|be\ sure\ to|be\ so\ kind\ (?:as\ to|and)|sei\ so\ gut\ und)?\ ?
    (?:(?:please|kindly|now|also|then|just|go\ ahead\ and|and|bitte|jetzt|auch|mal|mir
    |por\ favor|s'il\ (?:te|vous)\ plait
    |lui|leur)\ )*"""
)
_ASKS: Final = frozenset(
    """what why who whom whose which when how where is are was were do does did has have had should may might must will
    would can could am was wer wann warum wie wo welche welcher welches steht hat que qui quand comment quel quelle
    quels quelles est-ce qu'est-ce quoi qué cuál cuándo cómo dónde quién hay es""".split()  # noqa: SIM905
)
_WH: Final = frozenset(
    "how why what who whom whose which where when that whether if was wie warum ob comment que como".split()  # noqa: SIM905
)
_SHORT: Final = {"n't": "not", "'d": "would", "'ll": "will", "'ve": "have", "'re": "are", "'m": "am"}
_CLITICS: Final = re.compile(r"(?:me|te|se)?(?:le|les|lo|la|los|las)$|-(?:lui|leur|moi|le|la|les)$")
_GREETS: Final = frozenset("hi hello hey dear hallo liebe lieber bonjour hola".split())  # noqa: SIM905
_TURNED: Final = re.compile(r"\b(?:bitte|du|sie|mochte|mochten|will|wollen) ")
_A: Final = frozenset("a an another ein eine einen un une una".split())  # noqa: SIM905
_PLEASE: Final = frozenset("please bitte plait favor".split())  # noqa: SIM905
_CHECKING: Final = frozenset("check ask pruf prufe verifie verifiez comprueba".split())  # noqa: SIM905
_UNSETTLES: Final = frozenset("no nope nein non or oder ou o but aber mais pero unless except".split())  # noqa: SIM905
_PAIRS: Final = frozenset(
    {("up", "to"), ("in", "case"), ("in", "theory"), ("in", "draft"), ("in", "principle"), ("on", "hold"), ("at", "a")}
)
_OPEN: Final = w.HANGING | w.PENDING  # leaves open whether something is to be done, wherever it stands
_AMISS: Final = _OPEN | w.DENYING | w.INEXACT | w.TAKING_BACK | w.REPORTING | w.MODAL | w.FINITE | w.SUBJECTS
_KNOWN: Final = w.DOING | w.HESITATING | w.CONTRARY
_ANOTHER: Final = frozenset(
    "another too also and then and back zuruck to each once je jeweils und et y chacun cada uno zuruck a".split()  # noqa: SIM905
)
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that was asked for: the words that say so (`scope`), and all that was said of it (`about`)."""

    scope: str
    about: str


def quoted(text: str) -> list[str]:
    """What stands in quotes at length, which may be another's words."""
    found = [match[0] for match in _QUOTED.finditer(text)]
    return [each for each in found if len(each.split()) >= _BARE_QUOTE or each.lstrip()[0] in ">|`<"]


def without_quotes(text: str) -> str:
    """The text without what stands in quotes at length."""
    for each in quoted(text):
        text = text.replace(each, " ")
    return text


def wishes(question: str, tool: str) -> list[Wish]:
    """Where a question asks for what a tool does by its name, one for each time that it is to be done."""
    masked = _QUOTED.sub(lambda match: _QUOTE * len(match[0]), question)
    if any(sign in masked for sign in '"“„”«»`') or any(map(_is_strange, question.split())):
        return []
    clauses, act = list(_clauses(masked)), _act(tool)
    act = replace(act, verbs=act.verbs | {tool})
    found = _found(clauses, act)
    if not found or _is_left_open(clauses, found, act) or _REVOKED.search(masked, clauses[found[0][0]].start):
        return []
    return [
        Wish(question[slice(*span)], question[clauses[first].start : clauses[last].end])
        for first, last in found
        for span in _each_time(question, [(each.start, each.end) for each in clauses[first : last + 1]])
    ]


def _is_strange(word: str) -> bool:
    """Whether a word has a sign that nobody sees, or is of a script whose languages are not read here."""
    is_latin = all(unicodedata.name(sign, "").startswith("LATIN") for sign in word if sign.isalpha())
    is_named = any(sign.isdigit() or sign in "@/" for sign in word)
    return any(unicodedata.category(sign) == "Cf" for sign in word) or not (is_latin or is_named)


@dataclass(frozen=True, slots=True)
class _Act:
    """What a tool does, by its name: the verbs that say it alone, and those that say it with one of the nouns."""

    verbs: frozenset[str]
    makes: frozenset[str]
    nouns: frozenset[str]
    sends: bool = False  # whether its name says that something is sent
    bare: frozenset[str] = frozenset()  # verbs that also say it of what has no name but its number
    new: bool = False

    @property
    def says(self) -> bool:
        return bool(self.nouns & w.SAYING) and not self.bare

    @property
    def mails(self) -> bool:
        return self.sends and bool(self.nouns & w.MAILS)

    @property
    def gives(self) -> bool:
        return bool(self.verbs & w.GIVING)


def _act(tool: str) -> _Act:
    names = [each.lower() for each in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", tool.rsplit("__", 1)[-1])]
    if not names:
        return _Act(frozenset(), frozenset(), frozenset())
    known = [place for place, name in enumerate(names) if _one(name) in _KNOWN]
    at = next((place for place in known if _one(names[place]) not in w.NOUNS), known[0] if known else 0)
    of = names[at + 1 :] or [each for each in names[:at] if _one(each) in w.NOUNS | w.THINGS]
    verb, nouns = _one(names[at]), frozenset(map(_one, of)) - w.PREPOSITIONS
    same = frozenset({verb}).union(*(each for each in w.SAME if verb in each))
    if not nouns:
        return _Act(same, w.MAKING, _called(frozenset({verb, f"{verb}ment"})), sends=True)
    if verb in w.GIVING:
        return _Act(same, w.MAKING, _called(frozenset({verb})))
    if verb in w.NEW and not nouns & w.GIVING:
        return _Act(frozenset(), w.NEW | same | {"issue"}, _called(nouns), new=True)
    if verb in w.MAKING | w.SENDING:
        as_verbs = frozenset().union(nouns, *(each for each in w.SAME if each & nouns)) - w.NEW
        making = w.MAKING | (w.SENDING if nouns & w.SAYING else frozenset())
        return _Act(as_verbs, making, _called(nouns), sends=verb in w.SENDING)
    return _Act(frozenset(), same, _called(nouns), bare=same)


def _called(nouns: frozenset[str]) -> frozenset[str]:
    return nouns.union(*(each for each in w.CALLED if each & nouns))


Kind = Literal["id", "quote", "name", "odd", "word"]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a question, what separates it from the one before, and whether its sentence is a question.

    `said` is what stands behind its words of courtesy; `lead` are these, where they ask (`asked`) or wish (`wanted`).
    """

    start: int
    end: int
    before: str
    is_question: bool
    tokens: tuple[_Token, ...]
    said: tuple[_Token, ...]
    lead: Literal["", "asked", "wanted"]
    is_turned: bool  # its verb may stand last

    @property
    def words(self) -> set[str]:
        return {each.text for each in self.tokens}

    @property
    def verb(self) -> str:
        return _bare(self.said[0].text) if self.said and self.said[0].kind in {"word", "name"} else ""

    @property
    def has_value(self) -> bool:
        return any(each.kind in {"id", "quote"} or each.text in w.UNITS | w.CENTS for each in self.tokens)

    @property
    def is_polite(self) -> bool:
        is_greeting = self.tokens[0].text in _GREETS and len(self.tokens) < 5
        return not self.said or all(
            each.text in w.POLITE or (is_greeting and each.kind == "name") for each in self.tokens
        )

    @property
    def is_ours(self) -> bool:
        return self.tokens[0].text in {"i", "we", "ich", "wir", "nous"}

    @property
    def is_fragment(self) -> bool:
        most = 3 if self.before in {"-", "("} else 2
        return len(self.tokens) <= most and not self.has_value and not self.is_polite

    @property
    def is_other(self) -> bool:
        """Whether it begins as a request, whatever for."""
        is_numbered = len(self.said) > 1 and self.said[1].kind == "id"
        is_thing = self.verb in w.THINGS | w.BRINGING and (is_numbered or self.before != ".")
        is_thing = is_thing and not self.words & w.OPENING
        return self.lead != "" or (self.verb in _KNOWN and not is_thing)


def _found(clauses: Sequence[_Clause], act: _Act) -> list[tuple[int, int]]:
    """The first and last clause of each request for the act; none at all where one of them is not plain."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(clauses) and not _is_told(clauses, place):
        last = _last(clauses, place, act)
        if _asks_for(clauses[place : last + 1], act, {_one(word) for each in clauses[:place] for word in each.words}):
            if not (_is_plain(clauses[place : last + 1], act) and _is_led_to(clauses, place)):
                return []
            found.append((place, last))
            place = last
        place += 1
    return found


def _is_told(clauses: Sequence[_Clause], place: int) -> bool:
    """Whether this and all behind it is what somebody is to be told, or a text that is to be read."""
    before = clauses[place - 1] if place and clauses[place].before == ":" else None
    return before is not None and before.is_other and before.verb in _KNOWN - w.DEEDS


def _last(clauses: Sequence[_Clause], first: int, act: _Act) -> int:
    """Where a request ends: before another, with its sentence, or, where it begins what is told, with all that is."""
    for place in range(first + 1, len(clauses)):
        if act.says and clauses[place].before == ":":
            return len(clauses) - 1
        is_brought = clauses[place].tokens[0].text in w.BRINGING and act.says
        if (clauses[place].before == "." and not is_brought) or clauses[place].is_other:
            return place - 1
    return len(clauses) - 1


def _asks_for(group: Sequence[_Clause], act: _Act, named: set[str]) -> bool:
    """Whether a clause, with those that go on with it, asks for the act by its verb, or a verb and its noun."""
    first, others = group[0], list(group[0].said[1:])
    words = [each.text for each in others]
    if first.before == "(" or not first.said or words[:1] == ["of"]:
        return False
    if first.is_turned and first.verb not in _KNOWN:  # bitte 40 EUR an AC-1 erstatten
        ends = [[one.text for one in each.tokens if one.text not in w.POLITE][-1:] for each in group]
        final = next((each[0] for each in ends if each and each[0] in act.verbs | act.makes), "")
        is_named = any(_one(each.text) in act.nouns for clause in group for each in clause.tokens)
        return final.endswith("n") and (final in act.verbs or is_named)
    verb, all_words = first.verb, {word for each in group for word in each.words}
    if not first.is_question and verb in _A and all_words & _PLEASE and any(each in act.nouns for each in words[:3]):
        return act.gives or act.new  # a refund of 40 EUR for AC-1, please
    if words and words[0] in w.ABOUT | ({"me", "us", "mir", "uns", "moi"} if verb in w.DOING - act.verbs else set()):
        return False
    plain = [each for each in others[: _first(words, w.PREPOSITIONS)] if each.kind in {"word", "name"}]
    nouns = [each.text for each in plain if each.text not in w.DETERMINERS | w.ADVERBS | w.UNITS | w.ACTS]
    if verb in act.verbs or (verb in act.makes and _has_noun(others, act)):
        return True
    if act.bare:
        is_known = words[:1] in (["it"], ["them"]) and bool(named & act.nouns or _has_id(named))
        is_marked = verb in {"mark", "set"} and any(words[-1:] == [f"{each.removesuffix('e')}ed"] for each in act.bare)
        return (verb in act.bare and not nouns and words[:1] != ["to"] and (is_known or first.has_value)) or (
            is_marked and first.has_value
        )
    if act.gives and verb in w.BACK:
        return bool(all_words & w.AGAIN) or (verb == "return" and others[:1] != [] and others[0].kind == "id")
    if act.mails and verb in w.ADDRESSING | w.SENDING and (verb != "let" or "know" in words):
        is_to = any("@" in word for word in all_words)
        is_text = len(group) > 1 and group[1].before == ":"
        is_text = is_text or (not set(nouns) - w.BRINGING and any(each.kind == "quote" for each in others))
        by_mail = any(one in {"by", "per", "par", "por"} and other in w.MAILS for one, other in pairwise(words))
        return by_mail or (is_to and (verb in w.ADDRESSING or is_text))
    return False


def _has_id(words: set[str]) -> bool:
    return any(any(map(str.isdigit, word)) for word in words)


def _has_noun(others: Sequence[_Token], act: _Act) -> bool:
    """Whether what is to be made is the thing itself: not another that is named after it, nor one that there is."""
    for place, each in enumerate(others):
        if (
            not (place or act.bare)
            and each.text in {"to", "in", "into"}
            and {one.text for one in others[1:3]} & act.nouns
        ):
            continue  # put in the notes
        if each.text in w.PREPOSITIONS:
            said = "".join(f"{one.text} " for one in others)
            return any(f" as {article} {noun} " in said for article in ("a", "the") for noun in act.nouns)
        after = others[place + 1] if place + 1 < len(others) else None
        ends = w.PREPOSITIONS | w.ADVERBS | w.OPENING | w.URGENT | {"a", "an"} | w.BRINGING - w.SAYING
        if _one(each.text) in act.nouns and (after is None or after.kind in {"id", "quote"} or after.text in ends):
            before = {one.text for one in others[:place]}
            is_there = before & {"the", "this", "that", "my", "our", "its", "their", "his", "her", "das", "le", "el"}
            is_there = is_there if after is None or after.kind != "quote" else set()
            return not (act.new and (is_there or (after is not None and after.kind == "id")))
        is_called = bool(act.bare) and after is not None and after.text not in w.ABOUT
        if _one(each.text) in act.nouns and is_called:
            return len(others) <= place + 2 or others[place + 2].text in w.PREPOSITIONS
    return False


def _is_plain(group: Sequence[_Clause], act: _Act) -> bool:
    """Whether nothing in a request says that something else is meant than to do it now."""
    has_value = False
    for at, clause in enumerate(group):
        tokens = clause.tokens if at else clause.said[1:] if clause.verb in _KNOWN else clause.said
        if at and act.says and (clause.before == ":" or tokens[0].text in w.OPENING):
            return clause.before == ":" or _is_unconditional(group[at:])
        if at and not (clause.has_value and not clause.words & w.FINITE and clause.before in {",", "and", ":"}):
            is_brought = bool(
                {each.tokens[0].text for each in group[at - (clause.before == ":") : at + 1]} & w.BRINGING
            )
            is_brought = is_brought or (act.says and [each.before for each in group[at + 1 : at + 2]] == [":"])
            if not _is_aside(clause.tokens) or (clause.is_fragment and not is_brought):
                return False
            continue
        for place, token in enumerate(tokens):
            if act.says and token.text in w.OPENING:
                return _is_unconditional(group[at:])
            if has_value and token.text in w.BECAUSE:
                if not _is_aside(tokens[place:]):
                    return False
                break
            after = tokens[place + 1].text if place + 1 < len(tokens) else ""
            is_ended = place > 0 and tokens[place - 1].kind == "id" and token.text.endswith("ed")
            if is_ended or _is_amiss(token, after, clause.verb):
                return False
            has_value = has_value or token.kind in {"id", "quote"} or token.text in w.UNITS
    return True


def _is_amiss(token: _Token, after: str, verb: str) -> bool:
    text = token.text
    if text == "subject":
        return after == "to"
    return (
        token.kind == "odd"
        or text in _AMISS
        or (text == "that" and after not in {"amount", "sum"})
        or (text, after) in _PAIRS
        or (text in w.DAYS and verb not in w.TIMED)
    )


def _is_aside(tokens: Sequence[_Token]) -> bool:
    """Whether words only tell why, or of what something is, and name nothing that is not meant."""
    words = {each.text for each in tokens}
    denies = bool(words & w.DENYING) and any(each.kind in {"id", "quote"} for each in tokens)
    return not denies and not words & (_OPEN | w.REPORTING | w.TAKING_BACK | w.MODAL)


def _is_unconditional(told: Sequence[_Clause]) -> bool:
    return not any(each.words & w.CONDITIONS - {"whether", "ob", "where"} for each in told)


def _is_led_to(clauses: Sequence[_Clause], place: int) -> bool:
    """Whether what stands before a request, in its sentence, lets it stand as one: it is no report, nor a heading."""
    first = _sentence(clauses, place)
    before = clauses[first:place]
    if clauses[place].is_question and not any(each.lead == "asked" for each in clauses[first : place + 1]):
        return False
    for each, sign in zip(before, [one.before for one in clauses[first + 1 : place + 1]], strict=True):
        if each.is_polite:
            continue
        if each.is_other:
            if each.verb in w.HESITATING | w.CONTRARY or each.words & w.DENYING or _is_embedding(each.said[1:]):
                return False
            continue
        is_bare = sign == "and" and each is before[-1]
        if each.is_fragment or is_bare or not _is_aside(each.tokens) or _points(each):
            return False
        if sign == ":" and not (each.is_ours or _is_said(each)):
            return False
    return True


def _is_said(clause: _Clause) -> bool:
    """Whether words before a colon tell what is so, and are not the heading of what others wrote."""
    is_whole = clause.has_value or (len(clause.tokens) > 3 and clause.tokens[-1].text not in w.FINITE)
    return is_whole and not clause.words & (w.TEXTS | w.ABOUT)


def _sentence(clauses: Sequence[_Clause], place: int) -> int:
    """Where the sentence of a clause begins."""
    return next(at for at in range(place, -1, -1) if clauses[at].before == ".")


def _is_embedding(said: Sequence[_Token]) -> bool:
    """Whether a request tells of what somebody does, so that another verb behind it may be theirs."""
    words = [each.text for each in said]
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        is_known = after in w.THINGS | w.DETERMINERS | w.ADVERBS | {"me", "us"}
        if word == "to" and after and said[place + 1].kind == "word" and not is_known:
            return True
        if word in _WH:
            behind = words[place + 1 :]
            is_past = any(each in w.FINITE for each in behind) or behind[-1:] == [] or behind[-1][-1:] in "ds"
            return after in {"to", "i", "we", "you", "they"} or not (is_past or behind[-1] in w.REPORTING)
    return False


def _is_left_open(clauses: Sequence[_Clause], found: Sequence[tuple[int, int]], act: _Act) -> bool:
    """Whether anything else in a question takes back what is asked for, doubts it or makes it hang on something."""
    asks = False
    for place, clause in enumerate(clauses):
        if any(first <= place <= last for first, last in found):
            continue
        if _is_told(clauses, place):
            break
        is_behind = place > found[0][0]
        if clause.is_polite or (is_behind and clauses[place - 1].is_polite and len(clause.tokens) == 1):
            continue
        if clause.is_question and clause.lead != "asked":
            asks = True
            is_open = _doubts(clause)
        elif clause.is_other:
            is_open = _is_contrary(clause, act)
        else:
            is_apart = all(_sentence(clauses, place) != _sentence(clauses, first) for first, _ in found)
            is_open = _is_unsettling(clause, act, is_apart=is_apart, is_behind=is_behind) or (
                is_behind
                and clause.is_fragment
                and (not is_apart or clause.before in {".", "-", "("})
                and not {clause.tokens[0].text, *clauses[place - 1].words} & w.BRINGING
            )
        if is_open:
            return True
    return asks and any(clauses[first].lead == "wanted" for first, _ in found)


def _doubts(clause: _Clause) -> bool:
    words, texts = clause.words, [each.text for each in clause.tokens]
    is_short = len(texts) < 3
    is_new = clause.before == "."
    return bool(
        words & (w.DOUBTING | _OPEN - {"else", "first", "after", "before", "until", "next"})
        or (is_new and (is_short or texts[0] not in _ASKS or texts[1] in w.REFERRING))
        or (words & w.MODAL and words & w.SUBJECTS & {"i", "we", "ich", "wir", "je", "nous", "on"})
        or (words & w.POINTING and words & w.TEXTS)
    )


def _is_contrary(clause: _Clause, act: _Act) -> bool:
    """Whether another request bears on what was asked for."""
    verb, words = clause.verb, clause.words
    said = [each.text for each in clause.said]
    if verb in w.HESITATING - act.verbs or words & w.PENDING or _points(clause):
        return True
    if verb in w.CONTRARY and (len(said) < 2 or words & (w.ACTS | act.nouns)):
        return True
    if verb in w.TELLING:
        only_points = set(said[1:]) <= w.POINTING | {"me", "us", "the", "up", "zusammen"}
        return bool(verb in _CHECKING and words & {"with", "that", "first"}) or (only_points and len(said) > 1)
    return bool(words & w.CONDITIONS)


def _is_unsettling(clause: _Clause, act: _Act, *, is_apart: bool, is_behind: bool) -> bool:
    """Whether a statement leaves open what was asked for, or tells of it as of another's wish."""
    words, texts = clause.words, [each.text for each in clause.tokens]
    if texts[:2] == ["do", "not"] or texts[0] in {"never", "don't"}:
        verbs = [each for each in texts if each in _KNOWN - {"do"}]
        return not verbs or bool({*verbs} & (act.verbs | act.makes | {"send", "make"})) or bool(words & w.ACTS)
    is_pointing = texts[0] in w.REFERRING
    barred = (
        w.PENDING
        | (w.TAKING_BACK if is_behind else w.HESITATING)
        | (w.REPORTING | w.MODAL | w.CONDITIONS | {"wrong", "mistake"} if is_pointing else set())
    )
    hanging = set(texts[:2] if is_apart and clause.before == "." else () if is_apart else texts) & w.CONDITIONS
    return bool(words & barred or hanging) or _points(clause) or texts[0] in _UNSETTLES


def _points(clause: _Clause) -> bool:
    """Whether words point at a text as one that is given here, so that it may follow, with all that it asks for."""
    words, texts = clause.words, [each.text for each in clause.tokens]
    is_text = bool(words & w.POINTING and words & w.TEXTS)
    return is_text or texts[-1] in w.POINTING or texts[0] in {"here", "hier", "voici", "aqui"}


def _first(words: Sequence[str], among: frozenset[str]) -> int:
    return next((place for place, word in enumerate(words) if word in among), len(words))


def _clauses(masked: str) -> Iterator[_Clause]:
    """Where each clause stands, and what separates it from the one before."""
    cuts = [(0, 0, ".")]
    for match in _BREAKS.finditer(masked):
        sign = match[0].strip().lower()[:1]
        joins = match[0].strip(", ").lower()
        if joins in {"as well as", "sowie", "ainsi que", "asi como", "así como"}:
            sign = "and"
        elif (
            "\n" in match[0]
            or (not sign and masked[match.start() - 1 : match.start()] in {".", "!", "?"})
            or sign == ";"
        ):
            sign = "."
        elif sign.isalpha() or sign == "&":
            sign = "and"
        elif sign in "–—":
            sign = "-"
        cuts.append((*match.span(), sign))
    cuts.append((len(masked), len(masked), "."))
    for (_, start, before), (end, _, _) in pairwise(cuts):
        tokens = tuple(_tokens(masked[start:end], is_first=before == "."))
        if tokens:
            until = re.search(r"[.!?]+(?:\s|\)|$)|\n|:\s", masked[max(end - 1, start) :])
            yield _clause(start, end, before, bool(until and "?" in until[0]), tokens)


def _clause(start: int, end: int, before: str, is_question: bool, tokens: tuple[_Token, ...]) -> _Clause:
    text = "".join(f"{each.text} " for each in tokens)
    lead = _LEAD.match(text)
    said = tokens[len(lead[0].split()) :] if lead else tokens
    if lead and lead["noun"]:
        said = (_Token("make", "word"), *said)
    how: Literal["", "asked", "wanted"] = (
        "asked" if lead and lead["asked"] else "wanted" if lead and lead["wanted"] else ""
    )
    is_turned = bool(lead and _TURNED.search(lead[0])) or any(each.text == "bitte" for each in tokens)
    return _Clause(start, end, before, is_question, tokens, said, how, is_turned)


def _tokens(text: str, *, is_first: bool) -> Iterator[_Token]:
    text = re.sub(r"(?i)\bas soon as possible\b", "asap", text.replace("’", "'"))
    text = re.sub(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", text)
    for place, part in enumerate(text.split()):
        bare = part.strip(".,;:!?¿¡()[]{}*#…")
        if _QUOTE in bare:
            yield _Token(bare, "quote" if not bare.strip(_QUOTE) else "odd")
        elif any(sign.isdigit() or sign in "@/€$£" for sign in bare):
            yield _Token(bare.lower(), "id")
        elif bare:
            yield from _word(bare, is_name=bare[0].isupper() and not (is_first and place == 0))


def _word(bare: str, *, is_name: bool) -> Iterator[_Token]:
    text = folded(bare)
    short = next((end for end in _SHORT if text.endswith(end) and text != end), None)
    elided = re.match(r"(qu|[ldnjcm])'(?=\w)", text)
    if not any(map(str.isalpha, text)):
        yield _Token(text, "odd")
    elif text.startswith("s'il") or text == "let's":
        yield _Token(text, "word")
    elif elided:
        yield _Token({"qu": "que", "n": "ne", "j": "je", "c": "ce"}.get(elided[1], elided[1]), "word")
        yield from _word(text[elided.end() :], is_name=is_name)
    elif short:
        yield _Token({"ca": "can", "wo": "will"}.get(text.removesuffix(short), text.removesuffix(short)), "word")
        yield _Token(_SHORT[short], "word")
    elif text.endswith("'s"):
        owner = text.removesuffix("'s")
        yield _Token(owner, "word")
        if owner in {"it", "he", "she", "that", "there", "what", "who", "here", "how", "this"}:
            yield _Token("is", "word")
    else:
        yield _Token(text, "name" if is_name and text not in _AMISS | w.POLITE else "word")


def _bare(verb: str) -> str:
    """A verb without the pronouns that stand with it in one word: devuélvele, rembourse-lui."""
    found = _CLITICS.search(verb)
    return verb if verb in _KNOWN or not found or verb[: found.start()] not in _KNOWN else verb[: found.start()]


def _each_time(question: str, group: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses of a request that each name another one of the same: to close one ticket, and another."""
    times = [group[0]]
    seen = _forms(question, group[0])
    said = _words(question[slice(*group[0])]) | w.UNITS | w.DETERMINERS | w.PREPOSITIONS | _ANOTHER
    for start, end in group[1:]:
        here = _forms(question, (start, end))
        if not here & seen:
            times[-1] = (times[-1][0], end)
        elif _words(re.sub(r"\S*\d\S*", "", question[start:end])) <= said:
            times.append((start, end))
        seen |= here
    kinds = [_forms(question, each) for each in times]
    is_shared = all(sum(kind in each for each in kinds) in {1, len(times)} for kind in seen)
    return times if is_shared else [(times[0][0], times[-1][1])]  # whose is which of them nobody can tell


def _forms(question: str, span: tuple[int, int]) -> set[str]:
    return {kind for kind, _ in tokens(_QUOTED.sub(lambda match: " " * len(match[0]), question[slice(*span)]))}


def denied(text: str) -> bool:
    """Whether words say that something is not to be, or is not so."""
    return _DENIED.search(text) is not None


def _words(text: str) -> set[str]:
    return {_one(folded(word)) for word in _WORD.findall(text)}


def _one(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
