#!/bin/bash
# Process 1 of a node. Lays out the file system that a kubelet, containerd and Cilium expect, without writing one byte
# to the machine's own, starts the first two, and reaps.
hostname "$NODE"
mount --make-rprivate /; mount --make-rshared /

# ---- files ---------------------------------------------------------------------------------------------------------
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/containerd /run/bed /run/node
mount --bind "$KPR_BED_HOME" /run/bed; mount -o remount,bind,ro /run/bed
mount --bind "$NODE_DIR" /run/node
mkdir -p /run/bpf-cache; mount --bind "$KPR_BED_HOME/bpf-cache" /run/bpf-cache
for dir in etc opt var; do   # what is written here ends with the node
  mkdir -p "/run/layers/$dir" "/run/layers/.$dir"
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=/run/layers/$dir,workdir=/run/layers/.$dir" "/$dir"
done
on_disk() { mkdir -p "/run/node/$1" "$2"; mount --bind "/run/node/$1" "$2"; }   # too large for memory
on_disk kubelet /var/lib/kubelet; mount --make-rshared /var/lib/kubelet
on_disk containerd /var/lib/containerd; on_disk pods /var/log/pods; on_disk containers /var/log/containers
mkdir -p /etc/cni/net.d /opt/cni/bin /var/lib/cni /etc/kubernetes/manifests
ln -sf /run/bed/bin/cni/* /opt/cni/bin/
rm -f /etc/resolv.conf /etc/hosts
echo 'nameserver 127.0.0.1' > /etc/resolv.conf
echo "$NODE_HOSTS" > /etc/hosts

# ---- kernel interfaces ---------------------------------------------------------------------------------------------
# Settings of the whole machine that a kubelet or an agent sets: they get a copy to write to.
for key in kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes kernel/timer_migration \
  kernel/unprivileged_bpf_disabled vm/overcommit_memory vm/panic_on_oom net/core/bpf_jit_enable; do
  [ -f "/proc/sys/$key" ] || continue
  mkdir -p "/run/sysctl/$(dirname $key)"; cat "/proc/sys/$key" > "/run/sysctl/$key"; mount --bind "/run/sysctl/$key" "/proc/sys/$key"
done
mount -t sysfs sysfs /sys
if [ "$NODE_CGROUP_VERSION" = 2 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  read -ra controllers < /sys/fs/cgroup/cgroup.controllers
  for controller in "${controllers[@]}"; do echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control; done
else
  mount -t tmpfs tmpfs /sys/fs/cgroup
  while IFS=: read -r _ controllers _; do   # the hierarchies of the machine, mounted as it mounts them
    case $controllers in
      '') mkdir -p /sys/fs/cgroup/unified; mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified ;;
      name=*) mkdir -p "/sys/fs/cgroup/${controllers#name=}"; mount -t cgroup -o "none,$controllers" cgroup "/sys/fs/cgroup/${controllers#name=}" ;;
      *) mkdir -p "/sys/fs/cgroup/$controllers"; mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$controllers"
         for one in ${controllers//,/ }; do [ -e "/sys/fs/cgroup/$one" ] || ln -s "$controllers" "/sys/fs/cgroup/$one"; done ;;
    esac
  done < /proc/self/cgroup
fi
mount -t bpf bpf /sys/fs/bpf; mount --make-shared /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
mkdir -p /run/cilium/cgroupv2; mount -t cgroup2 cgroup2 /run/cilium/cgroupv2   # the node's own cgroup is its root

# ---- network -------------------------------------------------------------------------------------------------------
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
until ip link set eth0 up 2>/dev/null; do sleep 0.05; done   # plugged in from outside
# shellcheck disable=SC2153
ip addr add "$NODE_IP4/24" dev eth0; ip route add default via "$GATEWAY4"
if [ -n "$NODE_IP6" ]; then ip -6 addr add "$NODE_IP6/64" dev eth0 nodad; ip -6 route add default via "$GATEWAY6"; fi

# ---- programs ------------------------------------------------------------------------------------------------------
export PATH=/run/bed/bin:$PATH
keep() { while true; do "$@"; sleep 1; done; }   # what systemd does on a real node
cat > /run/containerd/config.toml <<'C'
version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "registry.k8s.io/pause:3.10"
[plugins.'io.containerd.cri.v1.runtime']
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/opt/cni/bin"]
    conf_dir = "/etc/cni/net.d"
    use_internal_loopback = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
C
keep containerd -c /run/containerd/config.toml > /run/node/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done
for archive in /run/bed/node-images-3/*.tar; do
  ctr -n k8s.io images import --local "$archive" >> /run/node/import.log 2>&1 && basename "$archive" .tar >> /run/node/imported
done
cat > /run/kubelet.yaml <<K
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $NODE_PKI/ca.crt}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupsPerQOS: false
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
enforceNodeAllocatable: []
evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%"}
failCgroupV1: false
failSwapOn: false
imageGCHighThresholdPercent: 100
localStorageCapacityIsolation: false
resolvConf: /etc/resolv.conf
staticPodPath: /etc/kubernetes/manifests
K
keep kubelet --config=/run/kubelet.yaml --kubeconfig="$NODE_PKI/$NODE.kubeconfig" --hostname-override="$NODE" --node-ip="$NODE_IP4${NODE_IP6:+,$NODE_IP6}" > /run/node/kubelet.log 2>&1 &
while true; do wait -n 2>/dev/null || sleep 5; done
