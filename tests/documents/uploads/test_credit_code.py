"""Against codes that real organisations print on their licences."""

import random

import credit_codes
import pytest
from credit_codes import invent

from survey.documents.uploads import credit_code

# Published by the organisations themselves (annual reports, websites' footers, the standard's registry).
REAL = {
    "华为技术有限公司": "914403001922038216",
    "腾讯科技（深圳）有限公司": "9144030071526726XG",
    "北京百度网讯科技有限公司": "91110000802100433B",
    "阿里巴巴（中国）网络技术有限公司": "91330100799655058B",
    "小米科技有限责任公司": "91110108551385082Q",
    "贵州茅台酒股份有限公司": "9152000071430580XT",
    "比亚迪股份有限公司": "91440300192317458F",
    "珠海格力电器股份有限公司": "91440400192548256N",
    "中国工商银行股份有限公司": "91100000100003962T",
    "海尔智家": "91370200264574251E",
    "北京大学": "12100000400002259P",
    "清华大学": "12100000400000624D",
    "复旦大学": "12100000425006117P",
    "浙江大学": "12100000470095016Q",
}


@pytest.mark.parametrize("code", REAL.values(), ids=REAL.keys())
def test_real_codes_are_valid(code: str) -> None:
    assert credit_code.is_valid(code)


def test_the_worked_example_of_the_standard_is_refused() -> None:
    # 91350100M000100Y4Z is the usual worked example: weighted sum 1640, check value 3, not Z.
    assert credit_code.check_character("91350100M000100Y4") == "3"
    assert credit_code.is_well_formed("91350100M000100Y43")
    assert not credit_code.is_valid("91350100M000100Y4Z")


@pytest.mark.parametrize("code", REAL.values(), ids=REAL.keys())
def test_every_single_wrong_character_is_found(code: str) -> None:
    for place in range(18):
        for other in credit_code.ALPHABET.replace(code[place], ""):
            assert not credit_code.is_valid(code[:place] + other + code[place + 1 :])


def test_exchanged_neighbours_are_found() -> None:
    code = REAL["小米科技有限责任公司"]
    for place in range(17):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or not credit_code.is_valid(swapped)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91440300192203821",
        "9144030019220382166",
        "91440300192203821O",
        "91A403001922038216",
        "９144030019220382１6",
    ],
)
def test_what_is_not_in_the_grammar_is_not_well_formed(code: str) -> None:
    assert not credit_code.is_well_formed(code)


def test_invented_codes_are_valid_and_repeatable() -> None:
    codes = [invent(random.Random(seed)) for seed in range(500)]
    assert all(map(credit_code.is_valid, codes))
    assert len(set(codes)) == 500
    assert codes[7] == invent(random.Random(7))


def test_the_organisation_code_inside_follows_gb_11714() -> None:
    # The organisation code of a real code, made anew from its eight digits: 192203821 of Huawei.
    real = REAL["华为技术有限公司"]
    assert credit_codes._organisation_check(real[8:16]) == real[16]
    tencent = REAL["腾讯科技（深圳）有限公司"]
    assert credit_codes._organisation_check(tencent[8:16]) == "X"


def test_completing_a_body() -> None:
    assert credit_code.complete_credit_code("91440300192203821") == REAL["华为技术有限公司"]
