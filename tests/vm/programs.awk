# SPDX-License-Identifier: GPL-2.0-only
# What guest-programs.sh found on two kernels, as two tables.
# usage: awk -f programs.awk OLDER=6.1 NEWER=6.12 FILE_OF_OLDER FILE_OF_NEWER
FNR == 1 { kernel = ++files }
/^#/ {
	command = substr($0, 3)
	if (!(command in known)) {
		known[command] = 1
		commands[++ncommands] = command
	}
	next
}
{
	name = $2
	sub(/_bpf$/, "", $1)
	if (!(name in object)) {
		object[name] = $1
		names[++n] = name
	}
	sum[command, kernel] += $3
	loaded[command, kernel]++
	if (!((name, kernel) in verified) || $3 > verified[name, kernel]) {
		verified[name, kernel] = $3
		size[name, kernel] = $4
		jited[name, kernel] = $5
		stack[name, kernel] = $6 "+" $7
	}
}
function cell(table, key) {
	return (key, 1) in table ? table[key, 1] : "-"
}
function newer(table, key) {
	return (key, 2) in table ? table[key, 2] : "-"
}
END {
	printf "| command | programs loaded | verified on %s | on %s |\n| --- | --- | --- | --- |\n", OLDER, NEWER
	for (i = 1; i <= ncommands; i++) {
		c = commands[i]
		printf "| `%s` | %s | %s | %s |\n", c, newer(loaded, c), cell(sum, c), newer(sum, c)
	}
	printf "\n| program | object | verified on %s | on %s | instructions on %s | bytes of machine code | stack |\n", OLDER, NEWER, NEWER
	print "| --- | --- | --- | --- | --- | --- | --- |"
	# the dearest first
	for (i = 1; i <= n; i++)
		for (k = i + 1; k <= n; k++)
			if (verified[names[k], 2] > verified[names[i], 2]) {
				t = names[i]
				names[i] = names[k]
				names[k] = t
			}
	for (i = 1; i <= n; i++) {
		p = names[i]
		printf "| `%s` | %s | %s | %s | %s | %s | %s |\n", p, object[p], cell(verified, p),
			newer(verified, p), newer(size, p), newer(jited, p), newer(stack, p)
	}
}
