#!/bin/sh
# `sluice` in the image. A health check comes every ten seconds, and to start a Node for it takes more CPU than a
# hundred lines a second: where the address is plain, curl asks. Everything else is Node's, and so is every word about
# what was found wrong.
lib=${SLUICE_LIB:-/usr/local/lib/sluice}
listed=${SLUICE_FIRELENS_CONFIG:-/fluent-bit/etc/fluent-bit.conf}

if [ "$*" = healthcheck ]; then
  case $SLUICE_HTTP in
    '') [ -z "$SLUICE_CONFIG$SLUICE_CONFIG_YAML" ] &&
      ! grep -Eiqs '^[[:space:]]*(http_port|http_listen|@include)' "$listed" && address=127.0.0.1:2020 ;;
    0.0.0.0:[0-9]* | 127.0.0.1:[0-9]*) address=127.0.0.1:${SLUICE_HTTP#*:} ;;
  esac
  if [ -n "$address" ] && curl -fsS --max-time 2 -o /dev/null "http://$address/health/live" 2> /dev/null; then
    echo "healthy: http://$address/health/live answered 200"
    exit 0
  fi
fi
exec node "$lib/sluice.cjs" "$@"
