"""Is a document's language right where it is given, and none where it is not certain?"""

import json
import subprocess
import sys
from collections import Counter

import pytest

from ingest.model import Document
from retrieval.lexical.languages import language_of

GERMAN = (
    "Die Pumpe muss vor jeder Wartung vom Netz getrennt werden. Danach ist zu prüfen, ob das Ventil geschlossen ist "
    "und ob der Druck im Behälter auf den zulässigen Wert gefallen ist; erst dann darf der Deckel geöffnet werden."
)
ENGLISH = (
    "Disconnect the pump from the mains before any maintenance. Then check that the valve is closed and that the "
    "pressure in the vessel has fallen to the permitted value; only then may the cover be opened by the technician."
)
RUSSIAN = (
    "Перед любым обслуживанием насос необходимо отключить от сети. Затем нужно проверить, что клапан закрыт и что "
    "давление в сосуде упало до допустимого значения; только после этого можно открыть крышку."
)


def document(text: str, **more) -> Document:
    return Document("notes/a.txt", text, **more)


def languages(folder) -> Counter[str]:
    records = map(json.loads, (folder / "corpus.jsonl").read_text("utf-8").splitlines())
    return Counter(language_of(document(f"{record.get('title', '')}\n{record['text']}")) for record in records)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("de_DE.UTF-8", "de"),
        ("deu", "de"),
        ("ger", "de"),
        ("German", "de"),
        ("Français", "fr"),
        ("nb", "no"),
        ("zh-Hant-TW", "zh"),
        (" EN ", "en"),
    ],
)
def test_the_language_that_the_metadata_state_counts_in_any_usual_spelling(tag, code):
    assert language_of(document(RUSSIAN, metadata={"language": tag})) == code


@pytest.mark.parametrize("tag", ["", "xx", "Python", "en, de", "unknown"])
def test_a_tag_that_is_no_known_language_leaves_it_to_the_text(tag):
    assert language_of(document(RUSSIAN, metadata={"language": tag})) == "ru"


@pytest.mark.parametrize(("text", "code"), [(GERMAN, "de"), (ENGLISH, "en"), (RUSSIAN, "ru")])
def test_prose_has_the_language_that_it_is_written_in(text, code):
    assert language_of(document(text)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Die Pumpe muss vor jeder Wartung vom Netz getrennt werden.",
        "Valve V-17, DN 50, PN 16",
        "\n".join(f"| 2026-11-{day:02} | {day * 17} | {day / 7:.3f} | PASS |" for day in range(1, 29)),
        "\n".join(f"https://example.org/das/ist/die/seite_{page}.html" for page in range(40)),
        f"{GERMAN}\n{ENGLISH}",
        "\ud800" * 500,
    ],
)
def test_what_is_short_mixed_or_no_prose_has_no_language(text):
    assert language_of(document(text)) == ""


def test_source_code_has_no_language_unless_it_is_stated():
    assert language_of(document(f"# {GERMAN}", markup="code")) == ""
    assert language_of(document(f"# {GERMAN}", markup="code", metadata={"language": "de"})) == "de"


def test_a_licence_in_another_language_does_not_decide_for_what_follows_it():
    assert language_of(document(ENGLISH * 20 + GERMAN * 60)) in ("de", "")


@pytest.mark.slow
def test_another_process_finds_the_same_in_another_order():
    texts = [GERMAN, ENGLISH, RUSSIAN, "Die Pumpe"]
    program = (
        "import json, sys\nfrom ingest.model import Document\nfrom retrieval.lexical.languages import language_of\n"
        "print(json.dumps([language_of(Document('a', text)) for text in json.load(sys.stdin)]))"
    )
    asked = json.dumps(texts[::-1])
    answered = subprocess.run([sys.executable, "-c", program], input=asked, capture_output=True, text=True, check=True)
    assert json.loads(answered.stdout) == [language_of(document(text)) for text in texts][::-1]


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("collection", ["cranfield", "cisi", "adi", "squad2-subset"])
def test_an_english_collection_is_not_sprinkled_with_other_languages(shared, collection):
    found = languages(shared / collection)
    assert set(found) <= {"en", ""}
    assert found[""] <= 0.02 * found.total()


@pytest.mark.shared
@pytest.mark.parametrize("code", ["en", "de", "es", "zh"])
def test_paragraphs_have_their_language_or_none(shared, code):
    found = languages(shared / "xquad" / code)
    assert set(found) <= {code, ""}
    assert found[""] <= 0.05 * found.total()
