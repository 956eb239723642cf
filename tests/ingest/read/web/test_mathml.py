"""Is a formula text on one line?"""

import pytest
from bs4 import BeautifulSoup

from ingest.read.web.mathml import formula


def test_formulas_are_text(page):
    tex = '<annotation encoding="application/x-tex">{\\displaystyle E=mc^{2}}</annotation>'
    assert (
        page(
            f'<p>So <span><span style="display:none"><math><semantics><mi>E</mi>{tex}</semantics></math></span>'
            '<img class="mwe-math-fallback-image-inline" alt="{\\displaystyle E=mc^{2}}"></span> and <math>'
            "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo><msup><mi>x</mi><mn>10</mn></msup></math>."
        )
        == "So $E=mc^{2}$ and (a+b)/2 = x^10."
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<msub><mi>x</mi><mi>i</mi></msub>", "x_i"),
        ("<msubsup><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></msubsup>", "(∑)_(i = 1)^n"),
        ("<msqrt><mi>x</mi></msqrt>", "√(x)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "3√(x)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", "1, 2"),
    ],
)
def test_a_formula_without_a_source_is_written_on_one_line(source, text):
    assert formula(BeautifulSoup(f"<math>{source}</math>", "lxml").math) == text
