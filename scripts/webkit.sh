#!/usr/bin/env bash
# Drives WebKitGTK's own MiniBrowser, the window's engine, under Xvfb: what one
# does first, against `bandeja demo --serve`, and every hostile text.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in Xvfb WebKitWebDriver; do
  command -v "$tool" >/dev/null || { echo "webkit: $tool is not here: install xvfb and webkit2gtk-driver" >&2; exit 1; }
done
out=$(mktemp -d)
pids=()
finish() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
  rm -rf "$out"
}
trap finish EXIT

exec 5>"$out/display"
Xvfb -displayfd 5 -screen 0 1280x900x24 -nolisten tcp >"$out/xvfb.log" 2>&1 &
pids+=($!)
./bin/bandeja demo --serve --json --lang es-AR >"$out/demo.json" 2>"$out/demo.log" &
demo=$!
pids+=("$demo")
for _ in $(seq 100); do
  [ -s "$out/demo.json" ] && [ -s "$out/display" ] && break
  kill -0 "$demo" || { cat "$out/demo.log" >&2; exit 1; }
  sleep 0.1
done
[ -s "$out/display" ] || { echo "webkit: Xvfb did not start" >&2; cat "$out/xvfb.log" >&2; exit 1; }
DISPLAY=:$(cat "$out/display")
BANDEJA_URL=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).url' "$out/demo.json")
# The fields for dates follow the browser's language: here month, day, year.
export DISPLAY BANDEJA_URL LC_ALL=C.UTF-8
export XDG_DATA_HOME=$out/data XDG_CACHE_HOME=$out/cache XDG_CONFIG_HOME=$out/config
cd frontend
npm run --silent webkit
