#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The machine changes under the tracer, which must report what it then cannot see.
. /lab/guest-lib.sh

CPU=/sys/devices/system/cpu/cpu1/online

# race DIR SECONDS: a race on a mount of its own, in a mount namespace of its own
race() {
	mkdir -p "$1"
	/lab/workload --make "$1" --mode race --duration "$2" > /dev/null
}

# begin FILE [OPTION]...: traces in the background, from when every probe is in place
begin() {
	file=$1
	shift
	rm -f "$file"
	$OVL run -q --no-proof -o "$file" "$@" &
	pid=$!
	until [ -s "$file" ] || ! kill -0 $pid 2> /dev/null; do
		sleep 0.2
	done
}

# end: its exit status
end() {
	kill $pid
	wait $pid
}

# never_clean NAME STATUS FILE
never_clean() {
	if [ "$2" != 0 ] && [ "$(verdict "$3")" != clean ]; then
		ok "$1: it is not called clean (status $2, $(verdict "$3"), lost $(summary "$3" lost))"
	else
		not_ok "$1: status $2, $(verdict "$3"), lost $(summary "$3" lost)"
	fi
}

# A processor goes and comes back while both race; and one that was away at the start.
hotplug() {
	truth_mark
	begin /out/unplug.jsonl
	race /mnt/w 4 &
	job=$!
	sleep 1
	echo 0 > $CPU
	sleep 1
	echo 1 > $CPU
	wait $job
	end
	is "a processor goes and comes: exit status" "$(status_of_truth)" $?
	exact "a processor goes and comes" /out/unplug.jsonl

	echo 0 > $CPU
	truth_mark
	begin /out/plug.jsonl
	echo 1 > $CPU
	race /mnt/w 3
	end
	is "a processor that was away at the start: exit status" "$(status_of_truth)" $?
	exact "a processor that was away at the start" /out/plug.jsonl
}

# overlay DIR: an overlay mount in a new tmpfs
overlay() {
	mkdir -p "$1"
	mount -t tmpfs tmpfs "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/m" &&
		mount -t overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" o "$1/m"
}

mounts() {
	truth_mark
	begin /out/late.jsonl
	overlay /mnt/late
	/lab/workload --mount /mnt/late/m --mode race --duration 2 > /dev/null
	end
	is "mounted after the start: exit status" "$(status_of_truth)" $?
	exact "mounted after the start" /out/late.jsonl
	is "mounted after the start: the path is known" yes \
		"$(grep -q '"path":"/mnt/late/m/D0"' /out/late.jsonl && echo yes)"
	umount /mnt/late/m /mnt/late

	# as a container has it: its own mounts, processes and root
	mkdir -p /mnt/box
	mount -t tmpfs tmpfs /mnt/box
	mkdir /mnt/box/bin /mnt/box/mnt /mnt/box/tmp /mnt/box/proc
	cp /bin/busybox /lab/workload /mnt/box/bin
	ln -s busybox /mnt/box/bin/sh
	truth_mark
	begin /out/container.jsonl
	unshare -m -p -f chroot /mnt/box /bin/busybox sh -c '
		/bin/busybox mount -t proc proc /proc
		/bin/workload --make /mnt --mode race --duration 2' > /dev/null
	end
	is "in a container: exit status" "$(status_of_truth)" $?
	exact "in a container" /out/container.jsonl
	is "in a container: its path is known" yes \
		"$(grep -q '"path":"[^"]*/merged/D0"' /out/container.jsonl && echo yes)"
	umount /mnt/box
}

# Without probes that hold it the module can be unloaded; the next has no probes.
unload() {
	begin /out/unload.jsonl
	race /mnt/w 1
	if rmmod overlay 2> /tmp/rmmod; then
		insmod /overlay.ko
		truth_mark # all of it unseen
		race /mnt/w 1
		end
		never_clean "overlayfs unloaded and loaded again" $? /out/unload.jsonl
		is "overlayfs unloaded: said as lost" yes \
			"$(grep -q '"type":"lost".*"where":"overlayfs was unloaded' /out/unload.jsonl && echo yes)"
	else
		end
		ok "overlayfs cannot be unloaded while it is traced: $(cat /tmp/rmmod)"
	fi
	rmmod overlay
	insmod /overlay.ko

	# the same when nothing was found before: then it must not be clean
	begin /out/unload-clean.jsonl
	if rmmod overlay 2> /tmp/rmmod; then
		insmod /overlay.ko
		end
		never_clean "overlayfs unloaded, nothing else" $? /out/unload-clean.jsonl
	else
		end
		ok "overlayfs cannot be unloaded while nothing happens: $(cat /tmp/rmmod)"
	fi
	truth_mark
	begin /out/again.jsonl
	race /mnt/w 1
	end
	is "traced again after all that: exit status" "$(status_of_truth)" $?
	exact "traced again after all that" /out/again.jsonl
}

case $1 in
unload) unload ;;
*)
	hotplug
	mounts
	unload
	;;
esac
is "nothing is attached" 0 "$(attached)"
