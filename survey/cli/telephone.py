"""Commands `pingyi telephone`: the check by telephone of a round, and its draw repeated anywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from survey.cli.database import data_option, opened
from survey.cli.files import read_text
from survey.cli.language import language_option, visible
from survey.errors import N_, InvalidInput
from survey.language import Language, speaking, translator


@click.group()
def telephone() -> None:
    """电话核对：抽查领了票的企业有没有参加。Did those who collected take part? A sample is asked."""


@telephone.command("list")
@click.argument("slug", metavar="ROUND")
@data_option
@language_option
def list_calls(slug: str, data: Path | None, language: Language) -> None:
    """打印轮次 ROUND 抽中的企业和结论。Print whom to call in ROUND, what they said, and what it rules out."""
    from survey.services.rounds import lifecycle
    from survey.services.voting import telephone_check
    from survey.wording.telephone import telephone_check as sentences

    with opened(data) as (database, _), database.read() as session:
        drawn = telephone_check.drawn_of(session, lifecycle.get_round(session, slug))
    if drawn is None:
        raise InvalidInput(N_("这一轮还没有抽样。"), remedy=N_("请评议员在轮次页打开“电话核对”抽样。"))
    for enterprise, said in drawn.calls:
        click.echo(visible("\t".join((enterprise.credit_code, enterprise.name, enterprise.phone, said))))
    with speaking(language):
        for sentence in sentences(*drawn.counts):
            click.echo(sentence)


@telephone.command()
@click.argument("codes", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", required=True, help="页面上的种子 / the seed on the page")
@click.option("--size", required=True, type=click.IntRange(1), help="家数 / how many")
@language_option
def draw(codes: Path, seed: str, size: int, language: Language) -> None:
    """由领了票的企业的信用代码（每行一个）重抽一遍。Repeat the draw from a list of credit codes."""
    from analysis.sampling.discovery import drawn_by_hash

    names = sorted({line.strip() for line in read_text(codes).splitlines() if line.strip()})
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    said = translator(language)(N_("名单 %(count)s 个，SHA-256：%(digest)s"))
    click.echo(said % {"count": len(names), "digest": digest}, err=True)
    for name in drawn_by_hash(seed, names, size):
        click.echo(visible(name))
