#!/usr/bin/env bash
# Grades one submission in a container whose file system is read-only: grade-one.sh SUBMISSION RESULTS.
# Without arguments it takes the one that a Kubernetes Indexed Job has given this container: folder number
# JOB_COMPLETION_INDEX, counted from 0, of those in SUBMISSIONS, by name.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
submissions="${SUBMISSIONS:-/submissions}"
results="${RESULTS:-/results}"

if [ "$#" = 0 ]; then
  index="${JOB_COMPLETION_INDEX:?no arguments, and no JOB_COMPLETION_INDEX}"
  # One order for all containers, whatever their language.
  name="$(cd "$submissions" && LC_ALL=C find . -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | LC_ALL=C sort | sed -n "$((index + 1))p")"
  if [ -z "$name" ]; then
    printf 'There is no submission number %s: fewer folders than completions.\n' "$index" >&2
    exit 0
  fi
  set -- "$submissions/$name" "$results/$name"
fi

# A copy that may be written; the packages and the tool's own cache are only read.
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
tar -C "$here/course" --exclude=./node_modules -cf - . | tar -C "$copy" -xf -
ln -s "$here/course/node_modules" "$copy/node_modules"

# That not all passed is a result, and no reason to grade again.
COURSE="$copy" bash "$here/grade-submission.sh" "$1" "$2" || [ "$?" = 1 ]
