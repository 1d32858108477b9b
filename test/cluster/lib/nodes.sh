# Nodes: each a set of namespaces (network, mount, pid, cgroup, uts, ipc) with a kubelet and a containerd.

# NODE
start_node() {
  local n=$1 pid; mkdir -p "$RUN/$n"
  make_node_pki "$n"
  register_node "$n"
  # shellcheck disable=SC2097,SC2098 # It is the same number.
  KPR_BED_HOME=$KPR_BED_HOME NODE=$n NODE_DIR=$RUN/$n NODE_PKI=/run/bed/beds/$KPR_BED_ID/pki NODE_CGROUP=$PREFIX$n \
    NODE_IP4=$(node_ip4 "$n") NODE_IP6=${DUAL_STACK:+$(node_ip6 "$n")} GATEWAY4=$GATEWAY GATEWAY6=$NET6::1 \
    NODE_HOSTS="$(node_hosts)" KPR_BED_ID=$KPR_BED_ID \
    setsid bash "$HERE/lib/node-enter.sh" > "$RUN/$n/init.log" 2>&1 < /dev/null 7>&- 9>&- & disown
  wait_for 60 "init process of $n" node_init "$n"
  pid=$(node_init "$n")
  in_switch ip link add "$n" type veth peer address "$(node_mac "$n" 0)" name eth0 netns "$pid"
  in_switch ip link set "$n" master switch up
}

# NODE LINK-NUMBER: addresses of links are compiled into Cilium's programs; equal ones let
# clang-cache.sh find them again
node_mac() { printf '02:30:%02x:%02x:00:%02x' "$KPR_BED_ID" "$2" "$(node_index "$1")"; }
# Cilium takes its two links and its router address as it finds them, as after a restart of the agent.
make_cilium_links() {
  local i; i=$(node_index "$1")
  in_node_network "$1" ip link add cilium_host address "$(node_mac "$1" 1)" type veth peer address "$(node_mac "$1" 2)" name cilium_net
  in_node_network "$1" ip addr add "10.244.$i.1/32" dev cilium_host scope link
  if [ -n "$DUAL_STACK" ]; then in_node_network "$1" ip -6 addr add "fd00:10:244:$i::1/128" dev cilium_host nodad; fi
}
in_node_network() { local pid; pid=$(node_init "$1"); shift; nsenter -t "$pid" --net -- "$@"; }

# The Node object comes before the kubelet, so that n1 has 10.244.1.0/24 in every cluster.
register_node() {
  local i; i=$(node_index "$1")
  kubectl create -f - >/dev/null <<K
apiVersion: v1
kind: Node
metadata: {name: $1, labels: {kubernetes.io/hostname: $1, kubernetes.io/os: linux}}
spec: {podCIDR: 10.244.$i.0/24, podCIDRs: [10.244.$i.0/24${DUAL_STACK:+, "fd00:10:244:$i::/64"}]}
K
}

# NODE: the process that is number 1 in the node's namespace
node_init() {
  local pid
  for pid in $(cgroup_pids "$PREFIX$1"); do
    if awk '$1 == "NSpid:" { found = (NF == 3 && $3 == 1) } END { exit !found }' "/proc/$pid/status" 2>/dev/null; then echo "$pid"; return 0; fi
  done
  return 1
}
in_node() {
  local n=$1 pid; shift; node_index "$n" >/dev/null
  pid=$(node_init "$n") || usage_error "bed $KPR_BED_ID has no node $n up: $(node_names | tr '\n' ' ')"
  # Socket load balancing concerns processes in the node's cgroup; a namespace alone does not put one there.
  (cgroup_join "$PREFIX$n"; exec nsenter -t "$pid" -a -- env "PATH=/run/bed/bin:$PATH" "$@")
}
node_names() { cgroup_names | sed -n "s/^$PREFIX\(n[0-9]*\)$/\1/p" | sort -V; }
node_hosts() {
  local i
  printf '127.0.0.1 localhost\n%s %s\n' "$GATEWAY" "$API_NAME"
  for i in $(seq "$NODES"); do printf '%s n%s\n' "$(node_ip4 "n$i")" "$i"; done
}
nodes_registered() { [ "$(kubectl get nodes -o jsonpath='{range .items[*]}{.status.nodeInfo.kubeletVersion}{"\n"}{end}' | grep -c v)" -eq "$NODES" ]; }

# freeze and thaw: a machine that hangs; cut and mend: its cable
freeze_node() { set_frozen "$1" FROZEN 1; }
thaw_node() { set_frozen "$1" THAWED 0; }
set_frozen() {
  node_index "$1" >/dev/null
  if cgroup_is_v2; then echo "$3" > "$CGROUP_FS/$PREFIX$1/cgroup.freeze"; else echo "$2" > "$CGROUP_FS/freezer/$PREFIX$1/freezer.state"; fi
}
# NODE PERCENT: all processes of the node together get so much of one CPU
starve_node() { set_cpu_quota "$1" "$(($2 * 1000))"; }
feed_node() { if cgroup_is_v2; then set_cpu_quota "$1" max; else set_cpu_quota "$1" -1; fi; }
set_cpu_quota() {
  node_index "$1" >/dev/null
  if cgroup_is_v2; then echo "$2 100000" > "$CGROUP_FS/$PREFIX$1/cpu.max"; else echo "$2" > "$CGROUP_FS/cpu/$PREFIX$1/cpu.cfs_quota_us"; fi
}
cut_node() { node_index "$1" >/dev/null; in_switch ip link set "$1" down; }
mend_node() { node_index "$1" >/dev/null; in_switch ip link set "$1" up; }
