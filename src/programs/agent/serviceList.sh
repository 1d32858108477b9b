# The agent's own table. With words, which are serviceRows.pl and its own, only of some frontends; where an image has no
# perl, of all.
set -o pipefail
if command -v perl >/dev/null; then $CILIUM service list -o json | perl -e "$@"; else $CILIUM service list -o json; fi
