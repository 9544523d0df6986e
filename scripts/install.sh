#!/usr/bin/env bash
# Installs the system packages that building (build), testing (test), measuring
# (bench), opening exported tables (office), making what is handed out (dist) and
# trying that (dist-test) need and this machine lacks. On other systems it says
# what to install.
set -euo pipefail

build=(gcc pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
tests=(xvfb xauth xdotool imagemagick webkit2gtk-driver openbox fonts-noto-core fonts-noto-color-emoji dbus)
peers=(fzf ripgrep notmuch)
dist=(nsis librsvg2-bin zip xz-utils gcc-aarch64-linux-gnu)
dist_tests=(lintian mandoc desktop-file-utils appstream debootstrap wine wine64 gcc-mingw-w64-x86-64-win32)
office=(libreoffice-calc)

need() { # NAME LEAST HAVE
  if [ "$(printf '%s\n%s\n' "$2" "$3" | sort -V | head -n 1)" != "$2" ]; then
    echo "Bandeja needs $1 $2 or later; this is ${3:-none}." >&2
    exit 1
  fi
}
command -v go >/dev/null || { echo "Bandeja needs Go 1.26 or later: https://go.dev/dl" >&2; exit 1; }
command -v node >/dev/null || { echo "Bandeja needs Node.js 20.19 or later: https://nodejs.org" >&2; exit 1; }
need Go 1.26 "$(go env GOVERSION | sed 's/^go//')"
need Node.js 20.19 "$(node --version | sed 's/^v//')"

wanted=()
for group in "$@"; do
  case $group in
    dist) wanted+=("${dist[@]}") ;;
    dist-test) wanted+=("${dist_tests[@]}") ;;
    build) wanted+=("${build[@]}") ;;
    bench) wanted+=("${peers[@]}") ;;
    office) wanted+=("${office[@]}") ;;
    test)
      wanted+=("${tests[@]}")
      # Ubuntu's chromium package is a stub: any browser of the system will do.
      if [ -z "${CHROME:-}" ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then
        wanted+=(chromium)
      fi
      ;;
  esac
done

if [ "$(uname -s)" != Linux ] || ! command -v dpkg-query apt-get >/dev/null; then
  case "$(uname -s)" in
    Linux) echo "Not a Debian: install your system's packages for GTK 3, WebKitGTK 4.1${2:+, Xvfb, xdotool, ImageMagick, openbox and Chromium}, then run this again." >&2 ;;
    *) exit 0 ;; # macOS and Windows bring their web view along
  esac
  pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null && exit 0
  exit 1
fi

missing=()
for p in "${wanted[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -q '^installed' || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "Installing: ${missing[*]}"
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
