"""Which words turn a sentence round, narrow it down, or say the same as others?"""

from __future__ import annotations

from typing import Final

# The second line says of a thing that it is not so; the first, that it is.
TURNED: Final = (
    (
        """open opens opened opening öffnet geöffnet offen ouvert ouverte ouverts ouvertes ouvre ouvrent abierto
        abierta abre abren""",
        """closed close closes shut geschlossen schließt schliesst gesperrt fermé fermée fermés fermées ferme ferment
        cerrado cerrada cierra cierran""",
    ),
    (
        """enabled enable enables aktiviert eingeschaltet activé activée activado activada""",
        """disabled disable disables deactivated deaktiviert ausgeschaltet désactivé désactivée desactivado
        desactivada""",
    ),
    (
        """include includes included including inkludiert inbegriffen enthalten inclus incluse comprend compris
        comprise incluido incluida incluye""",
        """exclude excludes excluded excluding exkludiert exclu exclue exclut excluido excluida excluye""",
    ),
    (
        """approve approves approved adopted passed ratified accept accepts accepted granted genehmigt angenommen
        beschlossen bewilligt approuvé approuvée adopté adoptée accepté acceptée aprobado aprobada aceptado
        aceptada""",
        """reject rejects rejected refuse refuses refused declined denied abgelehnt zurückgewiesen verweigert refusé
        refusée rejeté rejetée rechazado rechazada denegado denegada""",
    ),
    ("win wins won gewinnt gewann gewonnen gagné gagne ganó gana", "lose loses lost verliert verlor perdu perd perdió"),
    ("convict convicts convicted verurteilt condamné condamnée condenado", "acquit acquitted freigesprochen acquitté"),
    (
        """mandatory required compulsory obligatory obliged verpflichtend vorgeschrieben pflicht obligatoire
        obligatorio obligatoria""",
        "optional voluntary freiwillig optionnel facultatif facultative opcional voluntario voluntaria",
    ),
    (
        """keep keeps kept retain retained survive survives survived preserved behalten bleiben erhalten conservé
        conserva conservado""",
        """discard discards discarded delete deletes deleted erase erases erased wiped gelöscht verworfen supprimé
        effacé borra borrado""",
    ),
    (
        """pay pays paid payable cost costs paying kostenpflichtig kostet zahlt bezahlt payant payante payants
        payantes coûte paie pago cuesta paga pagan""",
        "free kostenlos gratis kostenfrei umsonst gratuit gratuite gratuits gratuites gratuito gratuita",
    ),
    ("open-source", "proprietary"),
    ("available erhältlich verfügbar disponible", "unavailable removed gone withdrawn entfernt supprimé retirado"),
    (
        "succeed succeeded success successful confirmed bestätigt confirmé confirmado",
        "fail failed refuted disproved widerlegt réfuté refutado",
    ),
    ("true wahr vrai verdadero", "false untrue falsch faux falso"),
    ("safe sicher sûr seguro", "dangerous unsafe gefährlich dangereux peligroso"),
    ("alive lebt vivant vivo", "dead tot mort muerto"),
    ("public öffentlich publique público", "confidential secret vertraulich geheim confidentiel confidencial"),
    ("silent leise", "loud noisy"),
    ("reusable", "disposable"),
    ("automatic automatically automatisch automatique", "manual manually manuell manuel"),
)
# Of two things where one has the one and the other the other.
CONTRASTED: Final = (
    ("start starts started begin begins began beginning commence", "end ends ended finish finishes until"),
    ("born geboren né née nació nacido nacida", "died dead starb gestorben mort morte murió"),
    ("highest maximum most höchste höchstens maximal", "lowest minimum least niedrigste mindestens minimal"),
    ("for dafür pour", "against dagegen contre"),
    ("passed pass passes bestanden", "failed fail fails durchgefallen"),
    ("taken occupied booked besetzt", "free left vacant frei"),
    ("received eingegangen submitted", "accepted angenommen published"),
    ("passed signed verabschiedet", "force effect kraft"),
    ("with mit avec con", "without ohne sans sin"),
    ("indoor indoors inside innen", "outdoor outdoors outside außen"),
    ("early früh", "late spät"),
    ("before vor until avant hasta antes", "since after from seit nach depuis desde después"),
    ("boarding check-in", "departure departs arrival arrives"),
    ("summer sommer été verano", "winter hiver invierno"),
    ("day tag jour día", "night nacht nuit noche"),
    (
        "small smaller little mini short compact klein kleine kleiner petit petite pequeño pequeña",
        "large larger big long groß große großer grand grande gran",
    ),
    ("north northern nord norden norte", "south southern süd süden sud sur"),
    ("east eastern ost osten est este", "west western westen ouest oeste"),
    ("upper", "lower"),
    ("front", "rear back"),
    ("left links", "right rechts"),
    (
        "adult adults erwachsene erwachsenen adulte adultes adultos",
        "child children youth students seniors pensioners reduced kinder kindern ermäßigt enfants réduit niños",
    ),
    ("weekday weekdays workdays werktags", "weekend weekends holidays wochenende wochenenden feiertagen"),
    (
        "monthly month monatlich mensuel mensuelle mensual",
        "yearly annual annually year jährlich annuel annuelle anual",
    ),
    ("full-time vollzeit", "part-time teilzeit"),
    ("basic standard starter", "premium pro enterprise business"),
    ("internal", "external"),
    ("domestic national inland", "international abroad foreign ausland"),
    ("hot warm", "cold"),
    ("dry", "wet"),
    ("planned expected forecast estimated", "actual actually"),
    ("typical typically average usually", "maximum max peak"),
    ("net netto", "gross brutto vat mwst"),
    ("staging test", "production live"),
    ("private", "public"),
    ("capsules tablets pills", "syrup drops cream"),
)
# Words for one thing; of each line any is as good as another.
SAME: Final = (
    "start starts started begin begins began beginning commence commences beginnt begann startet",
    "empieza comienza empezó comenzó inicia",
    "commence débute",
    "end ends ended finish finishes finished expire expires expired endet läuft",
    "employee employees staff worker workers mitarbeiter angestellte personnel employés empleados",
    "buy buys bought purchase purchases purchased order orders ordered",
    "pupil pupils student students schüler",
    "pay earn earns earned payment payments price prices fee fees rate rates tariff preis gebühr prix tarif precio",
    "show shows give gives say says",
    "hold holds seat seats fit fits",
    "delete deletes deleted remove removes removed erase erases erased shred",
    "allow allows allowed permit permits permitted may can",
    "car cars vehicle vehicles",
    "maximum limit most",
    "send sends sent sending",
    "freeze freezes froze frozen freezing",
    "lend lends lent lending",
    "build builds built building",
    "fly flies flew flown flying",
    "sell sells sold selling",
    "lead leads led leading",
    "write writes wrote written writing",
    "choose chooses chose chosen choosing",
    "drive drives drove driven driving",
    "teach teaches taught teaching",
    "wear wears wore worn wearing",
    "leave leaves leaving",
    "grow grows grew grown growing",
    "bring brings brought bringing",
    "speak speaks spoke spoken speaking",
    "break breaks broke broken breaking",
)
# What lets, and says nothing of what it lets.
PERMITS: Final = frozenset(
    """may can could must shall should allowed allow allows permit permits permitted admitted authorised authorized
    accept accepted accepts possible suitable able need needed needs necessary required have has supported get gets
    given make makes become valid sold works work available darf dürfen kann können muss müssen erlaubt gestattet
    zulässig möglich nötig geeignet notwendig permis permise permet autorisé autorisée admis admise admises
    possible peut peuvent doit doivent faut nécessaire permite permitido permitida puede pueden debe deben posible
    autorizado admite admiten necesario""".split()  # noqa: SIM905
)
FORBIDS: Final = frozenset(
    """ban bans barred disallowed inadmissible illegal unlawful unzulässig proscrit défendu défendue vedado vetado
    ilegal""".split()  # noqa: SIM905
)
# Verbs and nouns that only carry a value: what differs in them differs in nothing.
CARRIES: Final = frozenset(
    """is are was were be been has have had hold holds cost costs amount amounts pay pays weigh weighs weight measure
    measures measured take takes took last lasts lasted get gets bear bears need needs needed require requires
    required use uses used find finds found consist consists comprise comprises make makes made come comes came go
    goes stand stands sit sits lie lies reach reaches reached run runs total value size term give gives given
    exactly about roughly around approximately only just some set aside today currently now reminder remind note
    please our your we you simply also still already exceed exceeds contain contains draw draws serve serves seen
    see per count counted there mean means stay stays remain remains bleibt reste queda recalled according average
    well nearly almost say says said learn receive receives beträgt kostet hat haben ist sind wiegt dauert besteht
    gilt liegt laut bitte gibt steht stehen zur verfügung coûte est sont a ont dure pèse compte accueille fait
    cuesta es son tiene tienen pesa dura hay fueron""".split()  # noqa: SIM905
)
# At the head of a sentence, or behind what is said, these say where, when or for whom it holds.
NARROWS: Final = frozenset(
    """in at on during for under with when whenever if inside outside within without until before since from above
    over beyond unless where abroad via through up as should beim im am bei für während unter mit wenn falls sofern
    innerhalb außerhalb ohne bis vor seit ab ins auf dans en pour pendant sous avec si quand lorsque jusqu sans
    avant depuis à au aux chez durante para bajo con cuando hasta sin antes desde al""".split()  # noqa: SIM905
)
CONDITIONS: Final = frozenset(
    "if when whenever unless wenn falls sofern solange quand lorsque cuando siempre".split()  # noqa: SIM905
)
WITH: Final = frozenset("with mit avec con".split())  # noqa: SIM905
LETS: Final = frozenset(
    """may can allowed allow permitted admitted authorised authorized accepted accept possible free pay open returned
    darf dürfen kann können erlaubt gestattet zulässig permis permise autorisé admis peut peuvent permite permitido
    permitida puede pueden""".split()  # noqa: SIM905
)
OF: Final = frozenset("of von de du des del".split())  # noqa: SIM905
FOR: Final = frozenset("for für pour para".split())  # noqa: SIM905
# These narrow nothing down.
GENERAL: Final = frozenset(
    """maximum minimum maximal minimal total whole entire full yearly annual monthly all every each any own usual
    usually normal normally overall official officially current currently present new exact always everywhere
    everybody everyone whoever whichever longer more mehr any itself case fall cas caso gran grand grande great
    anyone fully strictly completely really very jahr year année año up down off on then general generally
    principle default gesamt gesamte jährliche alle jeder jede üblich grundsätzlich total totale tous toutes chaque
    annuel todos todas cada anual general""".split()  # noqa: SIM905
)
# Denied so, nothing is let be.
UTTERLY: Final = (
    r"\b(?:never|under (?:any|no) circumstances?|in (?:any|no) case|without exception|strictly|no matter|at all|anybody"
    r"|anyone|niemals|nie|auf keinen fall|unter keinen umständen|ausnahmslos|grundsätzlich nicht|jamais|en aucun cas"
    r"|strictement|sans exception|nunca|jamás|bajo ning\w+|en ningún caso|estrictamente|sin excepción)\b"
)
# What has one of these in one document alone is a part, a wish, a plan or a thing of the past there.
SUPPOSED: Final = (
    r"\b(?:would|could(?! not\b)|might|had there been|propos\w+|foresee\w*|wants?|wished?|asked for"
    r"|demand(?:s|ed)(?= \w)|planned|plans? to|planning|assum\w+|suppos\w+"
    r"|for (?:an )?example|hypothetical\w*|imagine|in case of|intend\w*|aims?"
    r"|target|geplant|vorgeschlagen|schlägt|würden?|könnten?|wären?|hätten?|angenommen|fordert|beispiel\w*"
    r"|pourrai\w+|serai\w+|aurai\w+|prévoi\w+|souhait\w+|exemple|proposals?|motion|draft|risk"
    r"|rumou?rs?|wrote|forecast|budgeted|advise\w*|recommend\w*|suggest\w*|consider\w*"
    r"|(?:were|should)(?= \S+ (?:\S+ )?(?:to|slip|be|happen)\b)|antrag|vorschlag|entwurf|empf[ei]\w+"
    r"|projet|recommand\w+|proyecto|propuesta|propone\w*|podría\w*|sería\w*|planea\w*|ejemplo)\b"
)
PAST: Final = (
    r"\b(?:ago|formerly|former|previously|used to|back then|at that time|in those days|until then|originally|initially"
    r"|früher|damals|ehemals|einst|ursprünglich|vor \S+ jahren|autrefois|jadis|à l'époque|il y a|antiguamente|antes)\b"
)
EXEMPTS: Final = (
    r"\b(?:exempt\w*|except\w*|exception\w*|excluding|other than|apart from|unless|otherwise|instead|others?"
    r"|derogation|special|alone|rather than|as long as|so long as|provided|certain|selected"
    r"|andere\w*|autres?|otr[oa]s?|abweichend\w*|dérogation"
    r"|ausgenommen|ausnahm\w+|außer|sonst|sauf|exception\w*|excepté|salvo|excepto|excepción\w*"
    r"|(?:only|nur|seulement|uniquement|sólo|solo|solamente)(?!\s+(?:about |etwa )?\d))\b"
)
# Words that say little elsewhere, and tell apart here.
MEANT: Final = frozenset("member members person persons".split())  # noqa: SIM905
ORDINALS: Final = frozenset(
    """first second third fourth fifth sixth last previous next erste ersten erster zweite zweiten zweiter dritte
    dritten letzte letzten premier première deuxième second seconde troisième dernier dernière primer primera
    primero segundo segunda tercer tercera último última one other others andere anderen autre autres otro otra
    otros otras wide long high tall deep thick broad breit lang hoch tief large long haut""".split()  # noqa: SIM905
)
