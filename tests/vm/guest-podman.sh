#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-podman.sh
# Three containers of root's podman and three of a user's, of images with two layers: one lists a
# big directory that changes each time, one has directories whose lists are wrong, one sleeps. What
# the commands say of them goes to /out, for podman.py to judge.
. /lab/guest-lib.sh

# pod OWNER ARG...: podman as root, or as the user
pod() {
	owner=$1
	shift
	if [ "$owner" = root ]; then
		podman "$@"
	else
		runuser -u "$owner" -- env -C "/home/$owner" HOME="/home/$owner" \
			XDG_RUNTIME_DIR=/run/user/1000 \
			DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus podman "$@"
	fi
}

# user NAME: one that may run containers, whose storage is overlayfs without fuse
user() {
	useradd -m -u 1000 "$1"
	loginctl enable-linger "$1"
	systemctl start user@1000.service
	mkdir -p "/home/$1/.config/containers"
	printf '[storage]\ndriver = "overlay"\n' > "/home/$1/.config/containers/storage.conf"
	chown -R "$1:" "/home/$1/.config"
}

# The layers: what all images have; another one on top of it, and the same with a name that is
# hidden where nothing is below.
layers() {
	mkdir -p /layers/base/bin /layers/base/big /layers/base/stock /layers/data/big /layers/data/o
	cd /layers || exit
	cp /lab/busybox base/bin/
	for name in ls ln mkdir mv rm sh sleep touch; do
		ln -s busybox base/bin/$name
	done
	(cd base/big && seq 1200 | xargs touch)
	(cd base/stock && seq 400 | sed 's/^/f/' | xargs touch)
	(cd data/big && seq 801 2000 | xargs touch)
	touch data/o/x
	cp -a data gone
	touch gone/o/.wh.gone
}

# image NAME LAYER...: /images/NAME.tar, as docker-archive
image() {
	dir=/images/$1 name=$1 ids='' files=''
	shift
	for layer; do
		mkdir -p "$dir/$layer"
		tar -C "/layers/$layer" -cf "$dir/$layer/layer.tar" .
		ids="$ids${ids:+,}\"sha256:$(sha256sum < "$dir/$layer/layer.tar" | cut -d ' ' -f 1)\""
		files="$files${files:+,}\"$layer/layer.tar\""
	done
	echo '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":['"$ids"']}}' \
		> "$dir/config.json"
	echo '[{"Config":"config.json","RepoTags":["localhost/'"$name"':latest"],"Layers":['"$files"']}]' \
		> "$dir/manifest.json"
	tar -C "$dir" -cf "/images/$name.tar" .
}

# A merged directory of 2000 names that no stream keeps open, and an impure one of 400 that changes
# before each listing.
SLOW='/bin/mkdir /busy; /bin/mv /stock/* /busy; while :; do
	/bin/mv /busy/f1 /busy/moved; /bin/ls /busy > /dev/null; /bin/mv /busy/moved /busy/f1
	/bin/touch /big/new; /bin/ls /big > /dev/null; /bin/rm /big/new; sleep 0.3; done'
# A hard link in a directory whose cache is fresh, again and again.
WRONG='n=0; while [ $n -lt 400 ]; do
	n=$((n + 1)); mkdir /D$n; /bin/mv /stock/f$n /D$n; /bin/ls /D$n > /dev/null
	/bin/ln /D$n/f$n /D$n/link; sleep 2; done; sleep 100000'
QUIET='/bin/ls /big > /dev/null; exec sleep 100000'

# containers OWNER: a line "OWNER NAME ID CGROUP" each in /out/containers
containers() {
	for image in plain hidden; do
		pod "$1" load -q -i "/images/$image.tar"
	done
	pod "$1" run -d --name quiet --network none plain sh -c "$QUIET"
	pod "$1" run -d --name wrong --network none hidden sh -c "$WRONG"
	pod "$1" run -d --name slow --network none plain sh -c "$SLOW"
	for name in slow quiet wrong; do
		pid=$(pod "$1" inspect -f '{{.State.Pid}}' $name)
		echo "$1 $name $(pod "$1" inspect -f '{{.Id}}' $name) $(sed 's/^0:://' "/proc/$pid/cgroup")"
	done >> /out/containers
	stat -c '%i %h %n' "/proc/$pid/root/D1/"* > "/out/links-$1" 2>&1
	pod "$1" info > "/out/info-$1"
	pod "$1" ps > "/out/ps-$1"
	grep ' / / .* overlay ' "/proc/$pid/mountinfo" > "/out/mount-$1"
}

# said FILE ARG...: what a command writes, and its status
said() {
	file=$1
	shift
	$OVL "$@" > "/out/$file" 2> "/out/$file.err"
	echo "$file $?" >> /out/status
}

# whole: what is said of all of the machine
whole() {
	said top top --once -i 10
	said top-by-container top --once -i 10 --by container
	said slow.json slow -d 10 --over 1ms --json
	said slow.txt slow -d 5 --over 1ms
	said run run -d 10 -o /out/run.jsonl
	said listings.json audit --listings --json
	said listings.txt audit --listings
	said audit.json audit --json
	said audit.txt audit
}

# filtered OWNER NAME ID CGROUP: what is said of one container
filtered() {
	short=$(echo "$3" | cut -c 1-12)
	said "top-$1-$2" top --once -i 4 --container "$short"
	said "slow-$1-$2.json" slow -d 4 --over 1ms --json --container "$short"
	said "run-container-$1-$2" run -d 5 --hits --container "$short" -o "/out/run-container-$1-$2.jsonl"
	[ "$2" = quiet ] || said "run-cgroup-$1-$2" run -d 5 --hits --cgroup "$4" -o "/out/run-cgroup-$1-$2.jsonl"
	said "listings-$1-$2.json" audit --listings --json --container "$short"
}

user alice
layers
image plain base data
image hidden base gone
chmod -R a+rX /images
for owner in root alice; do
	containers $owner
	echo "# $owner: $(cut -d ' ' -f 1 /proc/uptime) s after the boot"
done
whole
while read -r owner name id cgroup; do
	filtered "$owner" "$name" "$id" "$cgroup"
done < /out/containers
echo "# the end: $(cut -d ' ' -f 1 /proc/uptime) s after the boot"
