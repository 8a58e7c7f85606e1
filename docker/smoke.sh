#!/usr/bin/env bash
# Starts compose.yaml, sends requests, counts what arrived, stops, and reads the exit report. --help says more.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: docker/smoke.sh [--override FILE] [--requests N] [--no-build]

Starts the services web and sluice of docker/compose.yaml as a project of their own, on free ports of loopback, sends N
requests (20), N of which must arrive as access lines, and half of them as error records; stops both, and wants an exit
report that balances. Removes what it made, however it ends. Exit code 0: all as it must be.

  --override FILE  a second compose file, after compose.yaml
  --requests N     an even number
  --no-build       images as they are

Needs bash, curl, a Docker engine, and `docker compose` or `docker-compose`.
TEXT
}

directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
files=(--file "$directory/compose.yaml")
requests=20
build=(--build)
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --override) files+=(--file "$2"); shift 2 ;;
    --requests) requests=$2; shift 2 ;;
    --no-build) build=(); shift ;;
    *) usage >&2; exit 64 ;;
  esac
done

if docker compose version > /dev/null 2>&1; then compose=(docker compose)
elif command -v docker-compose > /dev/null; then compose=(docker-compose)
else echo 'expected docker compose or docker-compose, found neither' >&2; exit 69
fi
project="sluice-smoke-$$"
run() { "${compose[@]}" --project-name "$project" --project-directory "$directory" "${files[@]}" "$@"; }

work=$(mktemp -d)
# shellcheck disable=SC2317  # reached by the trap
cleanup() {
  local code=$?
  if ((code != 0)); then run logs --tail 50 sluice >&2 || true; fi
  run down --volumes --remove-orphans --rmi local --timeout 5 > /dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    if ! (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then echo "$port"; return; fi
  done
}
WEB_PORT=$(free_port); SLUICE_PORT=$(free_port); SLUICE_HTTP_PORT=$(free_port)
export WEB_PORT SLUICE_PORT SLUICE_HTTP_PORT

run up --detach "${build[@]}" web
web=$(run ps --quiet web)
sluice=$(run ps --quiet sluice)

answers() { curl --silent --fail --output /dev/null --max-time 10 "$1"; }
for ((left = 60; ; left--)); do
  if answers "http://127.0.0.1:$WEB_PORT/health.php"; then break; fi
  if ((left == 0)); then echo 'expected an answer of the site within 60 s, found none' >&2; exit 1; fi
  sleep 1
done

marker="smoke-$$-$RANDOM"
for ((index = 0; index < requests; index++)); do
  page=/index.php
  if ((index % 2 == 1)); then page=/error-log.php; fi
  answers "http://127.0.0.1:$WEB_PORT$page?kind=utf8&$marker=$index"
done
answers "http://127.0.0.1:$SLUICE_HTTP_PORT/health"
echo "sent $requests requests"

# Apache first: the engine hands over what it still has when a container ends.
docker stop --time 30 "$web" > /dev/null
docker stop --time 30 "$sluice" > /dev/null
docker cp "$sluice:/var/lib/sluice/local/delivered" "$work/delivered" > /dev/null
docker logs "$sluice" > "$work/output" 2>&1

delivered() {
  find "$work/delivered" -type f -name '*.gz' -exec gzip --decompress --stdout {} +
  find "$work/delivered" -type f ! -name '*.gz' -exec cat {} +
}
wrong=0
must() {
  if [[ $2 == "$3" ]]; then echo "ok: $1: $2"; else echo "wrong: $1: expected $3, found $2" >&2; wrong=1; fi
}
must 'access lines' "$(delivered | grep -c "\"query\":\"[^\"]*$marker=" || true)" "$requests"
must 'error records' "$(delivered | grep -c '接続に失敗しました' || true)" "$((requests / 2))"
report=$(grep '"exit report"' "$work/output" || true)
field() { sed -n "s/.*\"$1\":\([a-z0-9]*\)[,}].*/\1/p" <<< "$report"; }
must balanced "$(field balanced)" true
for name in pending dropped rejected; do must "$name" "$(field "$name")" 0; done
must 'exit code of Sluice' "$(docker inspect --format '{{.State.ExitCode}}' "$sluice")" 0
exit "$wrong"
