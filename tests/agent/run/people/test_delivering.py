"""Who a case came to is told of it by webhook and mail, signed, and once as far as can be known."""

import asyncio
import importlib.util
import json
import socket
import threading
import time
from contextlib import aclosing, closing, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from agent.governance.trust import forget, trust_file
from agent.memory.conversation import remembered
from agent.memory.kept import Speaker
from agent.memory.kept import said as said_before
from agent.run.people import delivering, webhook
from agent.run.people.cases import NotInHand, Person
from agent.run.people.mail import send
from agent.run.people.webhook import NotDelivered, post, signature
from agent.settings import MailSettings, load_settings
from agent.wire import Citewell
from tests.messages_server import say, text, tool_use
from tests.places import ROOT

QUESTION = "We sue you\r\nBcc: eve@example.org: how long are logs kept?"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.now(UTC)


def example(name):
    """A module of the examples, as whoever copies it has it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


receiving = example("receive_webhook")


@contextmanager
def listening(*answers):
    """A server that answers each message with the next of these statuses, and notes what it was told."""
    told, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(left.pop(0) if left else 204)
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield SimpleNamespace(told=told, url=f"http://127.0.0.1:{server.server_port}/hook")
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def posting(answer="250 OK"):
    """A mail server that answers each recipient so, and notes what it took."""
    from aiosmtpd.controller import Controller

    taken = []

    class Handler:
        async def handle_RCPT(self, _, __, envelope, address, ___):
            if answer.startswith("250"):
                envelope.rcpt_tos.append(address)
            return answer

        async def handle_DATA(self, _, __, envelope):
            taken.append(
                (envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default))
            )
            return "250 OK"

    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SimpleNamespace(taken=taken, port=port)
    finally:
        controller.stop()


@pytest.fixture
def desk(home, surroundings, tmp_path, monkeypatch):
    """A home whose charter hands what is about a law suit over, by a route of these lines; cases are opened in it."""
    monkeypatch.setenv("CITEWELL_WEBHOOK_SECRET", SECRET)

    @contextmanager
    def opened(route, *questions, mail=""):
        charter = '[[escalate]]\nrule = "legal"\nwhen = "topic"\nwords = ["sue"]\nroute = "law"\n[routes.law]\n' + route
        (tmp_path / "here" / "charter.toml").write_text(charter)
        (tmp_path / "here" / "citewell.toml").write_text(mail)
        trust_file(settings := load_settings(home=home))
        with closing(Citewell(settings)) as citewell:
            for question in questions or (QUESTION,):
                assert citewell.ask(question, principal="bob").status == "escalated"
            yield citewell

    return opened


def to(server, more=""):
    return f'webhook = "{server.url}"\nprivate = ["127.0.0.1"]\n{more}'


def test_a_case_is_told_once_signed_and_without_what_was_asked(desk):
    with listening() as server, desk(to(server, 'queue = "legal"\nlink = "https://desk.example.org/{id}"')) as citewell:
        [case] = citewell.cases.list()
        assert [each.status for each in citewell.cases.deliver()] == ["sent"]
        assert citewell.cases.deliver() == citewell.cases.deliver(anyway=True) == []
        [(headers, body)] = server.told
        said = receiving.Receiver(SECRET).take(headers, body, time.time())
        assert (said["type"], said["data"]["id"], said["data"]["rule"]) == ("case.opened", case.id, "legal")
        assert said["data"]["link"] == f"https://desk.example.org/{case.id}"
        assert said["data"]["command"] == f"citewell escalations show {case.id}"
        assert b"logs" not in body
        assert headers["webhook-id"].startswith(case.id)


def test_contents_are_told_only_where_the_route_says_so(desk):
    with listening() as server, desk(to(server, "contents = true")) as citewell:
        citewell.cases.deliver()
        assert json.loads(server.told[0][1])["data"]["case"]["question"].endswith("how long are logs kept?")


def test_the_sample_receiver_refuses_what_is_old_or_forged_or_came_before(desk):
    with listening() as server, desk(to(server)) as citewell:
        citewell.cases.deliver()
        [(headers, body)] = server.told
    receiver, at = receiving.Receiver(SECRET), int(headers["webhook-timestamp"])
    for wrong, now in (
        ({}, at + 301),
        ({}, at - 301),
        ({"webhook-id": "another"}, at),
        ({"webhook-timestamp": str(at + 1)}, at),
        ({"webhook-signature": "v1,AAAA"}, at),
    ):
        with pytest.raises(receiving.Refused):
            receiver.take({**headers, **wrong}, body, now)
    with pytest.raises(receiving.Refused, match="signature"):
        receiver.take(headers, body.replace(b"legal", b"other"), at)
    assert receiver.take(headers, body, at + 299)
    with pytest.raises(receiving.Refused, match="before"):
        receiver.take(headers, body, at)


def test_the_sample_receiver_takes_over_http_what_is_sent_and_is_not_asked_again(desk, capsys):
    server = receiving.serve(receiving.Receiver(SECRET), 0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    try:
        for _ in range(2):  # a second time it says that it has it, which is as good
            post(url, SECRET, "m-1", b"{}", at=datetime.now(UTC), private=["127.0.0.0/8"])
        with pytest.raises(NotDelivered, match="answered 401"):
            post(url, SECRET, "m-2", b"{}", at=datetime.now(UTC) - timedelta(minutes=6), private=["127.0.0.0/8"])
    finally:
        server.shutdown()
        server.server_close()
    assert capsys.readouterr().out == "{}\n"


def test_the_signature_is_that_of_the_standard():
    """By the specification's own example."""
    assert signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}') == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_what_is_not_taken_is_tried_again_later_each_time_under_the_same_id_and_then_given_up(desk):
    at = datetime.now(UTC)
    with listening(*[500] * 9) as server, desk(to(server)) as citewell:
        waited = []
        for _ in range(9):
            at += timedelta(days=2)
            [done] = citewell.cases.deliver(at)
            waited.append(datetime.fromisoformat(done.due) - at)
            assert citewell.cases.deliver(at) == []
        assert waited[:-1] == sorted(waited[:-1])
        assert (done.status, "answered 500" in done.said) == ("given up", True)
        assert citewell.cases.deliver(at + timedelta(days=9)) == []
        assert len({headers["webhook-id"] for headers, _ in server.told}) == 1
        assert [each.status for each in citewell.cases.deliver(anyway=True)] == ["sent"]


def test_what_a_killed_process_was_sending_is_sent_again_when_it_counts_as_gone_and_by_no_other_before(
    desk, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with listening() as server, desk(to(server)) as citewell:
        with monkeypatch.context() as dying:
            dying.setattr(delivering, "post", die)
            with pytest.raises(Killed):
                citewell.cases.deliver()
        assert citewell.cases.deliver() == citewell.cases.deliver(anyway=True) == []
        assert [each.attempts for each in citewell.cases.deliver(datetime.now(UTC) + timedelta(minutes=6))] == [2]
        assert len(server.told) == 1


def test_of_two_processes_that_find_a_notice_one_sends_it(desk):
    with listening() as server, desk(to(server)) as citewell:
        found = citewell.journal.to_be_told(datetime.now(UTC))
        stale = SimpleNamespace(to_be_told=lambda *_, **__: found)
        citewell.cases.deliver()
        journal = citewell.journal
        stale.case, stale.events, stale.kept, stale.settle = journal.case, journal.events, journal.kept, journal.settle
        second = SimpleNamespace(journal=stale, settings=citewell.settings)
        assert type(citewell.cases)(second).deliver() == []
        assert len(server.told) == 1


def test_the_same_question_again_is_not_told_again(desk):
    with listening() as server, desk(to(server), QUESTION, QUESTION, "I sue") as citewell:
        assert len(citewell.cases.deliver()) == len(server.told) == 2


def test_a_redirect_is_not_followed(desk):
    with listening(302) as server, desk(to(server)) as citewell:
        [done] = citewell.cases.deliver()
        assert ("no redirect is followed" in done.said, len(server.told)) == (True, 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/", "leads to 127.0.0.1"),
        ("https://localhost:9/", "leads to"),
        ("https://10.0.0.7/", "leads to 10.0.0.7"),
        ("https://[::ffff:10.0.0.7]/", "leads to ::ffff:"),
        ("https://[64:ff9b::10.0.0.7]/", "leads to 64:ff9b"),
        ("https://[2002:a00:7::1]/", "leads to 2002:"),
        ("https://[fec0::1]/", "leads to fec0::1"),
        ("https://[64:ff9b:1::7f00:1]/", "leads to 64:ff9b:1:"),
        ("https://[::127.0.0.1]/", "leads to ::"),
        ("https://[::ffff:0:10.0.0.1]/", "leads to ::ffff:0:"),
        ("https://[3fff::1]/", "leads to 3fff::1"),
        ("https://[5f00::1]/", "leads to 5f00::1"),
        ("https://169.254.169.254/", "leads to 169.254.169.254"),
        ("https://0.0.0.0/", "leads to 0.0.0.0"),
        ("https://[fd00::1]/", "leads to fd00::1"),
        ("https://2130706433/", "leads to 127.0.0.1"),
        ("http://93.184.215.14/", "https"),
    ],
)
def test_a_webhook_leads_to_no_private_address_that_is_not_listed_and_is_encrypted(url, said):
    with pytest.raises(NotDelivered, match=said):
        post(url, "s", "m", b"{}", at=NOW)


def test_what_a_name_means_is_looked_at_once_and_that_is_where_it_goes(monkeypatch):
    met = []
    with listening() as server:
        port = int(server.url.split(":")[2].partition("/")[0])

        def means(*_, **__):
            met.append(1)
            return [(2, 1, 6, "", ("127.0.0.1" if len(met) == 1 else "10.9.9.9", port))]

        monkeypatch.setattr(webhook, "socket", SimpleNamespace(
            getaddrinfo=means, SOCK_STREAM=1, create_connection=webhook.socket.create_connection))  # fmt: skip
        post(f"http://hook.example.org:{port}/", "s", "m", b"{}", at=NOW, private=["127.0.0.1"])
        assert server.told[0][0]["host"] == f"hook.example.org:{port}"


def test_without_its_secret_nothing_is_sent_and_it_says_which_is_missing(desk, monkeypatch):
    with listening() as server, desk(to(server, 'secret = "LAW_SECRET"')) as citewell:
        [done] = citewell.cases.deliver()
        assert ("LAW_SECRET is not set" in done.said, server.told) == (True, [])
        monkeypatch.setenv("LAW_SECRET", "a secret of its own")
        citewell.cases.deliver(anyway=True)
        assert receiving.Receiver("a secret of its own").take(*server.told[0], time.time())


def test_a_mail_tells_of_a_case_and_holds_nothing_of_it_in_its_headers(desk):
    with posting() as server:
        settings = f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsender = "citewell@example.org"\n'
        with desk('mail = ["law@example.org", "ada@example.org"]\ncontents = true', mail=settings) as citewell:
            forget(citewell.settings)
            assert [each.status for each in citewell.cases.deliver()] == ["waiting"]
            assert server.taken == [], "nobody allows the server that the settings file names"
            trust_file(citewell.settings)
            later = datetime.now(UTC) + timedelta(hours=1)
            assert [each.channel for each in citewell.cases.deliver(later)] == ["mail"]
            [case] = citewell.cases.list()
    [(sender, recipients, mail)] = server.taken
    assert (sender, recipients) == ("citewell@example.org", ["law@example.org", "ada@example.org"])
    assert mail["subject"] == f"Case {case.id} was opened"
    assert (mail["bcc"], mail["auto-submitted"]) == (None, "auto-generated")
    assert not any("logs" in value or "sue" in value for value in mail.values())
    assert "how long are logs kept?" in mail.get_content()


def test_a_mail_that_is_not_taken_is_tried_again_and_one_taken_for_some_is_not():
    mail = MailSettings(host="127.0.0.1", sender="c@example.org")
    with posting("550 nobody of that name") as server, pytest.raises(NotDelivered, match="did not take the mail"):
        send(MailSettings(**{**_said(mail), "port": server.port}), None, ["a@example.org"], "m", "s", "t", at=NOW)
    with pytest.raises(NotDelivered, match=r"write host and sender under \[mail\]"):
        send(MailSettings(), None, ["a@example.org"], "m", "s", "t", at=NOW)


def _said(mail):
    return {name: getattr(mail, name) for name in ("host", "port", "sender", "user")}


def test_the_command_delivers_and_fails_where_somebody_was_not_told(desk, home, citewell):
    with listening(500) as server, desk(to(server)):
        done = citewell("escalations", "deliver", "--home", home, "--json")
        assert (done.code, done.json["told"][0]["status"]) == (1, "waiting")
        done = citewell("escalations", "deliver", "--again", "--home", home)
        assert (done.code, "law by webhook: sent" in done.out) == (0, True)
        assert "Nothing is due" in citewell("escalations", "deliver", "--home", home).out


TWO = """claim_within = "2h"
otherwise = "board"
hours = "Mon-Fri 09:00-17:00 UTC"
[routes.board]
"""


def tended(citewell, at):
    return asyncio.run(citewell.cases.tend(at))


def test_a_case_that_nobody_claimed_in_time_goes_on_to_the_next_route_which_is_told(desk):
    with listening() as server, desk(f"{TWO}{to(server)}") as citewell:
        [case] = citewell.cases.list()
        until = datetime.fromisoformat(case.due)
        assert tended(citewell, until - timedelta(seconds=1)).moved == ()
        assert tended(citewell, until).moved == (case.id,)
        [moved] = citewell.cases.list()
        assert (moved.status, moved.route, moved.due) == ("open", "board", None)
        assert [json.loads(body)["type"] for _, body in server.told] == ["case.moved"]
        assert tended(citewell, until + timedelta(days=30)).moved == ()
        assert citewell.journal.verify().ok


def test_one_that_was_claimed_stays_and_one_that_is_opened_again_is_to_be_claimed_anew(desk):
    with listening() as server, desk(f"{TWO}{to(server)}") as citewell:
        [case] = citewell.cases.list()
        who = Person("Ada", "ada")
        late = datetime.now(UTC) + timedelta(days=30)
        asyncio.run(citewell.cases.claim(case.id, who))
        assert tended(citewell, late).moved == ()
        asyncio.run(citewell.cases.resolve(case.id, "Thirty days.", who))
        assert tended(citewell, late).moved == ()
        again = asyncio.run(citewell.cases.reopen(case.id, "They wrote again.", who))
        assert datetime.fromisoformat(again.due) > datetime.now(UTC)
        assert tended(citewell, late).moved == (case.id,)


def test_of_two_who_do_something_with_a_case_at_once_one_does_it(desk, monkeypatch):
    with desk("") as citewell:
        [case] = citewell.cases.list()
        before = case
        asyncio.run(citewell.cases.claim(case.id, Person("Ada", "ada")))
        monkeypatch.setattr(citewell.journal, "case", lambda _, first=[before]: first.pop() if first else real(case.id))
        real = type(citewell.journal).case.__get__(citewell.journal)
        with pytest.raises(NotInHand, match="meanwhile"):
            asyncio.run(citewell.cases.claim(case.id, Person("Eve", "eve")))


def test_a_call_that_nobody_allowed_in_time_is_denied_without_anybodys_word_and_the_run_goes_on(
    home, surroundings, served, tmp_path
):
    served(say(tool_use("calculate", {"expression": "2 * 3"})), say(text("I was not let.")))
    (tmp_path / "here" / "charter.toml").write_text('[tools]\ncalculate = "approve"\n[approvals]\nexpires = "1h"\n')
    with closing(Citewell(load_settings(home=home))) as citewell:
        run = citewell.ask("What is 2 * 3?").run
        now = datetime.now(UTC)
        assert tended(citewell, now + timedelta(minutes=59)).expired == ()
        assert tended(citewell, now + timedelta(minutes=61)).expired == (run,)
        assert tended(citewell, now + timedelta(minutes=61)).expired == ()
        [decided] = [each for each in citewell.journal.events(run) if each.kind == "decided"]
        assert (decided.actor, decided.content["by"], decided.content["account"]) == ("agent", "citewell", "")
        assert citewell.cut_off() == [run]


def test_the_answer_of_a_person_reaches_who_asked_with_their_name_and_what_follows_knows_it(desk, home, citewell):
    with desk("") as opened:
        run = asyncio.run(_asked(opened, "We sue you: how long are logs kept?")).run
        case = opened.journal.case(run)
        asyncio.run(opened.cases.resolve(case.id, "For ninety days, says the lawyer.", Person("Ada", "ada")))
        [said] = opened.conversation("c", principal="bob").exchanges
        assert (said.status, said.answer, said.by, said.open) == (
            "answered", "For ninety days, says the lawyer.", "Ada", ())  # fmt: skip
        [known] = said_before(opened.journal, Speaker("bob", None, "c"), ())
        assert "ninety days" in remembered([known])
    told = citewell("conversations", "show", "c", "--home", home).out
    assert ("For ninety days" in told, "answered by Ada" in told) == (True, True)
    assert "Ada" in citewell("runs", "show", run, "--home", home).out


async def _asked(opened, question):
    async with aclosing(opened.run(question, aloud=False, conversation="c", principal="bob")) as items:
        return [item async for item in items][-1]
