"""Feedback letter to one department: its place, what enterprises said, what has to be put right."""

from datetime import date
from typing import Final

from survey.documents.edition import frame
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import Sections, write_proof
from survey.documents.layout.official_docx import OfficialDocument, collected_between
from survey.facts.items import ItemFacts
from survey.facts.profiles import Profile
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import cells, editions, method
from survey.wording import department as words
from survey.wording.correction import sentences as corrections
from survey.wording.names import in_a_row
from survey.wording.numbers import NONE, bound_note, department_satisfaction, points, satisfaction, whole

_WIDTHS: Final = (12, 29, 15, 15, 20, 29, 36)


def write_letter(edition: Edition, profile: Profile, issued_on: date | None = None) -> bytes:
    """Feedback letter to the department of `profile` in the current language, in Chinese after GB/T
    9704-2012; dated `issued_on`, else the publication day, else with a blank for the date."""
    name = profile.name
    title = _("关于反馈%(round)s结果的函（%(name)s）", round=edition.title, name=name)
    document = OfficialDocument(title, edition.body, edition.made_on(issued_on))
    lines = (_("关于反馈%(round)s", round=edition.title), _("结果的函"))
    frame.begin(document, edition.body, lines, name, as_letter=True)
    document.paragraph(_opening(edition))
    sections = Sections(document)
    sections.write(corrections.heading(), edition.correction_of(name))
    sections.write(_("总体位置"), _position(edition, profile))
    _items(document, sections, profile)
    sections.write(_("变化情况"), list(words.changes(profile)))
    sections.write(_("不同企业的评价"), list(words.treatment(profile)))
    _comments(document, sections, edition, name)
    _problems(document, sections, edition, name)
    write_proof(document, sections, edition)
    if current_language() == "zh":
        document.paragraph("特此函告。")
    frame.sign(document, edition.body, issued_on or edition.published_on)
    return document.finish()


def _opening(edition: Edition) -> str:
    days = collected_between(edition.opens_on, edition.closes_on, edition.planned_closes_on)
    told = _(
        "%(days)s，企业对政府部门开展了匿名评议（%(round)s）。现将对你单位的评议结果反馈如下。",
        days=days,
        round=edition.title,
    )
    purpose = _(
        "评议的目的是找出服务中的问题，逐个解决。请对照下列情况研究改进；列入问题清单的，"
        "请在期限内办理并在系统中回复，回访核实后销号。意见原文只供改进工作，请不要追查是谁所写。"
    )
    return in_a_row(told, purpose)


def _position(edition: Edition, profile: Profile) -> list[str]:
    said = list(words.standing(profile, edition.warning_line, edition.digits))
    if profile.satisfied.share is not None:
        said.append(_("满意率 %(share)s。", share=department_satisfaction(profile)))
    return said


def _items(document: OfficialDocument, sections: Sections, profile: Profile) -> None:
    sections.begin(_("各项指标"))
    head = (
        _("序号"), _("指标"), _("评分数"), _("平均分"), _("满意率"), _("与同类平均相比"), _("比上轮"),
    )  # fmt: skip
    document.table(head, [_item(*entry) for entry in enumerate(profile.items, start=1)], _WIDTHS)
    document.small(in_a_row(method.levelled(), bound_note([profile, *profile.items])))
    for text in words.items(profile):
        document.paragraph(text)
    if first := words.importance(profile):
        document.paragraph(first)


def _item(number: int, item: ItemFacts) -> tuple[str, ...]:
    if item.mean is None:
        why = cells.withheld(item.reason) or NONE
        return (str(number), item.name, whole(item.n), NONE, NONE, why, NONE)
    change = item.change
    return (
        str(number),
        item.name,
        whole(item.n),
        points(item.mean),
        satisfaction(item),
        cells.against_group(item.group.direction if item.group else None),
        cells.changed(change),
    )


def _comments(document: OfficialDocument, sections: Sections, edition: Edition, name: str) -> None:
    sections.begin(_("企业意见"))
    document.paragraph(editions.themes(edition.themes_of(name)))
    released = edition.comments_of(name)
    if not released:
        document.paragraph(_("本轮没有转给你单位的意见原文。"))
        return
    document.paragraph(_("经两位评议员审看、遮去可辨认信息后，转给你单位的意见："))
    for number, comment in enumerate(released, start=1):
        document.paragraph(f"{number}. {editions.one_line(comment.text)}")


def _problems(document: OfficialDocument, sections: Sections, edition: Edition, name: str) -> None:
    sections.begin(_("需要整改的问题"))
    problems = edition.problems_of(name)
    if not problems:
        document.paragraph(_("本轮没有把你单位的问题列入问题清单。"))
    for problem in problems:
        document.paragraph(editions.problem(problem))
