"""Every kind of tap, from the finger to the next frame, with sixty departments on a slow phone.

Measured as Interaction to Next Paint is (W3C Event Timing): the longest `duration` of the events of one
interaction, in steps of 8 ms; what takes less than 16 ms is not reported by browsers and counts as 16.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Locator, Page

from bench.ballot import figure, show
from bench.phones.browser import PLAIN, SLOW_3G, Conditions, browsers, chromium, new_phone, site

RUNS = 3
TARGET = 100.0
LEAST = 16.0
PICKED = 3
WATCH = """window.felt = [];
window.shown = 0;
let touched = 0;
addEventListener('pointerup', (event) => { touched = event.timeStamp; }, true);
new PerformanceObserver((list) => {
  window.felt.push(...list.getEntries().map((entry) => [entry.interactionId, entry.duration]));
}).observe({type: 'event', durationThreshold: 16, buffered: true});
addEventListener('DOMContentLoaded', () => {
  const show = () => { window.shown = performance.now() - touched; };
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(show)))
    .observe(document.getElementById('stage'), {childList: true});
});"""
FELT = """async () => {
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  const found = window.felt.filter(([id]) => id).map(([, duration]) => duration);
  const shown = window.shown;
  window.felt = [];
  window.shown = 0;
  return [Math.max(0, ...found), shown];
}"""
SETTLED = 250  # ms after a tap in which nothing else asks anything of the page
# An owner who deals with everybody: all sixty are picked and rated.
FILL = """() => {
  const key = Object.keys(localStorage).find((name) => name.startsWith('pingyi:'));
  const record = JSON.parse(localStorage.getItem(key));
  const round = JSON.parse(document.getElementById('round').textContent);
  const { departments, items } = round.frozen.questionnaire;
  record.answers.picked = departments.map((_, d) => d);
  const rated = (d) => items.map((_, i) => 1 + (d + i) % 5);
  record.answers.ratings = Object.fromEntries(departments.map((_, d) => [d, rated(d)]));
  localStorage.setItem(key, JSON.stringify(record));
}"""


class Answer(NamedTuple):
    """Milliseconds from the finger to the next frame, and to the first frame of the next screen (0: none)."""

    answered: float
    shown: float


Felt = dict[str, list[Answer]]


def main(runs: int = RUNS, under: Conditions = SLOW_3G) -> list[dict[str, Any]]:
    """Measure and print the median and the worst of each kind of tap, beside those without a throttle."""
    if chromium() is None:
        return []
    felt: dict[Conditions, Felt] = {one: defaultdict(list) for one in {PLAIN, under}}
    with site(2 * runs) as place, browsers() as browser:
        for conditions, found in felt.items():
            for _ in range(runs):
                walk(browser, place.link(), conditions, found)
    return show(_figures(felt[under], felt[PLAIN]))


def walk(browser: Browser, link: str, conditions: Conditions, felt: Felt) -> None:
    """One phone from the link to the receipt, tapping everything that can be tapped."""
    with new_phone(browser, conditions) as page:
        page.add_init_script(WATCH)
        page.goto(link)
        finger = Finger(page, felt)
        _pick(finger)
        _rate(finger)
        page.evaluate(FILL)
        page.reload()
        _finish(finger)


class Finger:
    """Touches the glass, as the system tells the browser and without a word to the page; notes the answer."""

    def __init__(self, page: Page, felt: Felt) -> None:
        self.page, self._felt = page, felt
        self._glass = page.context.new_cdp_session(page)

    def tap(self, kind: str, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None, kind
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        self._settle()
        self._glass.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        self._glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self._note(kind)

    def press(self, kind: str, name: str) -> None:
        self.tap(kind, self.page.get_by_role("button", name=name, exact=True))

    def choose(self, kind: str, within: Locator, label: str) -> None:
        self.tap(kind, within.locator("label").filter(has=self.page.get_by_text(label, exact=True)))

    def type(self, kind: str, field: Locator, text: str) -> None:
        self.tap(f"into the {field.get_attribute('id')} field", field)
        for letter in text:
            self._settle()
            self.page.keyboard.press(letter)
            self._note(kind)

    def _settle(self) -> None:
        self.page.wait_for_timeout(SETTLED)
        self.page.locator("main:not(.fresh)").wait_for()  # a new screen takes no tap before it was seen
        self.page.evaluate(FELT)

    def _note(self, kind: str) -> None:
        self.page.wait_for_timeout(SETTLED)
        answered, shown = self.page.evaluate(FELT)
        self._felt[kind].append(Answer(max(LEAST, answered), shown))


def _pick(finger: Finger) -> None:
    page = finger.page
    finger.press("start", "开始填写")
    search = page.locator("#search")
    search.wait_for()
    finger.tap("on a heading, which does nothing", page.locator("h1:visible"))
    finger.type("letter of the search", search, "sw")
    search.fill("")
    for row in range(PICKED):
        finger.tap("pick a department", page.locator("label.pick").nth(7 * row))
    finger.press("next, to the first department", "下一步")


def _rate(finger: Finger) -> None:
    page = finger.page
    items = page.locator(".rate fieldset.choices:not(.unlabelled)")
    for item in range(items.count()):
        finger.choose("rating", items.nth(item), "满意")
    finger.tap("same for all, unfold", page.locator(".same summary"))
    finger.choose("same for all", page.locator(".same"), "基本满意")
    finger.press("undo", "撤销")
    finger.type("letter of a comment", page.locator("#comment"), "abc")
    finger.press("next department", "下一步")
    finger.press("next, with items missing", "下一步")
    finger.press("back to a department", "上一步")
    finger.press("back to the list", "上一步")
    finger.press("large print", "大字版")
    finger.press("large print", "大字版")


def _finish(finger: Finger) -> None:
    """All sixty are picked and rated by now."""
    page = finger.page
    finger.press("next, of sixty", "下一步")
    page.evaluate("history.pushState({step: 'facts', depth: 1, slot: history.state.slot}, '')")
    page.reload()
    for fact in range(page.locator("fieldset.facts").count()):
        finger.tap("fact", page.locator("fieldset.facts").nth(fact).locator("label").first)
    finger.press("next, to the review of sixty", "下一步")
    finger.tap("change, from the review", page.locator(".card-head .button").nth(30))
    finger.press("next, back to the review of sixty", "下一步")
    finger.press("submit", "提交")
    page.locator("#receipt-code").wait_for()
    finger.press("receipt as a picture", "存为图片")
    finger.press("clear this phone", "清除本机记录")


def _figures(slow: Felt, plain: Felt) -> list[dict[str, Any]]:
    figures = []
    for kind, answers in slow.items():
        answered = [answer.answered for answer in answers]
        baseline = max(answer.answered for answer in plain[kind])
        about: dict[str, Any] = {
            "ratio": max(answered) / baseline,
            "baseline": f"{baseline:.0f} ms without a throttle",
        }
        figures.append(figure(f"tap: {kind}", statistics.median(answered)))
        figures.append(
            figure(f"  worst of {len(answered)}", max(answered), target=f"{TARGET:.0f} ms", **about)
        )
        if any(answer.shown for answer in answers):
            figures.append(figure("  next screen there", statistics.median(a.shown for a in answers)))
    everything = [answer.answered for answers in slow.values() for answer in answers]
    figures.append(figure("all taps, median", statistics.median(everything)))
    figures.append(
        figure(f"all taps, worst of {len(everything)}", max(everything), target=f"{TARGET:.0f} ms")
    )
    return figures


if __name__ == "__main__":
    main()
