"""Command `pingyi simulate`: casts ballots over HTTP through the real protocol, as a crowd of phones
would."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click

from survey.cli.language import language_option
from survey.cli.linkfile import read_codes
from survey.cli.progress import ProgressLine
from survey.demo.crowd import Crowd
from survey.demo.phone import PhoneClient
from survey.errors import N_, PingyiError
from survey.language import translator
from survey.protocol.answers import encode_answers
from survey.protocol.description import RoundDescription

REASONS_SHOWN = 5


class CrowdStopped(PingyiError):
    """Some simulated ballots were not cast."""

    remedy = N_("已经投出的选票都算数；原因消除后可以用余下的链接再运行一次。")


class Voting:
    """Simulated voting of one crowd by several workers, each with its own connection."""

    def __init__(
        self,
        url: str,
        description: RoundDescription,
        seed: int,
        label: str,
        facts: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._url, self._description = url, description
        self._crowd = Crowd(description.questionnaire, seed, facts)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._clients: list[PhoneClient] = []
        self._done = 0
        self._label = label
        self.refusals: Counter[str] = Counter()

    def run(self, codes: list[str], workers: int) -> list[str]:
        """Cast a ballot for every code; returns the receipts of those that were accepted."""
        line = ProgressLine(self._label, len(codes))
        with ExitStack() as stack:
            # Contexts end in reverse order: first the workers stop, then their connections are closed.
            stack.callback(self._hang_up)
            pool = stack.enter_context(ThreadPoolExecutor(workers))
            results = pool.map(lambda pair: self._vote(line, *pair), enumerate(codes))
            return [receipt for receipt in results if receipt]

    def _hang_up(self) -> None:
        for client in self._clients:
            client.close()

    def _vote(self, line: ProgressLine, number: int, code: str) -> str:
        questionnaire = self._description.questionnaire
        receipt = ""
        try:
            plaintext = encode_answers(questionnaire, self._crowd.answers(number))
            receipt = self._client().vote(self._description, code, plaintext)
        except PingyiError as error:
            with self._lock:
                self.refusals[str(error)] += 1
        with self._lock:
            self._done += 1
            line.show(self._done)
        return receipt

    def _client(self) -> PhoneClient:
        if not hasattr(self._local, "client"):
            self._local.client = PhoneClient(self._url, self._description.slug)
            self._clients.append(self._local.client)
        client: PhoneClient = self._local.client
        return client


@click.command()
@click.argument("round_slug", metavar="ROUND")
@click.option(
    "--links",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="邀请链接文件（.xlsx、.txt 或 .json）/ the file of links",
)
@click.option("--url", required=True, help="网站地址 / the site's address")
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--seed", default=1, show_default=True, help="随机种子 / decides the answers")
@click.option(
    "--facts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="每条链接的企业分层（.json，与链接同序）/ the strata of each link's enterprise, in the same order",
)
@click.option("--count", type=click.IntRange(1), help="只用前 N 条链接 / use the first N links only")
@click.option(
    "--receipts",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="把回执号写入文件 / write the receipts to a file",
)
@language_option
def simulate(
    round_slug: str,
    links: Path,
    url: str,
    workers: int,
    seed: int,
    facts: Path | None,
    count: int | None,
    receipts: Path | None,
    language: str,
) -> None:
    """按真实流程投票，供演示和测试。Cast simulated ballots over HTTP, for demonstrations and tests."""
    translate = translator(language)
    codes = read_codes(links, round_slug)[:count]
    with PhoneClient(url, round_slug) as phone:
        description = phone.description()
    known = json.loads(facts.read_text(encoding="utf-8")) if facts else ()
    voting = Voting(url, description, seed, translate(N_("投票")), known)
    cast = voting.run(codes, workers)
    if receipts:
        receipts.write_text("".join(f"{receipt}\n" for receipt in cast), encoding="utf-8")
    click.echo(translate(N_("投出 %(cast)s 张选票。")) % {"cast": len(cast)})
    if voting.refusals:
        for reason, times in voting.refusals.most_common(REASONS_SHOWN):
            click.echo(f"  {times} × {reason}", err=True)
        raise CrowdStopped(N_("%(refused)s 张选票没有投出。"), refused=voting.refusals.total())
