"""Which language is a document written in?

Its metadata says so, or its text does, to py3langid (Lui & Baldwin 2012, retrained): a wrong language costs more than
none, so what is short, mixed or no prose has none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import regex

from ingest.model import Document, items

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LEAST = 120  # bytes of letters; fewer are names and headings
LEAST_PROBABILITY = 0.9
_SAMPLE = (
    1_000  # letters of the beginning, of the middle and of the end: a licence or a cover may be in another language
)

# ISO 639-1, ISO 639-2 and the names that people write into metadata.
_KNOWN = """
    ar ara arabic العربية|be bel belarusian|bg bul bulgarian български|bn ben bengali|ca cat catalan català|
    cs ces cze czech čeština|cy cym wel welsh|da dan danish dansk|de deu ger german deutsch|
    el ell gre greek ελληνικά|en eng english|eo epo esperanto|es spa spanish español castellano|
    et est estonian eesti|eu eus baq basque euskara|fa fas per persian farsi فارسی|fi fin finnish suomi|
    fr fra fre french français|ga gle irish gaeilge|gl glg galician|gu guj gujarati|he heb hebrew עברית|
    hi hin hindi हिन्दी|hr hrv croatian hrvatski|hu hun hungarian magyar|hy hye arm armenian|id ind indonesian|
    is isl ice icelandic|it ita italian italiano|ja jpn japanese 日本語|ka kat geo georgian|kk kaz kazakh|km khm khmer|
    kn kan kannada|ko kor korean 한국어|lo lao|lt lit lithuanian lietuvių|lv lav latvian latviešu|
    mk mkd mac macedonian|ml mal malayalam|mn mon mongolian|mr mar marathi|ms msa may malay|my mya bur burmese|
    ne nep nepali|nl nld dut dutch nederlands|no nor nb nob nn nno norwegian norsk bokmål nynorsk|pa pan punjabi|
    pl pol polish polski|pt por portuguese português|ro ron rum romanian română|ru rus russian русский|
    si sin sinhala|sk slk slo slovak slovenčina|sl slv slovenian slovene slovenščina|sq sqi alb albanian|
    sr srp serbian српски srpski|sv swe swedish svenska|sw swa swahili|ta tam tamil|te tel telugu|th tha thai ไทย|
    tl tgl fil tagalog filipino|tr tur turkish türkçe|uk ukr ukrainian українська|ur urd urdu|uz uzb uzbek|
    vi vie vietnamese|yi yid yiddish|zh zho chi cmn yue wuu chinese mandarin cantonese 中文
"""
_SEPARATOR = regex.compile(r"[-_@.]")
# Addresses, code, tags and numbers; of ASCII alone, for in scripts without spaces they stand within a sentence.
_NO_PROSE = regex.compile(r"[!-~]*[/_@\\=<>{}|\d][!-~]*")
_LETTERS = regex.compile(r"\p{L}[\p{L}\p{M}'’]*")


def language_of(document: Document) -> str:
    """The ISO 639-1 code of a document's language, empty where it is not certain; never detected in source code."""
    stated = next(filter(None, map(_of_tag, items(document.metadata.get("language", "")))), "")
    return stated or ("" if document.markup == "code" else _detected(document.text))


def _of_tag(tag: str) -> str:
    """The code that `de-AT`, `deu`, `de_DE.UTF-8` or `German` stand for; empty for anything else."""
    name = tag.strip().casefold()
    return _codes().get(name) or _codes().get(_SEPARATOR.split(name)[0], "")


def _detected(text: str) -> str:
    sample = " ".join(_LETTERS.findall(_NO_PROSE.sub(" ", "\n".join(_samples(text)))))
    if len(sample.encode("utf-8")) < LEAST:
        return ""
    share: dict[str, float] = {}
    for label, probability in _identifier().rank(sample):
        code = _codes().get(label, "")
        share[code] = share.get(code, 0.0) + probability
    best = max(sorted(share), key=lambda code: share[code])
    return best if share[best] >= LEAST_PROBABILITY else ""


def _samples(text: str) -> list[str]:
    if len(text) <= 3 * _SAMPLE:
        return [text]
    middle = (len(text) - _SAMPLE) // 2
    return [text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]]


@cache
def _codes() -> dict[str, str]:
    return {name: names.split()[0] for names in _KNOWN.split("|") for name in names.split()}


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
