#!/bin/sh
# Makes the start-up caches of one build: train.sh ROOT BUILD-FOLDER, with HOSTAL_BUILD set. A cache that cannot be
# made is no error: the next build tries again, and until then a start takes longer.
set -u
root=$1
folder=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hostal-train.XXXXXX") || exit 1
daemon=''
trap 'if [ -n "$daemon" ]; then kill "$daemon" 2>/dev/null; fi; rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
export HOSTAL_HOME="$work/home"
mkdir -p "$HOSTAL_HOME"

HOSTAL_TRAINING=$work/daemon.aot "$root/hostal" daemon run --simulate &
daemon=$!
waited=0
while [ ! -S "$HOSTAL_HOME/run/hostal.sock" ] && [ "$waited" -lt 300 ] && kill -0 "$daemon" 2>/dev/null; do
    sleep 0.1
    waited=$((waited + 1))
done
trained=''
[ -S "$HOSTAL_HOME/run/hostal.sock" ] && trained=yes
# The quick way in, as often as the JVM needs to know what is done often.
rounds=0
while [ -n "$trained" ] && [ -x "$folder/front" ] && [ "$rounds" -lt 20 ]; do
    "$root/hostal" run --rm tiny true
    rounds=$((rounds + 1))
done
HOSTAL_TRAINING=$work/cli.aot "$root/hostal" train
[ -f "$work/cli.aot" ] && mv "$work/cli.aot" "$folder/cli.aot"

# The daemon writes its cache as it ends.
kill -TERM "$daemon" 2>/dev/null
waited=0
while kill -0 "$daemon" 2>/dev/null && [ "$waited" -lt 3000 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
[ -n "$trained" ] && [ -f "$work/daemon.aot" ] && mv "$work/daemon.aot" "$folder/daemon.aot"
exit 0
