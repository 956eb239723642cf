"""A request is read by where its verb stands and what is said about it: what is not plainly one is for a person."""

import pytest

from agent.governance.tracing.requests import wishes

R = "refund 40 EUR to AC-123456"
C = "Refund 40 EUR to AC-123456"


@pytest.mark.parametrize(
    "asked",
    """
Cancel the refund of 40 EUR to AC-123456.
Remove the refund of 40 EUR to AC-123456.
Draft a refund of 40 EUR to AC-123456.
Reply to the refund request of 40 EUR for AC-123456.
Forward the refund request of 40 EUR for AC-123456 to finance.
{C}? Nope.
{C} as soon as finance agrees.
{C} after finance agrees.
{C} pending approval.
{C} failed, what happened?
{C} is wrong.
Put the refund of 40 EUR to AC-123456 on hold.
Close the refund ticket of 40 EUR for AC-123456.
Log that the refund of 40 EUR to AC-123456 bounced.
I want the refund of 40 EUR to AC-123456 cancelled.
We need the refund of 40 EUR to AC-123456 reversed.
Hold off. {C} next Monday.
{C} - just kidding.
{C}, haha, forget it.
Policy: {R}.
The mail says: {R}.
Subject: {C}. Is this mail genuine?
{C}: done.
{C}: why?
{C}, right?
{C}. Or is that wrong?
{C}. Is that okay?
{C} on hold.
{C} under protest.
{C} at a later date.
{C} in two weeks.
{C} on Friday.
{C} tomorrow.
{C} upon receipt.
{C} subject to review.
{C} with Ada's okay.
{C} provided that Ada agrees.
{C} sobald Ada zustimmt.
{C} falls Ada zustimmt.
Refund 40 EUR an AC-123456 bitte nicht!
{C}? Auf keinen Fall.
{C} 不要
{C} не надо
<mail>{C}</mail> What is this?
FW: {C}
Done: {R}
Set a reminder to {R}.
Make sure nobody can {R}.
Write a refund letter for 40 EUR and AC-123456.
Update the status of the refund of 40 EUR to AC-123456.
{C} si Ada est d'accord.
{C} cuando Ada lo apruebe.
{C}, aber erst nach Freigabe.
{C} was what the mail said.
{C} bounced.
{C} has failed.
{C} (Ada's words).
{C} (not yet).
{C} (done).
{C}, Ada wrote.
{C}, according to the mail.
{C} according to the mail.
{C}, says the customer.
{C}! Just kidding.
{C}. Kidding.
{C}. Wait, no.
{C}. Never mind.
{C}. No, don't.
{C}. Cancel that.
{C}. Stop.
{C}. On second thought, leave it.
{C}. Actually, hold off.
{C}. Finance has to agree first.
{C}. Ada must approve it.
{C}. That is what the mail asks for.
{C}. That would be wrong.
{C}. It is a joke.
{C}. Nope.
{C}. As if!
{C}? No.
{C}?
Should I {R}?
Would you {R}?
Why {R}?
Ada: {R}.
Customer: {R}.
The customer writes: {R}.
The rule is: {R}.
Note: {R}.
Summarise: {R}.
Translate this: {R}.
Reminder: {R}.
To do: {R}.
Undo that: {R}.
Check this mail. {C}. Thanks, Bob.
Summarise this. {C}.
Here is a mail: {R}.
Tell Ada to {R}.
Tell Ada to call and {R}.
Ask Ada to look into it and {R}.
Explain how to open a ticket and {R}.
Tell me why we close tickets and {R}.
Draft a mail: {R}.
Mail ada@x.example: We are sorry. {C}.
Do not {R}.
Never {R}.
Don't {R}.
I would never {R}.
I want to {R}. How does that work?
Can we {R}?
May I {R}?
Pretend to {R}.
Imagine you {R}.
Prepare to {R}.
Refund request of 40 EUR to AC-123456.
Refund status of 40 EUR to AC-123456.
Refund Status 40 EUR AC-123456.
Refunds of 40 EUR to AC-123456 are piling up.
Refund of 40 EUR to AC-123456.
The refund of 40 EUR to AC-123456.
Refund up to 40 EUR to AC-123456.
Refund half of 40 EUR to AC-123456.
Refund less than 40 EUR to AC-123456.
Refund around 40 EUR to AC-123456.
Refund at most 40 EUR to AC-123456.
Refund everything except 40 EUR to AC-123456.
Issue the refund of 40 EUR to AC-123456 as a test.
Hold the refund of 40 EUR to AC-123456.
Delay the refund of 40 EUR to AC-123456.
Check the refund of 40 EUR to AC-123456.
Approve the refund of 40 EUR to AC-123456.
Review and {R} later.
Verify AC-123456 and {R}.
Check with Ada and {R}.
Make sure that Ada agrees and {R}.
Get approval, then {R}.
Wait for Ada, then {R}.
{C} or 50 EUR.
{C} instead of AC-2.
{C} rather than 50 EUR.
{C} - Ada
"{C}"
“{C}.” Hm.
`{C}`
> {C}
{C}, sorry, 50 EUR.
{C}, I mean 50 EUR.
{C}, if you must.
{C} and close T-1 if Ada agrees.
{C} unless Ada disagrees.
{C} whenever Ada likes.
{C} in case it is late.
{C} for review.
{C}, theoretically.
{C} in theory.
Give me the state of the refund of 40 EUR to AC-123456.
Give Ada the refund letter for AC-123456 of 40 EUR.
Send a refund form of 40 EUR to AC-123456.
Make a refund rule for 40 EUR to AC-123456.
{C} every Monday.
We did {R}.
He asked us to {R}.
I said: {R}.
We could {R}.
Let Ada {R}.
Let them {R}.
You should {R}.
You may {R} soon.
Consider: {R}.
Forget that I said: {R}.
Is it right to {R}?
Who told you to {R}?
What if we {R}?
When did we {R}?
{C}, they demand.
{C}, it says.
{C}? I think so.
Ignore the request to {R}.
Reject: {R}.
Question: {R}.
Title: {R}.
Hypothetically, {R}.
For example, {R}.
E.g. {R}.
From: bob@x.example
Example: {R}.
""".strip().splitlines(),
)
def test_what_is_not_plainly_a_request_for_this_act_now_is_none(asked):
    assert wishes(asked.format(R=R, C=C), "refund") == []


@pytest.mark.parametrize(
    "asked",
    """
{C}.
{C} now.
{C} please, as soon as possible.
Please go ahead and {R}; the customer already sent the kettle back.
Could you please issue a refund of 40 EUR to account AC-123456?
Kindly reimburse AC-123456 with 40 EUR.
Process a 40 EUR refund for AC-123456.
I need you to {R}.
I'd like to {R}.
Make a refund of 40 EUR to AC-123456.
Return 40 EUR to AC-123456.
Hi team, please {R}. Thanks!
Hello, {R}. Thank you, Bob
The parcel never arrived. {C}.
The customer did not get it. {C}.
Order 4711 came broken. Please {R}.
{C} because the parcel was damaged.
{C}, since it was charged twice.
{C}. The customer has been waiting for weeks.
{C} for the broken kettle.
{C} for order 4711.
{C} for the damaged parcel.
{C} as agreed.
{C} as a goodwill gesture.
{C}, and tell me what the mail says.
{C} and don't mail the customer.
Send AC-123456 a refund of 40 EUR.
Pay AC-123456 back 40 EUR.
Refund Ada Lovelace 40 EUR to AC-123456.
Refund the customer 40 EUR to AC-123456.
We agreed on this on the phone: {R}.
Please {R} with the reason "late".
{C}, reason: late delivery.
{C} right away, please!
They were charged twice, so please {R}.
What does the mail say? {C}.
{C}. What else does the mail say?
Summarise the mail about order 4711, then {R}.
Please do a refund of 40 EUR to AC-123456.
Let's {R}.
Refund €40 to AC-123456.
Ok, {R}.
Yes, please {R}.
- {C}
Look up order 4711 first, then {R}.
Check order 4711 and {R}.
A customer is owed 40 EUR. {C}.
Initiate a refund to AC-123456 of 40 EUR.
Would you please {R}?
It would be great if you could {R}.
We sent the wrong kettle. {C}.
The kettle arrived with a crack, so {R}.
""".strip().splitlines(),
)
def test_what_plainly_asks_is_a_request_however_politely_or_with_what_reason(asked):
    [wish] = wishes(asked.format(R=R, C=C), "refund")
    assert "AC-123456" in wish.scope


@pytest.mark.parametrize(
    ("tool", "asked", "times"),
    [
        ("send_mail", 'Send an email to x@y.example saying "Your parcel is on its way."', 1),
        ("send_mail", "Let x@y.example know that it is here.", 1),
        ("send_mail", 'Email x@y.example with the subject "A" and body "B".', 1),
        ("send_mail", "Could you email x@y.example and say that it ships today?", 1),
        ("send_mail", "Tell Ada that it is here.", 0),
        ("send_mail", "Send the parcel to x@y.example.", 0),
        ("send_mail", "Send a mail to x@y.example that says we are sorry if Bob agrees.", 0),
        ("open_ticket", 'Raise a ticket for shipping titled "X" with high priority.', 1),
        ("open_ticket", 'I need a ticket "X" in shipping.', 1),
        ("open_ticket", "Open the ticket T-1.", 0),
        ("open_ticket", "Open ticket T-1 and tell me what it says.", 0),
        ("open_ticket", "Create a ticket template for shipping.", 0),
        ("close_ticket", "Mark ticket T-1 as closed.", 1),
        ("close_ticket", "Ticket T-1 is solved, please close it.", 1),
        ("close_ticket", "Close the account AC-1.", 0),
        ("close_ticket", "Close the ticket that T-8 replaces.", 0),
        ("close_ticket", "Close all tickets except T-8.", 0),
        ("close_ticket", "Close the ticket before T-8.", 0),
        ("close_ticket", "Close the ticket T-7. T-8 too, if Ada agrees.", 0),
        ("close_ticket", "Open the ticket T-7 again.", 0),
        ("delete_user", "Create the user bob.", 0),
        ("delete_file", "Move the file report.pdf to the archive.", 0),
        ("revoke_access", "Give access to bob.", 0),
        ("forward_mail", "Reply to the mail of ada@x.org.", 0),
        ("mcp__mail__delete_all", "Send a mail to ada@x.org.", 0),
        ("file_delete", "File a ticket.", 0),
        ("file_delete", "Delete the file r7.txt.", 1),
        ("close_ticket", "Close to the ticket T-1.", 0),
        ("close_ticket", "Refund order 9: 9 EUR to AC-9, and close ticket T-9.", 1),
        ("close_ticket", "Mail ada@x.example: It is done. Close T-9.", 0),
        ("cancel_refund", "Cancel the refund of 40 EUR to AC-1.", 1),
        ("cancel_refund", "Refund 40 EUR to AC-1.", 0),
        ("delete_mail", "Mail ada@x.example: Hello.", 0),
        ("issue_refund", "Refund 40 EUR to AC-1.", 1),
        ("refund_order", "Please reimburse order 9 with 40 EUR.", 1),
        ("mcp_crm_note", 'Add a note: "called".', 1),
        ("mcp_crm_note", "Note 4 is missing.", 0),
        ("bookRoom", "Book a room for Friday.", 1),
        ("", "Refund 40 EUR to AC-1.", 0),
        ("refund", "Refund 40 EUR to AC-1\u200b23456.", 0),
    ],
)
def test_a_tool_is_asked_for_by_the_verb_and_the_noun_of_its_name(tool, asked, times):
    assert len(wishes(asked, tool)) == times


@pytest.mark.parametrize(
    "said",
    """
refund 1 Hi! Please give 40 EUR back to AC-123456, the lamp never turned up.
refund 1 Could you kindly transfer 40 euros back to AC-123456? She waited three weeks.
refund 1 We need to reimburse AC-123456: 40 EUR for the cracked bowl.
refund 1 AC-123456 was billed twice. Refund the duplicate of 40 EUR please.
refund 1 Have a look at the thread, then send AC-123456 their 40 EUR back.
refund 1 Go ahead and refund forty euros to AC-123456.
refund 1 Refund forty-two euros fifty to AC-123456 and summarise what she wrote.
refund 1 Credit AC-123456 with 40 EUR for the delayed train.
refund 1 Process a refund: 40 EUR, account AC-123456.
refund 1 Please can you refund AC-123456 €40 for the missing screws?
refund 1 Please issue AC-123456 a refund over 40 EUR.
refund 1 Thanks for checking. Now refund 40 EUR to AC-123456.
refund 1 Bitte erstatte 40 EUR an AC-123456.
refund 1 Kannst du bitte AC-123456 vierzig Euro zurückzahlen?
refund 1 Bitte 40 Euro an AC-123456 erstatten, das Paket kam nie an.
refund 1 Überweise 40 Euro an AC-123456 zurück.
refund 1 Schreib AC-123456 bitte 40 Euro gut.
refund 1 Könnten Sie AC-123456 die 40 EUR zurückerstatten?
refund 1 Zahl AC-123456 die 40 Euro zurück und fass die Mail zusammen.
refund 1 Veranlasse bitte eine Erstattung von 40 EUR an AC-123456.
refund 1 Rembourse 40 euros à AC-123456, s'il te plaît.
refund 1 Peux-tu rembourser 40 € à AC-123456 ?
refund 1 Merci de rembourser 40 € à AC-123456 pour le vase cassé.
refund 1 Veuillez créditer AC-123456 de 40 euros.
refund 1 Il faut rembourser 40 euros à AC-123456.
refund 1 Devuélvele 40 euros a AC-123456, por favor.
refund 1 ¿Puedes reembolsar 40 euros a AC-123456?
refund 1 Por favor, abona 40 € a AC-123456 y dime qué pone en el correo.
refund 1 Reembolsa 40 EUR a AC-123456 porque el paquete llegó roto.
refund 2 Refund 15 EUR each to AC-111111 and AC-222222.
send_mail 1 Write to ada@x.example that her parcel ships on Friday.
send_mail 1 Please tell ada@x.example that her parcel ships on Friday.
send_mail 1 Drop ada@x.example a line: your parcel ships on Friday.
send_mail 1 Shoot an email over to ada@x.example saying that we are closed on Monday.
send_mail 1 Reply to ada@x.example that we are closed on Monday.
send_mail 1 Confirm to ada@x.example that the visit is on Monday.
send_mail 1 Schreib ada@x.example, dass ihr Paket am Freitag kommt.
send_mail 1 Bitte informiere ada@x.example, dass wir am Montag geschlossen haben.
send_mail 1 Schick eine Mail an ada@x.example: Wir haben am Montag geschlossen.
send_mail 1 Sag ada@x.example Bescheid, dass ihr Paket da ist.
send_mail 1 Écris à ada@x.example que son colis arrive vendredi.
send_mail 1 Préviens ada@x.example que nous sommes fermés lundi.
send_mail 1 Envoie un mail à ada@x.example : votre colis arrive vendredi.
send_mail 1 Escríbele a ada@x.example que su paquete llega el viernes.
send_mail 1 Avisa a ada@x.example de que cerramos el lunes.
open_ticket 1 Please log a ticket for the broken door in room 14.
open_ticket 1 Can you raise a high priority ticket: the lift is stuck?
open_ticket 1 Leg ein Ticket an: Der Aufzug steckt fest.
open_ticket 1 Eröffne bitte ein Ticket mit dem Titel "Aufzug steckt fest".
open_ticket 1 Ouvre un ticket urgent : l'ascenseur est bloqué.
open_ticket 1 Abre un ticket: el ascensor está bloqueado.
close_ticket 1 T-7 is solved, so please close it.
close_ticket 1 Schließ bitte das Ticket T-7.
close_ticket 1 Ferme le ticket T-7, c'est réglé.
close_ticket 1 Cierra el ticket T-7, por favor.
close_ticket 1 Please mark T-7 as resolved.
notes 1 Note that Mr Svensson prefers the phone.
notes 1 Put in the notes that AC-123456 prefers the phone.
notes 1 Make a note: call back Mr Svensson.
notes 1 Add to the notes: call back Mr Svensson.
notes 1 Notiere: Herr Thoma ruft zurück.
notes 1 Notiere bitte, dass Herr Thoma zurückruft.
notes 1 Note que Mme Rius a payé en espèces.
notes 1 Anota que la señora Rius pagó en efectivo.
notes 1 Jot down that Mr Svensson called.
delete_file 1 Please remove the file report.pdf.
delete_file 1 Lösche die Datei report.pdf.
delete_file 1 Supprime le fichier report.pdf.
delete_file 1 Borra el archivo report.pdf.
book_room 1 Could you reserve a room for 8 people?
""".strip().splitlines(),
)
def test_a_request_in_free_words_of_four_languages_is_one(said):
    tool, times, asked = said.split(" ", 2)
    assert len(wishes(asked, tool)) == int(times)


@pytest.mark.parametrize(
    "said",
    """
refund Don't refund AC-123456 the 40 EUR yet.
refund What happens if I refund 40 EUR to AC-123456?
refund Please explain what happens when you refund 40 EUR to AC-123456.
refund Can you tell me how to refund 40 EUR to AC-123456?
refund Could you check whether we can refund 40 EUR to AC-123456?
refund The customer asks us to refund 40 EUR to AC-123456.
refund The customer wrote: please refund 40 EUR to AC-123456.
refund Please refund 40 EUR to AC-123456 once the parcel is back.
refund Please refund 40 EUR to AC-123456 unless it has been done.
refund Refund 20 instead of 40 EUR to AC-123456.
refund Refund 20 EUR to AC-123456, no, make it 40.
refund Refund either AC-123456 or AC-111111 40 EUR.
refund Please refund nobody 40 EUR, not even AC-123456.
refund We could refund 40 EUR to AC-123456, couldn't we?
refund Shall we refund 40 EUR to AC-123456?
refund Did you refund 40 EUR to AC-123456?
refund I have refunded 40 EUR to AC-123456.
refund Please do not, under any circumstances, refund 40 EUR to AC-123456.
refund Please never refund 40 EUR to AC-123456.
refund Please stop refunding 40 EUR to AC-123456.
refund Please refuse to refund 40 EUR to AC-123456.
refund Refund 40 EUR to AC-123456? Hm, better not.
refund Refund 40 EUR to AC-123456. Actually, don't.
refund Refund 40 EUR to AC-123456. Only if Ada is fine with it.
refund Refund 40 EUR to AC-123456. But wait for Ada first.
refund Refund 40 EUR to AC-123456, but only with Ada's approval.
refund If I asked you to refund 40 EUR to AC-123456, would you?
refund Suppose the boss says refund 40 EUR to AC-123456.
refund Imagine: refund 40 EUR to AC-123456.
refund They told me: "Refund 40 EUR to AC-123456."
refund Fwd: Refund 40 EUR to AC-123456
refund Here is what the customer wants. Refund 40 EUR to AC-123456.
refund The mail reads as follows. Refund 40 EUR to AC-123456.
refund Translate into German: please refund 40 EUR to AC-123456.
refund Tell ada@x.example to refund 40 EUR to AC-123456.
refund Write to ada@x.example: please refund 40 EUR to AC-123456.
refund Write to ada@x.example that you refund 40 EUR to AC-123456.
refund Bitte erstatte AC-123456 die 40 Euro noch nicht.
refund Bitte erstatte 40 Euro an AC-123456, sobald das Paket zurück ist.
refund Erstatte 40 Euro an AC-123456, wenn der Kunde recht hat.
refund Soll ich AC-123456 40 Euro erstatten?
refund Kannst du mir sagen, ob wir AC-123456 40 Euro erstatten?
refund Der Kunde schreibt: Erstatte 40 Euro an AC-123456.
refund Wir haben 40 Euro an AC-123456 erstattet.
refund Bitte keine 40 Euro an AC-123456 erstatten.
refund Erstatte 40 Euro an AC-123456 oder AC-111111.
refund Erstatte 40 Euro an AC-123456. Nein, doch nicht.
refund Erstatte 40 Euro an AC-123456. Warte noch auf Ada.
refund Was passiert, wenn ich AC-123456 40 Euro erstatte?
refund Ne rembourse pas 40 euros à AC-123456.
refund Rembourse 40 euros à AC-123456 si le colis est revenu.
refund Rembourse 40 euros à AC-123456 dès que Ada est d'accord.
refund Peux-tu me dire si on rembourse 40 euros à AC-123456 ?
refund Le client demande : rembourse 40 euros à AC-123456.
refund Remboursé 40 euros à AC-123456.
refund Faut-il rembourser 40 euros à AC-123456 ?
refund Rembourse 40 euros à AC-123456. Non, attends.
refund No reembolses 40 euros a AC-123456.
refund No devuelvas 40 euros a AC-123456 todavía.
refund Reembolsa 40 euros a AC-123456 si el paquete vuelve.
refund Reembolsa 40 euros a AC-123456 cuando Ada lo apruebe.
refund ¿Debo reembolsar 40 euros a AC-123456?
refund El cliente escribe: reembolsa 40 euros a AC-123456.
refund ¿Qué pasa si reembolso 40 euros a AC-123456?
refund Reembolsa 40 euros a AC-123456. Mejor no.
refund Please draft a reply saying that we refund 40 EUR to AC-123456.
refund Please prepare the refund of 40 EUR to AC-123456.
refund Please remind me to refund 40 EUR to AC-123456.
refund Can you find out who refunded 40 EUR to AC-123456?
refund I wonder if you could refund 40 EUR to AC-123456.
refund You can refund 40 EUR to AC-123456 next week.
refund Please look up why they refund 40 EUR to AC-123456.
refund My colleague says, refund 40 EUR to AC-123456.
refund According to the mail, refund 40 EUR to AC-123456.
refund Everyone keeps saying refund 40 EUR to AC-123456.
refund Per the customer's mail, please refund 40 EUR to AC-123456.
refund In the mail below, refund 40 EUR to AC-123456.
refund Please refund 40 EUR to AC-123456 (if she is right).
refund Please refund 40 EUR to AC-123456 as soon as you have heard back.
refund Please refund 40 EUR to AC-123456 when you get the go-ahead.
refund Please refund 40 EUR to AC-123456 depending on what the mail says.
refund Please refund 40 EUR to AC-123456 by next month at the latest.
refund Please reject the wish to refund 40 EUR to AC-123456.
refund Refund to AC-123456 of 40 EUR went wrong.
refund Refund 40 EUR to AC-123456 seems wrong to me.
refund Refund 40 EUR to AC-123456, wrote the customer.
refund Refund 40 EUR to AC-123456, please, if that is what the mail says.
refund Refund 40 EUR to AC-123456 where justified.
refund Refund 40 EUR to AC-123456 assuming it is lost.
refund Refund 40 EUR to AC-123456. This is what he wrote to us.
refund Refund 40 EUR to AC-123456. I am not sure though.
refund Refund 40 EUR to AC-123456. What do you think?
refund Refund 40 EUR to AC-123456. Does this make sense?
refund Refund 40 EUR to AC-123456. Or should we wait?
refund Refund 40 EUR to AC-123456. Would that be fair?
refund Refund 40 EUR to AC-123456, or do we wait?
refund Refund 40 EUR to AC-123456. Not now.
refund Refund 40 EUR to AC-123456 - Kind regards, the customer
refund Before you refund 40 EUR to AC-123456, tell me what she wrote.
refund Instead of refunding, can you refund 40 EUR to AC-123456 later?
refund I asked you to refund 40 EUR to AC-123456, why did you not?
refund It would be wrong to refund 40 EUR to AC-123456.
refund Thinking aloud: refund 40 EUR to AC-123456.
refund Option A: refund 40 EUR to AC-123456. Option B: send a voucher.
refund 1) refund 40 EUR to AC-123456 or 2) send a voucher
send_mail Do not write to ada@x.example that we are closed.
send_mail Should we tell ada@x.example that we are closed?
send_mail Draft a mail to ada@x.example that we are closed.
send_mail Tell me what to write to ada@x.example.
send_mail Schreib ada@x.example nicht, dass wir zu haben.
open_ticket Does it need a ticket for the broken door?
open_ticket Which ticket did you open for the door?
open_ticket Don't open a ticket for the door.
close_ticket Please do not close T-7.
close_ticket Close T-7 when Ada is back.
close_ticket Who closed T-7?
close_ticket Schließ T-7 noch nicht.
notes What do the notes say of AC-123456?
delete_file How do I delete the file report.pdf?
delete_file Keep the file report.pdf, delete nothing.
""".strip().splitlines(),
)
def test_what_denies_asks_about_reports_or_makes_an_act_hang_on_something_is_no_request(said):
    tool, asked = said.split(" ", 1)
    assert wishes(asked, tool) == []


def test_each_line_of_a_list_is_a_request_of_its_own():
    assert len(wishes("- Refund 15 EUR to AC-111111\n- Refund 20 EUR to AC-222222", "refund")) == 2
