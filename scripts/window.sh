#!/usr/bin/env bash
# The real window under Xvfb, by keyboard alone: it opens on the demo office, is
# searched, a thread is opened, its status is changed and taken back, the page is
# reloaded, the theme is changed, a chart's table is saved. It is raised by a second start, tells the
# desktop of a message, and bears requests from its page
# (BANDEJA_WINDOW_REQUESTS, 3000 by default). Pictures go to BANDEJA_SCREENS.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
pids=()
finish() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
  rm -rf "$out"
}
trap finish EXIT
trap 'echo "window: line $LINENO failed" >&2' ERR
fail() { echo "window: $*" >&2; cat "$out"/*.log >&2 || true; exit 1; }

export XDG_DATA_HOME=$out/data XDG_CACHE_HOME=$out/cache XDG_CONFIG_HOME=$out/config BANDEJA_LANG=es-AR
exec 5>"$out/display"
Xvfb -displayfd 5 -screen 0 1280x900x24 -nolisten tcp >"$out/xvfb.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do [ -s "$out/display" ] && break; sleep 0.1; done
[ -s "$out/display" ] || fail "Xvfb did not start"
DISPLAY=:$(cat "$out/display")
export DISPLAY
openbox >"$out/openbox.log" 2>&1 &
pids+=($!)

colours() { import -window root png:- | convert png:- -format '%k' info:; }
until_painted() { # LEAST WHAT
  for _ in $(seq 120); do
    [ "$(colours)" -ge "$1" ] && return 0
    sleep 0.5
  done
  fail "$2: nothing was painted"
}
picture() { [ -z "${BANDEJA_SCREENS:-}" ] || { mkdir -p "$BANDEJA_SCREENS"; import -window root "$BANDEJA_SCREENS/window-$1.png"; }; }

mkdir "$out/tmp"
TMPDIR=$out/tmp ./bin/bandeja demo >"$out/window.log" 2>&1 &
app=$!
pids+=("$app")
for _ in $(seq 120); do id=$(xdotool search --onlyvisible --name '^Bandeja$' 2>/dev/null | head -n 1) && [ -n "$id" ] && break; sleep 0.5; done
[ -n "${id:-}" ] || fail "no window appeared"
until_painted 500 "the demo office"
sleep 3
picture inbox
press() { xdotool key --window "$id" --delay 60 "$@"; }
write() { xdotool type --window "$id" --delay 40 "$1"; }
# The colour of a point of the page: what lies over it darkens it.
colour() { import -window "$id" png:- | convert png:- -format "%[hex:p{$1,$2}]" info:; }
until_said() { # WHAT COMMAND…
  local what=$1
  shift
  for _ in $(seq 60); do
    "$@" && return 0
    sleep 0.25
  done
  picture failed
  fail "never: $what"
}
# The thread that the search for García puts first, as the files have it.
profile=$(compgen -G "$out/tmp/bandeja-demo-*") || fail "the demo has no folder"
status() {
  BANDEJA_PROFILE=$profile ./bin/bandeja --json search garcia | node -p '
    const [person] = JSON.parse(require("fs").readFileSync(0, "utf8")).people
    person.threads.sort((a, b) => b.last_message_at.localeCompare(a.last_message_at))[0].status'
}
status_is() { [ "$(status)" = "$1" ]; }
clear() { [ "$(colour 12 400)" = "$plain" ]; }
veiled() { [ "$(colour 12 400)" != "$plain" ]; }

xdotool windowfocus --sync "$id"
plain=$(colour 12 400)
press ctrl+k
until_said "the search opens" veiled
write 'garcia'
sleep 1.5
picture search
press Return
until_said "the search closes" clear
sleep 1
picture thread
was=$(status)
[ "$was" = open ] || fail "the first García is $was, and should be open"
press e
until_said "the thread is resolved" status_is resolved
picture resolved
press z
until_said "the thread is open again" status_is open

# What is not in the address is gone after a reload, and the thread is still
# there: the next key acts on it.
for reload in F5 ctrl+r; do
  press question
  until_said "the help opens" veiled
  press "$reload"
  until_said "$reload reloads the page" clear
  until_painted 500 "the page after $reload"
  sleep 1
  press e
  until_said "the thread is there after $reload" status_is resolved
  press z
  until_said "the thread is open again after $reload" status_is open
done

press ctrl+k
until_said "the search opens" veiled
write 'oscuro'
sleep 1
press Return # nobody is called so: what can be done comes first
dark() { [[ $(colour 12 400) < 555555 ]]; }
until_said "the theme is dark" dark
sleep 0.5
picture dark

# The window downloads nothing: the table of a chart is saved where one says.
press g n
# Below its heading the page is empty until the charts are there.
charted() { [ "$(import -window "$id" png:- | convert png:- -crop 900x500+300+150 +repage -format '%k' info:)" -gt 50 ]; }
until_said "the charts are drawn" charted
press Tab Tab Tab Tab Tab Return
picture insights
saving() { saver=$(xdotool search --onlyvisible --class bandeja 2>/dev/null | grep -vx "$id" | tail -n 1) && [ -n "$saver" ]; }
until_said "where to save is asked" saving
xdotool windowfocus --sync "$saver"
picture saving
xdotool key --window "$saver" --delay 60 ctrl+a
xdotool type --window "$saver" --delay 20 "$out/figures.csv"
xdotool key --window "$saver" Return
saved() { [ -s "$out/figures.csv" ]; }
until_said "the table is saved" saved
grep -q '^[^,]*,[^,]*,' "$out/figures.csv" || fail "the file of a chart is no table: $(head -n 2 "$out/figures.csv")"
closed() { ! saving; }
until_said "the dialog is gone" closed
sleep 1 # and the page has been told
kill -0 "$app" || fail "the window died"
kill "$app"
wait "$app" || fail "it did not close cleanly on SIGTERM"
! compgen -G "$out/tmp/bandeja-demo-*" >/dev/null || fail "the demo's folder stayed behind"

# A second start raises the first.
export BANDEJA_PROFILE=$out/profile
./bin/bandeja >"$out/first.log" 2>&1 &
first=$!
pids+=("$first")
until_painted 100 "an empty profile"
./bin/bandeja 2>"$out/second.txt" || fail "the second start failed"
grep -q 'ventana' "$out/second.txt" || fail "the second start did not raise the first: $(cat "$out/second.txt")"
kill "$first"
wait "$first" || fail "the first did not close cleanly"

# Notifications, over a session bus of their own.
go test -count=1 -tags desktop,production,webkit2_41 -run 'TestNotifier|TestWindowTells' -v . | tee "$out/tells.txt"
grep -q '^--- PASS: TestWindowTells' "$out/tells.txt" || fail "the desktop was not told of a message"

# Requests from the page of a real window.
BANDEJA_WINDOW_REQUESTS=${BANDEJA_WINDOW_REQUESTS:-3000} go test -count=1 -tags desktop,production,webkit2_41 -run TestWindowBearsRequests -v . | tee "$out/soak.txt"
grep -q '^--- PASS: TestWindowBearsRequests' "$out/soak.txt" || fail "the window did not bear the requests"
echo "window: opened, searched, changed and taken back, reloaded, turned dark, saved, raised, loaded"
