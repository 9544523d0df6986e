# Read in by scripts that draw: display begins an X server of their own, with what
# Xvfb is to be told besides, and says where in DISPLAY. Its log lies in $out, it
# is ended with $pids, and fail says where it did not start.
display() {
  exec 5>"$out/display"
  Xvfb -displayfd 5 -screen 0 1280x900x24 -nolisten tcp "$@" >"$out/xvfb.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do [ -s "$out/display" ] && break; sleep 0.1; done
  [ -s "$out/display" ] || fail "Xvfb did not start"
  DISPLAY=:$(cat "$out/display")
  export DISPLAY
}
