#!/usr/bin/env bash
# Grades one submission with the suites of course/, never with the submission's own:
#
#   grade-submission.sh SUBMISSION RESULTS
#
# Leaves in RESULTS: results.json (Gradescope's format), results.xml (JUnit) and report.txt. Exits as
# `npm run grade` does: 0 all passed, 1 not all, 2 it could not be graded. Whatever happens, there is a
# results.json, from the first moment on.
#
# More flags for `npm run grade` stand in flags.txt beside this. The environment may say:
#
# GRADE_SECONDS  how long it may take, 540 unless set
# GRADE_FLAGS    still more flags, behind those of flags.txt
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
submission="${1:?grade-submission.sh SUBMISSION RESULTS}"
results="${2:?grade-submission.sh SUBMISSION RESULTS}"
course="${COURSE:-$here/course}"
seconds="${GRADE_SECONDS:-540}"

mkdir -p "$results"
rm -f "$results/results.xml"
: > "$results/report.txt"

# A sentence without quotes becomes a result that everybody can read.
give_up() {
  printf '{"score": 0, "output": "%s", "visibility": "visible", "tests": []}\n' "$1" > "$results/results.json"
}
give_up 'This submission was not graded to its end. That is no fault of yours: please tell your teacher.'

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# As another user where setup.sh has made one: the submission is code of somebody else.
as=()
if [ "$(id -u)" = 0 ] && id grader > /dev/null 2>&1; then
  as=(runuser -u grader --)
  chown grader "$work"
fi

if ! node "$here/collect.mjs" "$submission" "$course" >> "$results/report.txt" 2>&1; then
  give_up 'The submission could not be read. Hand in the files of your labs, or the whole folder with labs/ in it.'
  cat "$results/report.txt"
  exit 2
fi

# Words and no shell: nothing in them is expanded.
flags=()
if [ -f "$here/flags.txt" ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line%%#*}"
    read -ra words <<< "${line//$'\r'/}"
    flags+=(${words[@]+"${words[@]}"})
  done < "$here/flags.txt"
fi
read -ra words <<< "${GRADE_FLAGS:-}"
flags+=(${words[@]+"${words[@]}"})

(cd "$course" && ${as[@]+"${as[@]}"} timeout --kill-after=10 "$seconds" node workbook/cli/start.mjs grade \
  --gradescope "$work/results.json" --junit "$work/results.xml" ${flags[@]+"${flags[@]}"}) >> "$results/report.txt" 2>&1
code=$?

readable='JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))'
if [ -f "$work/results.json" ] && node -e "$readable" "$work/results.json" 2> /dev/null; then
  cp "$work/results.json" "$results/results.json"
elif [ "$code" = 124 ] || [ "$code" = 137 ]; then
  give_up "Grading took longer than $seconds seconds, and was ended."
  code=2
else
  code=2
fi
if [ -f "$work/results.xml" ]; then cp "$work/results.xml" "$results/results.xml"; fi

cat "$results/report.txt"
exit "$code"
