#!/bin/sh
# Install from Debian what the tests need, where it is missing and may be installed; otherwise say so and go on.
set -u

missing=""
need() { missing="$missing $1"; }

command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || need chromium
command -v chromium-headless-shell >/dev/null 2>&1 || need chromium-headless-shell
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || need postgresql
command -v pdftotext >/dev/null 2>&1 || need poppler-utils
command -v soffice >/dev/null 2>&1 || need "libreoffice-writer-nogui libreoffice-calc-nogui"
command -v WebKitWebDriver >/dev/null 2>&1 || need webkit2gtk-driver
command -v Xvfb >/dev/null 2>&1 || need xvfb
fc-list :lang=zh 2>/dev/null | grep -q . || need fonts-noto-cjk
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || need nginx-light

[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root="no"
    fi
fi

if ! command -v apt-get >/dev/null 2>&1 || [ "$as_root" = "no" ]; then
    echo "!!! Not installed here:$missing" >&2
    echo "!!! The tests that need it are skipped. To run them: sudo apt-get install$missing" >&2
    exit 0
fi

echo "Installing for the tests:$missing"
install_packages() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" >/dev/null
}
# shellcheck disable=SC2086 # the names are a list
install_packages $missing || { $as_root apt-get update -q >/dev/null && install_packages $missing; } || {
    echo "!!! Could not install:$missing" >&2
    echo "!!! The tests that need it are skipped. To run them: sudo apt-get install$missing" >&2
}
exit 0
