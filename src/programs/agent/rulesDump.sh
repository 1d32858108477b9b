# A command that prints rules, of which is left out what whoever asks knows. Words: rulesDigest.pl, its own two, and the
# command; where an image has no perl, nothing is left out.
set -o pipefail
if command -v perl >/dev/null; then "${@:4}" | perl -e "${@:1:3}"; else "${@:4}"; fi
