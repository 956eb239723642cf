"""Is a chosen setting written where it counts, and nothing else of the file touched?"""

import pytest

from agent.settings import BadSettings, load_settings
from agent.settings_edit import apply_settings

OWN = """# how we search
[retrieval]
dense_weight = 0.9  # too much?

[eval]
gold = "gold.jsonl"
"""


def test_a_setting_takes_the_place_of_the_one_before_and_comments_stay(tmp_path):
    path = tmp_path / "citewell.toml"
    path.write_text(OWN, "utf-8")
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    assert apply_settings("retrieval", {"dense_weight": 0.4, "fusion": "dbsf"}, below) == path
    assert load_settings(folder=tmp_path, environment={}).retrieval.dense_weight == 0.4
    assert load_settings(folder=tmp_path, environment={}).retrieval.fusion == "dbsf"
    assert path.read_text("utf-8").startswith("# how we search\n[retrieval]\ndense_weight = 0.4  # too much?")
    assert 'gold = "gold.jsonl"' in path.read_text("utf-8")


def test_without_a_file_there_is_one_afterwards(tmp_path):
    assert apply_settings("retrieval", {"dense_weight": 0.4}, tmp_path) == tmp_path / "citewell.toml"
    assert load_settings(folder=tmp_path, environment={}).retrieval.dense_weight == 0.4


@pytest.mark.parametrize("text", ["[retrieval", "retrieval = 3\n"])
def test_a_file_that_cannot_be_changed_is_left_as_it_is_and_says_what_to_write(tmp_path, text):
    path = tmp_path / "citewell.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadSettings, match=r"write dense_weight = 0.4 into its \[retrieval\] yourself"):
        apply_settings("retrieval", {"dense_weight": 0.4}, tmp_path)
    assert path.read_text("utf-8") == text


def test_the_mode_of_the_file_and_a_link_to_it_stay(tmp_path):
    kept = tmp_path / "dotfiles" / "citewell.toml"
    kept.parent.mkdir()
    kept.write_text(OWN, "utf-8")
    kept.chmod(0o600)
    here = tmp_path / "here"
    here.mkdir()
    (here / "citewell.toml").symlink_to(kept)
    assert apply_settings("retrieval", {"dense_weight": 0.4}, here) == here / "citewell.toml"
    assert (here / "citewell.toml").is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "dense_weight = 0.4" in kept.read_text("utf-8")
    assert [path.name for path in kept.parent.iterdir()] == ["citewell.toml"]
