"""Which words ask for an act, and which leave open whether it is asked for? In English, German, French and Spanish.

All words are `folded`. One that ends in `~` stands for its imperatives and infinitives.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_ENDINGS: Final = ("", "e", "en", "n", "er", "re", "ez", "a", "ar", "ad", "an", "ir")


def folded(word: str) -> str:
    """In small letters without marks, but for a last é: `remboursé` tells of what was done."""
    small = unicodedata.normalize("NFC", word.lower().replace("ß", "ss"))
    stem = small.removesuffix("é")
    bare = "".join(each for each in unicodedata.normalize("NFD", stem) if not unicodedata.combining(each))
    return bare + small[len(stem) :]


def _set(words: str) -> frozenset[str]:
    stems = (folded(word) for word in words.split())
    return frozenset(
        f"{stem.removesuffix('~')}{end}" for stem in stems for end in (_ENDINGS if stem.endswith("~") else ("",))
    )


# Verbs of which each says what the others of its line say.
SAME: Final = tuple(
    map(
        _set,
        (
            """refund reimburse repay credit erstatt~ zurückerstatt~ rückerstatt~ zurückzahl~ zurücküberweis~
            gutschreib~
            auszahl~ ausbezahl~ rembours~ crédit~ recrédit~ reembols~ devuelv~ devolv~ devolver abon~""",
            "mail email e-mail",
            "note jot record notier~ vermerk~ festhalt~ noter notez consign~ anot~ apunt~",
            """open create file raise log register submit make start eröffn~ erstell~ anleg~ aufmach~ ouvr~
            cré~ abr~ abrir cre~""",
            "close resolve schliess~ abschliess~ ferm~ clôtur~ cierr~ cerr~",
            "delete erase remove lösch~ entfern~ supprim~ effac~ borr~ elimin~",
            "pay transfer wire bezahl~ zahl~ überweis~ pay~ paie vers~ pag~ transfier~",
            "update change edit modify set änder~ aktualisier~ modifi~ chang~ actualiz~ cambi~ modific~",
            "book reserve buch~ reservier~ réserv~ reserv~",
            "schedule arrange plan plan~ vereinbar~ planifi~ program~",
            "notify inform alert",
            "cancel stornier~ künd~ kündig~ annul~ anul~ cancel~",
            "stop end terminate beend~ arrêt~ termin~",
            "start begin launch run start~ lanc~ lanz~ inici~",
            "publish post veröffentlich~ publi~ public~",
            "add append put hinzufüg~ ajout~ añad~",
            "grant give gewähr~ accord~ conced~",
            "move verschieb~ déplac~ muev~ mov~",
            "reply answer respond antwort~ beantwort~ répond~ respond~ contest~",
        ),
    )
)
# What things are called besides, by their name in a tool's.
CALLED: Final = tuple(
    map(
        _set,
        (
            """refund reimbursement repayment erstattung rückerstattung rückzahlung gutschrift remboursement reembolso
            devolución abono""",
            "mail email e-mail nachricht courriel message correo mensaje",
            "note notes notiz notizen vermerk notas nota",
            "file datei fichier archivo",
            "user benutzer nutzer utilisateur usuario",
            "order bestellung commande pedido",
            "account konto compte cuenta",
            "room raum zimmer salle chambre sala habitación",
            "appointment termin rendez-vous cita",
        ),
    )
)
# What brings about the thing that it is said with: to issue a refund, to send a mail.
MAKING: Final = _set(
    """issue make give do process grant execute perform initiate send arrange create add write leave open file raise log
    register submit trigger put keep book veranlass~ mach~ erstell~ gib gebt geben schreib~ leg~ eröffn~ fais faites
    faire effectu~ cré~ cre~ ouvr~ écris écrivez écrire haz haga hacer realiz~ crea~ abr~ abrir escrib~ escribir pon
    mets mettez"""
)
NEW: Final = _set(
    """open put create file raise log register submit make start book eröffn~ erstell~ anleg~ leg~ mach~
    aufmach~ ouvr~ cré~
    cre~ abr~ abrir haz fais faites"""
)
GIVING: Final = _set("refund reimburse repay pay wire transfer")
BACK: Final = _set(
    """give pay send transfer return put wire zahl~ überweis~ gib gebt geben send~ schick~ schreib~ buch~"""
)
AGAIN: Final = _set("back zurück gut")  # with one of these the verb before says it: pay back, zahl zurück
SENDING: Final = _set(
    "send write drop shoot schick~ send~ schreib~ envoi~ envoy~ envoyer envi~ mand~ écris écrivez escrib~ escribir"
)
ADDRESSING: Final = _set(
    """tell inform notify ask write message answer remind thank update contact let reply respond confirm warn drop sag~
    informier~ schreib~ antwort~ frag~ benachrichtig~ bestätig~ teil~ gib lass dis dites prév~ préviens prévenez
    prévenir inform~ écris écrivez écrire répond~ réponds demand~ avert~ confirm~ rappel~ di diga dile dígale avis~
    escrib~ escribir respond~ contest~ pregunt~ recuerd~"""
)
MAILS: Final = _set("mail email e-mail courriel correo")
SAYING: Final = _set("mail email e-mail message note ticket comment post letter reply issue reminder nachricht")
TELLING: Final = _set(
    """analyse analyze check compare count describe discuss explain fetch find list look read report review say search
    see show summarise summarize translate get tell quote outline define name calculate have sag~ zeig~ fass~ such~
    schau~ prüf~ lies les~ lesen erklär~ nenn~ find~ vergleich~ übersetz~ sieh dis dites résum~ cherch~ montr~
    expliqu~ trouv~ lis lisez vérifi~ regard~ compar~ traduis dime di resum~ busc~ muestr~ explic~ encuentr~ lee mira
    comprueb~ traduc~"""
)
DOING: Final = TELLING.union(
    _set(
        """ask book cancel change draft drop forward inform invite let note need notify place print copy rename restore
    approve reject order block unblock lock unlock enable disable reset renew extend merge split assign mark answer
    remind thank contact message upload download save execute publish purge upvote leit~ entwirf frag~ bitt~ transfér~
    demand~ reenví~ pid~"""
    ),
    MAKING,
    SENDING,
    ADDRESSING,
    BACK,
    *SAME,
)
# What is done to something, so that what stands behind a colon is what with.
DEEDS: Final = frozenset(["process", "issue"]).union(
    *(each for each in SAME if each & {"refund", "close", "delete", "pay", "cancel"})
)
# Verbs that are nouns as well: where a tool's name has another one, that is what it does.
NOUNS: Final = _set(
    """file order mail email e-mail book log note post issue label tag copy place process report review list quote
    ticket archive message print contact update change block access credit record"""
)
# Whoever wants one of these done first, or at all, has not yet said yes.
HESITATING: Final = _set(
    """verify confirm ensure validate clarify wait double-check doublecheck warte warten attends attendez espera espere
    pretend imagine suppose consider prepare hold"""
)
CONTRARY: Final = _set(
    """cancel stop undo hold revert reverse withdraw forget ignore skip abort block freeze pause delay postpone wait
    scrap disregard suspend retract refuse reject deny decline prevent avoid keep leave stornier~ stopp~ vergiss
    ignorier~ annul~ anul~ oubli~ olvid~"""
)
ACTS: Final = _set(
    """payment payout transfer transaction request action task job order it that this them all everything das es ça cela
    eso esto"""
)

# After these an act hangs on something, or is one of several.
CONDITIONS: Final = _set(
    """if unless whether provided providing assuming assumed depending once when whenever or either otherwise wherever
    where wenn falls sobald sofern solange ob sonst oder entweder si sauf quand lorsque dès sinon ou cuando salvo o
    excepto mientras contingent conditional conditionally vorbehaltlich"""
)
# After these it does too, or is not for now, or another one is meant.
HANGING: Final = CONDITIONS | _set(
    """until till nor else pending subject upon after before afterwards beforehand first later tomorrow soon eventually
    sometime someday tonight next upcoming following except excluding besides save barring instead rather nachdem
    bevor bis außer vielleicht erst sondern statt anstatt später morgen nächste nächsten nächster après avant jusqu
    jusqu'à peut-être plutôt demain prochain prochaine después antes hasta quizás tras mañana próximo próxima sino"""
)
DENYING: Final = _set(
    """not no never without avoid stop cannot neither none nothing nobody hardly n't better-not nicht kein keine keinen
    keinem keiner nie niemals nein ohne nichts niemand ne pas jamais non sans rien aucun aucune ni nunca jamás sin
    nada nadie ningún ninguna tampoco doch"""
)
PENDING: Final = _set(
    """approval consent permission confirmation okay clearance authorisation authorization go-ahead sign-off signature
    approves approve agree agrees confirm confirms condition hold protest theory principle jest joke draft example
    hypothetically theoretically supposedly allegedly apparently maybe perhaps possibly probably test sandbox review
    simulation pretend imagine suppose sarcasm sarcastic e.g eg i.e genehmigung zustimmung freigabe zustimmt freigibt
    erlaubnis bedingung beispiel angenommen z.b accord autorisation approbation exemple imaginons supposons aprobación
    permiso ejemplo supongamos apruebe autorice option unsure justified decide decides decided decision entscheidet
    décide decide"""
)
INEXACT: Final = _set(
    """maximum minimum max min half third quarter double triple twice-as less more minus least most between roughly
    approximately approx around circa nearly almost rest remainder remaining percent halb halbe hälfte etwa ungefähr
    mehr weniger höchstens mindestens prozent moitié environ moins plus mitad aproximadamente menos más máximo"""
)
TAKING_BACK: Final = _set(
    """kidding joke joking forget scrap ignore disregard undo revert retract withdraw nope nah oops wait mistaken sorry
    actually hypothetical pretend imagine suppose testing example revoke sure mean vergiss quatsch moment halt warte
    irrtum scherz attends attendez erreur blague espera espere broma error mejor perdón"""
)
# Whoever wrote these down tells what others say.
REPORTING: Final = _set(
    """say says said saying write writes wrote written read reads ask asks asked want wants wanted wish wishes demand
    demands demanded request requests requested claim claims claimed state states stated tell tells told insist
    insists insisted suggest suggests suggested propose proposes proposed recommend recommends recommended instruct
    instructs instructed command commands commanded expect expects expected believe believes believed think thinks
    thought hope hopes hoped reading quote quotes quoted needs thinking wonder aloud schreibt sagt will fordert
    verlangt meint bittet möchte schrieb sagte demande dit écrit veut exige réclame pide dice escribe quiere exige
    reclama according laut selon según per gemäß"""
)
MODAL: Final = _set(
    """must should shall would may might could can will ought going needs wanna gonna soll sollen sollte darf
    dürfen muss
    müssen könnte würde doit devrait peut faut-il debe debería puede debo"""
)
FINITE: Final = _set(
    """is are was were be been being am has have had do does did isn't seems looks went goes came failed bounced wrote
    comes gets works happened ist sind war waren wird wurde hat haben hatte scheint ging est sont était a-été semble
    está fue era ha parece"""
)
BECAUSE: Final = _set(
    """because since as weil da denn damit parce car puisque porque ya which who whose what whatever that dass qui que
    prévu prevista previsto vorgesehen"""
)
REFERRING: Final = _set("this that it these those such das es dies c'est ça cela ce eso esto so")
DOUBTING: Final = _set(
    """okay ok right correct wrong allowed fine fair sensible reasonable legit genuine advisable think mean sense agree
    sure oder richtig falsch erlaubt sollen soll darf dürfen sinnvoll vale correcto bien d'accord juste bon vraiment
    ça"""
)
SUBJECTS: Final = _set("i we he she they you ich wir er tu il elle nous yo nosotros ella")
TEXTS: Final = _set(
    """mail mails email e-mail message text letter note letters messages document passage nachricht brief lettre
    courriel correo carta mensaje"""
)
POINTING: Final = _set(
    """this these following below above here hier voici aquí follows folgende folgendes folgenden unten diese dieses
    suivant suivante ci-dessous esto este siguiente"""
)
ABOUT: Final = _set(
    """request requests status policy policies letter form issue issues problem question questions demand claim claims
    case complaint process rule rules template date history procedure report list notice page button code wish went
    goes plan idea instruction instructions clear word words"""
)
BRINGING: Final = _set(
    """reason title titled subject text body note comment message priority label words amount description remark
    reference priorité prioridad priorität prio high normal low urgent medium heading headline content titel
    grund betreff titre motif objet título
    motivo asunto"""
)
URGENT: Final = _set("urgent urgente dringend high normal low immediately")
POLITE: Final = _set(
    """please kindly thanks thank you very so much many cheers regards best kind today now at once right away
    immediately
    asap quickly ok okay hi hello hey good morning afternoon evening day team all everyone everybody desk there great
    perfect fine yes sure and too well alright bother trouble dear sincerely yours bitte danke vielen dank hallo guten
    tag morgen moin ja gut grüße viele sofort gleich super s'il te vous plaît plait merci bonjour salut oui svp stp
    d'avance voici cordialement por favor gracias hola buenos buenas días tardes sí un saludo oye dir euch a lot ton"""
)
THINGS: Final = _set(
    """order orders account accounts customer customers client user invoice booking ticket tickets item items parcel
    parcels shipment purchase payment charge member guest buyer number no nr id case money amount sum konto bestellung
    kundin kunde compte commande client cliente cuenta pedido"""
)
ADVERBS: Final = _set(
    """please now today too also again back immediately exactly just directly quickly straight kindly right away asap
    promptly instantly already up out through bitte jetzt heute auch sofort gleich zurück an gut mal s'il te vous
    plaît maintenant aussi por favor ahora también ya down opened closed over"""
)
DETERMINERS: Final = _set(
    """a an the my our your his her their its this that these those another one both all new two three each
    their das die
    der den dem des ein eine einen einem einer mein unser ihr ihre ihren seine seinen le la les l un une des mon son
    sa ses ce cette el los las una su sus este esta"""
)
PREPOSITIONS: Final = _set(
    """to of for from in into at on onto by about with via regarding concerning as under due because over an auf für von
    mit in wegen über zu zum zur à au aux de du pour avec par sur dans al del para por con en sobre desde"""
) - {"a", "an"}  # articles as well
UNITS: Final = _set("eur euro euros usd dollar dollars chf franken gbp pounds € $ £")
CENTS: Final = _set("cent cents ct centime centimes céntimo céntimos pence rappen")
DAYS: Final = _set(
    """monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december week weeks month months hour hours noon midnight weekend year montag dienstag mittwoch
    donnerstag freitag samstag sonntag woche monat lundi mardi mercredi jeudi vendredi samedi dimanche semaine mois
    lunes martes miércoles jueves viernes sábado domingo semana mes"""
)
TIMED: Final = _set("schedule book plan arrange remind set reserve meet invite buch~ plan~ réserv~ reserv~")
OPENING: Final = _set(
    """that saying says asking telling titled called named reading dass que whether intitulé intitulée betitelt
    namens llamado"""
)

# What may be left out, put in or changed where somebody is told something in the words of who asked: articles, and of
# whom it is said; with the verbs that follow from it.
ARTICLES: Final = _set(
    """a an the der die das den dem des ein eine einen einem einer eines le la les l un une des el los las una
    unos unas"""
)
PERSONS: Final = _set(
    """he she him her his hers they them their theirs sie ihr ihre ihren ihrem ihrer ihnen er ihn ihm sein seine seinen
    son sa ses leur leurs il elle ils elles lui su sus le les"""
)
ADDRESSED: Final = _set(
    "you your yours sie ihr ihre ihren ihrem ihnen du dein deine deinen dir dich vous votre vos usted"
)
AGREEING: Final = tuple(
    map(
        _set,
        ("is are", "was were", "has have", "does do", "ist sind", "war waren", "hat haben", "wird werden", "est êtes"),
    )
)
GREETING: Final = _set(
    """dear hi hello hey good liebe lieber sehr guten hallo bonjour bonsoir madame monsieur chère cher hola
    buenos buenas
    estimada estimado"""
)
CLOSING: Final = _set(
    """kind best warm many thanks thank regards sincerely yours cheers mit viele beste freundliche danke cordialement
    merci bien salutations saludos un atentamente gracias"""
)
COURTESY: Final = (
    GREETING
    | CLOSING
    | _set(
        """mr mrs ms sir madam team morning day afternoon evening wishes you very much all geehrte geehrter
        frau herr herrn
    tag morgen freundlichen besten grüßen grüße dank vielen mme à vous bientôt cordial saludo señor señora días
    tardes"""
    )
)
