"""A file of ratings on the desk: upload, what was understood, ranking, files, kept or thrown away."""

from __future__ import annotations

import ast
import html
import io
import json
import os
import re
import time
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from survey import worker
from survey.clock import now
from survey.models import Job, RatingAnalysis
from survey.services.operations import job_threads
from survey.services.ratings import analyses, ranking
from survey.services.ratings.labels import on_page

FILES = Path(__file__).parents[2] / "data" / "foreign"
TWO_READINGS = "编号,甲-乙,甲-丙,丁-乙,丁-丙\n" + "".join(f"{n},5,4,3,{1 + n % 3}\n" for n in range(12))
NOTHING = {
    "tool": "",
    "best": "",
    "departments": "",
    "levels": "",
    "missing": "",
    "scale": "",
    "items": "",
    "rater": "",
    "department": "",
    "score": "",
    "item": "",
}
ROOT = Path(__file__).parents[3]
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
LONG = "评议人,部门,得分\n" + "".join(
    f"r{n},{name},{80 - 9 * d + (n * 7 + d * 3) % 5}\n" for n in range(14) for d, name in enumerate("甲乙丙")
)


def uploaded(client: FlaskClient, content: bytes | str, name: str) -> str:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/ratings/", data={"file": (io.BytesIO(data), name)})
    assert answer.status_code == 302, answer.text
    job_threads.finish()
    return str(answer.headers["Location"])


def ranked(client: FlaskClient, address: str, threshold: int = 5) -> str:
    answer = client.post(f"{address}/rank", data={"title": "二季度评议", "threshold": str(threshold)})
    assert answer.status_code == 302, answer.text
    job_threads.finish()
    return text_of(client, address)


def text_of(client: FlaskClient, address: str) -> str:
    return html.unescape(client.get(address).text)


@pytest.mark.parametrize("who", ["administrator", "reviewer"])
def test_from_upload_to_the_documents(request: pytest.FixtureRequest, who: str) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    assert "不作任何匿名保证" in text_of(client, "/ratings/")
    address = uploaded(client, (FILES / "wjx_text.xlsx").read_bytes(), "县直 评议.xlsx")
    page = text_of(client, address)
    assert "按问卷星读，60 个评议人，403 条评分" in page
    assert re.search(r"基本满意</th>\s*<td[^>]*>60</td>", page)
    assert "县直 评议" in page
    page = ranked(client, address)
    assert "可以这样说" in page
    assert "对部门" in page
    names = set(re.findall(rf"{address}/files/([\w.]+)\"", page))
    assert names == {
        *("ranking.json", "ranking.xlsx", "ranking.png", "ranking.svg", "ranking.pdf"),
        *("report.html", "bulletin.docx"),
    }
    document = json.loads(client.get(f"{address}/files/ranking.json").data)
    assert document["n_ratings"] == 403
    report = client.get(f"{address}/files/report.html")
    assert report.headers["Content-Disposition"].startswith("attachment")
    assert "二季度评议" in report.text
    with ZipFile(io.BytesIO(client.get(f"{address}/files/bulletin.docx").data)) as bulletin:
        words = re.sub(r"<[^>]+>", "", bulletin.read("word/document.xml").decode())
    assert "匿名评议" not in words
    assert "不作保证" in words
    assert "按问卷星读，60 个评议人，403 条评分" in words
    for entry in document["departments"]:
        assert entry["name"] in words


def test_a_question_is_answered_by_a_button(administrator: FlaskClient) -> None:
    address = uploaded(administrator, TWO_READINGS, "r.csv")
    page = text_of(administrator, address)
    assert "表头有两种读法" in page
    assert "--" not in page.split("<main")[1].split("</main>")[0]
    assert administrator.post(f"{address}/rank", data={"title": "x", "threshold": "5"}).status_code == 409
    assert "部门是 乙、丙；指标是 甲、丁" in page
    administrator.post(f"{address}/read", data=NOTHING | {"reading": "1"})
    job_threads.finish()
    page = text_of(administrator, address)
    assert "部门 2 个，见于表头：乙、丙" in page
    assert "部门是 甲、丁" not in page


def test_what_is_typed_decides_and_is_refused_with_its_place(administrator: FlaskClient) -> None:
    address = uploaded(administrator, TWO_READINGS, "r.csv")
    administrator.post(f"{address}/read", data=NOTHING | {"departments": "甲\n丁\n", "best": "low"})
    job_threads.finish()
    page = text_of(administrator, address)
    assert "部门 2 个，见于表头：甲、丁" in page
    assert "数字越小越好" in page
    administrator.post(f"{address}/read", data=NOTHING | {"levels": "很好=甲"})
    job_threads.finish()
    assert "“很好”的分数“甲”不是数字" in text_of(administrator, address)


def test_a_file_without_ratings_is_refused_and_may_be_read_otherwise(administrator: FlaskClient) -> None:
    address = uploaded(administrator, "a,b\nx,y\n", "r.csv")
    page = text_of(administrator, address)
    assert "看不出哪些列是评分" in page
    assert "怎样读" in page
    assert administrator.post("/ratings/").status_code == 400
    english = administrator.get(address, headers={"Accept-Language": "en"})
    assert english.status_code == 200


def test_kept_or_thrown_away(administrator: FlaskClient, place: County, tmp_path: Path) -> None:
    address = uploaded(administrator, LONG, "r.csv")
    key = address.rsplit("/", 1)[1]
    assert administrator.post(f"{address}/keep").status_code == 409
    ranked(administrator, address)
    other = uploaded(administrator, LONG, "s.csv")
    assert administrator.post(f"{address}/keep", follow_redirects=True).status_code == 200
    later = now() - timedelta(days=2)
    place.database.write(lambda s: s.execute(update(RatingAnalysis).values(made_at=later)) and None)
    os.utime(tmp_path / analyses.FOLDER / key, (time.time() - 7200,) * 2)
    assert worker.do_duties(place.database, tmp_path) == []
    assert administrator.get(other).status_code == 404
    page = text_of(administrator, address)
    assert "已保留" in page
    assert "上传的文件已经删除" in page
    assert administrator.post(f"{address}/rank", data={"title": "x", "threshold": "5"}).status_code == 404
    assert administrator.post(f"{address}/delete").status_code == 409
    assert administrator.get(f"{address}/files/ranking.json").status_code == 200
    assert administrator.post(f"{address}/delete", data={"confirm": "yes"}).status_code == 302
    assert administrator.get(address).status_code == 404
    assert administrator.get(f"{address}/files/ranking.json").status_code == 404


def test_what_a_dead_process_left_is_ranked_by_the_next(
    administrator: FlaskClient, place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = uploaded(administrator, LONG, "r.csv")
    with monkeypatch.context() as dead:
        dead.setattr(ranking, "documents", lambda _told: (_ for _ in ()).throw(RuntimeError))
        page = ranked(administrator, address)
        assert "出了意外" in page
    long_ago = now() - timedelta(hours=1)
    values = {"state": "running", "beat_at": long_ago, "error": ""}
    place.database.write(
        lambda s: s.execute(update(Job).where(Job.kind == ranking.KIND.name).values(**values)) and None
    )
    worker.do_duties(place.database, tmp_path)
    job_threads.finish()
    assert "可以这样说" in text_of(administrator, address)


def test_more_than_the_server_ranks_is_refused(
    administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MOST_DEPARTMENTS", 2)
    page = ranked(administrator, uploaded(administrator, LONG, "r.csv"))
    assert "最多排 2 个部门" in page
    assert "pingyi rank" in page


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a\0b.csv", "长" * 200 + ".csv", "<b>x</b>.csv", "..."]
)
def test_any_file_name_is_taken(administrator: FlaskClient, site: Flask, tmp_path: Path, name: str) -> None:
    found = analyses._name_of(name)
    analyses.keep_upload(tmp_path, "0" * 32, name, b"x")
    path = analyses.upload_of(tmp_path, "0" * 32)
    assert path.parent.parent == tmp_path / analyses.FOLDER
    assert path.name == found
    assert 0 < len(found) <= analyses.LONGEST
    assert oct(path.stat().st_mode)[-3:] == "600"


MIXED = "企业,税务局,公安局\n" + "".join(
    f"e{n},{70 + n if n % 2 else 9},{80 + n if n % 2 else 8}\n" for n in range(12)
)
REFUSED = {
    "a,b\nx,y\n": ("文件出自哪里",),
    "企业,税务局,公安局\na,满意,马马虎虎\nb,满意,满意\n": ("文字代表多少分", "马马虎虎=分数"),
    "评议人,部门,得分\n" + "a,税务局,99\n" + "b,税务局,4\nb,公安局,5\n" * 30: ("99 不算评分", "99 是评分"),
    "部门,得分\n税务局,80\n公安局,70\n": ("评议人是哪一列",),
    "评议人,部门,得分,指标,评议指标\na,税务局,80,x,y\n": ("请改列名，或用“指标是哪一列”指明一列。",),
    "编号,满意度A,满意度B\n1,满意,比较满意\n2,比较满意,满意\n": ("文字代表多少分",),
    MIXED: ("最高分相差太大", "满分都一样"),
    ",A,B\n甲,80,90\n乙,70,60\n丙,70,60\n": ("表头是部门",),
}


@pytest.mark.parametrize("content", REFUSED)
def test_refusals_name_what_the_page_offers(administrator: FlaskClient, content: str) -> None:
    address = uploaded(administrator, content, "r.csv")
    page = text_of(administrator, address).split("<main")[1].split("</main>")[0]
    for said in REFUSED[content]:
        assert said in page
    assert "--" not in re.sub(r"<!--.*?-->", "", page)
    for name in NOTHING:
        assert f'name="{name}"' in page
    english = administrator.get(address, headers={"Accept-Language": "en"}).text
    assert "--" not in english.split("<main")[1].split("</main>")[0]


def test_no_message_of_the_reader_leaves_an_option_on_the_page() -> None:
    """Every text of the reader that names an option, as the page says it."""
    found = [text for path in READER for text in _texts(path) if re.search(r"--[a-z]", text)]
    assert len(found) > 20
    left = [text for text in found if re.search(r"--[a-z]", " ".join(on_page(text, text)))]
    assert [text for text in left if "--explain" not in text and "--map" not in text] == []


READER = [path for room in ("files", "foreign") for path in (ROOT / "analysis" / room).rglob("*.py")]


def _texts(path: Path) -> list[str]:
    """Texts of the messages of a module: its string constants that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    whole = (node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr))
    texts = [
        "".join(str(part.value) if isinstance(part, ast.Constant) else "score" for part in node.values)
        if isinstance(node, ast.JoinedStr)
        else str(node.value)
        for node in whole
    ]
    return [text for text in texts if text not in told and " " not in text.strip()[:2]]


def test_marks_out_of_one_scale_are_said_by_a_button(administrator: FlaskClient) -> None:
    address = uploaded(administrator, MIXED, "r.csv")
    assert text_of(administrator, address).count('name="reading"') == 1
    administrator.post(f"{address}/read", data=NOTHING | {"reading": "1"})
    assert "最高分相差太大" in text_of(administrator, address)
    administrator.post(f"{address}/read", data=NOTHING | {"reading": "0"})
    job_threads.finish()
    page = text_of(administrator, address)
    assert "分数从 8 到 91" in page
    for wrong in ("100", "0,inf", "-inf,100", "0,nan"):
        administrator.post(f"{address}/read", data=NOTHING | {"scale": wrong})
        job_threads.finish()
        assert f"最低分和最高分“{wrong}”看不懂" in text_of(administrator, address)


def test_columns_are_named_on_the_page(administrator: FlaskClient) -> None:
    content = "单,位,分\n" + "".join(f"r{n},{name},{80 - n}\n" for n in range(9) for name in "甲乙丙")
    address = uploaded(administrator, content, "r.csv")
    columns = {"rater": "单", "department": "位", "score": "分"}
    administrator.post(f"{address}/read", data=NOTHING | columns)
    job_threads.finish()
    page = text_of(administrator, address)
    assert "按长表读，9 个评议人，27 条评分" in page
    assert "部门 3 个：甲、乙、丙" in page


def test_the_column_of_items_and_codes_for_no_answer_are_named_on_the_page(
    administrator: FlaskClient,
) -> None:
    rows = [
        (f"r{n}", d, i, -9 if n == 8 else 80 - n) for n in range(9) for d in "甲乙丙" for i in ("快", "好")
    ]
    content = "评议人,部门,方面,得分\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)
    address = uploaded(administrator, content, "r.csv")
    assert "表示没有评分的代码" in text_of(administrator, address)
    for item in ("", "方面"):
        administrator.post(f"{address}/read", data=NOTHING | {"missing": "-9", "item": item})
        job_threads.finish()
        page = text_of(administrator, address)
        assert "8 个评议人，48 条评分" in page
        assert ("方面</th>" in page) == bool(item)
    ranked(administrator, address)
    assert "各项指标" in administrator.get(f"{address}/files/report.html").text
    administrator.post(f"{address}/read", data=NOTHING | {"missing": "-9", "item": "没有"})
    job_threads.finish()
    assert "缺少“没有”列" in text_of(administrator, address)


def mapped(client: FlaskClient, address: str, content: bytes) -> TestResponse:
    return client.post(f"{address}/mapping.json", data={"mapping": (io.BytesIO(content), "m.json")})


def test_a_mapping_is_taken_down_edited_and_given_back(administrator: FlaskClient) -> None:
    address = uploaded(administrator, (FILES / "gforms.csv").read_bytes(), "g.csv")
    answer = administrator.get(f"{address}/mapping.json")
    assert "g-mapping.json" in answer.headers["Content-Disposition"]
    content = json.loads(answer.data)
    content["columns"] = [c for c in content["columns"] if c["department"] != "供电公司"]
    content["levels"][0]["points"] = 95
    assert mapped(administrator, address, json.dumps(content).encode()).status_code == 302
    job_threads.finish()
    page = text_of(administrator, address)
    assert "按上传的对应表读。改动：" in page
    assert "“非常满意”：100 分 → 95 分。" in page
    assert "部门 5 个，见于表头" in page
    assert "供电公司" in page.split("不再用的列：")[1][:200]
    ranked(administrator, address)
    document = json.loads(administrator.get(f"{address}/files/ranking.json").data)
    assert len(document["departments"]) == 5
    administrator.post(f"{address}/read", data=NOTHING)
    job_threads.finish()
    assert "部门 6 个，见于表头" in text_of(administrator, address)


def test_a_wrong_mapping_is_named_and_changes_nothing(administrator: FlaskClient) -> None:
    address = uploaded(administrator, (FILES / "gforms.csv").read_bytes(), "g.csv")
    content = json.loads(administrator.get(f"{address}/mapping.json").data)
    del content["columns"][2]["heading"]
    wrong = {
        json.dumps(content).encode(): "columns[3, D].heading：少了这一项",
        b"{": "不是 JSON 文件：第 1 行",
    }
    for data, words in wrong.items():
        answer = mapped(administrator, address, data)
        assert answer.status_code == 400
        assert words in html.unescape(answer.text)
    assert administrator.post(f"{address}/mapping.json", data={}).status_code == 400
    assert "部门 6 个，见于表头" in text_of(administrator, address)
    content["columns"][2] |= {"heading": "别的"}
    assert mapped(administrator, address, json.dumps(content).encode()).status_code == 302
    job_threads.finish()
    page = text_of(administrator, address)
    assert "对应表写的是“别的”" in page
    assert administrator.post(f"{address}/rank", data={"title": "x", "threshold": "5"}).status_code == 409


def test_a_file_with_two_readings_has_a_mapping_by_the_first(administrator: FlaskClient) -> None:
    address = uploaded(administrator, TWO_READINGS, "r.csv")
    assert "它按第一种读法写出" in text_of(administrator, address)
    content = json.loads(administrator.get(f"{address}/mapping.json").data)
    for column in content["columns"]:
        column["department"], column["item"] = column["item"], column["department"]
    mapped(administrator, address, json.dumps(content).encode())
    job_threads.finish()
    assert "部门 2 个，见于表头：乙、丙" in text_of(administrator, address)
    refused = uploaded(administrator, "a,b\nx,y\n", "r.csv")
    assert administrator.get(f"{refused}/mapping.json").status_code == 404
