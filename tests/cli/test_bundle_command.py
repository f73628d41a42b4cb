"""`pingyi bundle`: the zip that the desk makes, checked by sha256sum as a stranger would."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from county import County
from opened import open_by_hand

from survey.cli import main
from survey.clock import today
from survey.database.engine import Database
from survey.documents.edition import bundle as edition_bundle
from survey.documents.layout.canonical import canonical
from survey.facts.wire import written_edition
from survey.models import Publication
from survey.services.operations import audit
from survey.services.publication import files, publishing
from survey.services.rounds import editions
from tests.documents.edition_data import make_edition

FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"
pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def opened(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_database.url)
    monkeypatch.setenv("PINGYI_SECRET_KEY", sqlite_database.secret_key)
    return open_by_hand(County(sqlite_database).collecting(threshold=10))


@pytest.fixture
def published(opened: County) -> Publication:
    """An edition of five departments, such as the analysis makes it."""
    made = make_edition(5, rounds=1, groups=1, period="month")
    first, second = opened.reviewers[:2]

    def propose(session, round):
        content = canonical(written_edition(made.content))
        session.add(
            Publication(
                round_id=round.id,
                edition=1,
                content=content.decode(),
                digest=bytes.fromhex(made.digest),
                proposed_by=first.id,
            )
        )

    opened.act(propose)
    return opened.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), second, today()))


@pytest.fixture
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts at 40 dpi and not as PDF, which costs a second each: they are tested elsewhere."""
    monkeypatch.setattr(edition_bundle, "FORMATS", ("png", "svg"))
    real = edition_bundle.render
    monkeypatch.setattr(edition_bundle, "render", lambda figure, fmt, dpi=40: real(figure, fmt, dpi=40))


def bundle(county: County, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["bundle", county.slug, str(folder), *more])


@pytest.mark.usefixtures("_coarse")
def test_the_same_zip_as_the_desk_makes(opened: County, published: Publication, tmp_path: Path) -> None:
    result = bundle(opened, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "制作文件 " in result.stderr  # how far it is
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{opened.slug}-v1.zip"
    assert path.stat().st_mode & 0o777 == 0o600
    files.make(opened.database, published.id)
    assert path.read_bytes() == opened.look(lambda s, _r: files.content(s, published))
    with opened.database.read() as session:
        newest = audit.newest(session)
    assert (newest.action, newest.subject) == ("publication.export", opened.slug)
    checked_by_a_stranger(path, tmp_path / "unpacked")
    written_down(path)


def checked_by_a_stranger(path: Path, folder: Path) -> None:
    """As docs/formats.md says; one changed byte is found."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        names = set(archive.namelist())
    good = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert good.returncode == 0, good.stderr
    assert {line.removesuffix(": OK") for line in good.stdout.splitlines()} == names - {"SHA256SUMS"}
    content = (folder / "公布内容.json").read_bytes()
    (folder / "公布内容.json").write_bytes(content.replace(b"84", b"85", 1))
    bad = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert bad.returncode == 1


def written_down(path: Path) -> None:
    """Every file's kind has its row in docs/formats.md."""
    text = FORMATS.read_text(encoding="utf-8").split("## All documents of an edition")[1]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            row = f"| `{name}`" if "/" not in name else f"| `{name.split('/')[0]}/"
            assert row in text, name
            if name.startswith("图表/"):
                assert f"`{Path(name).stem.rstrip('0123456789')}" in text, name


@pytest.mark.parametrize(
    ("more", "said"), [((), "还没有公布"), (("--language", "en"), "2026-q4"), (("--edition", "3"), "第 3 版")]
)
def test_what_is_not_published_is_refused_in_words(
    opened: County, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    result = bundle(opened, tmp_path / "out", *more)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused_before_the_work(
    opened: County, published: Publication, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    result = bundle(opened, tmp_path / "out")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    result = bundle(opened, tmp_path / "out" / "below")
    assert (result.exit_code, "不能写入" in result.output) == (2, True)
    assert published.edition == 1
