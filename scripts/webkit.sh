#!/usr/bin/env bash
# Drives WebKitGTK's own MiniBrowser, the window's engine, under Xvfb: what one
# does first, against `bandeja demo --serve --still`, and every hostile text.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/display.sh

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
fail() { echo "webkit: $*" >&2; cat "$out"/*.log >&2 || true; exit 1; }

display
./bin/bandeja demo --serve --still --json --lang es-AR >"$out/demo.json" 2>"$out/demo.log" &
demo=$!
pids+=("$demo")
for _ in $(seq 100); do
  [ -s "$out/demo.json" ] && break
  kill -0 "$demo" || fail "the demo did not open"
  sleep 0.1
done
BANDEJA_URL=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).url' "$out/demo.json")
# The fields for dates follow the browser's language: here month, day, year.
export BANDEJA_URL LC_ALL=C.UTF-8
export XDG_DATA_HOME=$out/data XDG_CACHE_HOME=$out/cache XDG_CONFIG_HOME=$out/config
cd frontend
npm run --silent webkit
