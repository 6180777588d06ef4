#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the assignment. It needs the network;
# grading needs none.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends ca-certificates curl xz-utils

# The newest Node of one line, proven by the checksums beside it.
line="${NODE_LINE:-22}"
case "$(uname -m)" in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) printf 'There is no Node for %s here.\n' "$(uname -m)" >&2 && exit 1 ;;
esac
from="https://nodejs.org/dist/latest-v$line.x"
cd "$(mktemp -d)"
curl -fsSLO "$from/SHASUMS256.txt"
name="$(awk -v end="-linux-$arch.tar.xz" 'substr($2, length($2) - length(end) + 1) == end { print $2 }' SHASUMS256.txt)"
curl -fsSLO "$from/$name"
grep " $name\$" SHASUMS256.txt | sha256sum --check --strict
tar -xJf "$name" -C /usr/local --strip-components=1

# Submissions run as somebody who owns nothing but the course.
id grader > /dev/null 2>&1 || useradd --system --create-home grader
cd /autograder/source/course
npm ci
chown -R grader .
chmod +x ../grade-submission.sh
# Makes the tool ready, so that no submission waits for it.
runuser -u grader -- node workbook/cli/start.mjs list > /dev/null
