# SPDX-License-Identifier: GPL-2.0-only
# Packages of another Debian suite than this machine's. To be sourced after lib.sh.
# shellcheck shell=bash

# Where kernels are that this machine's own suite does not have.
# shellcheck disable=SC2034 # used by those who source this
NEXT_SUITE=trixie
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror [security]: where this machine's apt gets Debian from
mirror() {
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v wanted="${1:-main}" '
			{ kind = $1 ~ /-security$/ ? "security" : $1 ~ /-/ ? "other" : "main" }
			kind == wanted && !n++ { print $2 }'
}

# Whether lists are there and of today.
lists_fresh() {
	[ -n "$(find "$1" -maxdepth 1 -name "*_binary-${LAB_DEBIAN}_Packages*" -mmin -1440 -print -quit 2>/dev/null)" ]
}

# use_suite SUITE: from here on apt knows that suite, its backports and its security
# updates, and nothing else. Its lists are the laboratory's own.
use_suite() {
	local suite=$1 dir=$LAB_CACHE/apt/$1 main security
	main=$(mirror) security=$(mirror security)
	[ -n "$main" ] || die "mirror" "$suite" "this machine's apt has no Debian mirror" "see sources.list(5)"
	with_lock "apt-$suite"
	mkdir -p "$dir"/{etc/apt.conf.d,etc/preferences.d,state/lists/partial,cache/archives/partial}
	: >"$dir/status"
	{
		echo "deb [signed-by=$KEYRING] $main $suite main"
		echo "deb [signed-by=$KEYRING] $main $suite-backports main"
		[ -z "$security" ] || echo "deb [signed-by=$KEYRING] $security $suite-security main"
	} >"$dir/etc/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::State "$dir/state";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc "$dir/etc";
		Acquire::Languages "none";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$dir/apt.conf
	if ! lists_fresh "$dir/state/lists"; then
		note "getting the package lists of $suite"
		apt-get -qq update >&2 || die "package lists" "$suite" "apt-get update failed" "check the network"
		# A list that did not change keeps its date.
		find "$dir/state/lists" -maxdepth 1 -name '*_Packages*' -exec touch {} +
	fi
}
