"""Which of the encodings from before UTF-8 are these bytes written in?

Each candidate's text is held against the letters of the languages that used it: the right one spells words of one
alphabet, in its usual letters and cases. That works from a word on, where statistics of whole texts need paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_SAMPLE = 1 << 14  # bytes looked at
_WORST = -0.5  # a mean value below this means that the bytes spell nothing in any language
_LEAST = 0.3  # the mean value of what surely is text; noise, and UTF-8 read as anything else, have 0.25 or less
_LONG = 500  # bytes above ASCII; a shorter text may be of unusual words
_SIGN, _RARE, _STRANGE, _WRONG = 0.3, -0.3, -1.2, -3.0
_SIGNS = frozenset("“”‘’‚„–—…«»‹›€£¥§°©®•·№™±²³½¼×÷¿¡µªº´ \xa0\xad")


@dataclass(frozen=True, slots=True)
class _Language:
    """Its letters above ASCII, the commonest first, and words in ASCII that stand in every text of it."""

    letters: str
    words: frozenset[str] = frozenset()


def _language(letters: str, words: str = "") -> _Language:
    return _Language(letters, frozenset(words.split()))


_GERMAN = _language("äüöß", "der die das und ist von mit den nicht ein eine auf dem des sich im zu wird")
_WESTERN = (
    _GERMAN,
    _language("éèàêçôâîûùëïœüæÿ", "le la les et des est que une pour dans qui sur par pas au il en du"),
    _language("óíáéñúü¿¡", "el los las que del una por con para es se en su y no como al"),
    _language("ãáéçíóêâõúôàü", "que do da em um para uma com os as dos das no na por mais ao"),
    _language("èàùòéìîíóú", "di che il per un una non del con le si della sono nel alla gli da"),
    _language("ëéïöèüóê", "de het een van en dat op te zijn met voor niet aan er ook bij"),
    _language("åøæéòô", "og det er til av for en som ikke at den med af har fra de jeg"),
    _language("äöåéè", "och att det som en av den med till inte har ja on ei se joka oli ovat"),
    _language("áíðúþóýöæé", "og er um sem til var ekki hann me frá fyrir"),
    _language("óàéíèòçúïü·", "els les que del una per amb com de la el en va"),
    _language("—éñöüçèïáôêäóíãøœîûåæ", "the of and to in is that for it was on with as are by at from this"),
)
_CENTRAL = (
    _language("íáéěýřčžšůúťóňďö", "se na je to ve do pro by jako jsou ale od jeho podle jsem"),
    _language("áíéčýžúšľťôňóňďäŕĺ", "sa na je to do pre ako ktor od aj ale alebo bol"),
    _language("łóążęśćńź", "na do nie jest od jak po przez dla oraz jego ale tego przy"),
    _language("éáóöíőüúű", "az egy hogy nem is ez meg volt mint csak el de van"),
    _language("ăţşîâ", "de la cu pe din nu este care mai pentru au fost sau"),
    _language("čšžćđ", "je na se da od su za ne bi kao ali koji iz po"),
    _GERMAN,
)
_TURKISH = (_language("ıüşçöğiâîû", "ve bir bu da de ile olarak olan daha gibi ne var en"),)
_BALTIC = (
    _language("ėųšįžčūęą", "ir yra kad su tai iš kaip ne ar bei po tik"),
    _language("āīšēņūļčžķģ", "un ir no ar par uz kas ka tas ir lai bet gan"),
    _language("äõüöšž", "ja on ei et see oli mis kui ka aga ning"),
)
_CYRILLIC = (
    _language("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),
    _language("оанивіетрслкмудпязьгбйчхїжшцющєфґ"),
    _language("аоиетнрсвлкдпмзугбчяъцшщйжхюьф"),
)
_GREEK = (_language("αοιετσνηςρκπυμλόίάγέδύήώθφβχξζψϊϋΐΰ"),)
_HEBREW = (_language("יוהלארתבשםמנדחקפעןטגצסכזךףץ"),)
_ARABIC = (_language("المنيرتوبةعدسفهكقحجشصطىخأذإضزءئغثظؤآ،؟"), _language("اینردموتهبشسکلگزخقفعجپحآغصطچضظذئژث،؟"))
_THAI = (_language("านรกเงอมยลวดทตสปบคหจพชขไใแโผซณศถธภฐษญฟ่้ีัิ์ื็ุูึๆะำ"),)
_CHINESE = (
    "的一是不了在人有我他这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没"
    "成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已"
    "亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却"
    "加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候"
    "民岁往何度山觉路带万男边风解叫任金快原吃变通师立象数四失满战远格士音轻目条议纪合同编号迎城市测试姓京欢临件参与你您请北京"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個上們來到時大地為子中你說生國年著就那和要她出也得里後自以會家可下而過天去能對小多然於心學麼之都好看起發當沒"
    "成只如事把還用第樣道想作種開美總從無情己面最女但現前些所同日手又行意動方期它頭經長兒回位分愛老因很給名法間斯知世什兩次使身者被高已"
    "親其進此話常與活正感見明問力理爾點文幾定本公特做外孩相西果走將月十實向聲車全信重三機工物氣每並別真打太新比才便夫再書部水像眼等體卻"
    "加電主界門利海受聽表德少克代員許先口由死安寫性馬光白或住難望教命花結樂色更拉東神記處讓母父應直字場平報友關放至張認接告入笑內英軍候"
    "民歲往何度山覺路帶萬男邊風解叫任金快原吃變通師立象數四失滿戰遠格士音輕目條議紀合編號迎城市測試姓歡臨件臺灣您請"
)
_KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高"
    "代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山"
    "思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考"
    "判認画海参售利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢"
    "字料住齢渋谷試験語前様願致添付送"
)
_HANGUL = (
    "이다는을의에가고하지기로사한은도를어자시아리나대인서해그일스수정라있부만으전주들제보오장여구원상과동유공게조비안었선진계회성마국신소세무"
    "면우연경치생관와드문등미적반화트할요역실위방없금내분업학술발니습합했년건모당중체산거영물용간식여변바까개후현본교차양호불터표저행결명"
    "재려단각각법번러프음복운통향최타강김군력민통월야말녕름규령집록울"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An encoding, the languages that were written in it, and how much less often it is met."""

    encoding: str
    languages: tuple[_Language, ...]
    handicap: float = 0.0
    script: str = ""  # of East Asia, where letters are weighed by the rows of their national standard


_CANDIDATES = (
    _Candidate("cp1252", _WESTERN),
    _Candidate("iso8859_15", _WESTERN, 0.02),
    _Candidate("cp1250", _CENTRAL, 0.05),
    _Candidate("iso8859_2", _CENTRAL, 0.1),
    _Candidate("cp1251", _CYRILLIC),
    _Candidate("koi8_r", _CYRILLIC[:1], 0.05),
    _Candidate("koi8_u", _CYRILLIC[1:2], 0.08),
    _Candidate("iso8859_5", _CYRILLIC, 0.1),
    _Candidate("cp866", _CYRILLIC[:1], 0.1),
    _Candidate("cp1253", _GREEK),
    _Candidate("cp1254", _TURKISH, 0.05),
    _Candidate("cp1255", _HEBREW),
    _Candidate("cp1256", _ARABIC),
    _Candidate("cp1257", _BALTIC, 0.1),
    _Candidate("cp874", _THAI, 0.1),
    _Candidate("cp850", _WESTERN, 0.3),
    _Candidate("mac_roman", _WESTERN, 0.3),
    _Candidate("cp932", (), 0.0, "ja"),
    _Candidate("euc_jp", (), 0.0, "ja"),
    _Candidate("gb18030", (), 0.0, "zh"),
    _Candidate("big5hkscs", (), 0.0, "tw"),
    _Candidate("cp949", (), 0.0, "ko"),
)


def charset(data: bytes) -> str | None:
    """The encoding that makes the most of `data`, whose bytes are not UTF-8; None if it spells nothing in any."""
    sample = _sample(data)
    if b"\x1b$" in sample:
        return "iso2022_jp"
    values = {candidate.encoding: _value(sample, candidate) for candidate in _CANDIDATES}
    best = max(values, key=lambda encoding: values[encoding])
    above = sum(byte > 0x7F for byte in sample)
    return best if values[best] > (_LEAST if above > max(_LONG, len(sample) / 2) else _WORST) else None


def reads_well(data: bytes, encoding: str) -> bool:
    """Whether these bytes spell words if they are taken to be in this encoding; not if there are none."""
    candidate = next((each for each in _CANDIDATES if each.encoding == encoding), None)
    return bool(data) and candidate is not None and _value(_sample(data), candidate) > _LEAST


def is_east_asian(text: str, share: float) -> bool:
    """Whether the letters above ASCII are in this share among the commonest of Chinese, Japanese or Korean."""
    above = [letter for letter in text if letter > "\x7f"]
    usual = sum(
        "\u3041" <= letter <= "\u30ff" or any(letter in script for script in _USUAL.values()) for letter in above
    )
    return len(above) > 3 and usual >= len(above) * share


def _sample(data: bytes) -> bytes:
    """The lines with bytes above ASCII, from the beginning on, and where they are few, what else there is."""
    if len(data) <= _SAMPLE:
        return data
    kept: list[bytes] = []
    size = 0
    for found in re.finditer(rb"[^\n]{0,4096}[\x80-\xff][^\n]{0,4096}", data):
        kept.append(found[0])
        size += len(found[0]) + 1
        if size > _SAMPLE:
            break
    return b"\n".join(kept)[:_SAMPLE] if kept else data[:_SAMPLE]


_INSIDE = re.compile(r"(?<=[A-Za-z])[^\W\d_\x00-\x7f]|[^\W\d_\x00-\x7f](?=[A-Za-z])")
_ALONE = re.compile(r"(?<![^\W\d_])[^\W\d_\x00-\x7fàèéóáíú](?![^\W\d_])")
_SPLIT_WORD = re.compile(r"(?<=\w)[“”„‚‹›«»…•°§©®£±¿¡´¨¸¤¦¬¶](?=[a-zß-ÿ])")
_IN_PLACE = re.compile(
    r"(?<=[\s\d])[–—](?=[\s\d])|(?<!\w)[“„«‘](?=\w)|(?<=[\w.,!?])[”“»’…](?!\w)|(?<=[\d\s])°|(?<=\d)[½¼¾²³]"
    r"|(?<=\w)’(?=(?:s|t|d|m|re|ve|ll)\b)|(?:(?<=\b\w)|(?<=\bqu)|(?<=ll)|(?<=\bun))’(?=\w)"
)
_EAST, _LETTER = "\u2e80-\uffef", "[\u3400-\u9fff\uac00-\ud7a3]"
_LONE = re.compile(f"(?<![{_EAST}\\d]){_LETTER}(?![{_EAST}\\d])|(?<=[A-Za-z]){_LETTER}(?=[A-Za-z])")


def _value(sample: bytes, candidate: _Candidate) -> float:
    """How well the sample reads so: the mean over its bytes above ASCII, 1 for a usual letter and less for others."""
    text = sample.decode(candidate.encoding, "replace")
    letters = Counter(letter for letter in text if letter > "\x7f")
    high = max(1, sum(byte > 0x7F for byte in sample))
    if candidate.script:
        total = sum(_east(letter, candidate.script) * count * _width(letter) for letter, count in letters.items())
        total += _STRANGE * len(_LONE.findall(text))
    else:
        words = re.findall(r"[^\W\d_]+", text.lower())
        total = max(_west(letters, language) + high * _spoken(words, language) for language in candidate.languages)
        total += _STRANGE * (_misfits(text, candidate) + len(_SPLIT_WORD.findall(text)))
        total += (1 - _SIGN) * len(_IN_PLACE.findall(text))
    return total / high - candidate.handicap


def _width(letter: str) -> int:
    return 1 if "\uff61" <= letter <= "\uff9f" or letter == "\ufffd" else 2


def _misfits(text: str, candidate: _Candidate) -> float:
    """Capitals inside words, letters of another script inside Latin words, and half of the letters that stand alone."""
    pairs = Counter(pairwise(text))
    misfits = sum(
        count
        for (left, right), count in pairs.items()
        if left.islower() and right.isupper() and max(left, right) > "\x7f"
    )
    latin = candidate.languages[0].letters[0] < "\u0250"
    return misfits + len(_ALONE.findall(text)) / 2 + (0 if latin else len(_INSIDE.findall(text)))


def _spoken(words: list[str], language: _Language) -> float:
    """Up to a half for a text in which every fifth word is one of the language's small ones."""
    return min(0.5, 2.5 * sum(word in language.words for word in words) / max(5, len(words)))


def _west(letters: Counter[str], language: _Language) -> float:
    total = 0.0
    for letter, count in letters.items():
        place = language.letters.find(letter)
        if place < 0 and len(letter.lower()) == 1:
            place = language.letters.find(letter.lower())
        if place >= 0:
            total += count * (1 - 0.6 * place / len(language.letters))
        elif letter == "\ufffd" or not (letter.isprintable() or letter in _SIGNS):
            total += count * _WRONG
        elif letter in _SIGNS:
            total += count * _SIGN
        else:
            total += count * (_STRANGE if letter.isalpha() else 1.5 * _RARE)
    return total


@lru_cache(maxsize=1 << 15)
def _east(letter: str, script: str) -> float:
    """What a letter of East Asia is worth in a script, by the row in which its national standard has it."""
    if letter in "·、。，！？：；「」『』《》（）・ー　“”…—":
        return 0.7
    if letter in _USUAL[script]:
        return 1.0
    if "\u3041" <= letter <= "\u30ff":
        return 0.95 if script == "ja" else _RARE
    if "\uff61" <= letter <= "\uff9f":
        return -0.1 if script == "ja" else _STRANGE
    if "\uff01" <= letter <= "\uff5e":
        return 0.5
    codec, first, last = _ROWS[script]
    try:
        lead = letter.encode(codec)[0]
    except UnicodeEncodeError:
        return _RARE * 2 if letter.isalpha() and letter != "\ufffd" else _WRONG
    return 0.55 if first <= lead <= last else _RARE


_USUAL = {"zh": frozenset(_CHINESE), "tw": frozenset(_TRADITIONAL), "ja": frozenset(_KANJI), "ko": frozenset(_HANGUL)}
_USUAL_ANYWHERE = frozenset().union(*_USUAL.values())
_ROWS = {  # the rows of the letters that schools teach, which the standards set first
    "zh": ("gb2312", 0xB0, 0xD7),
    "tw": ("big5", 0xA4, 0xC6),
    "ja": ("euc_jp", 0xB0, 0xCF),
    "ko": ("euc_kr", 0xB0, 0xC8),
}
