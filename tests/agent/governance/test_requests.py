"""A request is read by a closed grammar: what is not plainly one is for a person to say."""

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
