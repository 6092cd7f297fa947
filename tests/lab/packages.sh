# SPDX-License-Identifier: GPL-2.0-only
# Debian packages, as apt knows them. To be sourced after lib.sh.
# shellcheck shell=bash

# 6.12.95 -> 6.12
line_of() {
	cut -d . -f 1,2 <<<"$1"
}

# apt_field PACKAGE[=VERSION] FIELD
apt_field() {
	apt-cache show --no-all-versions "$1" 2>/dev/null |
		awk -v key="$2: " 'index($0, key) == 1 && !n++ { print substr($0, length(key) + 1) }'
}

# download PACKAGE=VERSION DIR: fetch it and compare with apt's own metadata.
download() {
	local spec=$1 dir=$2 name=${1%%[:=]*} size sum file
	size=$(apt_field "$spec" Size)
	sum=$(apt_field "$spec" SHA256)
	if [ -z "$size" ] || [ -z "$sum" ]; then
		die "package" "$spec" "apt knows neither size nor checksum of it" "run apt-get update"
	fi
	note "downloading $spec ($((size / 1000000)) MB)"
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$spec" >&2) ||
		die "package" "$spec" "cannot be downloaded" "check the network, run apt-get update"
	file=$(find "$dir" -maxdepth 1 -name "${name}_*.deb")
	[ "$(stat -c %s "$file")" = "$size" ] ||
		die "package" "$spec" "size is not the $size bytes that apt announced"
	echo "$sum  $file" | sha256sum --check --status ||
		die "package" "$spec" "checksum is not the one that apt announced"
	dpkg-deb -x "$file" "$dir/root" ||
		die "package" "$spec" "cannot be unpacked" "is the disk full?"
	rm "$file"
}
