# SPDX-License-Identifier: GPL-2.0-only
# guest.sh's lines -> a table in Markdown: untraced over traced, per round.
$1 == "records" { written[$2] += $4; rebuilt[$2] += $5; next }
{ time[$1, $2, $3] = $4 / $5 }
$2 == "untraced" && $3 > rounds { rounds = $3 }

BEGIN {
	split("cached rebuild files merged", load)
	split("quiet file hits merged top bpftrace untraced", tracer)
	title["quiet"] = "`ovltrace run --quiet`"
	title["file"] = "`ovltrace run --quiet -o FILE`"
	title["hits"] = "`ovltrace run --quiet --hits`"
	title["top"] = "`ovltrace top -i 1`"
	title["merged"] = "`ovltrace run --quiet --merged`"
	title["bpftrace"] = "`bpftrace -o FILE equivalent.bt`"
	title["untraced"] = "untraced again"
	target["cached"] = 0.99
	target["rebuild"] = 0.95
	target["files"] = 0.99
	target["merged"] = 0.99 # of a trace that does not ask for them
}

function sort3(v, n,   i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
}

# Rounds are compared within themselves; the untraced one with the next round's.
function cell(l, t,   r, n, v, text, median) {
	for (r = 1; r < rounds; r++)
		if ((l, t, t == "untraced" ? r + 1 : r) in time)
			v[++n] = time[l, "untraced", r] / time[l, t, t == "untraced" ? r + 1 : r]
	if (!n)
		return "-"
	sort3(v, n)
	median = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	text = sprintf("%.3f (%.3f - %.3f)", median, v[1], v[n])
	return t ~ /quiet|file/ && median < target[l] ? text " **below target**" : text
}

END {
	print "| | cached | rebuild | files | merged | rebuilds recorded |"
	print "| --- | --- | --- | --- | --- | --- |"
	for (t = 1; t in tracer; t++) {
		if (!(("cached", tracer[t], 1) in time))
			continue
		row = "| " title[tracer[t]]
		for (l = 1; l <= 4; l++)
			row = row " | " cell(load[l], tracer[t])
		print row " | " (tracer[t] in rebuilt ? written[tracer[t]] " of " rebuilt[tracer[t]] : "-") " |"
	}
	printf "| target for ovltrace"
	for (l = 1; l <= 4; l++)
		printf " | %.2f", target[load[l]]
	print " | all |"
	print ""
	printf "Untraced, an operation takes"
	for (l = 1; l <= 4; l++)
		printf("%s%.1f thousand (%s)", l == 1 ? " " : l == 3 ? ",\n" : ", ",
			time[load[l], "untraced", 1] / 1000, load[l])
	print " instructions."
}
