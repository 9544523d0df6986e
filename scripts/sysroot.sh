#!/usr/bin/env bash
# Prints the folder of what a window is built with on another architecture: the
# headers and libraries of this Debian's own packages for it, unpacked and never
# installed, since its -dev packages do not bear those of two architectures
# beside each other. It is made once. Fails where the system's sources have no
# packages for it.
set -euo pipefail
arch=$1
folder=${XDG_CACHE_HOME:-$HOME/.cache}/bandeja/sysroot-$arch
if [ ! -d "$folder" ]; then
  command -v apt-get dpkg-deb >/dev/null || { echo "sysroot: this is no Debian" >&2; exit 1; }
  mkdir -p "$(dirname "$folder")"
  making=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  mkdir -p "$making"/apt/{state/lists,cache/archives}/partial "$making/root"
  : >"$making/apt/installed" # nothing: all that is needed comes along
  apt=(apt-get -qq -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State=$making/apt/state"
    -o "Dir::State::status=$making/apt/installed" -o "Dir::Cache=$making/apt/cache" -o APT::Sandbox::User=)
  {
    echo "sysroot: fetching the packages for $arch, 300 MB"
    "${apt[@]}" update
    "${apt[@]}" --yes --download-only --no-install-recommends install libwebkit2gtk-4.1-dev libgtk-3-dev libc6-dev
    for package in "$making"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$making/root"; done
  } >&2
  [ -e "$making/root/usr/include/gtk-3.0/gtk/gtk.h" ] || { echo "sysroot: no GTK for $arch among the packages" >&2; exit 1; }
  mv -T "$making/root" "$folder"
fi
echo "$folder"
