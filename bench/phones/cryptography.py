"""The phone's cryptography in a real browser slowed down six times, a part of `python -m bench phone`.

The page's own modules, from the tap to the sealed ballot; the network and the server's part are left out. The
browser slows down scripts, not its own native cryptography (a few milliseconds), which runs beside them.
"""

from __future__ import annotations

import functools
import http.server
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser

from bench.ballot import describe, figure, show
from bench.phones.browser import SLOWER, browsers, chromium
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u, unb64u

STATIC = Path(__file__).parents[2] / "static"
RUNS = 7
TARGET = 300.0
STEPS = ("blind", "finalize", "encode and seal")
BEGIN = """async (description) => {
  const { beginCredential } = await import('/js/protocol/credential.js');
  const { encodeAnswers } = await import('/js/protocol/answers.js');
  const { seal } = await import('/js/protocol/sealing.js');
  await import('/js/protocol/crockford.js');
  const start = performance.now();
  window.pending = await beginCredential(description);
  return [performance.now() - start, window.pending.blinded];
}"""
FINISH = """async ([description, signature]) => {
  const { finishCredential } = await import('/js/protocol/credential.js');
  const start = performance.now();
  await finishCredential(description, window.pending, signature);
  return performance.now() - start;
}"""
SEAL = """async (description) => {
  const { encodeAnswers } = await import('/js/protocol/answers.js');
  const { seal } = await import('/js/protocol/sealing.js');
  const { receiptOf } = await import('/js/protocol/crockford.js');
  const { departments, items, strata } = description.questionnaire;
  const ratings = departments.map((_, d) => items.map((_, i) => 1 + (d + i) % 5));
  const remark = '窗口少，排队久，希望增加人手。';
  const comments = Object.fromEntries(departments.slice(0, 10).map((_, d) => [d, remark]));
  const answers = { ratings, comments, strata: strata.map(() => 1) };
  const start = performance.now();
  await receiptOf(await seal(description, encodeAnswers(description.questionnaire, answers)));
  return performance.now() - start;
}"""


def main(runs: int = RUNS) -> list[dict[str, Any]]:
    """Measure and print; milliseconds of the median run, each in a browser page that knows nothing yet."""
    if chromium() is None:
        return []
    key, holders = RoundKey.generate(), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    description = describe(key, holders).to_dict()
    with _site() as url, browsers() as browser:
        plain = [_run(browser, url, key, description, 1) for _ in range(runs)]
        slow = [_run(browser, url, key, description, SLOWER) for _ in range(runs)]
    return show([*_figures(plain, 1), *_figures(slow, SLOWER)])


def _run(browser: Browser, url: str, key: RoundKey, description: dict[str, Any], slower: int) -> list[float]:
    page = browser.new_page()
    page.goto(url)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    begun, blinded = page.evaluate(BEGIN, description)
    signature = b64u(key.sign_blinded(unb64u(blinded)))
    finished = page.evaluate(FINISH, [description, signature])
    sealed = page.evaluate(SEAL, description)
    page.close()
    return [begun, finished, sealed]


def _figures(runs: list[list[float]], slower: int) -> list[dict[str, Any]]:
    totals = [sum(run) for run in runs]
    speed = f", CPU {slower} x slower" if slower > 1 else ""
    parts = [statistics.median(step) for step in zip(*runs, strict=True)]
    named = [figure(f"  {name}{speed}", part) for name, part in zip(STEPS, parts, strict=True)]
    about = {"target": f"{TARGET:.0f} ms"} if slower > 1 else {}
    whole = figure(f"phone, all{speed}", statistics.median(totals), **about)
    return [whole, figure(f"  worst of {len(runs)}{speed}", max(totals)), *named]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def _site() -> Iterator[str]:
    """The static files on this machine, which browsers trust like HTTPS."""
    handler = functools.partial(_Quiet, directory=str(STATIC))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/css/tokens.css"
        server.shutdown()


if __name__ == "__main__":
    main()
