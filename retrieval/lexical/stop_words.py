"""Which words say nothing about what a text is about? Function words of some languages, short lists on purpose.

A word that is left out can never be found, so the lists hold articles, pronouns, prepositions, conjunctions and forms
of "to be" and "to have", and no word that is also a common noun or name in the same language.
"""

from __future__ import annotations

from functools import cache

_LISTS = {
    # Lucene's default for English, and two abbreviations that would be found as `ie` and `eg`.
    "en": """a an and are as at be but by e.g for i.e if in into is it no not of on or such that the their then there
        these they this to was will with""",
    "da": """af at da de dem den der deres det dig din dine du eller en end er et for fra han har hun hvis hvor i ikke
        ind jeg med men mig min mit når og om op os på sig sin som så til ud var ved vi vil""",
    "de": """aber als am an auch auf aus bei bin bis da das dass daß dein deine dem den der des die dies diese diesem
        diesen dieser dieses doch du durch ein eine einem einen einer eines er es für gegen hat hatte hatten haben ich
        ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja kann man mein meine mit nach nicht noch nur ob oder ohne
        sein seine seinem seinen seiner sich sie sind so um und uns unter vom von vor war waren was wenn werden wie wir
        wird wo wurde wurden zu zum zur über""",
    "es": """a al algo como con cuando de del desde donde e el ella ellas ellos en entre era eran es esa ese eso esta
        estaba estas este esto estos está están fue fueron ha han hasta hay la las le les lo los me mi muy más ni no nos
        o para pero por porque que qué se ser si sin sobre son su sus también tan te tu un una uno unos unas y ya yo
        él""",
    "fr": """à au aux avec c ce ces cet cette d dans de des du elle elles en est et eu il ils j je l la le les leur
        leurs lui m ma mais me mes même n ne nos notre nous on ou où par pas pour qu que qui s sa se ses si son sont sur
        t ta te tes ton tu un une vos votre vous y étaient était été être a ont""",
    "it": """a ad agli ai al alla alle allo anche c che chi ci come con d da dagli dai dal dall dalla dalle dallo de
        degli dei del dell della delle dello di e ed era erano gli ha hanno i il in io l la le lei lo loro lui ma mi ne
        negli nei nel nell nella nelle nello noi non o per più quale quando quella quello questa questo se si sono su
        sua sue sugli sui sul sull sulla sulle sullo suo suoi tra tu un una uno è""",
    "nl": """aan als bij dan dat de der deze die dit door een en er had heeft hem het hier hij hoe hun ik in is je kan
        maar me met mijn na naar niet nog of om ons ook op over te tot u uit van voor was wat we werd wie wij worden
        wordt ze zich zij zijn zo zou""",
    "no": """av at da de dem den der deres det din du eg eller en er et ett for fra ha han har hun hvis hvor hva i ikke
        inn jeg med men meg min mitt når og om opp oss på seg sin som så til ut var ved vi vil å""",
    "pt": """a ao aos as com como da das de dela dele deles do dos e ela elas ele eles em entre era essa esse esta este
        está eu foi foram há isso isto já lhe mais mas me mesmo muito na nas nem no nos não o os ou para pela pelas pelo
        pelos por qual quando que se sem ser seu seus sua suas são só também te tem um uma umas uns você à às é""",
    "ru": """а без был была были было в вы да для до его ее если есть еще ещё её же за и из или им их к как ко когда кто
        ли мы на не него нее ней нет но о об он она они от по при с со так также то только у уже что чтобы эта эти это
        этот я""",
    "sv": """att av blev bli da de dem den denna deras dess det detta dig din du där efter ej eller en er ett från för
        ha hade han har hon hur i icke in inte jag kan man med men mig min mitt mot ni nu när och om oss på sig sin
        skulle som så till under upp ut var vi vid vilka vilken än är över""",
}

# Words of a language that say something in it, and are stop words of another.
_MEANINGFUL = {
    "de": "los ton",
    "en": """all bin come dan den die dig door era fin hat hay hem hoe man men met mine par pour sin son sue till ton
        van war""",
    "es": "dos sur van",
    "fr": "an but met or",
}


LISTED = tuple(_LISTS)
"""The languages that have a list."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """The words, case folded, that are left out of a text in this language; none where there is no list."""
    return frozenset(word.casefold() for word in _LISTS.get(language, "").split())


@cache
def silent_words(language: str, among: tuple[str, ...]) -> frozenset[str]:
    """The words that are not looked for in a language when a question may be in any of several.

    A German question must not look for `der` in English documents, where it is rare and so would weigh much; but an
    English one must find `war` there.
    """
    return frozenset().union(*map(stop_words, among)) - frozenset(_MEANINGFUL.get(language, "").split())
