"""Which numbers in a text are a person's: cards, accounts, telephones, and those that a state gives?

python-stdnum and phonenumbers say which are right. Where a check digit alone would take one number in ten for a
person's, the number is to be written in its usual form, or named by a word before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final

from agent.governance.personal.finding import Span

_CARD: Final = re.compile(r"(?<![\w.,/-])(?<!\d )\d(?:[ -]?\d){12,18}(?![\w-]|[.,/]\d)")
_ISSUED: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|(?:6011|64[4-9]\d|65\d\d|62\d\d|352[89]|35[3-8]\d)\d{12,15}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}|220[0-4]\d{12}"
)
_IBAN: Final = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![\w])", re.IGNORECASE)

# What a state gives: the module of python-stdnum that knows it, how it is written, and, where that alone says too
# little, the words of which one is to stand before it.
_GIVEN: Final = tuple(
    (module, re.compile(rf"(?<![\w.,/+-])(?:{form})(?![\w/-]|[.,]\d)", re.IGNORECASE), words)
    for module, form, words in (
        ("us.ssn", r"\d{3}-\d{2}-\d{4}", None),
        ("us.ssn", r"\d{9}", r"social security|\bssn\b"),
        ("us.itin", r"9\d{2}-\d{2}-\d{4}", None),
        ("ca.sin", r"\d{3}[ -]?\d{3}[ -]?\d{3}", r"\bsin\b|social insurance|assurance sociale|\bnas\b"),
        ("gb.nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}", r"\bnhs\b"),
        ("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", r"steuer|\bidnr|\btin\b|tax"),
        ("fr.nir", r"[1-478] ?\d{2} ?\d{2} ?[\dAB]{2} ?\d{3} ?\d{3} ?\d{2}", None),
        ("es.dni", r"\d{8}[ -]?[A-Z]", None),
        ("es.nie", r"[XYZ][ -]?\d{7}[ -]?[A-Z]", None),
        ("it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", None),
        ("nl.bsn", r"\d{9}|\d{4}\.\d{2}\.\d{3}", r"\bbsn\b|burgerservice|sofi"),
        ("be.nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", None),
        ("pl.pesel", r"\d{11}", r"pesel"),
        ("pt.nif", r"\d{3} ?\d{3} ?\d{3}", r"\bnif\b|contribuinte"),
        ("at.vnr", r"\d{4} ?\d{6}", r"versicherungsnummer|\bsvnr\b|\bsv-nr"),
        ("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d{2}", None),
        ("se.personnummer", r"(?:\d{2})?\d{6}[-+]\d{4}", None),
        ("no.fodselsnummer", r"\d{6} ?\d{5}", r"f[øo]dselsnummer|personnummer|national id"),
        ("dk.cpr", r"\d{6}-?\d{4}", r"\bcpr\b|personnummer"),
        ("fi.hetu", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", None),
        ("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", None),
        ("br.cpf", r"\d{11}", r"\bcpf\b"),
        ("mx.curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", None),
        ("in_.pan", r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", None),
        ("in_.aadhaar", r"\d{4}[ -]?\d{4}[ -]?\d{4}", r"aadhaar|\buid\b"),
        ("cn.ric", r"\d{17}[\dX]", None),
        ("kr.rrn", r"\d{6}-\d{7}", None),
        ("za.idnr", r"\d{13}", r"\bid\b|identity|identiteit"),
    )
)
_BEFORE: Final = 40  # characters before a number in which a word may name it


def cards(text: str) -> Iterator[Span]:
    """Payment cards: of a known issuer's form, and right by Luhn."""
    from stdnum import luhn

    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if len(set(digits)) > 1 and _ISSUED.fullmatch(digits) and luhn.is_valid(digits):
            yield found.span()


def ibans(text: str) -> Iterator[Span]:
    """Accounts by their IBAN, which may be written in groups; a word behind it is not taken for a group of its own."""
    from stdnum import iban

    for found in _IBAN.finditer(text):
        start, end = found.span()
        while end - start >= 15:
            if iban.is_valid(text[start:end], check_country=False):  # banks change; the check digits do not
                yield start, end
                break
            end = max(text.rfind(" ", start, end), text.rfind("-", start, end))


def given(text: str) -> Iterator[Span]:
    """Numbers by which a state, or its insurances, know a person."""
    for module, form, words in _GIVEN:
        for found in form.finditer(text):
            before = text[max(0, found.start() - _BEFORE) : found.start()]
            if words is not None and not re.search(words, before, re.IGNORECASE):
                continue
            if len(set(re.sub(r"\W", "", found[0]))) > 1 and import_module(f"stdnum.{module}").is_valid(found[0]):
                yield found.span()


def phones(text: str, regions: tuple[str, ...] = ()) -> Iterator[Span]:
    """Telephone numbers with their country's prefix, and those without one as they are dialled in these regions."""
    if not re.search(r"\d.{0,3}\d.{0,3}\d", text):
        return
    from phonenumbers import Leniency, PhoneNumberMatcher

    # What has its country's prefix is plainly meant to be a number, so it need only have the length of one.
    for region, leniency in ((None, Leniency.POSSIBLE), *((region, Leniency.VALID) for region in regions)):
        for found in PhoneNumberMatcher(text, region, leniency=leniency, max_tries=len(text)):
            is_open = "(" in found.raw_string and ")" not in found.raw_string  # of what stands around it
            yield found.start + is_open, found.end
