"""Which words does a request know? Those that a tool's act may go by, and those that leave open whether it is one."""

from __future__ import annotations

from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Verbs of which each says what the others of its line say.
SAME: Final = tuple(
    map(
        _set,
        (
            "refund reimburse repay",
            "mail email e-mail",
            "open create file raise log register submit make start",
            "delete erase remove",
            "pay transfer wire",
            "update change edit modify set",
            "book reserve",
            "schedule arrange plan",
            "notify inform alert",
            "stop end terminate",
            "start begin launch run",
            "publish post",
            "add append put",
            "grant give",
            "reply answer respond",
        ),
    )
)
# What brings about the thing that it is said with: to issue a refund, to send a mail.
MAKING: Final = _set(
    """issue make give do process grant execute perform initiate send arrange create add write leave open file raise
    log register submit trigger"""
)
NEW: Final = _set("open create file raise log register submit make start")  # never one that there is
GIVING: Final = _set("refund reimburse repay pay wire transfer")
BACK: Final = _set("give pay send transfer return")
SENDING: Final = _set("send write drop shoot")
ADDRESSING: Final = _set("tell inform notify ask write message answer remind thank update contact let reply respond")
MAILS: Final = _set("mail email e-mail")
SAYING: Final = _set("mail email e-mail message note ticket comment post letter reply issue reminder")
DOING: Final = _set(
    """add arrange ask book cancel change create do draft drop email e-mail file forward give grant inform issue let
    log mail make move need notify open pay place post process put raise register remove reply return schedule send
    set start submit tell transfer update want write close delete erase assign mark message answer remind thank
    invite contact wire reimburse refund repay publish upload download save run execute print copy rename tag label
    archive restore approve reject order block unblock lock unlock enable disable reset renew extend merge split
    purge note"""
)
# Verbs that are nouns as well: where a tool's name has another one, that is what it does.
NOUNS: Final = _set(
    """file order mail email e-mail book log note post issue label tag copy place process report review list quote
    ticket archive message print contact update change block access"""
)
TELLING: Final = _set(
    """analyse analyze check compare count describe discuss explain fetch find list look read report review say search
    see show summarise summarize translate verify get give tell quote outline define name calculate open"""
)
# What is to be so before: whoever wants it first has not yet said yes.
HESITATING: Final = _set("verify confirm ensure validate clarify wait double-check doublecheck")
CONTRARY: Final = _set(
    """cancel stop undo hold revert reverse withdraw forget ignore skip abort block freeze pause delay postpone wait
    leave keep drop scrap delete remove disregard suspend retract refuse reject deny decline prevent avoid"""
)
ACTS: Final = _set("payment payout transfer transaction request action task job order it that this them all everything")

# Words after which, in any language that the product knows, an act hangs on something, or is not to be.
HANGING: Final = _set(
    """if unless whether provided providing assuming assumed depending once when whenever until till or nor else
    otherwise pending subject upon after before afterwards beforehand first later tomorrow soon eventually sometime
    someday tonight next upcoming following except excluding besides save barring contingent conditional
    conditionally wenn falls sobald sofern solange nachdem bevor bis außer ausser oder nicht kein keine keinen nie
    niemals vielleicht erst sondern vorbehaltlich ob si sauf quand lorsque dès après avant jusqu jamais pas ou sinon
    peut-être cuando salvo después antes hasta nunca o excepto tal quizás tras luego mañana demain morgen später
    plus-tard"""
)
DENYING: Final = _set("not no never without avoid stop cannot neither nor none nothing nobody n't hardly")
PENDING: Final = _set(
    """approval consent permission confirmation okay clearance authorisation authorization go-ahead sign-off signature
    approves approve agree agrees confirm confirms condition hold protest theory principle jest joke draft example
    hypothetically theoretically supposedly allegedly apparently maybe perhaps possibly probably test sandbox
    simulation pretend imagine suppose sarcasm"""
)
INEXACT: Final = _set(
    """maximum minimum max min half third quarter double triple twice less more minus least most between roughly
    approximately approx around circa nearly almost rest remainder remaining percent"""
)
TAKING_BACK: Final = _set(
    """kidding joke joking forget scrap ignore disregard undo revert retract withdraw nope nah oops wait mistaken
    instead rather actually hypothetical pretend imagine suppose test testing example wrong mistake error typo
    revoke"""
)
REPORTING: Final = _set(
    """say says said write writes wrote written read reads ask asks asked want wants wanted wish wishes demand demands
    demanded request requests requested claim claims claimed state states stated tell tells told insist insists
    insisted suggest suggests suggested propose proposes proposed recommend recommends recommended instruct
    instructs instructed command commands commanded expect expects expected believe believes believed think thinks
    thought hope hopes hoped reading quote quotes quoted according supposedly need needs needed"""
)
MODAL: Final = _set("must should shall would may might could can will ought going need needs wanna gonna")
FINITE: Final = _set(
    """is are was were be been being am has have had do does did will would can could shall should may might must isn't
    says said seems looks went came failed bounced got wrote goes comes gets"""
)
PAST: Final = _set(
    """was were is are has have had been came got broke paid sent lost went left bought found spoke met took gave fell
    tore did knew became made held kept cost cut hit hurt ran sold stood won wore arrives arrived works"""
)
# What may befall goods: here it is told even where it did not happen, or was a mistake.
BEFALLING: Final = _set(
    """arrive arrived arrives come came deliver delivered receive received get got gotten charge charged bill billed
    ship shipped send sent break broke broken damage damaged work works worked reach reached fit fits missing lost
    late"""
)
SUBJECTS: Final = _set(
    """the a an his her their our my its your this that it he she they we i you there both all one everything everyone
    order orders account customer customers invoice ticket item parcel goods"""
)
REFERRING: Final = _set("this that it these those i we you so such")
THINGS: Final = _set(
    """order orders account accounts customer client user invoice booking ticket tickets item items parcel parcels
    shipment purchase payment charge member guest buyer number no nr id case money amount sum"""
)
ABOUT: Final = _set(
    """request requests status policy policies letter form issue issues problem question questions demand claim claims
    case complaint process rule rules template amount date history procedure reason log report list notice mail
    message note ticket text page button code"""
)
BRINGING: Final = _set(
    """reason title titled subject text body note comment message priority label words amount description remark
    reference high normal low urgent medium following heading headline content"""
)
POLITE: Final = _set(
    """please kindly thanks thank you very so much many cheers regards best kind today now at once right away
    immediately asap quickly ok okay hi hello hey good morning afternoon evening day team all everyone everybody
    desk there great perfect fine yes sure and too well alright bother trouble dear sincerely yours"""
)
ADVERBS: Final = _set(
    """please now today too also again back immediately exactly only just directly quickly straight kindly right away
    asap promptly instantly already up out through as-well"""
)
DETERMINERS: Final = _set(
    "a an the my our your his her their its this that these those another one both all new two three"
)
PRONOUNS: Final = _set("it him her them me us these those this that both all")
PREPOSITIONS: Final = _set(
    "to of for from in into at on onto by about with via regarding concerning as under due because"
)
UNITS: Final = _set("eur euro euros usd dollar dollars chf gbp pounds € $ £")
DAYS: Final = _set(
    """monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december week weeks month months hour hours minutes days noon midnight weekend year"""
)
TIMED: Final = _set("schedule book plan arrange remind set reserve meet invite")
TEXTS: Final = _set("mail mails email e-mail message text letter note letters messages request document passage")
OPENING: Final = _set("that saying says asking telling titled called named reading")
