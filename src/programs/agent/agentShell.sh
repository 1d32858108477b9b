# Types commands into the shell of cilium-dbg, which reads from any input; the end of a line is a terminal’s, a
# carriage return. With words, which are frontendsDigest.pl and its own, rows that are known are left out; where an
# image has no perl, nothing is.
if [ "${agentShellWords:-}" ] && command -v perl >/dev/null; then
  { printf '%s\r' "$@" | $CILIUM shell; } | perl -e "${agentShellWords[@]}"
  exit "${PIPESTATUS[0]}"
fi
printf '%s\r' "$@" | $CILIUM shell
