"""What the administrator does: people, round, roster, invitations, calls, closing."""

from __future__ import annotations

import random
import re
from pathlib import Path

import credit_codes
import openpyxl
from playwright.sync_api import expect
from walk_hands import PASSWORD, PATIENCE, Hand, enrol
from walk_site import CEREMONY, DEPARTMENTS, GROUPS, Walk

FIRMS = 60
WORDS = ["丰云", "华盛", "金禾", "瑞达", "东泰", "恒信", "长青", "立新", "嘉和", "永昌", "新源", "正大"]
KINDS = ["食品厂", "机械有限公司", "商贸有限公司", "建材厂", "物流有限公司"]


def let_in_the_first(walk: Walk) -> None:
    for name, _role, _body in CEREMONY:
        hand = walk.hand(name)
        with walk.step("登记一人（三人）"):
            enrol(hand, walk.links[name])
        hand.look(f"first-page-{name}")
    expect(walk.people["王主任"].page.get_by_text("第一次用：按这个次序做")).to_be_visible()


def add_people(walk: Walk, office: Hand, step: str, rows: list[str]) -> list[str]:
    """Add a list of people; returns links and codes of their sheets."""
    path = walk.folder / f"{step}.csv"
    path.write_text("\n".join(["姓名,角色,单位,部门", *rows]) + "\n", encoding="gb18030")
    office.go("/admin/")
    with walk.step(step):
        office.follow("人员")
        office.follow("按名单添加人员")
        office.upload(path)
        office.click("读名单")
        office.look(f"{step}-read")
        office.fill("您的密码或验证码", PASSWORD)
        office.click("全部添加")
    office.look(f"{step}-sheets")
    found = office.page.locator(".sheet .code").all_inner_texts()
    office.follow("已经交给本人")
    return found


def add_colleagues(walk: Walk, office: Hand) -> None:
    """A second administrator at once; a third reviewer when one of the two has agreed."""
    rows = ["赵会计,管理员,评议工作办公室,", "孙委员,评议员,县政协,"]
    link, code = add_people(walk, office, "按名单加同事", rows)
    enrol(walk.hand("赵会计"), link)
    other = walk.people["李委员"]
    other.go("/review/")
    with walk.step("确认一位评议员"):
        other.follow("变更等评议员确认：1 件")
        other.follow(re.compile("添加评议员“孙委员”"))
        other.fill("您的密码或验证码", PASSWORD)
        other.page.get_by_role("checkbox").check()
        other.look("person-to-confirm")
        other.click("确认")
    other.look("person-confirmed")
    enrol(walk.hand("孙委员"), other.page.locator("#link").inner_text(), code=code)


def add_liaisons(walk: Walk, office: Hand) -> None:
    """One for each department of the round, of whom two will have something to do."""
    rows = [f"{name}联络员,联络员,,{name}" for name in DEPARTMENTS]
    links = add_people(walk, office, "按名单加联络员", rows)
    assert len(links) == len(DEPARTMENTS)
    walk.links |= dict(zip(DEPARTMENTS, links, strict=True))


def set_up_round(walk: Walk, office: Hand) -> None:
    table = walk.folder / "部门.csv"
    lines = ["2026 年被评议单位名单,,", "单位类别,单位名称,常打交道"]
    lines += [
        f"{g},{name},{'是' if n == 0 else ''}" for g, names in GROUPS.items() for n, name in enumerate(names)
    ]
    table.write_text("\n".join(lines) + "\n", encoding="gb18030")
    office.go("/admin/")
    with walk.step("建一轮"):
        office.follow("新建轮次")
        office.look("round-new")
        office.click("建立草稿，下一步")
        office.upload(table)
        office.tick("我知道：现在的 30 个部门会全部换掉")
        office.click("导入并替换")
        office.told("已换成文件中的 8 个部门")
        office.click("保存，下一步")
        for row in range(3, 7):
            office.fill(f"指标，第 {row} 行", "")
        office.press(office.page.get_by_label("总体评价，第 6 行"))
        office.look("round-questions")
        office.click("保存，下一步")
        office.click("保存，下一步")
        office.look("round-keys")
        for who in ("县政协（陈委员）", "县政协（孙委员）"):
            office.page.get_by_label(who).set_checked("陈" in who)
            walk.ledger.now.clicks += 1
        office.fill("公布门槛（票）", "5")
        office.click("保存，下一步")
        office.follow("就用一台，下一步")
    office.look("round-preview")
    assert office.page.locator("ul.checks li.done").count() == 0


def import_roster(walk: Walk, office: Hand) -> None:
    """A file of another office with three bad rows: the good ones at once, the bad ones mended in Excel."""
    chance = random.Random(7)
    path = walk.folder / "名册.csv"
    path.write_text(_messy(chance), encoding="gb18030")
    office.go("/admin/")
    with walk.step("导入名录（两次上传）"):
        office.follow("企业名录")
        office.look("roster-empty")
        office.upload(path)
        office.click("上传并预览")
        expect(office.page.get_by_text("3 行有 3 处需要修改")).to_be_visible(timeout=PATIENCE)
        office.look("roster-preview")
        bad = walk.folder / "要改的行.xlsx"
        office.download("下载要改的行（Excel）", role="link").save_as(bad)
        office.click("只导入没有问题的 57 行")
        office.told("新增 57 家")
        _mend(bad, chance)
        office.upload(bad)
        office.click("上传并预览")
        office.page.get_by_role("button", name="确认导入 3 家").wait_for(timeout=PATIENCE)
        office.click("确认导入 3 家")
        office.told("新增 3 家")
    office.look("roster")


def _messy(chance: random.Random) -> str:
    lines = [
        "云溪县 2026 年评议企业名册（市场监管局提供）,,,,,,",
        "序号,单位名称,税号,负责人,联系方式,企业规模,所属行业",
    ]
    for n in range(FIRMS):
        code, phone = credit_codes.invent(chance), f"138{n:08}"
        code = {3: code.lower(), 20: code[:-1] + ("A" if code[-1] != "A" else "B"), 30: code[:-1]}.get(
            n, code
        )
        phone = {5: "138 0000-0005", 40: "1380000"}.get(n, phone)
        name = f"云溪县{WORDS[n % 12]}{KINDS[n // 12]}" + ("　" if n == 9 else "")
        size, trade = ["大型", "中型", "小", "微型"][n % 4], ["制造业", "批发零售", "农林牧渔", "服务"][n % 4]
        lines.append(f"{n + 1},{name},{code},{'王李张刘陈'[n % 5]}经理,{phone},{size},{trade}")
    return "\r\n".join([*lines, "合计,60 家,,,,,"]) + "\r\n"


def _mend(path: Path, chance: random.Random) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet
    sheet["C2"], sheet["C3"], sheet["E4"] = (*(credit_codes.invent(chance) for _ in range(2)), "13800000040")
    book.save(path)


def issue(walk: Walk, office: Hand, slug: str) -> None:
    """Links for the whole roster; then ballots may come."""
    office.go(f"/admin/rounds/{slug}")
    with walk.step("签发并开始收票"):
        office.follow("去签发邀请")
        office.look("issue")
        office.twice("签发 Excel", "我知道：系统不留底")
        office.page.get_by_role("button", name="下载 Excel").wait_for(timeout=PATIENCE)
        office.look("issued")
        path = walk.folder / "links.xlsx"
        office.download("下载 Excel").save_as(path)
        office.follow("返回轮次")
        office.twice("开始收票", "邀请已经全部签发")
        office.told("已开始收票")
    office.look("round-collecting-first-day")
    rows = list(openpyxl.load_workbook(path)["邀请链接"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == FIRMS
    walk.invitations = [str(row[5]) for row in rows]


def call(walk: Walk, office: Hand, slug: str, left: int) -> None:
    """Before the first night nothing is known; after it `left` firms have not collected; one is called."""
    office.go(f"/admin/rounds/{slug}/participation")
    office.look("participation-first-day")
    walk.pass_a_night(slug)
    office.go(f"/admin/rounds/{slug}")
    with walk.step("催办：看领票情况、记一个电话"):
        office.follow("哪些企业已领票、哪些还没有；按分层看；催办名单")
        office.look("participation")
        office.follow("打电话催办")
        expect(office.page.get_by_role("table")).to_contain_text(f"共 {left} 家")
        office.choose("结果，第 1 行", "打过，会参加")
        office.fill("备注，第 1 行", "月底前填")
        office.look("calls")
        office.press(office.page.get_by_role("button", name="保存，第 1 行"))
    office.look("calls-noted")


def propose_closing(walk: Walk, office: Hand, slug: str) -> None:
    office.go(f"/admin/rounds/{slug}")
    with walk.step("两人截止"):
        office.twice("提议截止", "我知道：")
        office.told("已提议截止")
    office.look("closing-proposed")
