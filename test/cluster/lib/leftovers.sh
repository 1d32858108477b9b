# Taking a bed down, and the proof that nothing of it is left. Neither needs to know how far `up` came: all is found by
# the bed's own names.

take_down() {
  local name
  if [ -n "$(cgroup_names)" ]; then awk -v hz="$(getconf CLK_TCK)" '{printf "%d\n", $1 * hz}' /proc/uptime > "$BED/down-at"; fi
  for name in $(cgroup_names); do thaw_cgroup "$name"; done
  for name in $(cgroup_names); do cgroup_end "$name"; done
  ip link del "$PREFIX" 2>/dev/null || true
  wait_for 60 'end of the link' no_link
  if [ -d "$RUN" ]; then   # the logs of the last run, for those who ask why
    rm -rf "$BED/logs"; mkdir -p "$BED/logs"
    (cd "$RUN" && find . -name containerd -prune -o -name kubelet -prune -o -name '*.log' -type f -size +0 -exec cp --parents {} "$BED/logs" \;) || true
    rm -rf "$RUN"
  fi
  rm -f "$SETTINGS"
}
thaw_cgroup() {
  if [ -f "$CGROUP_FS/freezer/$1/freezer.state" ]; then echo THAWED > "$CGROUP_FS/freezer/$1/freezer.state"; fi
  if cgroup_is_v2 && [ -f "$CGROUP_FS/$1/cgroup.freeze" ]; then echo 0 > "$CGROUP_FS/$1/cgroup.freeze"; fi
}
no_link() { ! ip link show "$PREFIX" 2>/dev/null; }

# Prints what is left, one line each; fails if there is anything.
leftovers() {
  local found
  for _ in 1 2 3 4 5 6 7 8 9 10; do   # a killed process may wait a moment to be buried by the machine's init
    found=$(find_leftovers | sort -u)
    [ -n "$found" ] || break
    sleep 0.5
  done
  [ -z "$found" ] || { echo "$found"; exit 1; }
}
find_leftovers() {
  local name pid
  trap - ERR; set +o pipefail   # most of these find nothing
  for name in $(cgroup_names); do
    echo "cgroup $name"
    for pid in $(cgroup_pids "$name"); do describe_process "$pid"; done
  done
  ip -o link show | awk -F': ' '{print $2}' | cut -d@ -f1 | grep -xF "$PREFIX" | sed 's/^/link /'
  ip -o addr show | awk -v net=" $NET4." 'index($0, net) {print "address " $4 " on " $2}'
  ip route show | awk -v net="$NET4." 'index($0, net) {print "route " $0}'
  awk -v bed="$BED" 'index($0, bed) {print "mount " $5}' /proc/self/mountinfo
  # A process that slipped out of its cgroup still carries the bed in its command line or environment.
  # shellcheck disable=SC2013 # Numbers are words.
  for pid in $(grep -lsaE "$RUN/|$PKI/|/run/bed/beds/$KPR_BED_ID/|NODE_CGROUP=${PREFIX}n" /proc/[0-9]*/cmdline /proc/[0-9]*/environ | cut -d/ -f3 | sort -un); do
    is_ancestor "$pid" || describe_process "$pid"
  done
  if [ -f "$BED/namespaces" ]; then
    # The kernel gives the number of a dead namespace to the next one: only a process older than the end
    # of the bed counts.
    lsns -n -o NS,TYPE,PID,COMMAND | grep -wFf "$BED/namespaces" | while read -r id kind pid command; do
      if older_than_end "$pid"; then echo "namespace $kind:[$id] held by $pid $command"; fi
    done
    awk -v OFS= '$9 == "nsfs" || $10 == "nsfs" {print $4, " ", $5}' /proc/self/mountinfo | grep -wFf "$BED/namespaces" | sed 's/^/mounted namespace /'
  fi
  if [ -d "$RUN" ]; then echo "folder $RUN"; fi
}
describe_process() { [ ! -r "/proc/$1/cmdline" ] || echo "process $1: $(tr '\0' ' ' < "/proc/$1/cmdline" | cut -c1-100)"; }
# A bed that was never down has no end: then all of its processes count.
older_than_end() {
  local start end
  start=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20)
  end=$(cat "$BED/down-at" 2>/dev/null) || return 0
  [ "${start:-0}" -gt 0 ] && [ "$start" -lt "$end" ]
}
is_ancestor() {
  local pid=$BASHPID
  while [ "${pid:-0}" -gt 1 ]; do
    [ "$pid" != "$1" ] || return 0
    pid=$(awk '$1 == "PPid:" {print $2}' "/proc/$pid/status" 2>/dev/null)
  done
  return 1
}

# Notes the namespaces of the bed, so that `leftovers` can ask the kernel for exactly these afterwards.
note_namespaces() {
  local n pid kind id
  for n in switch $(node_names); do
    if [ "$n" = switch ]; then pid=$(switch_pid); else pid=$(node_init "$n"); fi
    for kind in net mnt pid uts ipc cgroup; do
      id=$(readlink "/proc/$pid/ns/$kind")
      if [ "$id" != "$(readlink "/proc/self/ns/$kind")" ]; then tr -dc '0-9\n' <<< "$id"; fi
    done
  done > "$BED/namespaces"
}
