"""Commands `pingyi open` and `pingyi verify`, for an exported box on a computer without network or
database."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from survey.cli.box.receipt_check import check_receipt_list, is_receipt_list
from survey.cli.files import read_text, write_private
from survey.cli.language import language_option, visible
from survey.cli.progress import by_stage
from survey.errors import N_, InvalidInput, PingyiError, in_full
from survey.language import translator
from survey.protocol.box import checks as boxchecks
from survey.protocol.box.export import read_box
from survey.protocol.box.format import Box
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.quorums import Readings, read_by_every_quorum, verdict_in_words
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.box.verify import VerificationReport, verify_box
from survey.protocol.description import RoundDescription
from survey.protocol.holders.keyfile import KeyFile
from survey.protocol.holders.keys import find_holder, unlock_keys
from survey.protocol.witness.statements import Statement

Translate = Callable[[str], str]

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
NUMBER = click.option(
    "--check-number", help="邀请、公告或公开页上的核对号 / the check number on paper or on the public page"
)
FINGERPRINT = click.option(
    "--fingerprint", help="公布的签名公钥指纹 / the published fingerprint of the signing key"
)
DIGEST = click.option("--digest", help="公布的轮次说明摘要 / the published digest of the round's description")
SIGNS = {True: "✓", False: "✗", None: "–"}


class VerificationFailed(PingyiError):
    """At least one check of an export failed."""

    code = "verification_failed"
    remedy = N_("请不要使用这份结果。保留文件，向其他持钥人核对各自手中的导出文件。")


@click.command("open")
@click.argument("export", type=FILE)
@click.option("--key", "key_paths", required=True, multiple=True, type=FILE, help="钥匙文件 / a key file")
@click.option(
    "--passphrase-file",
    "passphrase_paths",
    multiple=True,
    type=FILE,
    help="口令文件，顺序与 --key 相同；不给则当面输入 / passphrases in the order of the keys",
)
@click.option(
    "--root",
    "root_starts",
    multiple=True,
    help="截止记录上印的校验根，至少前 8 位，每位持钥人一次；不给则当面输入"
    " / the root in the closing record, 8 characters or more, once a holder",
)
@NUMBER
@FINGERPRINT
@DIGEST
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="结果文件 / the result's file")
@language_option
def open_box(
    export: Path,
    key_paths: tuple[Path, ...],
    passphrase_paths: tuple[Path, ...],
    root_starts: tuple[str, ...],
    out: Path | None,
    language: str,
    **printed: str | None,
) -> None:
    """离线开箱：核对全部凭证和校验根，然后解密。Open an exported box; everything is checked first."""
    translate = translator(language)
    out = out or export.with_suffix(".opened.json")
    with export.open("rb") as file:
        box = read_box(file)
        _compare_printed(box, **printed)
        texts = [read_text(path) for path in key_paths]
        # A file that does not belong here is refused before anybody types anything.
        names = [_holder_name(box.description, text) for text in texts]
        passphrases = _passphrases(names, passphrase_paths, translate)
        keys = unlock_keys(box.description, list(zip(texts, passphrases, strict=True)))
        _compare_roots(box, names, root_starts, translate)
        click.echo(_facts(box, translate))
        opened = open_ballots(
            box.description,
            box.ballots,
            keys,
            merkle_root=box.merkle_root,
            processes=len(os.sched_getaffinity(0)),
            progress=by_stage(translate),
        )
        readings = read_by_every_quorum(box.description, box.ballots, keys)
    write_private(out, opened.to_json())
    click.echo(_result(opened, translate))
    if len(box.description.subsets) > 1:
        click.echo(_by_whom(box.description, readings, translate))
    click.echo(translate(N_("结果已写入 %(file)s")) % {"file": out})


@click.command()
@click.argument("export", type=FILE)
@click.option("--receipt", help="查一个回执号 / look up a receipt")
@click.option("--root", help="公布的校验根 / the published Merkle root")
@NUMBER
@FINGERPRINT
@DIGEST
@click.option(
    "--opened",
    "opened_paths",
    type=FILE,
    multiple=True,
    help="自行开箱的结果文件；再给别人的就逐张比较 / the result of one's own opening, then others'",
)
@click.option(
    "--statement",
    "statement_path",
    type=FILE,
    help="监票单位给出的 statement.json / the witness's own statement",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@language_option
def verify(
    export: Path,
    receipt: str | None,
    root: str | None,
    check_number: str | None,
    fingerprint: str | None,
    digest: str | None,
    opened_paths: tuple[Path, ...],
    statement_path: Path | None,
    as_json: bool,
    language: str,
) -> None:
    """核验导出的票箱或回执名单。Verify an exported box, or a receipt in a published list."""
    translate = translator(language)
    published = _root(root)
    if is_receipt_list(export):
        click.echo(check_receipt_list(read_text(export), receipt, published, translate))
        return
    openings = [BoxContents.from_json(read_text(path)) for path in opened_paths]
    with export.open("rb") as file:
        report = verify_box(
            file,
            rank=_rank,
            fingerprint=fingerprint,
            root=published,
            frozen_digest=digest,
            check_number=check_number,
            opened=openings[0] if openings else None,
            others=openings[1:],
            receipt=receipt,
            statement=Statement.from_json(read_text(statement_path)) if statement_path else None,
            processes=len(os.sched_getaffinity(0)),
            progress=by_stage(translate),
        )
    _print_report(report, translate, as_json=as_json)
    if not report.passed:
        raise VerificationFailed(N_("核验没有通过。"))


def _compare_printed(box: Box, check_number: str | None, fingerprint: str | None, digest: str | None) -> None:
    """Check the description and the key, which the root does not cover, against printed values, before any
    passphrase."""
    if check_number is not None:
        boxchecks.check_number(box.description, check_number)
    if digest is not None:
        boxchecks.check_digest(box.description, digest)
    boxchecks.check_key(box, fingerprint)


def _compare_roots(box: Box, names: list[str], starts: tuple[str, ...], translate: Translate) -> None:
    """Ask each holder for the root printed on paper, before the screen shows the one in the file, and
    compare."""
    if starts and len(starts) != len(names):
        raise InvalidInput(
            N_("给了 %(keys)s 个钥匙文件、%(roots)s 个校验根，个数应当相同。"),
            keys=len(names),
            roots=len(starts),
        )
    ask = translate(N_("请“%(holder)s”照截止记录输入校验根的前 8 位"))
    for number, name in enumerate(names):
        typed = starts[number] if starts else click.prompt(ask % {"holder": name}, type=str)
        boxchecks.check_root_start(box.merkle_root, typed)


def _passphrases(names: list[str], paths: tuple[Path, ...], translate: Translate) -> list[str]:
    if not paths:
        ask = translate(N_("“%(holder)s”的口令"))
        return [click.prompt(ask % {"holder": name}, hide_input=True, type=str) for name in names]
    if len(paths) != len(names):
        raise InvalidInput(
            N_("给了 %(keys)s 个钥匙文件、%(passphrases)s 个口令文件，个数应当相同。"),
            keys=len(names),
            passphrases=len(paths),
        )
    return [read_text(path).rstrip("\r\n") for path in paths]


def _holder_name(description: RoundDescription, text: str) -> str:
    return visible(description.holders[find_holder(description, KeyFile.parse(text))].name)


def _facts(box: Box, translate: Translate) -> str:
    """Counts, root and digests of a box, for everybody to compare with the published notice before
    opening."""
    counts, description = box.counts, box.description
    text = translate(
        N_("%(title)s：邀请 %(invited)s，领取 %(collected)s，投票 %(cast)s，换发 %(replaced)s。")
    )
    lines = [
        text
        % {
            "title": visible(description.title),
            "invited": counts.invited,
            "collected": counts.collected,
            "cast": counts.cast,
            "replaced": counts.replaced,
        },
        f"{translate(N_('校验根'))}：{box.merkle_root.hex()}",
        f"{translate(N_('签名公钥指纹'))}：{description.blind_key_fingerprint}",
        f"{translate(N_('轮次说明摘要'))}：{description.frozen_digest()}",
    ]
    if description.check_number:
        lines.append(f"{translate(N_('核对号'))}：{description.check_number}")
    if box.audit:
        audit = translate(N_("截止时操作日志共 %(entries)s 条，最新一条的摘要：%(hash)s"))
        lines.append(audit % {"entries": box.audit.entries, "hash": box.audit.hash.hex()})
    return "\n".join(lines)


def _result(opened: BoxContents, translate: Translate) -> str:
    text = translate(N_("有效票 %(valid)s 张，无效票 %(invalid)s 张。分数表摘要：%(digest)s"))
    scores = opened.scores
    return text % {"valid": scores.valid, "invalid": scores.invalid, "digest": scores.digest}


def _by_whom(description: RoundDescription, readings: Readings, translate: Translate) -> str:
    """Text that names the holders of this opening, and the ballots that other quorums read differently."""
    comma = translate(N_("、"))
    groups = [
        comma.join(visible(description.holders[holder].name) for holder in subset)
        for subset in readings.subsets
    ]
    lines = [translate(N_("由这一组持钥人的钥匙开箱：%(holders)s")) % {"holders": groups[0]}]
    if readings.differing:
        lines.append(
            translate(N_("有选票随持钥人组合而不同，是投票时有意做成的。请各方用同一组持钥人开箱，再比较："))
        )
    ballot = translate(N_("选票 %(receipt)s："))
    verdict = translate(N_("%(holders)s，%(verdict)s"))
    for receipt, verdicts in readings.differing.items():
        lines.append(ballot % {"receipt": receipt})
        lines += [
            "    " + verdict % {"holders": group, "verdict": verdict_in_words(found, translate)}
            for group, found in zip(groups, verdicts, strict=True)
        ]
    return "\n".join(lines)


def _rank(description: RoundDescription, scores: ScoreTable) -> dict[str, Any]:
    from survey.services.results.ranking import ranking_from_scores  # imports SciPy, which takes seconds

    return ranking_from_scores(description, scores)


def _root(text: str | None) -> bytes | None:
    if text is None:
        return None
    if not re.fullmatch("[0-9a-f]{64}", text.strip().lower()):
        raise InvalidInput(N_("校验根应是 64 个十六进制字符。"))
    return bytes.fromhex(text.strip())


def _print_report(report: VerificationReport, translate: Translate, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_dict(translate), ensure_ascii=False, indent=1))
        return
    if report.box:
        click.echo(_facts(report.box, translate))
    for check in report.checks:
        click.echo(f"{SIGNS[check.passed]} {translate(check.title)}")
        if check.problem:
            said = in_full(check.problem, translate)
            click.echo(f"    {visible(said)}")
    if report.passed:
        click.echo(translate(N_("核验通过。带 – 的项目没有核对，或者只核对了一部分。")))
