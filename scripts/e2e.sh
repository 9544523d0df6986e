#!/usr/bin/env bash
# Drives the system's Chromium against `bandeja demo --serve`, in which nobody
# writes by chance, and against a fixture for what a real office does not do on demand.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
./bin/bandeja demo --serve --still --json >"$out/demo.json" 2>"$out/demo.log" &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null || true; rm -rf "$out"' EXIT
for _ in $(seq 100); do
  [ -s "$out/demo.json" ] && break
  kill -0 "$demo" || { cat "$out/demo.log" >&2; exit 1; }
  sleep 0.1
done
BANDEJA_URL=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).url' "$out/demo.json")
export BANDEJA_URL
cd frontend
npm run --silent e2e
npm run --silent behaviour
npm run --silent looks
npm run --silent hostile
