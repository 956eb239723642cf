"""What did who asked ask for, and in which words? Only what is plainly asked for counts: not a question about it.

A closed grammar: each clause of a question is a request, a question, a statement of what is so, something polite, or
goes on with what was asked for. Where one is none of these, nobody knows what was meant, and a person is to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from agent.governance.tracing import wording as w

_QUOTED: Final = re.compile(
    r"""(?mx)```[\s\S]*?(?:```|\Z)|"[^"]*(?:"|\Z)|“[^”]*(?:”|\Z)|„[^“”]*(?:[“”]|\Z)|«[^»]*(?:»|\Z)|»[^«]*(?:«|\Z)
    |‹[^›]*(?:›|\Z)|「[^」]*(?:」|\Z)|『[^』]*(?:』|\Z)|`[^`\n]*`|(?<!\w)'[^'\n]+'(?!\w)|‘[^’\n]+’(?!\w)
    |<(?P<tag>[a-zA-Z][\w-]*)[^<>@]*>[\s\S]*?(?:</(?P=tag)\s*>|\Z)
    |^[ \t]*[>|][^\n]*
    |^[ \t]*(?:from|sent|subject|fwd?|fw|von|gesendet|betreff|objet|asunto)[ \t]*:[\s\S]*\Z""",
    re.IGNORECASE,
)
_BARE_QUOTE: Final = 3  # words that a quote has at least to be another's; a title may have fewer
_QUOTE: Final = "\ue000"  # stands for each sign of what is quoted
_BREAKS: Final = re.compile(
    r"""(?ix)(?<=[.!?])\s+|\n+|;\s+|:(?=\s|\ue000)\s*|,\s+(?:and\s+|then\s+|but\s+)?
    |(?<!go\ ahead)\s+(?:and|then|but)\s+
    |\s+[-–]+\s+|\s*—\s*|\s*\(|\)\s*
    |\s+(?=because\b|since\b|as\ (?:we|i|he|she|they|it|the|agreed|discussed|promised)\b)"""
)
_DENIED: Final = re.compile(r"(?i)\b(?:not|never|no|without|avoid|stop|cannot)\b|n't\b|n’t\b")
_REVOKED: Final = re.compile(
    r"""(?ix)\b(?:never\ ?mind|forget\ (?:it|that|this|about)|scrap\ (?:it|that|this)|kidding|on\ second\ thoughts?
    |changed\ my\ mind|(?:do\ not|don['’]t)\ (?:\w+\ )?(?:it|that|this)\b|hold\ (?:on|off|it)
    |(?:cancel|undo|stop|ignore)\ (?:it|that|this)|wait|nope|not\ (?:yet|now))\b"""
)
_LEAD: Final = re.compile(
    r"""(?x)(?:(?:please|kindly|then|now|also|and|but|so|ok|okay|yes|thanks|thank\ you|next|finally|first|just|hi|hello
    |hey|great|perfect|fine|alright|again)\ )*
    (?:(?P<asked>(?:can|could)\ you|(?:would|will)\ you\ (?:please|kindly)
        |i\ would\ (?:appreciate\ it|be\ (?:glad|grateful|happy|thankful))\ if\ you\ (?:could|would)
        |it\ would\ be\ (?:great|nice|good|helpful|lovely|kind)\ if\ you\ (?:could|would)
        |(?:i|we)\ (?:would\ like|want|need)\ you\ to)
     |(?P<wanted>(?:i|we)\ (?:would\ like|want|need)\ to
        |(?P<noun>(?:i|we)\ (?:would\ like|want|need)\ (?=an?\ |another\ )))
     |let's|let\ us|make\ sure\ to|be\ sure\ to|be\ so\ kind\ (?:as\ to|and))?\ ?
    (?:(?:please|kindly|now|also|then|just|go\ ahead\ and|and)\ )*"""
)
_ASKS: Final = frozenset(
    """what why who whom whose which when how where is are was were do does did has have had should may might must will
    would can could am""".split()  # noqa: SIM905
)
_WH: Final = frozenset("how why what who whom whose which where when that whether if".split())  # noqa: SIM905
_SUBJECT: Final = frozenset("i we he she they you who what which where why how whom whose".split())  # noqa: SIM905
_SHORT: Final = {"n't": "not", "'d": "would", "'ll": "will", "'ve": "have", "'re": "are", "'m": "am"}
_NO_WAY: Final = (
    w.HANGING | w.DENYING | w.INEXACT | w.PENDING | w.FINITE | w.MODAL | w.TAKING_BACK - {"wrong", "mistake", "error"}
)
_KNOWN: Final = w.DOING | w.TELLING | w.HESITATING | w.CONTRARY
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


def wishes(question: str, tool: str) -> list[Wish]:
    """Where a question asks for what a tool does by its name, one for each time that it is to be done.

    Not where it asks about it, denies it, takes it back, tells of it, or makes it hang on something: that is then for a
    person to say.
    """
    masked = _QUOTED.sub(lambda match: _QUOTE * len(match[0]), question)
    if any(sign in masked for sign in '"“„”«»`') or any(unicodedata.category(sign) == "Cf" for sign in question):
        return []
    groups = _Reading(_act(tool)).groups(masked)
    found: list[Wish] = []
    for group in groups:
        about = question[group[0][0] : group[-1][1]]
        found += (Wish(question[slice(*each)], about) for each in _each_time(question, group))
    return found


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
    known = [place for place, name in enumerate(names) if name in _KNOWN]
    at = next((place for place in known if names[place] not in w.NOUNS), known[0] if known else 0)
    if not names:
        return _Act(frozenset(), frozenset(), frozenset())
    of = names[at + 1 :] or [each for each in names[:at] if each in w.NOUNS | w.THINGS]
    verb, nouns = names[at], frozenset(map(_one, of)) - w.PREPOSITIONS
    same = frozenset({verb}).union(*(each for each in w.SAME if verb in each))
    nouns = nouns.union(w.MAILS if nouns & w.MAILS else ())
    if not nouns:
        return _Act(same, w.MAKING, same | {f"{verb}ment"}, sends=True)
    if verb in w.GIVING:
        return _Act(same, w.MAKING, frozenset({verb}))
    if verb in w.NEW and not nouns & w.GIVING:
        return _Act(frozenset(), w.NEW | {"issue"}, nouns, new=True)
    if verb in w.MAKING | w.SENDING:
        as_verbs = frozenset().union(nouns, *(each for each in w.SAME if each & nouns)) - w.NEW
        making = w.MAKING | (w.SENDING if nouns & w.SAYING else frozenset())
        return _Act(as_verbs, making, nouns, sends=verb in w.SENDING)
    return _Act(frozenset(), same, nouns, bare=same)


Kind = Literal["id", "quote", "name", "whose", "odd", "word"]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a question, what separates it from the one before, and whether its sentence is a question."""

    start: int
    end: int
    before: str
    asks: bool
    tokens: tuple[_Token, ...]

    @property
    def words(self) -> set[str]:
        return {each.text for each in self.tokens}


class _Unclear(Exception):
    """Something is neither asked for nor said plainly."""


@dataclass(slots=True)
class _Reading:
    """How far a question was read for an act; a clause that fits nothing ends it with nothing found."""

    act: _Act
    found: list[list[tuple[int, int]]] = field(default_factory=list)
    last: Literal["", "wish", "other", "polite", "content", "question", "statement"] = ""
    verb: str = ""
    is_open: bool = False
    is_asked: bool = False  # this sentence asks, politely, for something to be done
    is_within: bool = False  # what follows in this sentence may be part of what is told
    wanted: bool = False
    asks: bool = False
    thanked: bool = False  # who asks may give a name
    named: set[str] = field(default_factory=set)

    def groups(self, masked: str) -> list[list[tuple[int, int]]]:
        """The clauses of each request, with those behind it that only go on with it."""
        clauses = list(_clauses(masked))
        try:
            for clause, after in pairwise([*clauses, None]):
                if clause is None or not self._take(clause, after):
                    break
        except _Unclear:
            return []
        if self.found and _REVOKED.search(masked, self.found[0][0][0]):
            return []
        return [] if self.wanted and self.asks else self.found

    def _take(self, clause: _Clause, after: _Clause | None) -> bool:
        """Reads on; False where all that follows is what somebody is told."""
        is_new = clause.before in {".", "\n"}
        if is_new:
            self.is_asked = self.is_within = False
        if clause.before == ":" and self.last in {"wish", "other"} and not self._goes_on_behind_colon(clause):
            return False
        lead = _LEAD.match("".join(f"{each.text} " for each in clause.tokens))
        said = lead[0].split() if lead else []
        rest = clause.tokens[len(said) :]
        if lead and lead["noun"]:
            rest = (_Token("make", "word"), *rest)
        self.is_asked = self.is_asked or bool(lead and lead["asked"])
        is_polite = self._is_polite(clause, rest, after)
        self.thanked = is_polite
        self.named |= clause.words if is_new else set()
        if is_polite:
            self.last = "polite" if self.last not in {"wish", "other"} else self.last
        elif clause.asks and not self.is_asked:
            self._question(clause, is_new)
        elif self._is_denial(rest):
            self.last, self.is_open = "other", False
        elif (found := self._args(rest)) is not None:
            self._wish(clause, found)
            self.wanted = self.wanted or bool(lead and lead["wanted"])
        elif self.last in {"wish", "other", "content"} and not is_new and self._values(clause):
            self._goes_on(clause)
        elif self._is_other(rest):
            self._other(rest)
        elif self._states(clause, after):
            if self.last == "wish" and not is_new:
                self._goes_on(clause)
            else:
                self.last = "statement"
        else:
            raise _Unclear
        return True

    def _goes_on(self, clause: _Clause) -> None:
        if self.last == "wish":
            self.found[-1].append((clause.start, clause.end))

    def _goes_on_behind_colon(self, clause: _Clause) -> bool:
        """Whether what stands behind a colon is more of the request, not what is told to somebody."""
        if clause.tokens and clause.tokens[0].kind == "quote":
            return True
        is_told = self.act.says if self.last == "wish" else self.verb not in w.GIVING | {"close"}
        if self.last == "wish" and is_told:
            self.found[-1].append((clause.start, 1 << 30))
        return not is_told

    def _is_polite(self, clause: _Clause, rest: Sequence[_Token], after: _Clause | None) -> bool:
        if all(each.text in w.POLITE for each in clause.tokens) or not rest:
            return True
        if clause.tokens[0].text in {"hi", "hello", "hey", "dear"} and len(clause.tokens) <= 4:
            return all(each.kind == "name" or each.text in w.POLITE for each in clause.tokens)
        is_named = len(clause.tokens) <= 2 and all(each.kind == "name" for each in clause.tokens)
        return is_named and self.thanked and (after is None or after.before != ":")

    def _question(self, clause: _Clause, is_new: bool) -> None:
        """A question is no request; one that doubts what was asked for leaves it open."""
        words, self.asks = clause.words, True
        if not is_new and self.last == "question":
            return
        first, *others = clause.tokens
        doubts = first.text not in _ASKS or not others or words & (w.PENDING | w.TAKING_BACK | {"or", "if", "unless"})
        is_aux = first.text not in _WH
        if doubts or (is_aux and others[0].text in w.REFERRING) or (words & w.MODAL and words & {"i", "we"}):
            raise _Unclear
        _check_pointing(words)
        self.last = "question"

    def _is_denial(self, rest: Sequence[_Token]) -> bool:
        """Whether something else is not to be done."""
        said = [each.text for each in rest]
        if said[:2] == ["do", "not"]:
            said = said[2:]
        elif said[:1] == ["never"]:
            said = said[1:]
        else:
            return False
        if not said[1:] or said[0] not in _KNOWN or said[0] in self.act.verbs | self.act.makes | {"do", "send", "make"}:
            raise _Unclear
        if set(said[1:]) & (w.ACTS | self.act.nouns | _NO_WAY):
            raise _Unclear
        return True

    def _args(self, rest: Sequence[_Token]) -> tuple[bool, str] | None:
        """Whether a clause asks for the act: where, it has to be said plainly. None where it asks for none."""
        verb, others = rest[0].text, list(rest[1:])
        act = self.act
        words = [each.text for each in others]
        plain = [each for each in others[: _first(words, w.PREPOSITIONS)] if each.kind == "word"]
        nouns = [each.text for each in plain if each.text not in w.DETERMINERS | w.ADVERBS | w.PRONOUNS | w.UNITS]
        is_it = verb in act.verbs
        is_it = is_it or (verb in act.makes and self._has_noun(others))
        is_number = any(each.kind in {"id", "quote"} for each in others)
        is_known = words[:1] in (["it"], ["them"]) and bool(self.named & act.nouns)
        is_it = is_it or (verb in act.bare and not nouns and words[:1] != ["to"] and (is_number or is_known))
        if verb in {"mark", "set"} and any(words[-1:] == [f"{each.removesuffix('e')}ed"] for each in act.bare):
            is_it, others = self._has_noun(others), others[:-2]
        if act.gives and verb in w.BACK:
            is_it = is_it or "back" in words or (verb == "return" and others[:1] != [] and others[0].kind == "id")
        if act.mails and (verb in w.ADDRESSING or verb in w.SENDING):
            by_mail = any(one == "by" and other in w.MAILS for one, other in pairwise(words))
            is_to = any("@" in each.text for each in others)
            is_text = not set(nouns) - w.BRINGING and any(each.kind == "quote" for each in others)
            is_it = is_it or by_mail or (is_to and (verb in w.ADDRESSING | {"drop"} or is_text))
            others = [each for each in others if not (verb == "let" and each.text == "know")]
        if not is_it:
            return None
        if words[:1] == ["of"]:
            raise _Unclear
        if words[:1] in (["me"], ["us"]) and verb in {"give", "let", "tell", "show", "make", "do", "send", "write"}:
            raise _Unclear
        if self.is_within:
            raise _Unclear
        self.verb = verb
        state = self._parsed(others, False)
        if state is None:
            raise _Unclear
        return state, verb

    def _has_noun(self, others: Sequence[_Token]) -> bool:
        """Whether what is to be made is the thing itself: not another that is named after it, nor one that there is."""
        for place, each in enumerate(others):
            if each.text in w.PREPOSITIONS:
                return _is_as(others, self.act.nouns)
            after = others[place + 1] if place + 1 < len(others) else None
            is_last = after is None or after.kind != "word" or after.text in w.PREPOSITIONS | w.ADVERBS | w.OPENING
            behind = others[place + 2] if place + 2 < len(others) else None
            is_called = bool(self.act.bare) and after is not None and after.text not in w.ABOUT
            is_called = is_called and (behind is None or behind.text in w.PREPOSITIONS)
            if _one(each.text) in self.act.nouns and (is_last or is_called):
                before = {one.text for one in others[:place]}
                is_there = before & {"the", "this", "that", "my", "our", "its", "their", "his", "her"}
                return not (self.act.new and (is_there or (after is not None and after.kind == "id")))
        return False

    def _parsed(self, tokens: Sequence[_Token], is_open: bool) -> bool | None:
        """Reads what something is to be done with; whether more words may follow, None where it is not clear."""
        state: bool | None = is_open
        for place, token in enumerate(tokens):
            before, after = tokens[place - 1].text if place else "", tokens[place + 1 :]
            if self.act.says and token.text in w.OPENING:
                told = {each.text for each in after}
                return None if told & (w.HANGING - {"or", "nor", "next", "tomorrow", "soon", "later"}) else False
            state = None if self._is_amiss(token, after) else self._read(token, before, after, bool(state))
            if state is None:
                return None
        return state

    def _is_amiss(self, token: _Token, after: Sequence[_Token]) -> bool:
        """Whether a word says that something else is meant than to do it now, plainly."""
        text = token.text
        behind = after[0].text if after else ""
        is_kept = text == "subject" and behind != "to"
        return (
            token.kind == "odd"
            or (text, behind) == ("up", "to")
            or text in _SUBJECT | {"that"}
            or (text in _NO_WAY and not is_kept)
            or (text in w.DAYS and self.verb not in w.TIMED)
        )

    def _read(self, token: _Token, before: str, after: Sequence[_Token], is_open: bool) -> bool | None:
        """Whether words that are not known may follow this one; None where it may not stand here itself."""
        text = token.text
        if token.kind in {"id", "quote", "name"} or text in w.UNITS:
            return False
        if token.kind == "whose":
            return True
        if text in w.PREPOSITIONS:
            return True if _leads_on(text, after, self.act) else None
        if text in w.DETERMINERS | w.PRONOUNS:
            return text not in {"it", "him", "them", "me", "us"}
        is_known = text in w.ADVERBS | w.THINGS | self.act.nouns or (before != "" and text in w.BRINGING)
        if is_known or (before == "as" and text in {"agreed", "promised", "discussed"}):
            return is_open
        is_verb = text.endswith("ed") and (not after or after[0].kind != "word" or after[0].text in w.PREPOSITIONS)
        return True if is_open and not is_verb else None

    def _wish(self, clause: _Clause, found: tuple[bool, str]) -> None:
        self.is_open, self.verb = found
        self.last = "wish"
        self.found.append([(clause.start, clause.end)])

    def _values(self, clause: _Clause) -> bool:
        """Whether a clause only goes on with what something is to be done with."""
        if clause.before not in {",", "and", ":", ";"} or (clause.tokens[0].text in _KNOWN - w.THINGS):
            return False
        has_value = any(each.kind in {"id", "quote"} or each.text in w.BRINGING for each in clause.tokens)
        if not (has_value or self.is_open):
            return False
        state = self._parsed(clause.tokens, self.is_open)
        if state is None and not (clause.words & w.BRINGING and not clause.words & _NO_WAY and len(clause.tokens) <= 3):
            return False
        self.is_open = bool(state) or clause.tokens[-1].text in w.BRINGING
        return True

    def _is_other(self, rest: Sequence[_Token]) -> bool:
        return (rest[0].kind == "word" and rest[0].text in _KNOWN) or rest[0].text == "give"

    def _other(self, rest: Sequence[_Token]) -> None:
        """Another request, that leaves what was asked for as it is."""
        verb, words = rest[0].text, [each.text for each in rest[1:]]
        plain = set(words)
        if verb in w.HESITATING or (verb in {"check", "ask"} and plain & {"with", "that", "whether", "if", "first"}):
            raise _Unclear
        if verb in w.CONTRARY and (not words or plain & (w.ACTS | self.act.nouns)):
            raise _Unclear
        is_told = verb in w.TELLING or (verb in {"tell", "let"} and words[:1] in (["me"], ["us"]))
        known = {"whether", "when"} | ({"first"} if is_told else set())
        if is_told and next((each for each in words if each not in {"me", "us", "know"}), "") == "if":
            known.add("if")
        if plain & (w.HANGING - known) or plain & (w.PENDING | w.TAKING_BACK - {"wrong", "mistake", "error"}):
            raise _Unclear
        if plain & w.DENYING and not is_told:
            raise _Unclear
        _check_pointing(plain)
        if is_told and plain <= {"this", "these", "following", "below", "me", "us", "the", "up"}:
            raise _Unclear
        self.is_within = self.is_within or _is_embedding(rest[1:])
        self.last, self.verb, self.is_open = "other", verb, True

    def _states(self, clause: _Clause, after: _Clause | None) -> bool:
        """Whether a clause says what is so, and nothing of what is yet to be, or of what others say."""
        said = list(clause.tokens)
        while said and said[0].text in {"because", "since", "as", "and", "so", "for"}:
            said = said[1:]
        words = [each.text for each in said]
        plain = set(words)
        if clause.before in {"-", "("} and len(words) < 3:
            return False
        if clause.tokens[0].text == "as" and words and words[0] in {"agreed", "discussed", "promised"}:
            return not plain & (w.HANGING | w.DENYING | w.REPORTING)
        if not words or not (words[0] in w.SUBJECTS or said[0].kind in {"id", "name", "whose"}):
            return False
        rest_is_free = bool(plain & w.BEFALLING)
        barred = w.PENDING | w.REPORTING | w.MODAL | _SUBJECT - {"i", "we", "he", "she", "they", "you"} | {"that's"}
        barred |= w.HANGING - {"after", "before", "already", "first", "ob", "si", "erst", "or"}
        barred |= frozenset() if rest_is_free else w.DENYING | w.TAKING_BACK
        if self.found and clause.before not in {".", "\n"}:
            barred |= {"after", "before", "first", "or"}
        if plain & barred or (words[0] != "that" and "that" in plain):
            return False
        if not any(each in w.PAST or (each.endswith("ed") and len(each) > 3) for each in words):
            return False
        _check_pointing(plain)
        if after is not None and after.before == ":":
            return not plain & (w.TEXTS | w.ABOUT | {"clear", "plan", "instruction", "idea", "word", "words"}) and (
                words[-1] not in w.PAST or words[-1] in {"broke", "came", "went"}
            )
        return True


def _leads_on(preposition: str, rest: Sequence[_Token], act: _Act) -> bool:
    """Whether what a preposition begins tells of whom, what or why something is to be done."""
    if not rest:
        return False
    words = [each.text for each in rest if each.text not in {"a", "an", "the", "short", "new"}]
    first, text = rest[0], words[0] if words else ""
    match preposition:
        case "with":
            return text in w.BRINGING or first.kind == "id" or bool(set(words[:2]) & w.BRINGING)
        case "by" | "via":
            return text in w.MAILS | {"post", "phone", "transfer", "card", "message"}
        case "at":
            return text == "once"
        case "about" if first.kind == "id" and not act.says:
            return False
        case "on":
            is_said = first.text in w.DETERMINERS or first.kind in {"id", "name"} or text in w.THINGS
            return is_said and text not in {"return", "receipt", "arrival", "delivery", "day", "date"}
        case "as":
            return first.text in {"a", "an", "the", "goodwill", "compensation", "agreed", "promised", "discussed"}
        case "in" if text in {
            *("case", "theory", "principle", "mind", "doubt", "question", "return", "exchange", "advance", "draft"),
            *("practice", "words", "future"),
        }:
            return False
        case "due":
            return text == "to"
        case "because":
            return text == "of"
        case _:
            is_verb = text in _KNOWN - w.THINGS - act.nouns or text in {"be", "have", "see"}
            return not is_verb or first.text != text


def _is_as(tokens: Sequence[_Token], nouns: frozenset[str]) -> bool:
    """Whether something is to be given as what the act is called."""
    said = "".join(f"{each.text} " for each in tokens)
    return any(f" as {article} {noun} " in said for article in ("a", "the") for noun in nouns)


def _check_pointing(words: set[str]) -> None:
    """What points at a text as one that is given here may have it follow, with all that it asks for."""
    if words & {"this", "following", "below", "above", "here"} and words & w.TEXTS:
        raise _Unclear


def _is_embedding(said: Sequence[_Token]) -> bool:
    """Whether a request tells of what somebody does, so that another verb behind it may be theirs."""
    words = [each.text for each in said]
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        is_known = after in w.THINGS | w.DETERMINERS | w.PRONOUNS | w.ADVERBS
        if word == "to" and after and said[place + 1].kind == "word" and not is_known:
            return True
        if word in _WH:
            behind = words[place + 1 :]
            is_past = any(each in w.FINITE | w.PAST for each in behind) or behind[-1:] == [] or behind[-1][-1:] in "ds"
            return after in {"to", "i", "we", "you", "they"} or not is_past
    return False


def _first(words: Sequence[str], among: frozenset[str]) -> int:
    return next((place for place, word in enumerate(words) if word in among), len(words))


def _clauses(masked: str) -> Iterator[_Clause]:
    """Where each clause stands, and what separates it from the one before."""
    cuts = [(0, 0, ".")]
    for match in _BREAKS.finditer(masked):
        sign = match[0].strip().lower()[:1]
        if sign == ":":
            pass
        elif "\n" in match[0] or (not sign and masked[match.start() - 1 : match.start()] in {".", "!", "?"}):
            sign = "."
        elif not sign:
            sign = ","  # a reason follows
        elif sign in "at":
            sign = "and"
        elif sign in "–—":
            sign = "-"
        cuts.append((*match.span(), sign))
    cuts.append((len(masked), len(masked), "."))
    for (_, start, before), (end, _, _) in pairwise(cuts):
        tokens = tuple(_tokens(masked[start:end], is_first=before == "."))
        if tokens:
            until = re.search(r"[.!?]+(?:\s|\)|$)|\n|:\s", masked[max(end - 1, start) :])
            yield _Clause(start, end, before, bool(until and "?" in until[0]), tokens)


def _tokens(text: str, *, is_first: bool) -> Iterator[_Token]:
    text = re.sub(r"(?i)\bas soon as possible\b", "asap", text.replace("’", "'"))
    text = re.sub(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", text)
    for place, part in enumerate(text.split()):
        bare = part.strip(".,;:!?()[]{}*#…")
        if _QUOTE in bare:
            yield _Token(bare, "quote" if not bare.strip(_QUOTE) else "odd")
        elif any(sign.isdigit() or sign in "@/€$£" for sign in bare):
            yield _Token(bare, "id")
        elif bare:
            yield from _word(bare, is_name=bare[0].isupper() and not (is_first and place == 0))


def _word(bare: str, *, is_name: bool) -> Iterator[_Token]:
    text = bare.lower()
    short = next((end for end in _SHORT if text.endswith(end) and text != end), None)
    if not any(map(str.isalpha, text)):
        yield _Token(text, "odd")
    elif short:
        yield _Token({"ca": "can", "wo": "will"}.get(text.removesuffix(short), text.removesuffix(short)), "word")
        yield _Token(_SHORT[short], "word")
    elif text.endswith("'s") and text != "let's":
        owner = text.removesuffix("'s")
        is_pronoun = owner in {"it", "he", "she", "that", "there", "what", "who", "here", "how", "this"}
        yield _Token(owner, "word" if is_pronoun else "whose")
        if is_pronoun:
            yield _Token("is", "word")
    else:
        is_known = text in _NO_WAY | w.ABOUT | w.TEXTS | w.REPORTING | w.POLITE | _SUBJECT or text in w.DETERMINERS
        yield _Token(text, "name" if is_name and not is_known else "word")


def _each_time(question: str, group: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses of a request that each name another one of the same: to close one ticket, and another."""
    times = [group[0]]
    seen = _forms(question, group[0])
    said = _words(question[slice(*group[0])]) | _UNITS | _UNLABELLED | {"another", "too", "also"}
    for start, end in group[1:]:
        here = _forms(question, (start, end))
        if not here & seen:
            times[-1] = (times[-1][0], end)
        elif _words(re.sub(r"\S*\d\S*", "", question[start:end])) <= said:
            times.append((start, end))
        seen |= here
    return times


def _forms(question: str, span: tuple[int, int]) -> set[str]:
    return {kind for kind, _ in tokens(_outside(question[slice(*span)]))}


def tokens(text: str) -> list[tuple[str, str]]:
    """Each identifier, number and address of a text with its form; a number's names what it is a number of."""
    found = []
    parts = text.split()
    for place, part in enumerate(parts):
        bare = bared(part)
        after = bared(parts[place + 1]).lower() if place + 1 < len(parts) else ""
        if any(sign.isdigit() or sign in "@/" for sign in bare) and any(map(str.isalnum, bare)):
            is_number = re.fullmatch(r"[-+]?[\d.,'’]+", bare.strip("€$£")) is not None
            label = (
                _label([bared(each).lower() for each in parts[max(place - 2, 0) : place]], after) if is_number else ""
            )
            found.append((f"{label} {form(bare)}".strip() if is_number else form(bare), bare))
    return found


def _label(before: Sequence[str], after: str) -> str:
    """What a number is a number of, by the word before or behind it; nothing for money, or where it stands bare."""
    if after in _UNITS:
        return ""
    last = before[-1] if before else ""
    if last == "of" and len(before) > 1:
        last = before[0]
    if last.isalpha() and last not in _UNLABELLED:
        return last
    return after if after.isalpha() and after not in _UNLABELLED | w.ADVERBS | w.PREPOSITIONS else ""


_UNITS: Final = frozenset("eur euro euros usd dollar dollars chf gbp pounds € $ £".split())  # noqa: SIM905
_UNLABELLED: Final = frozenset(
    """to of over by about and for a an the refund pay give back is at with only just exactly total sum amount transfer
    credit money than then or reimburse repay issue please send eur usd chf gbp""".split()  # noqa: SIM905
)


def form(word: str) -> str:
    """How a word is made up of letters and digits."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+(?:[.,]\d+)*", "9", word))


def bared(word: str) -> str:
    """A word without what stands around it."""
    return word.strip(".,;:!?()[]{}\"'“”„«»<>*`#")


def denied(text: str) -> bool:
    """Whether words say that something is not to be, or is not so."""
    return _DENIED.search(text) is not None


def _outside(text: str) -> str:
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)


def _words(text: str) -> set[str]:
    return {_one(word) for word in _WORD.findall(text.lower())}


def _one(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
