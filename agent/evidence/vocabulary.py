"""Which words stand for a unit, a month, a magnitude, a denial, or one side of an opposition?"""

from __future__ import annotations

from typing import Final

# Units: what they measure, and how much of its own unit they are.
UNITS: Final = {
    "%": "1 % percent prozent pct procent | 1 per_cent pour_cent por_ciento por_cento per_cento",
    "points": "1 percentage_point percentage_points prozentpunkt prozentpunkte pp",
    "seconds": """1 s 秒 秒钟
        sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondi seconden
        | 60 分钟 min mins minute minutes minuten minuto minutos minuti minuut
        | 3600 小时 時間 시간 h hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren
        | 86400 天 日間 일 d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dage
        | 604800 周 星期 週間 주
        week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane weken uge uger
        | 0.001 ms millisecond milliseconds millisekunde millisekunden
        | 1209600 fortnight fortnights quinzaine quincena
        | 2629800 个月 個月 か月 ヶ月 개월
        month months monat monate monaten mois mes meses mese mesi maand maanden mês måned måneder
        | 7889400 quarter quarters quartal quartale
        | 31557600 年 年間 年间 년 year years yr yrs jahr jahre jahren an ans année années año años
        anno anni ano anos jaar jaren år | 315576000 decade decades jahrzehnt jahrzehnte
        | 3155760000 centuries jahrhunderte jahrhunderten siècles siglos""",
    "bytes": """1 byte bytes | 1e3 kb kib kilobyte kilobytes | 1e6 mb mib megabyte megabytes
        | 1e9 gb gib gigabyte gigabytes | 1e12 tb tib terabyte terabytes | 1e15 pb petabyte petabytes""",
    "bits": "1 bit bits | 1e3 kbit | 1e6 mbit mbps mbit/s | 1e9 gbit gbps gbit/s",
    "metres": """1 m 米 metre metres meter meters mètre mètres metro metros metri | 1e-3 mm 毫米 millimetre millimetres
        millimeter millimeters millimètre millimètres milímetro milímetros millimetri | 1e-2 cm 厘米 centimetre
        centimetres centimeter centimeters zentimeter centimètre centimètres centímetro centímetros centimetri | 1e-6 µm
        micrometre micron microns | 1e-9 nm | 1e3 km 公里 千米 キロ kilometre kilometres kilometer kilometers kilomètre
        kilomètres kilómetro kilómetros chilometri
        | 0.0254 inch inches zoll | 0.3048 ft foot feet fuß pies pieds | 0.9144 yd yard yards
        | 1609.344 mi mile miles meile meilen milla millas miglia""",
    "square metres": """1 m2 m² sqm square_metre square_metres square_meter square_meters quadratmeter
        quadratmetern metros_cuadrados mètres_carrés | 1e4 ha hectare
        hectares hektar hectárea hectáreas ettari 公顷 | 1e6 km2 km² 平方公里 square_kilometre square_kilometres
        square_kilometer square_kilometers quadratkilometer quadratkilometern kilómetros_cuadrados kilomètres_carrés
        | 2.59e6 sq_mi square_mile square_miles | 4046.86 acre acres | 0.0929 sq_ft square_feet
        square_foot""",
    "moles per litre": "1 M molar | 1e-3 mM millimolar | 1e-6 µM uM micromolar | 1e-9 nM nanomolar",
    "litres": """1e-6 µl ul microlitre microlitres microliter microliters
        | 1 l litre litres liter liters litro litros litri | 1e-3 ml millilitre millilitres milliliter
        milliliters mililitro mililitros | 1e3 m3 m³ cubic_metre cubic_metres cubic_meter cubic_meters kubikmeter
        | 3.785 gallon gallons gal""",
    "grams": """1 g gram grams gramme grammes gramm gramo gramos grammi | 1e-3 mg milligram milligrams milligramm
        | 1e-6 µg mcg microgram micrograms | 1e3 公斤 千克 kg kilo kilos kilogram kilograms kilogramm kilogramme
        kilogrammes kilogramo kilogramos
        | 1e15 gigaton gigatons gigatonne gigatonnes | 1e12 megaton megatons megatonne megatonnes
        | 1e6 吨 噸 トン t tonne tonnes ton tons tonnen | 453.6 lb lbs | 28.35 oz ounce ounces""",
    "celsius": "1 °c degrees_celsius degree_celsius grad_celsius degrés_celsius grados_celsius degrees_centigrade grad",
    "fahrenheit": "1 °f degrees_fahrenheit degree_fahrenheit grad_fahrenheit",
    "kelvin": "1 k kelvin",
    "euros": "1 欧元 eur euro euros € | 0.01 cent cents centime centimes céntimo céntimos",
    "dollars": "1 美元 ドル usd us$ dollar dollars $ dólares us_dollar us_dollars",
    "pounds": "1 gbp £ pound pounds pfund | 0.01 penny pence",
    "francs": "1 chf franken francs sfr",
    "yen": "1 円 日元 jpy yen ¥",
    "kroner": "1 nok dkk sek kr krone kroner krona kronor kronen couronne couronnes corona coronas",
    "zloty": "1 pln zł zloty zlotys złoty złotych",
    "rupees": "1 inr ₹ rupee rupees",
    "roubles": "1 rub ₽ rouble roubles ruble rubles",
    "pesos": "1 mxn peso pesos",
    "yuan": "1 元 cny rmb yuan renminbi",
    "reais": "1 brl reais",
    "lira": "1 lira liras lire",
    "km/h": "1 km/h kmh kph kilometres_per_hour kilometers_per_hour stundenkilometer | 1.609344 mph miles_per_hour",
    "watts": "1 w watt watts | 1e3 kw kilowatt kilowatts | 1e6 mw megawatt megawatts | 1e9 gw gigawatt gigawatts",
    "watt hours": "1 wh | 1e3 kwh kilowatt_hours kilowattstunden | 1e6 mwh megawatt_hours",
    "volts": "1 v volt volts | 1e3 kv kilovolt",
    "amperes": "1 a amp amps ampere amperes | 1e-3 ma milliampere",
    "hertz": "1 hz hertz | 1e3 khz kilohertz | 1e6 mhz megahertz | 1e9 ghz gigahertz",
    "newton metres": "1 nm newton_metre newton_metres newton_meter newton_meters newtonmeter",
    "pascals": """1 pa pascal pascals | 100 mbar millibar millibars hpa | 1e3 kpa kilopascal kilopascals | 1e5 bar bars
        | 1e6 mpa megapascal megapascals | 6894.76 psi""",
    "joules": "1 j joule joules | 1e3 kj kilojoule kilojoules | 1e6 mj | 4184 kcal kilocalorie kilocalories",
    "turns a minute": "1 rpm",
}
MONTHS: Final = (
    "january jan januar janvier enero gennaio januari janeiro januar|february feb februar février febrero febbraio "
    "februari fevereiro|march mar märz mars marzo maart março|april apr avril abril aprile|"
    "may mai mayo maggio mei maio|june jun juni juin junio giugno junho|july jul juli juillet julio luglio julho|"
    "august aug août agosto augustus|september sep sept septembre septiembre settembre setembro|"
    "october oct oktober okt octobre octubre ottobre outubro|november nov novembre noviembre novembro|"
    "december dec dezember dez décembre diciembre dicembre dezembro"
)
WEEKDAYS: Final = (
    "monday mondays mon montag montags lundi lunes lunedì maandag|tuesday tuesdays tue tues dienstag dienstags mardi "
    "martes martedì dinsdag|wednesday wednesdays wed mittwoch mittwochs mercredi miércoles mercoledì woensdag|"
    "thursday thursdays thu thurs donnerstag donnerstags jeudi jueves giovedì donderdag|friday fridays fri freitag "
    "freitags vendredi viernes venerdì vrijdag|saturday saturdays sat samstag samstags sonnabend samedi sábado sábados "
    "sabato zaterdag|sunday sundays sun sonntag sonntags dimanche domingo domingos domenica zondag"
)
AMBIGUOUS: Final = frozenset("jan mar may march august sun sat wed mon".split())  # noqa: SIM905
SHORT: Final = AMBIGUOUS | frozenset(
    "feb apr jun jul aug sep oct okt nov dec dez tue thu fri mei mars".split()  # noqa: SIM905
)
MAGNITUDES: Final = {
    1e3: "thousand thousands tausend tsd mille mil mila duizend",
    1e6: "million millions mio mn millionen millones millón milioni milione milhões miljoen",
    1e9: "billion billions bn mrd milliarde milliarden milliard milliards miliardi miljard",
    1e12: "trillion trillions billionen",
}
EASTERN: Final = {1e4: "万萬만", 1e8: "亿億억", 1e12: "兆조"}
SMALL: Final = (
    "one a an un une ein eine einer einem einen uno una|two zwei deux dos|three drei trois tres|four vier quatre cuatro"
    "|five fünf cinq cinco|six sechs seis|seven sieben sept siete|eight acht huit ocho|nine neun neuf nueve"
    "|ten zehn dix diez|eleven elf onze once|twelve zwölf douze doce"
)
FRACTIONS: Final = {
    2: "half halves hälfte halb halbe demi moitié medio media mitad",
    3: "third thirds drittel tiers tercio tercios",
    4: "quarter quarters fourth fourths viertel quart quarts cuarto cuartos",
    5: "fifth fifths fünftel cinquième cinquièmes quinto quintos",
    6: "sixth sixths sechstel sixième",
    7: "seventh sevenths siebtel",
    8: "eighth eighths achtel huitième",
    9: "ninth ninths neuntel",
    10: "tenth tenths zehntel dixième dixièmes décimo",
}
# Words that say little by themselves, beside the stop words of the index.
LIGHT: Final = {
    "en": """only
        has have had having do does did done can could may might must shall should would been being am were he she
        him his her hers its we us our ours you your yours i my me mine who whom whose which what when where why how
        here than so very also too just some many much another own same such per via from out again further once after
        before during between within without through across onto upon off yes one ones thing things way case cases
        become becomes became get gets got getting make makes made give gives given take takes taken use used uses need
        needs needed say says said them those let lets there it's about well still yet however therefore thus hence mean
        means called call named name amount amounts total number numbers because since while whereas although though
        unless until due more most less least next instead each average cost costs price priced last lasts member
        members person persons people second seconds minute minutes hour hours day days week weeks month months year
        years long old high wide deep tall large big
        ever going""",
    "de": """nur
        wird werden wurde worden kann können soll sollen muss müssen darf dürfen mag habe haben hatte sei wäre
        welche welcher welches wer wann warum wieviel viele viel jede jeder jedes man sowie bereits dabei dazu damit
        dafür daran darauf daraus darin davon hierfür hierzu hiervon dort hier sehr
        etwa rund ca ja nein beträgt betragen gibt es wegen weil obwohl während""",
    "fr": """seulement
        peut peuvent doit doivent faut fait faire avoir être sera seront très aussi ainsi alors donc oui non il y
        cela ça lors quand comment combien entre environ""",
    "es": """solo sólo
        puede pueden debe deben hay hace hacer haber ser estar será serán muy también así entonces sí cuándo cómo
        cuánto dónde unos unas aproximadamente""",
}
DENYING: Final = {
    "en": """non not no never none neither nor without cannot nobody nothing nowhere isn't aren't wasn't weren't don't
        doesn't didn't can't couldn't won't wouldn't shouldn't mustn't hasn't haven't hadn't""",
    "de": "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder",
    "fr": "ne n pas jamais aucun aucune sans ni",
    "es": "no nunca ningún ninguna ninguno sin jamás tampoco ni",
    "it": "non nessun nessuno nessuna mai senza",
    "nl": "niet geen nooit niemand niets zonder",
    "pt": "não nunca nenhum nenhuma sem jamais",
}
# To deny one of these is to affirm: `does not void`, `nicht verboten`.
REFUSING: Final = {
    "en": """forbidden prohibited banned excluded excludes lacks lacking unable impossible prevent prevents prevented
        avoid avoids avoided omit omits omitted void voids voided invalidates invalid
        dispensable unnecessary superfluous""",
    "de": """verboten untersagt ausgeschlossen unzulässig verhindert verhindern entbehrlich
        überflüssig fehlt fehlen fehlte fehlten erlischt
        ungültig""",
    "fr": "interdit interdite interdits interdites empêche annule",
    "es": "prohibido prohibida impide anula",
    "it": "vietato vietata",
    "nl": "verboden",
    "pt": "proibido proibida",
}
LETTERS: Final = {
    "zh": r"[\u4e00-\u9fff]",
    "ja": r"[\u3040-\u30ff]",
    "ko": r"[\uac00-\ud7af]",
    "ar": r"[\u0600-\u06ff]",
    "he": r"[\u0590-\u05ff]",
    "el": r"[\u0370-\u03ff]",
    "hi": r"[\u0900-\u097f]",
    "th": r"[\u0e00-\u0e7f]",
    "ru": r"[\u0400-\u04ff]{3}",
}
# What an answer may begin with and say nothing of the world: it tells of what was shown, and of answering.
SHOWN: Final = """
    document documents text texts passage passages source sources snippet snippets excerpt excerpts paper page
    study report article material question answer following below evidence results information provided context
    dokument dokuments dokumente texte textes quelle quellen textstelle textstellen abschnitt auszug unterlagen
    frage antwort folgendes folgende folgenden artikel studie bericht extrait réponse suivant suivante étude
    documento documentos texto textos fuente fuentes pasaje fragmento pregunta respuesta siguiente artículo estudio
    informe
"""
TELLING: Final = """
    le les un une il lo l according accordingly based basing judging going goes go far look looking let us
    let's see here's that's say
    says saying said tell tells told telling state states stated show shows shown showing find finds found given
    give read reads reading write writes written quote quoted describe describes described mention mentions
    mentioned answer answers answered answering question questions good great cited cites concerned short brief
    well okay ok sure thanks thank happy help helps relevant per what here this these it i you we me my your about
    from to at on as can laut gemäß zufolge nach steht stehen heißt sagt sagen besagt schreibt dazu darüber hierzu
    geht hervor lässt entnehmen gute gut findet finden gefunden hier ist aus der den dem das die zu wird gegeben
    gegebenen vorliegenden selon d'après dit disent voici voilà ce que lit trouve donné indique indiqué réponds
    bonne regardons según dice dicen cuenta cuentan esto es lo indica encuentra aquí está acuerdo buena veamos
    encontré encontrado de con el la los las
"""
SHOWN_EASTERN: Final = """
    根据 按照 依据 基于 所给 给出 提供 给定 以上 以下 如下 上述 下面 这段 该 本 此 的 资料 材料 文档 文件 文章 原文
    文中 文本 段落 来源 内容 信息 问题 回答 答案 可以 这样 如此 是 所 显示 来看 所述 记载 中 我 找到 关于 资料中
    によると によれば に 次の とおり 通り です 資料 文書 本文 は を で この
"""
# One side contradicts the other.
OPPOSED: Final = (
    (
        """rise rises rose risen rising raise raises raised raising increase increases increased increasing grow grows
        grew grown growing growth gain gained climbed upward higher jumped expanded steigt stieg steigen steigerung
        gestiegen erhöht erhöhen erhöhung wuchs gewachsen zugenommen zunahme höher augmenté augmente augmentation hausse
        subió subido aumentó aumentado aumento""",
        """fall falls fell fallen falling lower lowers lowered lowering decrease decreases decreased decreasing decline
        declines declined declining drop drops dropped dropping reduce reduces reduced reducing reduction shrank shrunk
        downward sinkt sank sinken gesunken senkt senken senkung absenken absenkung gefallen fiel abgenommen
        abnahme verringert verringerung niedriger baissé baisse diminué diminution bajó bajado disminuyó descenso""",
    ),
    ("slow slower slows langsam langsamer lent lento", "fast faster quick quicker schnell schneller rapide rápido"),
    ("first erste ersten erster premier première primero primera", "last letzte letzten letzter dernier último"),
    ("before vor vorher avant antes prior", "after nach nachher après después"),
    ("inside indoors innen", "outside outdoors außen draußen"),
    ("north northern norden nördlich nord norte", "south southern süden südlich sud sur"),
    ("east eastern osten östlich est este", "west western westen westlich ouest oeste"),
    ("left links gauche izquierda", "right rechts droite derecha"),
    ("above oberhalb", "below beneath underneath unterhalb"),
    ("minimum mindestens minimal", "maximum höchstens maximal"),
    ("succeed succeeded succeeds success successful passed", "fail failed fails failure unsuccessful"),
    ("keep keeps kept retained retains", "discard discards discarded deletes deleted removes removed"),
    (  # what becomes of what was asked for
        """accept accepts accepted approve approves approved adopted granted passed ratified genehmigt angenommen
        beschlossen bewilligt approuvé approuvée accordé accordée adopté adoptée aprobado aprobada aceptado aceptada
        concedido concedida""",
        """reject rejects rejected refuse refuses refused declined abgelehnt zurückgewiesen verweigert refusé refusée
        rejeté rejetée rechazado rechazada denegado denegada""",
        """pending undecided submitted requested applied proposed beantragt eingereicht vorgeschlagen déposé déposée
        proposé proposée pendiente presentado presentada propuesto propuesta""",
        """withdrawn retracted cancelled canceled zurückgezogen abgesagt retiré retirée annulé annulée retirado retirada
        cancelado cancelada""",
        "deferred postponed adjourned vertagt verschoben reporté reportée ajourné aplazado aplazada",
    ),
    (  # how far it has come
        """planned scheduled intended upcoming geplant vorgesehen beabsichtigt prévu prévue projeté previsto prevista
        planeado planeada""",
        "ongoing underway laufend",
        """completed finished concluded ended abgeschlossen fertiggestellt terminé terminée achevé achevée completado
        completada terminado terminada concluido concluida""",
        "abandoned aufgegeben abandonné abandonnée abandonado abandonada",
    ),
    (
        "draft preliminary provisional entwurf vorläufig brouillon provisoire borrador provisional",
        "final endgültig définitif définitive definitivo definitiva",
    ),
    ("deprecated veraltet obsolète obsoleto", "removed dropped entfernt supprimé eliminado"),
    ("temporary temporarily vorübergehend temporaire temporal", "permanent permanently dauerhaft permanent permanente"),
    ("upregulation upregulates upregulated", "downregulation downregulates downregulated"),
    ("enable enables enabled", "disable disables disabled"),
    ("internal", "external"),
    ("better besser mieux mejor", "worse schlechter pire peor"),
    ("more mehr", "less fewer weniger"),
    ("longer länger", "shorter kürzer"),
    ("larger bigger greater größer", "smaller kleiner"),
    ("highest largest biggest greatest höchste größte", "lowest smallest least niedrigste kleinste"),
    ("newest latest neueste", "oldest earliest älteste"),
    ("public öffentlich", "private privat"),
    ("mandatory required compulsory obligatory verpflichtend vorgeschrieben", "optional voluntary freiwillig"),
    ("early earlier früh früher", "late later spät später"),
    ("win wins won", "lose loses lost"),
    ("cheap cheaper cheapest", "expensive dearer"),
    ("open geöffnet offen ouvert ouverte abierto abierta", "closed geschlossen fermé fermée cerrado cerrada"),
    ("hot warm warmer", "cold cool cooler"),
    ("full", "part partial"),
    ("include includes included including", "exclude excludes excluded excluding"),
    ("begin begins began start starts started", "end ends ended finish finishes finished stop stops stopped"),
    (
        "next following subsequent nächste folgende suivant siguiente",
        "previous preceding prior vorige précédent anterior",
    ),
    ("positive positiv positif", "negative negativ négatif"),
    ("majority mehrheit majorité mayoría", "minority minderheit minorité minoría"),
    ("automatic automatically automatisch", "manual manually manuell"),
    ("summer sommer été verano", "winter hiver invierno"),
    ("import imports imported", "export exports exported"),
    ("together gemeinsam zusammen ensemble juntos", "independently separately unabhängig getrennt séparément"),
)
# The first says more than the second: it may be weakened, not strengthened.
STRONGER: Final = (
    (
        """all every always everyone everybody everything entire entirely completely fully necessarily exclusively
        invariably alle allen aller alles jedes immer stets sämtliche tous toutes toujours todos todas siempre""",
        """some many most mostly several often usually generally typically sometimes nearly almost partly mainly largely
        few majority einige viele meist meisten oft häufig manche manchmal fast teils teilweise plupart souvent parfois
        presque certains algunos muchos mayoría menudo casi""",
    ),
    (
        """must shall mandatory required requires obliged compulsory muss müssen verpflichtet doit doivent obligatoire
        debe deben obligatorio""",
        """may can could might should recommended optional optionally kann können darf dürfen sollte sollten peut
        peuvent devrait puede pueden debería""",
    ),
    (
        """already now currently decided approved adopted introduced bereits schon beschlossen eingeführt déjà décidé ya
        decidido""",
        """future planned plans planning proposed proposes intends considered considering discussed postponed geplant
        künftig vorgeschlagen diskutiert verschoben prévu futur reporté futuro previsto aplazado""",
    ),
    (
        "cause causes caused causing verursacht verursachen cause causent causa causan",
        "associated association correlated correlates linked zusammenhang verbunden associé asociado",
    ),
    (
        """guarantee guarantees guaranteed proved proven proves established certain certainly confirmed demonstrated
        definitely bewiesen erwiesen sicher prouvé certain demostrado seguro""",
        """believed thought assumed suspected possible possibly potential potentially perhaps probably likely unknown
        unclear suggests suggested vermutlich wahrscheinlich möglich unbekannt unklar probable probablement inconnu
        posible probablemente desconocido""",
    ),
)
# By the hour, the day, the week, two weeks, the month, the quarter, half a year, the year.
FREQUENCIES: Final = (
    "hourly stündlich|nightly täglich quotidien quotidienne diario diaria diariamente|weekly wöchentlich hebdomadaire "
    "semanal|fortnightly vierzehntägig vierzehntäglich quincenal|monthly monatlich mensuel mensuelle mensual|quarterly "
    "vierteljährlich trimestriel trimestrielle trimestral|semiannually semi-annually halbjährlich semestriel "
    "semestrielle semestral|yearly annually jährlich annuel annuelle anual anualmente"
)
