#!/usr/bin/env bash
# The real window under Xvfb, by keyboard alone: it opens on the demo office, is
# searched, a thread is opened, its status is changed and taken back, the page is
# reloaded, the theme is changed, a chart's table is saved, its menu is used, its web
# engine is killed and comes back, it ends while a dialog is open. It is raised by a second start, opens
# where it was. It tells the desktop of a message, and bears requests from
# its page (BANDEJA_WINDOW_REQUESTS, 3000 by default). Pictures go to BANDEJA_SCREENS.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/display.sh

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
display
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
TMPDIR=$out/tmp ./bin/bandeja demo --still >"$out/window.log" 2>&1 &
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

# The menu's last: the help. GTK reads these keys, not the page.
menu() { xdotool key --delay 150 F10 Left Down Return; }
clear() { [ "$(colour 12 400)" = "$dim" ]; }
veiled() { [ "$(colour 12 400)" != "$dim" ]; }
dim=$(colour 12 400)
xdotool windowfocus --sync "$id"
menu
until_said "the menu opens the help" veiled
picture menu
press Escape
until_said "the help closes" clear

# The engine is another process. What dies comes back by itself.
engine() { pgrep -P "$app" -f WebKitWebProcess; }
dead=$(engine) || fail "the window has no engine"
kill -9 "$dead"
revived() { local now; now=$(engine) && [ "$now" != "$dead" ]; }
until_said "the engine comes back" revived
until_painted 500 "the page after its engine died"
sleep 2
press question
until_said "the page that came back takes keys" veiled
press Escape
until_said "the help closes again" clear

# It ends while a dialog waits for an answer, too.
press g n
until_said "the charts are drawn again" charted
press Tab Tab Tab Tab Tab Return
until_said "where to save is asked again" saving
ends() { # PID WHAT: within 20 seconds, and cleanly
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.2
  done
  ! kill -0 "$1" 2>/dev/null || { kill -9 "$1"; fail "$2: it goes on"; }
  wait "$1" || fail "$2"
}
kill "$app"
ends "$app" "it did not close cleanly on SIGTERM"
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
ends "$first" "the first did not close cleanly"

# Notifications, over a session bus of their own.
go test -count=1 -tags desktop,production,webkit2_41 -run 'TestNotifier|TestWindowTells' -v . | tee "$out/tells.txt"
grep -q '^--- PASS: TestWindowTells' "$out/tells.txt" || fail "the desktop was not told of a message"

# Requests from the page of a real window.
BANDEJA_WINDOW_REQUESTS=${BANDEJA_WINDOW_REQUESTS:-3000} go test -count=1 -tags desktop,production,webkit2_41 -run TestWindowBearsRequests -v . | tee "$out/soak.txt"
grep -q '^--- PASS: TestWindowBearsRequests' "$out/soak.txt" || fail "the window did not bear the requests"

# It opens where it was.
./bin/bandeja >"$out/before.log" 2>&1 &
first=$!
pids+=("$first")
until_painted 100 "the window of before"
shown() { id=$(xdotool search --onlyvisible --name '^Bandeja$' 2>/dev/null | head -n 1) && [ -n "$id" ]; }
place() { xdotool getwindowgeometry --shell "$id" | sed -n 's/^\(X\|Y\|WIDTH\|HEIGHT\)=//p' | xargs; }
until_said "the window is there" shown
xdotool windowsize --sync "$id" 900 600 windowmove --sync "$id" 210 130
sleep 1
was=$(place)
kill "$first"
ends "$first" "the first did not close cleanly"
./bin/bandeja >"$out/again.log" 2>&1 &
first=$!
pids+=("$first")
until_painted 100 "the window again"
until_said "the window is there again" shown
near() { # A place is of the frame, which a window manager adds
  local a b i
  read -ra a <<<"$was"
  read -ra b <<<"$(place)"
  for i in 0 1 2 3; do [ $((a[i] - b[i])) -ge -8 ] && [ $((a[i] - b[i])) -le 8 ] || return 1; done
}
until_said "the window is where it was ($was, now $(place))" near
xdotool windowsize --sync "$id" 1200 820 windowmove --sync "$id" 60 30
sleep 1
xdotool windowfocus --sync "$id"
press ctrl+q || true # it may be gone before the key is let go
ends "$first" "Ctrl+Q did not close it cleanly"

echo "window: opened, searched, changed and taken back, reloaded, turned dark, saved, revived, ended, raised, placed, loaded"
