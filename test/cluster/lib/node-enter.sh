#!/bin/bash
# Joins the node's cgroup, then becomes the node's init in namespaces of its own. The cgroup namespace comes after the
# join, so that the node sees its own cgroup as the root. Environment: see start_node in nodes.sh.
set -e
HERE=$(dirname "$(dirname "$(readlink -f "$0")")")
source "$HERE/lib/instance.sh"
source "$HERE/lib/cgroups.sh"
if [ "${1:-}" != in-cgroup ]; then
  cgroup_enter "$NODE_CGROUP"
  exec unshare --cgroup bash "$HERE/lib/node-enter.sh" in-cgroup
fi
NODE_CGROUP_VERSION=1
if cgroup_is_v2; then   # controllers are handed down only from a cgroup that has no process of its own
  NODE_CGROUP_VERSION=2
  mkdir -p "$CGROUP_FS/$NODE_CGROUP/init"; echo $$ > "$CGROUP_FS/$NODE_CGROUP/init/cgroup.procs"
fi
export NODE_CGROUP_VERSION
exec unshare --net --mount --uts --ipc --pid --fork --mount-proc --propagation slave bash "$HERE/lib/node-init.sh"
