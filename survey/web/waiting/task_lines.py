"""Tasks that wait for the person who is signed in, in words and with the page on which each is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import url_for

from survey.language import gettext as _
from survey.models import User
from survey.services.waiting.tasks import Task, TaskKind, tasks_of
from survey.wording.numbers import day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class TaskLine:
    """Line of a first page's list: `text` says what is to be done, `when` until when ("" for any time)."""

    text: str
    where: str
    when: str
    url: str
    urgent: bool


# Endpoint of the page on which a task is done; where a task is of a round, it takes the round's slug.
PAGES: dict[TaskKind, str] = {
    TaskKind.SET_UP: "admin.overview",
    TaskKind.ISSUE: "admin.overview",
    TaskKind.START: "admin.overview",
    TaskKind.PROPOSE_CLOSING: "admin.overview",
    TaskKind.CHANGES: "changes.overview",
    TaskKind.MAKE_KEY: "review.key",
    TaskKind.CONFIRM_CLOSING: "review.round",
    TaskKind.OPEN_BOX: "review.opening",
    TaskKind.COMMENTS: "review.comments",
    TaskKind.CONFIRM_COMMENTS: "review.comment_list",
    TaskKind.PROPOSE_EDITION: "review.publication",
    TaskKind.CONFIRM_EDITION: "review.publication",
    TaskKind.ASSIGN: "review.problem_list",
    TaskKind.VERIFY: "review.problem_list",
    TaskKind.OVERDUE: "review.problem_list",
    TaskKind.ACCEPT: "liaison.home",
    TaskKind.ANSWER: "liaison.home",
}
# How the list of problems is filtered so that it shows those that wait.
STAGES = {
    TaskKind.CONFIRM_COMMENTS: "others",
    TaskKind.ASSIGN: "recorded",
    TaskKind.VERIFY: "answered",
    TaskKind.OVERDUE: "overdue",
}


def waiting_for(session: Session, user: User, today: date) -> list[TaskLine]:
    """Lines for the first page of `user`; empty where nothing waits."""
    return [_line(task) for task in tasks_of(session, user, today)]


def _line(task: Task) -> TaskLine:
    return TaskLine(_words(task), task.title, _when(task), _address(task), task.urgent)


def _address(task: Task) -> str:
    page = PAGES[task.kind]
    if page == "liaison.home":  # the page on which it stands
        return url_for(page, _anchor="tasks")
    if not task.slug:
        return url_for(page)
    return url_for(page, slug=task.slug, stage=STAGES.get(task.kind))


def _when(task: Task) -> str:
    if task.day is None:
        return ""
    if task.kind in (TaskKind.SET_UP, TaskKind.ISSUE, TaskKind.START, TaskKind.MAKE_KEY):
        return _("%(day)s开始收票", day=day(task.day))
    if task.kind == TaskKind.PROPOSE_CLOSING:
        return _("最后一天是 %(day)s", day=day(task.day))
    return (
        _("期限 %(day)s", day=day(task.day))
        if task.count == 1
        else _("最早的期限 %(day)s", day=day(task.day))
    )


def _words(task: Task) -> str:
    """What is to be done."""
    count = task.count
    return {
        TaskKind.SET_UP: _("筹备：还差 %(count)s 项才能签发邀请", count=count),
        TaskKind.ISSUE: _("可以签发邀请了"),
        TaskKind.START: _("开始日期已到，请点“开始收票”"),
        TaskKind.PROPOSE_CLOSING: _("最后一天已过，请提出截止"),
        TaskKind.CHANGES: _("变更等评议员确认：%(count)s 件", count=count),
        TaskKind.MAKE_KEY: _("请生成您的钥匙"),
        TaskKind.CONFIRM_CLOSING: _("请确认截止"),
        TaskKind.OPEN_BOX: _("已经截止，请持钥人到场开箱"),
        TaskKind.COMMENTS: _("还没有处理的意见：%(count)s 条", count=count),
        TaskKind.CONFIRM_COMMENTS: _("等您确认的意见处理：%(count)s 条", count=count),
        TaskKind.PROPOSE_EDITION: _("结果还没有提出公布"),
        TaskKind.CONFIRM_EDITION: _("公布稿等您确认"),
        TaskKind.ASSIGN: _("已记录、还没有转办的问题：%(count)s 个", count=count),
        TaskKind.VERIFY: _("部门已回复、等回访核实的问题：%(count)s 个", count=count),
        TaskKind.OVERDUE: _("部门过期没有回复的问题：%(count)s 个", count=count),
        TaskKind.ACCEPT: _("新转来的问题，请写明责任人和措施：%(count)s 个", count=count),
        TaskKind.ANSWER: _("正在办理、等您回复的问题：%(count)s 个", count=count),
    }[task.kind]
