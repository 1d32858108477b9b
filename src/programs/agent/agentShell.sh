# Types commands into the shell of cilium-dbg, which reads from any input; the end of a line is a terminal’s, a
# carriage return.
printf '%s\r' "$@" | $CILIUM shell
