"""A file of ratings on the desk in a real browser: upload, what was understood, a question, the ranking."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import axe
import cheap
import pictures
import pytest
from county import PASSWORD, SECRET, County
from phone_server import RunningServer
from playwright.sync_api import Page, expect

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.models import Role
from survey.services.people import accounts

pytestmark = pytest.mark.browser

FILES = Path(__file__).parents[2] / "data" / "foreign"
NAME = "县人大评议员"
LOOKS = {
    "1280": {"viewport": {"width": 1280, "height": 900}, "has_touch": False},
    "390": {"viewport": {"width": 390, "height": 844}},
}
TWO_READINGS = "编号,甲-乙,甲-丙,丁-乙,丁-丙\n" + "".join(f"{n},5,4,3,{1 + n % 3}\n" for n in range(12))


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ratings")
    database = Database(
        f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'x.sqlite3')}", secret_key=SECRET
    )
    County(database).populate()
    person = {"name": NAME, "role": Role.REVIEWER, "password": PASSWORD, "body": "县人大"}
    with pytest.MonkeyPatch.context() as patched:
        cheap.passwords(patched)
        database.write(lambda s: accounts.create_user(s, **person))
    settings = Settings(
        data=folder,
        database_url=database.url,
        base_url="http://127.0.0.1",
        secret_key=SECRET,
        insecure_http=True,
    )
    running = RunningServer(create_app(settings, database))
    running.start()
    yield f"http://127.0.0.1:{running.port}"
    running.stop()
    database.close()


@pytest.fixture
def upload(office: str, visit: Callable[..., Page]) -> Callable[[str, str, bytes], Page]:
    """A reviewer's page with this file just uploaded."""

    def uploaded(look: str, name: str, content: bytes) -> Page:
        page = visit(**LOOKS[look])
        page.goto(f"{office}/login?next=/ratings/")
        page.get_by_label("用户名").fill(NAME)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/ratings/")
        assert complaints(page) == []
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        page.get_by_label("评分文件").set_input_files(files=[file])
        page.get_by_role("button", name="上传并读取").click()
        return page

    return uploaded


def complaints(page: Page) -> list[str]:
    said = [f"{v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in axe.violations(page)]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return said + ([f"{wide} px wider than the screen"] if wide > 0 else [])


@pytest.mark.parametrize("look", LOOKS)
def test_from_a_file_to_what_may_be_said(
    upload: Callable[[str, str, bytes], Page], screenshots: Path, look: str
) -> None:
    page = upload(look, "评议.xlsx", (FILES / "wjx_text.xlsx").read_bytes())
    expect(page.get_by_text("按问卷星读，60 个评议人")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("不作任何匿名保证")).to_be_visible()
    pictures.take(page, screenshots / f"ratings-{look}-understood.png")
    assert complaints(page) == []
    page.get_by_label("至少要有多少个评议人").fill("5")
    page.get_by_role("button", name="排名", exact=True).click()
    expect(page.get_by_role("heading", name="可以这样说")).to_be_visible(timeout=60_000)
    assert page.locator("img.picture").evaluate("image => image.naturalWidth") > 300
    pictures.take(page, screenshots / f"ratings-{look}-ranked.png")
    assert complaints(page) == []
    with page.expect_download() as report:
        page.get_by_role("link", name="排名报告").click()
    assert report.value.suggested_filename == "评议-report.html"
    page.get_by_role("button", name="保留", exact=True).click()
    expect(page.get_by_text("已保留，以后都在这里。")).to_be_visible()
    page.get_by_role("checkbox", name="不能恢复").check()
    page.get_by_role("button", name="删除这份分析").click()
    expect(page.get_by_text("已删除，连同上传的文件")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_a_question_is_answered_by_one_tap(
    upload: Callable[[str, str, bytes], Page], screenshots: Path, look: str
) -> None:
    page = upload(look, "r.csv", TWO_READINGS.encode())
    expect(page.get_by_role("heading", name="请说明一处")).to_be_visible(timeout=30_000)
    pictures.take(page, screenshots / f"ratings-{look}-question.png")
    assert complaints(page) == []
    page.get_by_role("button", name="部门是 乙、丙").click()
    expect(page.get_by_text("部门 2 个，见于表头：乙、丙")).to_be_visible(timeout=30_000)
    page.get_by_text("改对应表").click()
    with page.expect_download() as mapping:
        page.get_by_role("link", name="下载对应表").click()
    edited = mapping.value.path().read_text("utf-8").replace('"乙"', '"财政局"')
    wrong = {"name": "m.json", "mimeType": "application/json", "buffer": edited[:-9].encode()}
    page.get_by_label("改好的对应表").set_input_files(files=[wrong])
    page.get_by_role("button", name="照对应表再读").click()
    expect(page.get_by_text("“m.json”不是 JSON 文件")).to_be_visible()
    pictures.take(page, screenshots / f"ratings-{look}-mapping-wrong.png")
    assert complaints(page) == []
    page.get_by_label("改好的对应表").set_input_files(files=[wrong | {"buffer": edited.encode()}])
    page.get_by_role("button", name="照对应表再读").click()
    expect(page.get_by_text("B 列的部门：乙 → 财政局。")).to_be_visible(timeout=30_000)
    pictures.take(page, screenshots / f"ratings-{look}-mapped.png")
    assert complaints(page) == []
