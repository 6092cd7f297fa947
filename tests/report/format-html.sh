# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by test.sh: the page in a real browser, with hostile names.
# shellcheck disable=SC2154 # of test.sh

sed 's|/mnt/w/merged/D1"|/\\"><script>document.title=1</script><img src=x onerror=\\"document.title=2\\">\\u001b]0;x\\u202e\\n"|
	s|"f1"|"</title></text><svg/onload=document.title=3>"|; s|reader-0|</text><b>x|; s|"6.12.0"|"<i>6"|' \
	"$tmp/stale" > "$tmp/harm"
"$ovltrace" report --format html "$tmp/harm" > "$tmp/page.html"
is "html: nothing is fetched" "" "$(grep -oE '(src|href)=|url[(]|@import' "$tmp/page.html")"
is "html: 50 findings are drawn" 50 "$(grep -o '<div class="finding ' "$tmp/page.html" | wc -l)"
is "html: the others are a line each" 199 "$(grep -o '<div class="row ' "$tmp/page.html" | wc -l)"
is "html: a page of a recording with damage" 1 \
	"$("$ovltrace" report --format html "$tmp/gap" | grep -c 'records are missing')"
if ! command -v chromium > /dev/null; then
	skip "html: in a browser" "the package chromium is not installed"
	return 0
fi

# browser OPTION...: of a headless one that leaves nothing behind
browser() {
	timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$tmp/profile" "$@" "file://$tmp/page.html" 2> "$tmp/browser.log"
}
browser --dump-dom > "$tmp/dom"
cat > "$tmp/dom.py" << 'END'
import html.parser
import sys


class Dom(html.parser.HTMLParser):
    seen, title, handlers = {}, "", 0

    def handle_starttag(self, tag, attrs):
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.handlers += sum(name.startswith("on") for name, _ in attrs)
        self.last = tag

    def handle_data(self, data):
        if self.last == "title" and not self.title:
            self.title = data


dom = Dom()
dom.last = ""
dom.feed(open(sys.argv[1], encoding="utf-8").read())
foreign = {"script", "img", "b", "i", "iframe", "object", "link"} & set(dom.seen) - {"b"}
print(dom.title, sorted(foreign), dom.handlers, dom.seen.get("svg"), dom.seen.get("b"))
END
# 50 drawings and two histograms
is "html: hostile names stay names" "ovltrace report [] 0 52 None" "$(/usr/bin/python3 "$tmp/dom.py" "$tmp/dom")"
cat > "$tmp/pixel.py" << 'END'
import struct
import sys
import zlib

data, at, packed = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IDAT":
        packed += data[at + 8:at + 8 + size]
    at += 12 + size
print(zlib.decompressobj().decompress(packed, 4)[1:4].hex())
END
# A copy without the policy, with a script that tries each choice: which findings are then
# seen, and whether they are in order. And labels of one drawing do not overlap.
cat > "$tmp/try.js" << 'END'
const seen = () => [...document.querySelectorAll(".list>*")].filter((e) => e.offsetHeight);
const number = (e, name) => +e.style.getPropertyValue(name);
const wrong = [], counted = (id) => +document.querySelector(`[for=${id}]`).textContent.match(/\((\d+)\)$/)[1];
const top = (e) => e.getBoundingClientRect().top;
let tried = 0;
for (const input of document.querySelectorAll("input[class^=f]")) {
	input.checked = true;
	if (seen().length != counted(input.id))
		wrong.push(`${input.id}: ${seen().length}`);
	document.getElementById(input.name + input.name[0] + "-").checked = true;
	tried++;
}
for (const [choice, name] of [["sk", "--k"], ["sd", "--d"]]) {
	document.querySelector("." + choice).checked = true;
	const sorted = seen().sort((a, b) => top(a) - top(b)).map((e) => number(e, name));
	if (sorted.some((value, i) => i && value < sorted[i - 1]))
		wrong.push(choice);
	tried++;
}
for (const svg of document.querySelectorAll(".finding svg")) {
	const texts = [...svg.querySelectorAll("text")].map((e) => e.getBoundingClientRect());
	for (const a of texts)
		for (const b of texts)
			if (a != b && a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom)
				wrong.push("labels");
}
const width = document.documentElement.scrollWidth;
document.title = `${tried} choices, wrong: ${wrong.join(", ")}, too wide: ${width > innerWidth}`;
END
# tries RECORDING
tries() {
	"$ovltrace" report --format html "$1" | sed 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' > "$tmp/page.html"
	printf '<script>{%s}</script>' "$(cat "$tmp/try.js")" >> "$tmp/page.html"
	browser --window-size=500,900 --dump-dom > "$tmp/dom"
	sed -n 's|.*<title>\(.*\)</title>.*|\1|p' "$tmp/dom" | head -n 1
}
is "html: kinds, directories and orders" "19 choices, wrong: , too wide: false" \
	"$(tries "$here/../golden/recording.jsonl")"
for scheme in "dark 0 14181d" "light 1 ffffff"; do
	# shellcheck disable=SC2086 # three words
	set -- $scheme
	browser --blink-settings=preferredColorScheme="$2" --window-size=1000,1500 \
		--screenshot="$tmp/$1.png" > "$tmp/out"
	is "html: $1" "$3" "$(/usr/bin/python3 "$tmp/pixel.py" "$tmp/$1.png")"
done
