"""Rounds to print forms of: any number of departments, items and levels."""

from __future__ import annotations

from keys_of_examples import private_key, stamp_key

from survey.documents.lists.issued import IssuedInvitation
from survey.protocol.codes import format_code, invitation_link
from survey.protocol.crypto.hpke import point
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum

LABELS = [("非常满意", "Very satisfied"), ("满意", "Satisfied"), ("基本满意", "Fairly satisfied"),
          ("不满意", "Dissatisfied"), ("很不满意", "Very dissatisfied")]  # fmt: skip
ITEMS = [("服务态度", "Attitude"), ("办事效率", "Speed"), ("依法行政", "Lawfulness"),
         ("廉洁自律", "Integrity"), ("政策落实", "Policy"), ("总体评价", "Overall")]  # fmt: skip
NAMES = ["行政审批局", "市场监督管理局", "税务局", "人力资源和社会保障局", "自然资源和规划局",
         "住房和城乡建设局",
         "生态环境局", "应急管理局", "公安局", "交通运输局"]  # fmt: skip
STRATA = (
    Stratum("规模", "Size", ("大", "中", "小", "微"), ("Large", "Medium", "Small", "Micro")),
    Stratum("行业", "Sector", ("工业", "建筑业", "商贸", "服务业", "农业", "其他"),
            ("Industry", "Building", "Trade", "Services", "Farming", "Other")),
    Stratum("所有制", "Ownership", ("国有", "民营", "外资"), ("State", "Private", "Foreign")),
    Stratum("乡镇", "Place", ("城关", "开发区", "其他"), ("Town", "Zone", "Other")),
)  # fmt: skip


def questionnaire(departments: int = 8, items: int = 2, levels: int = 5, strata: int = 4) -> Questionnaire:
    names = (NAMES[n] if n < len(NAMES) else f"第{n + 1}办公室" for n in range(departments))
    points = [100.0 - 100.0 * n / (levels - 1) for n in range(levels)]
    chosen = LABELS if levels == 5 else [LABELS[0], LABELS[2], LABELS[3]]
    return Questionnaire(
        items=tuple(Item(zh, en) for zh, en in ITEMS[:items]),
        scale=Scale(
            tuple(Level(zh, en, p) for (zh, en), p in zip(chosen, points, strict=True)),
            satisfied=2, warning_line=70.0, not_known="不了解", not_known_en="Don't know",
        ),
        departments=tuple(Department(name, "全部") for name in names),
        strata=STRATA[:strata],
    )  # fmt: skip


def described(asked: Questionnaire) -> RoundDescription:
    key = stamp_key().public
    return RoundDescription(
        title="2026 年第四季度评议", body="县人大常委会、县政协",
        opens_on="2026-10-01", closes_on="2026-12-20",
        id="ab" * 16, slug="2026-q4", blind_key_n=key.n_bytes, blind_key_e=key.e,
        blind_key_fingerprint=key.fingerprint, quorum=1,
        holders=(Holder("县人大", point(private_key("11" * 32))),),
        questionnaire=asked, threshold=3,
    )  # fmt: skip


def invited(description: RoundDescription, count: int) -> list[IssuedInvitation]:
    codes = [format_code((n * 7919 + 1).to_bytes(16)) for n in range(count)]
    number = description.check_number
    return [
        IssuedInvitation(
            c, invitation_link("https://pingyi.example", description.slug, c, number), check_number=number
        )
        for c in codes
    ]
