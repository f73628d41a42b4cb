"""What the rules find in a comment, and what they must leave alone."""

from __future__ import annotations

import itertools
import random

import pytest
from credit_codes import invent

from survey.services.followup.redaction import KnownNames, known_names, redacted, suggest

# GB 32100-2015 gives 91350100M000100Y43 as its example of a code.
STANDARD = "91350100M000100Y43"
KNOWN = known_names(
    [("清河恒达机械制造有限公司", "王建国"), ("安宁果蔬种植专业合作社", "李敏"), ("天安", "赵")]
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("打13812345678找我", "打〔电话〕找我"),
        ("打 138 1234 5678 或 +86 13812345678", "打 〔电话〕 或 〔电话〕"),
        ("座机0310-1234567，热线400-810-1234", "座机〔电话〕，热线〔电话〕"),
        (f"我们代码{STANDARD}。", "我们代码〔信用代码〕。"),
        (f"小写{STANDARD.lower()}也算", "小写〔信用代码〕也算"),
        ("身份证110105194912310021和11010519491231002X", "身份证〔证件号〕和〔证件号〕"),
        ("冀D12345被扣，冀DF12345新能源也扣", "〔车牌〕被扣，〔车牌〕新能源也扣"),
        ("加微信：abc_12345", "加〔编号〕"),
        ("见 https://example.cn/a?b=1 和 a.b@example.cn", "见 〔网址邮箱〕 和 〔网址邮箱〕"),
        ("找了张伟科长三次", "找了〔人名〕三次"),
        ("李局长说等等，欧阳主任不管", "〔人名〕说等等，〔人名〕不管"),
        ("我们清河恒达机械制造有限公司办证", "我们〔企业名〕办证"),
        ("清河恒达机械制造的手续", "〔企业名〕的手续"),
        ("王建国去了三次", "〔人名〕去了三次"),
        ("窗口的人，刘志强，让我们改天来", "窗口的人，〔人名〕，让我们改天来"),
        ("许可证号2026123456没下来", "许可证号〔编号〕没下来"),
    ],
)
def test_what_points_at_somebody_is_found(text: str, left: str) -> None:
    assert redacted(text, suggest(text, KNOWN)) == left


@pytest.mark.parametrize(
    "text",
    [
        "任何人来办都要等三个月",
        "态度冷漠，方便的时候能不能一次告知",
        "2026年3月15日交的材料，跑了12趟",
        "收费5000元不合理，100万元的项目也一样",
        "税务局服务好，法院执行慢，高速公路修了两年",
        "天安门广场一样的大厅没人",  # 天安 is too short a name to look for
        "",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert redacted(text, suggest(text, KNOWN)) == text


def test_every_valid_code_is_found_wherever_it_stands() -> None:
    chance = random.Random(7)
    for _ in range(200):
        code = invent(chance)
        text = f"企业{code}反映"
        assert code not in redacted(text, suggest(text))


def test_findings_that_overlap_leave_nothing_between() -> None:
    text = "王建国经理13812345678"
    findings = suggest(text, KNOWN)
    assert all(a.end <= b.start for a, b in itertools.pairwise(findings))
    assert redacted(text, findings) == "〔人名〕〔电话〕"


def test_many_names_are_found_as_if_each_were_looked_for() -> None:
    chance = random.Random(3)

    def word(longest: int) -> str:
        return "".join(chance.choices("甲乙丙", k=chance.randint(1, longest)))

    for _ in range(300):
        kinds = {word(5) + "丁": str(n) for n in range(chance.randint(0, 8))}
        text = "".join(word(6) + "丁" for _ in range(3))
        each = {
            (start, start + len(name), kind)
            for name, kind in kinds.items()
            for start in range(len(text))
            if text.startswith(name, start)
        }
        assert {(f.start, f.end, f.kind) for f in KnownNames(kinds).find(text)} == each
