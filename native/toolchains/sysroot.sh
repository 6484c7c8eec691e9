#!/usr/bin/env bash
# Lays musl's headers, start files and C library for 64-bit ARM into artifacts/sysroots, out of Debian's own packages, without
# making the machine a multi-architecture one: apt gets lists of its own for this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD/artifacts/sysroots/linux-musl-arm64
[ ! -e "$root/complete" ] || exit 0
command -v apt-get >/dev/null || {
    echo "sysroot.sh: the C library of linux-musl-arm64 comes from Debian's packages, and this system has no apt-get." >&2
    exit 1
}
state=$root/.apt
rm -rf "$root"
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
cat >"$state/apt.conf" <<TEXT
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Dir::State::lists "$state/lists";
Dir::Cache "$state/cache";
Dir::State::status "$state/status";
TEXT
cd "$state"
export APT_CONFIG=$state/apt.conf
apt-get update -q >/dev/null 2>&1 || true # a source without arm64 is no harm, unless it is the one that counts
apt-get download -q musl musl-dev >/dev/null
for package in ./*.deb; do
    dpkg-deb -x "$package" "$root"
done
rm -rf "$state"
touch "$root/complete"
