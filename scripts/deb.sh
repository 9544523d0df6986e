#!/usr/bin/env bash
# The package, in a fresh Debian 12 of its own (debootstrap, as root): checked by
# lintian, installed, run by a user, in a window too, upgraded, removed, purged.
# The user's profile stays as it was. Pictures go to BANDEJA_SCREENS.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/display.sh
: "${VERSION:?make dist-test says it}"
[ "$(id -u)" = 0 ] || { echo "deb: making a Debian to install into needs root: sudo make dist-test" >&2; exit 1; }
deb=$PWD/dist/bandeja_${VERSION}_amd64.deb
[ -s "$deb" ] || { echo "deb: $deb is not there: make dist" >&2; exit 1; }

out=$(mktemp -d)
root=$out/root
pids=()
finish() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
  for m in tmp/.X11-unix dev/shm dev proc; do mountpoint -q "$root/$m" && umount "$root/$m"; done
  mountpoint -q "$root/proc" || mountpoint -q "$root/dev" || rm -rf "$out" # never through a mount
}
trap finish EXIT
trap 'echo "deb: line $LINENO failed" >&2' ERR
fail() { echo "deb: $*" >&2; cat "$out"/*.log >&2 || true; exit 1; }
step() { echo "deb: $*"; }

step "the package by itself"
lintian --fail-on error,warning "$deb"
mkdir "$out/inside"
dpkg-deb -R "$deb" "$out/inside"
desktop-file-validate "$out/inside/usr/share/applications/bandeja.desktop"
appstreamcli validate --no-net "$out/inside/usr/share/metainfo/app.bandeja.Bandeja.metainfo.xml"
gzip -dc "$out/inside/usr/share/man/man1/bandeja.1.gz" | mandoc -T lint -W warning
size=$(stat -c %s "$out/inside/usr/bin/bandeja")
[ "$size" -le 35000000 ] || fail "the program has $size bytes, and may have 35 MB"

step "a Debian 12 to install into"
debootstrap --variant=minbase bookworm "$root" >"$out/debootstrap.log" 2>&1 || fail "no Debian"
[ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/dev/shm" "$root/tmp/.X11-unix"
mount --bind /dev/shm "$root/dev/shm"
there() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
# A command, and no function: what is put in the background is to be the program.
user=(chroot --userspec=ana:ana "$root" env -i PATH=/usr/bin:/bin HOME=/home/ana USER=ana LANG=es_AR.UTF-8)
there useradd -m ana
there apt-get update -qq >"$out/apt.log" 2>&1
there apt-get install -y -qq --no-install-recommends man-db >>"$out/apt.log" 2>&1

step "install"
cp "$deb" "$root/tmp/first.deb"
there apt-get install -y -qq --no-install-recommends /tmp/first.deb >>"$out/apt.log" 2>&1 || fail "it cannot be installed"
[ "$(there dpkg-query -W -f '${Status} ${Version}' bandeja)" = "install ok installed $VERSION" ] || fail "it is not installed"
there dpkg --verify bandeja
"${user[@]}" bandeja version | tee "$out/version"
grep -q "^bandeja $VERSION (" "$out/version" && grep -q '^Wails v2' "$out/version" || fail "bandeja version says something else"
"${user[@]}" LANG=C.UTF-8 man bandeja >"$out/manual.txt" && grep -q -- '--safe-graphics' "$out/manual.txt" || fail "the manual page cannot be read"
"${user[@]}" bandeja __complete exp >"$out/completed.txt" 2>/dev/null && grep -q '^export' "$out/completed.txt" || fail "the shells' completions find no command"
bash -n "$root/usr/share/bash-completion/completions/bandeja"

step "the copy of an office"
"${user[@]}" bandeja simulate --conversations 60 --messages 900 --json >"$out/office.json" 2>"$out/office.log" &
pids+=($!)
for _ in $(seq 100); do [ -s "$out/office.json" ] && break; sleep 0.1; done
of() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$out/office.json" "$1"; }
of waspy_key | "${user[@]}" bandeja account add waspy ventas --base-url "$(of waspy)" --rate 40 --key-store file
"${user[@]}" bandeja sync --quiet
copied() { "${user[@]}" bandeja status --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).accounts[0].conversations'; }
had=$(copied)
[ "$had" -gt 0 ] || fail "nothing was copied"

step "the window"
display -ac
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
openbox >"$out/openbox.log" 2>&1 &
pids+=($!)
show() { # WHAT COMMAND…: until the window has painted, then ends it
  local what=$1 n id pid
  shift
  "${user[@]}" DISPLAY="$DISPLAY" "$@" >"$out/window-$what.log" 2>&1 &
  pid=$!
  pids+=("$pid")
  for _ in $(seq 120); do
    sleep 0.5
    id=$(xdotool search --onlyvisible --name 'Bandeja' 2>/dev/null | head -n 1) || continue
    n=$(import -window root png:- | convert png:- -format '%k' info:)
    [ "${n:-0}" -lt 500 ] || break
  done
  [ "${n:-0}" -ge 500 ] || fail "$what: no window was painted"
  xdotool search --onlyvisible --class '^[Bb]andeja$' | grep -qx "$id" || fail "the window is not of the class that the menu entry names"
  sleep 2
  [ -z "${BANDEJA_SCREENS:-}" ] || { mkdir -p "$BANDEJA_SCREENS"; import -window root "$BANDEJA_SCREENS/deb-$what.png"; }
  kill "$pid"
  wait "$pid" || fail "$what: it did not end cleanly"
}
show demo bandeja demo
show office bandeja

step "upgrade"
sed -i "s/^Version: .*/Version: $VERSION+1/" "$out/inside/DEBIAN/control"
dpkg-deb --root-owner-group --build "$out/inside" "$root/tmp/second.deb" >/dev/null
there apt-get install -y -qq --no-install-recommends /tmp/second.deb >>"$out/apt.log" 2>&1 || fail "it cannot be upgraded"
[ "$(there dpkg-query -W -f '${Version}' bandeja)" = "$VERSION+1" ] || fail "it was not upgraded"
[ "$(copied)" = "$had" ] || fail "the profile is not as it was after the upgrade"

step "remove and purge"
sums() { (cd "$root/home/ana/.local/share/bandeja" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
sums >"$out/before"
for how in remove purge; do
  there apt-get install -y -qq --no-install-recommends /tmp/second.deb >>"$out/apt.log" 2>&1 # as it is, or again
  there apt-get "$how" -y -qq bandeja >>"$out/apt.log" 2>&1 || fail "$how failed"
  sums | diff "$out/before" - || fail "the profile was touched by $how"
done
! there dpkg-query -W -f '${Status}' bandeja >/dev/null 2>&1 || fail "it is still known after purge"
left=$(find "$root/usr" "$root/etc" "$root/var/lib/dpkg/info" -name '*bandeja*')
[ -z "$left" ] || fail "left behind: $left"
echo "deb: installed, run, shown, upgraded, removed and purged; $(wc -l <"$out/before") files of a profile with $had conversations are as they were"
