# Whether this machine can run a bed, and with which Node.js the bed's own scripts run.

machine_can_run() {
  [ "$(uname -s)" = Linux ] || unavailable 'a bed needs Linux (network namespaces, eBPF)'
  [ "$(id -u)" = 0 ] || unavailable 'a bed needs root (network namespaces, eBPF): run it with sudo -E'
  unshare --net --mount --pid --cgroup --uts --ipc --fork true 2>/dev/null || unavailable 'namespaces cannot be made here (unshare fails): run it outside an unprivileged container'
  [ -d /sys/fs/bpf ] || unavailable 'the kernel has no BPF file system (CONFIG_BPF_SYSCALL)'
  cgroup_is_v2 || [ -n "$(cgroup_hierarchies)" ] || unavailable "no cgroups at $CGROUP_FS"
  grep -qw overlay /proc/filesystems || modprobe -q overlay || unavailable 'the kernel has no overlay file system'
  bed_node_program >/dev/null
}

# NODES: the kernel gives each user so many inotify instances, for all beds together; kubelet, containerd and the agent
# of a node take about twenty, and without one containerd goes on without the half that Kubernetes needs.
room_for_nodes() {
  local limit used
  limit=$(sysctl -n fs.inotify.max_user_instances 2>/dev/null || echo 0)
  used=$({ find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null || true; } | wc -l)
  [ "$limit" -eq 0 ] || [ $((limit - used)) -ge $((20 * $1)) ] ||
    unavailable "$used of $limit inotify instances are in use on this machine, and $1 nodes need $((20 * $1)): take other beds down, or sysctl fs.inotify.max_user_instances=$((used + 20 * $1 + 100))"
}

# The project's own Node.js: the machine's may be too old to run TypeScript.
bed_node_program() {
  local program=$ROOT/node_modules/.bin/node
  [ -x "$program" ] || unavailable "the project's packages are not installed: npm ci in $ROOT"
  echo "$program"
}
bed_node() { "$(bed_node_program)" "$@"; }
