"""Machines that are not Debian on x86: wheels for aarch64, and what `make system` installs by dnf."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import aarch64
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "install-system.sh"


def test_every_pinned_wheel_exists_for_aarch64() -> None:
    assert aarch64.complaints(aarch64.PINS.read_text("utf-8"), aarch64.KNOWN.read_text("utf-8")) == []


def test_what_does_not_fit_is_named() -> None:
    known = (
        "a==1 a-1-py3-none-any.whl\nb==2 b-2-cp311-cp311-manylinux_2_17_x86_64.whl\nc==3 c-3-none-any.whl\n"
    )
    assert aarch64.complaints("a==1\nb==2\nd==4\n", known) == [
        "d==4: not looked up for aarch64",
        "c==3: not pinned any more",
        "b==2: b-2-cp311-cp311-manylinux_2_17_x86_64.whl is not for aarch64",
    ]


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("numpy-2.4.6-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", True),
        ("x-1-cp311-abi3-manylinux2014_aarch64.whl", True),
        ("x-1-cp311-cp311-manylinux_2_34_aarch64.whl", False),
        ("x-1-cp311-cp311-musllinux_1_2_aarch64.whl", False),
        ("x-1-cp311-cp311-macosx_11_0_arm64.whl", False),
        ("x-1.tar.gz", False),
    ],
)
def test_which_wheels_run_on_kylin(file: str, runs: bool) -> None:
    assert aarch64.fits(file) == runs


def installed(folder: Path, *, fails: str = "") -> tuple[list[str], str]:
    """Packages that the script asks dnf for on a machine that has nothing, and what it says."""
    for name in ("sh", "env", "id", "ls", "grep"):
        (folder / name).symlink_to(
            next(p for p in (Path("/bin"), Path("/usr/bin")) if (p / name).exists()) / name
        )
    dnf, asked = folder / "dnf", folder / "asked"
    dnf.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >>{asked}\n[ "$last" != "{fails}" ]\n')
    (folder / "id").unlink()
    (folder / "id").write_text("#!/bin/sh\necho 0\n")
    for script in (dnf, folder / "id"):
        script.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True, check=True
    )
    return asked.read_text().split() if asked.exists() else [], done.stdout + done.stderr


def test_make_system_knows_dnf(tmp_path: Path) -> None:
    packages, said = installed(tmp_path)
    assert {"chromium", "poppler-utils", "xorg-x11-server-Xvfb", "google-noto-sans-cjk-ttc-fonts"} <= set(
        packages
    )
    assert not any(name.endswith(("-nogui", "-light")) or name.startswith("fonts-") for name in packages)
    assert "!!!" not in said


def test_a_package_that_dnf_does_not_know_keeps_no_other_from_being_installed(tmp_path: Path) -> None:
    packages, said = installed(tmp_path, fails="chromium")
    assert packages[-1] != "chromium"
    assert "!!! Could not install: chromium" in said


def test_without_either_it_says_what_is_missing(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=True
    )
    assert "!!! Not installed here:" in done.stderr
