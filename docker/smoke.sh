#!/usr/bin/env bash
# Starts docker/compose.yaml, asks its Apache for pages, and demands that every line arrived. See --help.
set -euo pipefail
usage='Usage: docker/smoke.sh [--help]

Builds and starts Sluice and Apache with docker compose, sends requests, and
compares what Sluice delivered to files with what was asked for. Stops it all
and leaves nothing behind. Exit code 0: every line arrived.

Environment:
  COMPOSE         the command to use (docker compose, or docker-compose where
                  that is missing)
  COMPOSE_EXTRA   further -f arguments, as in "-f my-override.yaml"
  SMOKE_REQUESTS  how many requests (60)

Example:
  docker/smoke.sh
'
case "${1:-}" in
  --help|-h) printf '%s' "$usage"; exit 0 ;;
  '') ;;
  *) printf 'smoke.sh: expected no argument, found %s. See --help\n' "$1" >&2; exit 64 ;;
esac

cd "$(dirname "$0")"
requests=${SMOKE_REQUESTS:-60}
if [ -n "${COMPOSE:-}" ]; then read -r -a compose <<< "$COMPOSE"
elif docker compose version > /dev/null 2>&1; then compose=(docker compose)
else compose=(docker-compose); fi
read -r -a extra <<< "${COMPOSE_EXTRA:-}"
export COMPOSE_PROJECT_NAME="sluice-smoke-$$"
delivered=$(mktemp -d)
export SMOKE_DELIVERED=$delivered LOAD_REQUESTS=$requests
# Ports of its own, so that it runs beside anything.
free_port() {
  local port
  for (( try = 0; try < 50; try++ )); do
    port=$(( 20000 + RANDOM % 12000 ))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { printf '%s' "$port"; return; }
  done
  printf 'smoke.sh: expected a free port, found none in 50 tries\n' >&2
  return 1
}
SLUICE_FORWARD_PORT=$(free_port); SLUICE_HTTP_PORT=$(free_port); WEB_PORT=$(free_port)
export SLUICE_FORWARD_PORT SLUICE_HTTP_PORT WEB_PORT

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
run() { "${compose[@]}" -f compose.yaml -f smoke.yaml "${extra[@]}" "$@"; }
clean() {
  # What the container wrote is root's.
  run run --rm --no-deps -T --volume "$delivered:/delivered" --entrypoint sh load -c 'rm -rf /delivered/*' > /dev/null 2>&1 || true
  run down --volumes --remove-orphans > /dev/null 2>&1 || true
  rm -rf "$delivered"
}
trap clean EXIT

say "builds and starts Sluice and Apache"
run up --detach --build web
say "sends $requests requests"
sent=$(run run --rm --no-deps load | tail -n 1)
say "asked for: $sent"
run stop web
say "stops Sluice"
run stop sluice
report=$(run logs --no-color sluice | grep -o '{.*"exit report".*}')

# Apache writes one access line for every request that it answered, and one error line for each of these pages.
run run --rm --no-deps -T --volume "$delivered:/delivered:ro" --entrypoint node load - /delivered "$sent" "$report" <<'JS'
const { globSync, readFileSync, statSync } = require('node:fs')
const { gunzipSync } = require('node:zlib')
const [, , directory, sentText, reportText] = process.argv
const { counts } = JSON.parse(sentText)
const report = JSON.parse(reportText)
const answered = Object.entries(counts).reduce((sum, [status, count]) => sum + (status === 'none' ? 0 : count), 0)
const files = pattern => globSync(pattern, { cwd: directory }).filter(path => statSync(`${directory}/${path}`).isFile())
const lines = pattern => files(pattern).flatMap(path => {
  const bytes = readFileSync(`${directory}/${path}`)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n')
})
const access = lines('access/**/*.gz').map(line => JSON.parse(line)).filter(({ path }) => path !== '/health.php')
const errors = lines('logs/**/*')
const found = {
  'requests that were answered': [answered > 0, true],
  'access lines, one for each answer': [access.length, answered],
  'every kind of answer': [JSON.stringify(countOf(access)), JSON.stringify(sorted(counts))],
  'errors of warn.php, at least one for each answer': [of('warn.php') >= answersOf('/warn.php'), true],
  'errors of throw.php, at least one for each answer': [of('throw.php') >= answersOf('/throw.php'), true],
  'the ledger balances': [report.balanced, true],
  'records that wait, were dropped or rejected': [report.pending + report.dropped + report.rejected, 0],
}
function of (script) {
  return errors.filter(line => line.includes(`/${script}`)).length
}
function answersOf (page) {
  return access.filter(({ path }) => path === page).length
}
function countOf (all) {
  const byStatus = {}
  for (const { status } of all) byStatus[status] = (byStatus[status] ?? 0) + 1
  return sorted(byStatus)
}
function sorted (object) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'none').sort())
}
let wrong = 0
for (const [what, [is, should]] of Object.entries(found)) {
  if (is !== should) wrong++
  console.log(`${is === should ? 'ok   ' : 'WRONG'}  ${what}: ${is}${is === should ? '' : `, expected ${should}`}`)
}
process.exit(wrong === 0 ? 0 : 1)
JS
say "every line arrived"
