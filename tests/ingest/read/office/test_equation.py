"""Does an equation stand on one line?"""

import pytest
from lxml import etree

from ingest.read.office.equation import linear
from tests.ingest.read.office.office_files import M


@pytest.mark.parametrize(
    ("omml", "text"),
    [
        ("<m:f><m:num>[a+b]</m:num><m:den>[2]</m:den></m:f>", "(a+b)/2"),
        ("<m:sSubSup><m:e>[x]</m:e><m:sub>[i]</m:sub><m:sup>[n+1]</m:sup></m:sSubSup>", "x_i^(n+1)"),
        ("<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e>[b^2]</m:e></m:rad>", "√(b^2)"),
        ("<m:rad><m:deg>[3]</m:deg><m:e>[x]</m:e></m:rad>", "∛(x)"),
        ("<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>[i=1]</m:sub><m:e>[i]</m:e></m:nary>", "∑_(i=1) i"),
        ("<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e>[a]</m:e><m:e>[b]</m:e></m:d>", "[a|b]"),
        ("<m:func><m:fName>[sin]</m:fName><m:e>[θ]</m:e></m:func>", "sin θ"),
        ("<m:limLow><m:e>[lim]</m:e><m:lim>[n→∞]</m:lim></m:limLow>", "lim_(n→∞)"),
        ("<m:m><m:mr><m:e>[a]</m:e><m:e>[b]</m:e></m:mr><m:mr><m:e>[c]</m:e><m:e>[d]</m:e></m:mr></m:m>", "a, b; c, d"),
        ("<m:eqArr><m:e>[x=1#(7)]</m:e><m:e>[y=2]</m:e></m:eqArr>", "x=1 (7); y=2"),
        ("<m:f><m:num>[(a)+(b)]</m:num><m:den>[c]</m:den></m:f>", "((a)+(b))/c"),
    ],
)
def test_an_equation_stands_on_one_line(omml, text):
    import re

    runs = re.sub(r">\[(.*?)\](?=<)", r"><m:r><m:t>\1</m:t></m:r>", omml)
    assert linear(etree.fromstring(f'<m:oMath xmlns:m="{M}">{runs}</m:oMath>')) == text
