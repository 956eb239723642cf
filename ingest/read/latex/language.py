"""In which language does a LaTeX document say that it is written?"""

from __future__ import annotations

import re

_NAMES = {
    "de": "german ngerman",
    "de-AT": "austrian naustrian",
    "de-CH": "swissgerman nswissgerman",
    "en": "english",
    "en-US": "american USenglish",
    "en-GB": "british UKenglish",
    "fr": "french francais frenchb acadian canadien",
    "pt": "portuguese portuges",
    "pt-BR": "brazilian brazil brazilportuguese",
    "nb": "norsk bokmal",
    "nn": "nynorsk",
    "hu": "hungarian magyar",
    "sl": "slovene slovenian",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "cs": "czech",
    "sk": "slovak",
    "hr": "croatian",
    "sv": "swedish",
    "da": "danish",
    "fi": "finnish",
    "is": "icelandic",
    "ru": "russian",
    "uk": "ukrainian",
    "ro": "romanian",
    "el": "greek",
    "tr": "turkish",
    "ca": "catalan",
    "la": "latin",
    "ja": "japanese",
}
_TAGS = {name: tag for tag, names in _NAMES.items() for name in names.split()}
_LOOKED_AT = 100_000  # letters
_USED = re.compile(
    r"^(?:[^%\n]|\\%)*?\\(usepackage|documentclass)\s*\[([^\]]{0,2000})\]\s*\{([^}]{0,200})\}", re.MULTILINE
)
_SET = re.compile(r"^(?:[^%\n]|\\%)*?\\set(?:main|default)language\s*(?:\[[^\]]*\]\s*)?\{(\w+)\}", re.MULTILINE)
_PACKAGE = re.compile(r"^(?:[^%\n]|\\%)*?\\usepackage\s*\{n?german\}", re.MULTILINE)


def language(preamble: str) -> str:
    """The tag of the document's main language, empty where none is named: babel's last one is, or the one so called.

    Options of the document's class are babel's too.
    """
    preamble = preamble[:_LOOKED_AT]
    if named := _SET.search(preamble):
        return _TAGS.get(named[1], "")
    options: list[str] = []
    for command, given, name in _USED.findall(preamble):
        words = [re.sub(r"\s", "", word) for word in re.sub("%.*", "", given).split(",")]
        if command == "documentclass":
            options = words + options
        elif "babel" in name:
            options += words
    main = [option.removeprefix("main=") for option in options if option.startswith("main=")]
    known = [_TAGS[option] for option in [*options, *main] if option in _TAGS]
    return known[-1] if known else "de" if _PACKAGE.search(preamble) else ""
