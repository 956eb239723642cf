"""What a settings file names is run and contacted only where it is the user's own, and allowed as it is."""

from dataclasses import replace

import pytest

from agent.governance.trust import NotTrusted, allowed, check_trust, servers, trust_file
from agent.settings import BadSettings, Settings, load_settings, state_folder

NAMED = '[mcp.calc]\ncommand = ["calc"]\n'


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Where is kept what is allowed: nothing of the developer's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return state_folder()


@pytest.fixture
def settings(tmp_path):
    """Reads a settings file that says so."""

    def read(text=NAMED):
        (tmp_path / "citewell.toml").write_text(text, "utf-8")
        return load_settings(folder=tmp_path, environment={})

    return read


def test_what_nobody_allowed_is_not_run(settings):
    with pytest.raises(NotTrusted, match=r"\[mcp.calc\]\), and it was not allowed yet.*citewell trust"):
        check_trust(settings())


def test_what_was_allowed_is_run_until_the_file_says_anything_else(settings):
    trust_file(settings())
    check_trust(settings())

    for changed in (NAMED.replace("calc", "evil"), NAMED + "\n", NAMED + '[agent]\ncharter = "mine.toml"\n'):
        with pytest.raises(NotTrusted, match="was changed since it was allowed"):
            check_trust(settings(changed))
    check_trust(settings(NAMED))


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('[qdrant]\nurl = "http://127.0.0.1:1"\n', "CITEWELL_QDRANT_URL"),
        ('[mail]\nhost = "mail.example.org"\n', "CITEWELL_MAIL_HOST"),
    ],
)
def test_any_server_that_a_settings_file_names_is_contacted_only_when_it_was_allowed(
    settings, tmp_path, text, variable
):
    read = settings(text)
    with pytest.raises(NotTrusted, match=r"\[(qdrant\] url|mail\] host)\), and it was not allowed yet.*citewell trust"):
        check_trust(read)
    with pytest.raises(NotTrusted, match="belongs to another user"):
        check_trust(replace(read, file=replace(read.file, owner=read.file.owner + 1)))
    check_trust(load_settings(folder=tmp_path, environment={variable: "http://127.0.0.1:2"}))  # the user's own word
    trust_file(read)
    check_trust(settings(text))


def test_what_was_allowed_in_one_folder_is_not_in_another(settings, tmp_path):
    trust_file(settings())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "citewell.toml").write_text(NAMED, "utf-8")

    with pytest.raises(NotTrusted):
        check_trust(load_settings(folder=tmp_path / "other", environment={}))


def test_another_users_file_is_not_to_be_allowed(settings):
    read = settings()
    theirs = replace(read, file=replace(read.file, owner=read.file.owner + 1))

    for refuses in (trust_file, check_trust):
        with pytest.raises(NotTrusted, match="belongs to another user"):
            refuses(theirs)


def test_a_file_that_names_no_server_needs_nobodys_word(settings):
    check_trust(settings("[agent]\nmax_turns = 3\n"))


def test_a_script_that_names_servers_itself_needs_nobodys_word():
    check_trust(replace(Settings(), mcp={}))


def test_what_was_allowed_is_for_its_user_alone_and_outside_of_every_home(settings, state):
    trust_file(settings())
    [kept] = state.iterdir()

    assert kept.stat().st_mode & 0o077 == 0
    assert state.stat().st_mode & 0o077 == 0
    assert not kept.is_relative_to(settings().home)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"files": [], "tools": 3}', "\0"])
def test_a_record_of_what_is_allowed_that_is_damaged_allows_nothing(settings, state, damage):
    trust_file(settings())
    (state / "trusted.json").write_text(damage, "utf-8")

    with pytest.raises(NotTrusted, match=r"damaged: remove it"):
        check_trust(settings())


def test_a_server_that_is_started_otherwise_is_another_one(settings):
    [before] = servers(settings())
    [after] = servers(settings(NAMED.replace('"calc"', '"calc", "--all"')))

    assert before.identity != after.identity
    assert allowed(after) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[mcp.calc]\n", "needs one of"),
        ('[mcp.calc]\ncommand = ["a"]\nurl = "http://a.example"\n', "needs one of"),
        ("[mcp.calc]\ncommand = []\n", "not a program"),
        ('[mcp.calc]\ncommand = [""]\n', "not a program"),
        ('[mcp.calc]\ncommand = "calc"\n', "mcp.calc.command"),
        ('[mcp.calc]\nurl = "calc.example"\n', "no address"),
        ('[mcp.calc]\nurl = "file:///etc/passwd"\n', "no address"),
        ('[mcp.calc]\nurl = "https://me:secret@calc.example"\n', "without a name or a key"),
        ('[mcp.calc]\nurl = "http://calc.example:0/"\n', "no address"),
        ('[mcp."Calc Server"]\ncommand = ["calc"]\n', "no name for a server"),
        ('[mcp.a__b]\ncommand = ["calc"]\n', "no name for a server"),
        ('[mcp.calc]\ncommand = ["calc"]\nenv = ["ANTHROPIC_API_KEY"]\n', "Citewell's alone"),
        ('[mcp.calc]\ncommand = ["calc"]\nenv = ["citewell_database_url"]\n', "Citewell's alone"),
        ('[mcp.calc]\ncommand = ["calc"]\nenv = ["TOKEN=abc"]\n', "without their values"),
        ('[mcp.calc]\nurl = "http://a.example"\nenv = ["TOKEN"]\n', "env is for a command"),
        ('[mcp.calc]\nurl = "https://a.example"\nkey = "sk_live_1"\n', 'write key = "env:NAME"'),
        ('[mcp.calc]\nurl = "https://a.example"\nkey = "env:sk-live-1"\n', 'write key = "env:NAME"'),
        ('[mcp.calc]\nurl = "https://a.example"\nkey = "env:"\n', 'write key = "env:NAME"'),
        ('[mcp.calc]\nurl = "https://a.example"\nkey = ""\n', 'write key = "env:NAME"'),
        ('[mcp.calc]\nurl = "https://a.example"\nkey = "env:Anthropic_API_KEY"\n', "Citewell's alone"),
        ('[mcp.calc]\nurl = "http://a.example"\nkey = "env:TOKEN"\n', "write the url with https"),
        ('[mcp.calc]\ncommand = ["calc"]\nkey = "env:TOKEN"\n', "name the variable in env instead"),
        ('[mcp.calc]\ncommand = ["calc"]\ntimeout = 0\n', "timeout"),
        ('[mcp.calc]\ncommand = ["calc"]\neffects = {add = "none"}\n', "effects"),
        ('[mcp.calc]\ncommand = ["calc"]\nheaders = {a = "b"}\n', "headers"),
        ("mcp = 3\n", "mcp"),
        ('file = "x"\n', "not a setting"),
    ],
)
def test_a_server_that_cannot_be_is_a_bad_setting(settings, text, why):
    with pytest.raises(BadSettings, match=why.replace(".", r"\.")):
        settings(text)


def test_a_key_that_stands_in_the_file_is_not_shown(settings):
    with pytest.raises(BadSettings) as refused:
        settings('[mcp.calc]\nurl = "https://a.example"\nkey = "sk_live_3f9a"\n')

    assert "3f9a" not in str(refused.value)


def test_a_server_that_is_given_the_key_of_another_variable_is_another_one(settings, monkeypatch):
    monkeypatch.setenv("ONE_TOKEN", "first-secret")
    named = '[mcp.calc]\nurl = "https://a.example"\nkey = "env:{}"\n'
    [one] = servers(settings(named.format("ONE_TOKEN")))
    monkeypatch.setenv("ONE_TOKEN", "second-secret")
    [again] = servers(settings(named.format("ONE_TOKEN")))
    [two] = servers(settings(named.format("TWO_TOKEN")))

    assert (one.token, again.token, two.token) == ("first-secret", "second-secret", None)
    assert one.identity == again.identity != two.identity
    assert "secret" not in repr(one)
