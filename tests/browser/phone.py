"""What a person does on the phone, step by step."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect


def arrive(page: Page, link: str) -> None:
    """Open the page and wait until the ballot's script is there, which the page asks for after a pause."""
    with page.expect_response("**/ballot-page*"):
        page.goto(link)
    page.wait_for_load_state("networkidle")


def title_is(page: Page, text: str) -> None:
    expect(page.locator("h1:visible")).to_have_text(text, timeout=20_000)  # a busy machine is no failure


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, within: Locator, label: str) -> None:
    """Tap a large choice, as a thumb does: on its label, wherever it has to be scrolled to."""
    within.locator("label").filter(has=page.get_by_text(label, exact=True)).click()


def start(page: Page, link: str) -> None:
    page.goto(link)
    tap(page, "开始填写")
    title_is(page, "今年打过交道的部门")


def pick(page: Page, *departments: str) -> None:
    for name in departments:
        choose(page, page.locator(".picks"), name)
    tap(page, "下一步")


def rate(page: Page, department: str, *labels: str, comment: str = "") -> None:
    """Choose `labels` item by item, the last for all the rest."""
    title_is(page, department)
    groups = page.locator(".rate fieldset.choices:not(.unlabelled)")
    for i in range(groups.count()):
        label = labels[min(i, len(labels) - 1)]
        choose(page, groups.nth(i), label)
    if comment:
        page.get_by_label("存在的问题或建议").fill(comment)
    tap(page, "下一步")


def receipt_of(page: Page) -> str:
    title_is(page, "提交成功，谢谢您")
    return page.locator("#receipt-code").inner_text()


def serve_changed(page: Page, change: Callable[[str], str], *, policy: bool = True) -> None:
    """Have the survey page say what `change` makes of it, with or without its content policy."""

    def changed(route: Route) -> None:
        response = route.fetch()
        headers = {n: v for n, v in response.headers.items() if policy or "security-policy" not in n}
        route.fulfill(status=200, headers=headers, body=change(response.text()))

    page.route("**/s/*", changed)
