"""The same rankings by R's packages, where Rscript and the package are at hand; else nothing is said."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.ranking_speed import INSTEVAL
from bench.ranking_targets import units

_INSTEVAL = 'x <- read.csv("insteval.csv"); x$s <- factor(x$rater); x$d <- factor(x$department); '
_MODEL = _INSTEVAL + "m <- lme4::lmer(score ~ d + (1 | s), x); "


@dataclass(frozen=True)
class Rival:
    """One R call; packages that it needs, and the call."""

    name: str
    packages: tuple[str, ...]
    code: str


RIVALS = (
    Rival("lme4: 14 departments of InstEval", ("lme4",), _MODEL),
    Rival(
        "lme4 and emmeans: all pairs of them",
        ("lme4", "emmeans"),
        _MODEL + 'print(nrow(summary(pairs(emmeans::emmeans(m, "d", lmer.df = "asymptotic")))))',
    ),
    Rival(
        "lme4 and multcomp: all pairs of them, max-t",
        ("lme4", "multcomp"),
        _MODEL + 'print(length(coef(multcomp::glht(m, multcomp::mcp(d = "Tukey")))))',
    ),
    Rival(
        "csranks: rank sets of 300 units",
        ("csranks",),
        'u <- read.csv("units.csv"); '
        "print(length(csranks::csranks(u$estimate, diag(u$se^2), simul = TRUE, R = 10000)$L))",
    ),
)


def main() -> None:
    """Seconds of the processors of each call whose packages are installed."""
    if shutil.which("Rscript") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "insteval.csv").write_bytes(gzip.decompress(INSTEVAL.read_bytes()))
        names, estimate, se = units(300)
        table = "\n".join(f"{n},{e},{s}" for n, e, s in zip(names, estimate, se, strict=True))
        Path(folder, "units.csv").write_text(f"unit,estimate,se\n{table}\n", encoding="utf-8")
        for rival in RIVALS:
            if all(map(_installed, rival.packages)):
                print(f"R, {rival.name}: {_seconds(rival.code, folder)}", flush=True)


def _installed(package: str) -> bool:
    code = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return subprocess.run(["Rscript", "-e", code], capture_output=True, check=False).returncode == 0


def _seconds(code: str, folder: str) -> str:
    """CPU of the call as R measures it, or the last line of what R says where it fails."""
    timed = f"t <- system.time({{ {code} }}); cat(sum(t[c(1, 2, 4, 5)]), 's CPU')"
    done = subprocess.run(["Rscript", "-e", timed], capture_output=True, text=True, check=False, cwd=folder)
    said = done.stdout if done.returncode == 0 else f"failed\n{done.stderr}"
    return said.strip().splitlines()[-1] if said.strip() else "failed"
