# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by test.sh: metrics, read by other programs.
# shellcheck disable=SC2154 # of test.sh

sed 's/"arch"/"host":"a\\"b\\\\c\\nd<\\u202e","arch"/' "$tmp/stale" > "$tmp/hostile"
cat "$tmp/clean" "$tmp/hostile" > "$tmp/hosts"
"$ovltrace" report --format openmetrics "$tmp/hosts" > "$tmp/metrics"
is "openmetrics: ends with its end" "# EOF" "$(tail -n 1 "$tmp/metrics")"
is "openmetrics: counts of the second recording" 249 \
	"$(sed -n 's/^ovltrace_findings_total{.*recording="2",kind="stale_store"} //p' "$tmp/metrics")"
is "openmetrics: no path, inode or task in labels" "" "$(grep -v '^#' "$tmp/metrics" | grep -E 'merged|ino=|reader')"

if ! command -v promtool > /dev/null; then
	skip "openmetrics: promtool and prometheus read it" "the package prometheus is not installed"
	return 0
fi
# it knows the older format only, where a counter's help has another name
promtool check metrics < "$tmp/metrics" > "$tmp/promtool" 2>&1
is "openmetrics: promtool reads it" "" "$(grep -v '_total no help text$' "$tmp/promtool")"
"$ovltrace" report --format openmetrics "$tmp/clean" > "$tmp/metrics.one"

# a real server scrapes it, over HTTP, as OpenMetrics
mkdir -p "$tmp/prom"
cat > "$tmp/serve.py" << 'END'
import http.server
import sys


class Serve(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "rb") as f:
            body = f.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Serve)
print(server.server_port, flush=True)
server.serve_forever()
END
/usr/bin/python3 "$tmp/serve.py" "$tmp/metrics" > "$tmp/port" &
server=$!
for _ in $(seq 50); do
	[ -s "$tmp/port" ] && break
	sleep 0.1
done
port=$((20000 + RANDOM % 20000))
cat > "$tmp/prom.yml" << END
scrape_configs:
  - job_name: ovltrace
    scrape_interval: 1s
    scrape_timeout: 1s
    static_configs: [{targets: ["127.0.0.1:$(cat "$tmp/port")"]}]
rule_files: [$here/../../docs/examples/ovltrace.rules.yml]
END
prometheus --config.file="$tmp/prom.yml" --storage.tsdb.path="$tmp/prom" \
	--web.listen-address="127.0.0.1:$port" > "$tmp/prom.log" 2>&1 &
prometheus=$!

# query EXPRESSION: its value, or nothing
query() {
	/usr/bin/python3 - "$port" "$1" << 'END' 2> /dev/null
import json
import sys
import urllib.parse
import urllib.request

url = f"http://127.0.0.1:{sys.argv[1]}/api/v1/query?" + urllib.parse.urlencode({"query": sys.argv[2]})
got = json.load(urllib.request.urlopen(url, timeout=5))["data"]["result"]
if got:
    print(got[0]["value"][1])
END
}

for _ in $(seq 60); do
	[ "$(query 'sum(ovltrace_findings_total)')" ] && break
	sleep 0.5
done
is "openmetrics: scraped, findings" 249 "$(query 'sum(ovltrace_findings_total{kind="stale_store"})')"
is "openmetrics: scraped, windows" 748 "$(query 'sum(ovltrace_window_seconds_count)')"
is "openmetrics: scraped, the scrape is up" 1 "$(query up)"
is "openmetrics: scraped, a hostile host name" 1 \
	"$(query 'count(count by (host) (ovltrace_complete{recording="2",host=~"a\"b.*d<.*"}))')"
is "openmetrics: the median window by its histogram" ok "$(query \
	'histogram_quantile(0.5, sum by (le) (ovltrace_window_seconds_bucket)) < bool 0.000005' |
	sed 's/1/ok/')"
kill $prometheus $server
wait $prometheus $server 2> /dev/null
for rules in "$here"/../../docs/examples/*.rules.yml; do
	is "openmetrics: promtool checks ${rules##*/}" 0 "$(promtool check rules "$rules" > "$tmp/out" 2>&1; echo $?)"
done
