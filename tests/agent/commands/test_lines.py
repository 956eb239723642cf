"""What a search found is told in lines."""

from agent.commands.lines import standing_lines
from retrieval.search.explain import Said, Standing


def test_a_learned_score_is_told_by_its_features_and_a_formulas_by_its_legs():
    said = Said(0.5, 1, 0.75, 0.1)
    formula = Standing(said, None, 0.5, 0.375, 1, 1, None, 9, ())
    learned = Standing(said, None, 0.5, 0.3, 1, 1, None, 9, (), {"cosine": {"value": 0.5, "adds": 0.25}})

    assert "scaled 0.7500, times 0.50" in " ".join(standing_lines(formula))
    told = " ".join(" ".join(standing_lines(learned)).split())
    assert "made of: cosine 0.50 adds 0.250" in told
    assert "scaled" not in told, "which has no part in the score"
