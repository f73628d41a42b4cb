"""One round from its draft to its list of who collected, by keyboard alone; the focus is always seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from county import PASSWORD, County
from desk_site import Desk, another, serve_desk
from playwright.sync_api import FileChooser, Page, expect

pytestmark = pytest.mark.browser

ROSTER = "企业名称,统一社会信用代码,联系人,联系电话\n键盘食品有限公司,91350100M000100Y43,王敏,13800000001\n"
STEPS = 200
"""How often Tab is pressed at most before something counts as not to be reached."""
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const named = at.labels && at.labels.length ? at.labels[0] : at;
  const name = named.innerText || at.getAttribute('aria-label') || '';
  return {
    name: name.trim().replace(/\\s+/g, ' '), tag: at.tagName, id: at.id,
    ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.height > 0,
  };
}"""


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from serve_desk(sqlite_template, tmp_path_factory)


class Keyboard:
    """Hands that never touch a mouse, and eyes that look for the focus after every Tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # Choosers are the test's from now on: told only with the key, the browser may hear of it too late.
        page.on("filechooser", lambda _: None)

    def to(self, name: str = "", *, field: str = "") -> None:
        """Tab until the focus is on what is called `name` or has this id."""
        for _ in range(STEPS):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(FOCUSED)
            if at["tag"] in ("BODY", "IFRAME"):
                continue
            assert at["ringed"], f"no ring around {at}"
            assert at["seen"], f"out of sight: {at}"
            if at["id"] == field if field else at["name"] == name:
                return
        raise AssertionError(f"Tab does not reach {name or field}")

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def press(self, name: str) -> None:
        """Follow a link or press a button, and wait for its page."""
        self.to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def tick(self, *, field: str) -> None:
        self.to(field=field)
        self.page.keyboard.press("Space")
        expect(self.page.locator(f"#{field}")).to_be_checked()

    def choose_file(self, name: str, path: Path) -> None:
        self.to(name)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        given: FileChooser = chooser.value
        given.set_files(path)


def sign_in(hands: Keyboard) -> None:
    hands.press("工作人员登录")
    expect(hands.page.get_by_label("用户名")).to_be_focused()
    hands.page.keyboard.insert_text("管理员")
    hands.type("密码", PASSWORD)
    with hands.page.expect_navigation():
        hands.page.keyboard.press("Enter")


def draft(hands: Keyboard, slug: str) -> None:
    hands.press("新建轮次")
    hands.to("县人大")
    hands.page.keyboard.press("Space")
    hands.type("网址中的名称", "不行 的名称")
    hands.press("建立草稿，下一步")
    expect(hands.page.get_by_role("alert")).to_be_focused()
    hands.to("网址中的名称")  # the complaint leads to its field
    hands.page.keyboard.press("Enter")
    expect(hands.page.locator("#slug")).to_be_focused()
    hands.page.keyboard.press("Control+A")
    hands.page.keyboard.insert_text(slug)
    hands.press("建立草稿，下一步")
    expect(hands.page.get_by_role("heading", level=1)).to_have_text("被评部门")
    hands.to(field=hands.page.locator("input[id$=-name]").first.get_attribute("id") or "")
    hands.page.keyboard.insert_text("（县）")
    for heading in ("指标和等级", "分层", "开箱与门槛"):
        hands.press("保存，下一步")
        expect(hands.page.get_by_role("heading", level=1)).to_have_text(heading)
    for reviewer in hands.page.locator("input[name=holders]").all():
        if not reviewer.is_checked():
            hands.to(reviewer.evaluate("box => box.labels[0].innerText.trim()"))
            hands.page.keyboard.press("Space")
    hands.press("保存，下一步")
    hands.press("就用一台，下一步")
    expect(hands.page.get_by_text("还有持钥人没有生成并验证钥匙。")).to_be_visible()


def import_roster(hands: Keyboard, folder: Path) -> None:
    path = folder / "roster.csv"
    path.write_text(ROSTER, "utf-8")
    hands.press("企业名录")
    hands.choose_file("企业名录文件", path)
    hands.press("上传并预览")
    hands.press(hands.page.locator("form[action$=confirm] button").first.inner_text())
    expect(hands.page.get_by_role("status")).to_contain_text("新增 1 家")


def issue(hands: Keyboard) -> None:
    hands.press("签发邀请")
    hands.tick(field="attributed-confirm")
    hands.press("签发 Excel")
    expect(hands.page.get_by_role("button", name="下载 Excel")).to_be_visible(timeout=30_000)
    hands.to("下载 Excel")
    with hands.page.expect_download():
        hands.page.keyboard.press("Enter")
    hands.press("返回轮次")


def test_a_round_from_draft_to_participation(desk: Desk, visit: Callable[..., Page], tmp_path: Path) -> None:
    slug = "2031-q1"
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    hands = Keyboard(page)
    page.goto(desk.url)
    sign_in(hands)
    draft(hands, slug)
    _make_keys(another(desk.place, slug, ""))
    import_roster(hands, tmp_path)
    page.goto(f"{desk.url}/admin/rounds/{slug}")
    issue(hands)
    hands.to("邀请已经全部签发，可以开始收票。")
    page.keyboard.press("Space")
    hands.press("开始收票")
    hands.press("哪些企业已领票、哪些还没有；按分层看；催办名单")
    hands.type("按企业名称、信用代码、联系人或电话查找", "键盘食品")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("table.cards caption")).to_have_text("找到 1 家")


def _make_keys(place: County) -> None:
    """What the two reviewers do on their own computers."""
    for reviewer in place.reviewers:
        place.make_key(reviewer)


RUNNING = """<!doctype html><title>x</title>
<div data-job="job.json"><p role="status"><span data-job-step></span> <span data-job-share></span></p>
<progress data-job-progress></progress></div><script type="module" src="{}"></script>"""


def test_a_job_is_told_and_its_end_gets_the_focus(desk: Desk, visit: Callable[..., Page]) -> None:
    """A screen reader hears the step with quarters of the whole, and then what became of it."""
    another(desk.place, "2028-q2", "2028 年第二季度评议").draft()
    page = visit(viewport={"width": 1280, "height": 900}, has_touch=False)
    desk.sign_in(page, "管理员")
    page.goto(f"{desk.url}/admin/rounds/2028-q2/invitations")
    page.get_by_label("张数", exact=True).fill("9")
    page.locator("#slips-confirm").check()
    page.get_by_role("button", name="签发 PDF").click()
    expect(page.locator("[data-job-end]")).to_be_visible(timeout=30_000)
    script = page.locator("script[type=module]").get_attribute("src") or ""
    state = {"state": "running", "step": "正在签发", "done": 79, "total": 100}
    page.route("**/job.json", lambda route: route.fulfill(json=state))
    held = {"content_type": "text/html", "body": RUNNING.format(script)}
    page.route("**/invitations/job", lambda route: route.fulfill(**held), times=1)
    page.goto(f"{desk.url}/admin/rounds/2028-q2/invitations/job")
    expect(page.get_by_role("status")).to_have_text("正在签发 75 %")
    state["state"] = "done"
    expect(page.locator("[data-job-end]")).to_be_focused(timeout=30_000)
    page.reload()
    expect(page.locator("[data-job-end]")).not_to_be_focused()
