#!/bin/sh
# Install what the tests need, where it is missing and may be installed: from Debian by apt-get, on 麒麟, openEuler
# and their like by dnf. Otherwise say so and go on.
set -u

missing=""
tool="apt-get"
command -v apt-get >/dev/null 2>&1 || tool="dnf"
# Names of the packages in Debian, and where rpm is used.
need() { if [ "$tool" = "dnf" ]; then missing="$missing $2"; else missing="$missing $1"; fi; }

command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || need chromium chromium
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
    need postgresql postgresql-server
command -v pdftotext >/dev/null 2>&1 || need poppler-utils poppler-utils
command -v soffice >/dev/null 2>&1 ||
    need "libreoffice-writer-nogui libreoffice-calc-nogui" "libreoffice-writer libreoffice-calc"
command -v WebKitWebDriver >/dev/null 2>&1 || need webkit2gtk-driver webkit2gtk3
command -v Xvfb >/dev/null 2>&1 || need xvfb xorg-x11-server-Xvfb
fc-list :lang=zh 2>/dev/null | grep -q . || need fonts-noto-cjk google-noto-sans-cjk-ttc-fonts
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || need nginx-light nginx

# Half the processor time of browser tests; without it they drive Chromium itself.
quicker=""
[ "$tool" != "apt-get" ] || [ -x /usr/lib/chromium/chromium-headless-shell ] || quicker="chromium-headless-shell"

[ -z "$missing$quicker" ] && exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root="no"
    fi
fi

if ! command -v "$tool" >/dev/null 2>&1 || [ "$as_root" = "no" ]; then
    [ -z "$missing" ] && exit 0
    echo "!!! Not installed here:$missing" >&2
    echo "!!! The tests that need it are skipped. To run them: sudo $tool install$missing" >&2
    exit 0
fi

echo "Installing for the tests:$missing $quicker"
by_apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" >/dev/null
}
# One by one: not every distribution has all of them, or under this name.
by_dnf() {
    failed=""
    for name; do
        $as_root dnf install -y -q --setopt=install_weak_deps=False "$name" >/dev/null || failed="$failed $name"
    done
    missing="$failed"
    [ -z "$failed" ]
}
[ -z "$quicker" ] || by_apt "$quicker" 2>/dev/null || true
[ -z "$missing" ] && exit 0
# shellcheck disable=SC2086 # the names are a list
if [ "$tool" = "dnf" ]; then
    by_dnf $missing
else
    by_apt $missing || { $as_root apt-get update -q >/dev/null && by_apt $missing; }
fi || {
    echo "!!! Could not install:$missing" >&2
    echo "!!! The tests that need it are skipped. To run them: sudo $tool install$missing" >&2
}
exit 0
