#!/bin/bash
# Joins the node's cgroup, then becomes the node's init in namespaces of its own. The cgroup namespace comes after the
# join, so that the node sees its own cgroup as the root. Environment: see start_node in nodes.sh.
set -e
HERE=$(dirname "$(dirname "$(readlink -f "$0")")")
source "$HERE/lib/instance.sh"
source "$HERE/lib/cgroups.sh"
export NODE_CGROUP_VERSION=$(cgroup_is_v2 && echo 2 || echo 1)
cgroup_enter "$NODE_CGROUP"
exec unshare --net --cgroup --mount --uts --ipc --pid --fork --mount-proc --propagation slave bash "$HERE/lib/node-init.sh"
