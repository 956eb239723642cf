"""How is somebody told by mail? What a document or a question says never stands in a header."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final

from agent.run.people.webhook import NotDelivered
from agent.settings import MailSettings

PATIENCE: Final = 10.0  # seconds that a server may take for each step
_ENCRYPTED: Final = 465  # the port on which all is encrypted from the beginning


def send(
    mail: MailSettings, password: str | None, to: Sequence[str], id: str, subject: str, text: str, *, at: datetime
) -> str:
    """One mail to all of them; for whom of several it was not taken, if so. Raises `NotDelivered`."""
    if not mail.host or not mail.sender:
        raise NotDelivered("No mail can be sent: write host and sender under [mail] in citewell.toml.")
    message = EmailMessage()
    try:
        message["Subject"], message["From"], message["To"] = subject, mail.sender, ", ".join(to)
        message["Date"], message["Message-ID"] = format_datetime(at), f"<{id}@{mail.sender.rpartition('@')[2]}>"
    except ValueError as fault:
        raise NotDelivered(f"The mail has no address that can be written to ({fault}): correct it.") from None
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        refused = _sent(mail, password, message, to)
    except (OSError, smtplib.SMTPException) as fault:  # of the server's words none: they may repeat ours
        code = getattr(fault, "smtp_code", None)
        said = f"it answered {code}" if code else fault.strerror if isinstance(fault, OSError) else None
        raise NotDelivered(
            f"{mail.host} did not take the mail ({said or type(fault).__name__}): see to [mail] in citewell.toml."
        ) from None
    return f"{mail.host} did not take it for {', '.join(refused)}: correct the route's mail." if refused else ""


def _sent(mail: MailSettings, password: str | None, message: EmailMessage, to: Sequence[str]) -> list[str]:
    """For whom the server did not take it."""
    assert mail.host is not None  # for whoever calls it
    is_encrypted = mail.port == _ENCRYPTED
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=context)
        if is_encrypted
        else smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE) as server
    ):
        if not is_encrypted and not _is_loopback(server.sock):
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, password or "")
        return [*server.send_message(message, to_addrs=list(to))]


def _is_loopback(connected: socket.socket | None) -> bool:
    return connected is not None and ip_address(str(connected.getpeername()[0]).partition("%")[0]).is_loopback
