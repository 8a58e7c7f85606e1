#!/bin/sh
# Runs a command and keeps a copy of every byte of its stdout and stderr below /witness. Ends when all of it is through.
mkfifo /run/stdout /run/stderr
tee /witness/stdout < /run/stdout &
tee /witness/stderr < /run/stderr >&2 &
# Prefork signals its whole process group, which must not be this one.
setsid "$@" > /run/stdout 2> /run/stderr &
server=$!
trap 'kill -TERM $server' TERM
# A signal ends the first wait.
wait
wait
