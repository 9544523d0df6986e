#!/usr/bin/env bash
# The Windows programs under Wine, in a Windows folder of their own: the command
# line copies a simulated office; the installer installs, installs over itself
# and removes, and leaves the profile. The window needs WebView2 of Microsoft,
# which Wine has not: it is not opened here.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/display.sh
: "${VERSION:?make dist-test says it}"
setup=$PWD/dist/bandeja_${VERSION}_windows_amd64_setup.exe
[ -s "$setup" ] || { echo "wine: $setup is not there: make dist" >&2; exit 1; }

out=$(mktemp -d)
export WINEPREFIX=$out/prefix WINEARCH=win64 WINEDEBUG=-all LANG=C.UTF-8
pids=()
finish() {
  wineserver -k 2>/dev/null || true
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
  wineserver -w 2>/dev/null || true
  rm -rf "$out"
}
trap finish EXIT
trap 'echo "wine: line $LINENO failed" >&2' ERR
fail() { echo "wine: $*" >&2; cat "$out"/*.log >&2 || true; exit 1; }

display
wineboot -i >"$out/wineboot.log" 2>&1

# Go's programs ask Windows for random bytes by a library that Wine 8 lacks.
cat >"$out/random.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
C
[ -e "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" ] ||
  x86_64-w64-mingw32-gcc-win32 -shared -O2 -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$out/random.c" -ladvapi32

local=$(cd "$WINEPREFIX/drive_c/users/"*/AppData/Local && pwd -P)
home=$local/Programs/Bandeja
cli() { wine "$home/bandeja-cli.exe" "$@" | tr -d '\r'; }
registry() { wine reg query 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Bandeja' /v DisplayVersion 2>/dev/null | tr -d '\r'; }

wine winecfg /v win7 >"$out/winecfg.log" 2>&1
wine "$setup" /S >"$out/setup.log" 2>&1 && fail "Windows 7 is too old, and was installed on"
wine winecfg /v win10 >"$out/winecfg.log" 2>&1
for how in install "install over itself"; do
  wine "$setup" /S >"$out/setup.log" 2>&1 || fail "the installer failed: $how"
  for file in bandeja.exe bandeja-cli.exe uninstall.exe LICENSE.txt licences-of-others.txt; do
    [ -s "$home/$file" ] || fail "$file was not installed: $how"
  done
done
registry | grep -q "$VERSION" || fail "Windows does not list the program"
[ -n "$(find "$WINEPREFIX/drive_c/users" -name 'Bandeja.lnk' -path '*Start Menu*')" ] || fail "it is not in the Start menu"

cli version >"$out/version"
cat "$out/version"
grep -q "^bandeja $VERSION (" "$out/version" || fail "bandeja-cli version says something else"
# A program without a console says the same where its output is led on.
wine "$home/bandeja.exe" version >"$out/window-version" 2>&1
tr -d '\r' <"$out/window-version" | diff "$out/version" - || fail "bandeja.exe version says something else"
wine "$home/bandeja.exe" set nothing >"$out/usage.log" 2>&1 && fail "wrong usage is no failure"
grep -q '^bandeja: ' "$out/usage.log" || fail "wrong usage is not said: $(cat "$out/usage.log")"

wine "$home/bandeja-cli.exe" simulate --conversations 40 --messages 400 --json >"$out/office.json" 2>"$out/office.log" &
pids+=($!)
for _ in $(seq 300); do [ -s "$out/office.json" ] && break; sleep 0.1; done
of() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$out/office.json" "$1"; }
of waspy_key | cli account add waspy ventas --base-url "$(of waspy)" --rate 40 --key-store file
cli sync --quiet
had=$(cli status --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).accounts[0].conversations')
[ "$had" -gt 0 ] || fail "nothing was copied"
cli search garcia --json | node -e 'const { people } = JSON.parse(require("fs").readFileSync(0, "utf8")); if (!people.length) process.exit(1)' || fail "nobody is found"

wine "$home/bandeja-cli.exe" serve --listen 127.0.0.1:0 --json >"$out/serve.json" 2>"$out/serve.log" &
pids+=($!)
for _ in $(seq 300); do [ -s "$out/serve.json" ] && break; sleep 0.1; done
origin=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).origin' "$out/serve.json")
node -e 'fetch(process.argv[1]).then(async (a) => process.exit(a.ok && (await a.text()).includes("<title>") ? 0 : 1), () => process.exit(1))' "$origin/" || fail "the page is not served at $origin"

# What runs is not replaced, and says so by how the installer ends.
wine "$setup" /S >"$out/setup.log" 2>&1 && fail "a program that runs was installed over"
wine taskkill /f /im bandeja-cli.exe >/dev/null 2>&1
for p in "${pids[@]:1}"; do wait "$p" 2>/dev/null || true; done

(cd "$local/Bandeja" && find . -type f | sort) >"$out/before"
wine "$home/uninstall.exe" /S "_?=$(winepath -w "$home")" >"$out/setup.log" 2>&1 || fail "the uninstaller failed"
left=$(find "$home" -type f ! -name uninstall.exe 2>/dev/null) # which cannot remove itself where it does not run from a copy
[ -z "$left" ] || fail "left behind: $left"
! registry | grep -q . || fail "Windows still lists the program"
[ -z "$(find "$WINEPREFIX/drive_c/users" -name 'Bandeja.lnk')" ] || fail "it is still in the Start menu"
(cd "$local/Bandeja" && find . -type f | sort) | diff "$out/before" - || fail "the profile was touched"
echo "wine: installed, run, served and removed; a profile with $had conversations is left"
