"""Check of the antivirus program that files of departments go through."""

from __future__ import annotations

from collections.abc import Iterator

from survey.config import Settings
from survey.errors import N_
from survey.services.doctor.findings import Finding, bad, ok, warning
from survey.services.operations.virus_scan import FileInfected, NotScanned, require_clean

HARMLESS = b"Pingyi asks whether its antivirus program answers.\n"


def antivirus(settings: Settings) -> Iterator[Finding]:
    """Finding on whether the program of PINGYI_SCAN_COMMAND answers about a harmless file."""
    if not settings.scan_command:
        if not settings.is_local:
            yield warning(
                "antivirus",
                N_("部门联络员加的附件不经过杀毒检查。"),
                N_(
                    "请安装 clamav-daemon，设 PINGYI_SCAN_COMMAND；不设的，下载的人要靠自己电脑上的杀毒程序。"
                ),
            )
        return
    try:
        require_clean(settings.scan_command, "doctor", HARMLESS)
    except (FileInfected, NotScanned):
        yield bad(
            "antivirus",
            N_("杀毒命令“%(command)s”没有说一个无害的文件是干净的，所以什么附件都不收。"),
            N_("请用运行网站的用户试一试：%(command)s < /etc/hostname; echo $?（应为 0）。"),
            command=settings.scan_command,
        )
    else:
        yield ok("antivirus", N_("杀毒程序能用。"))
