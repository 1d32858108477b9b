# The switch that joins the nodes, and the control plane beside it: all in one network namespace of their own, so that
# neither the host's firewall nor its ports play a part. The host has one link into it and one route.

in_switch() { local pid; pid=$(switch_pid); nsenter --net="/proc/$pid/ns/net" -- "$@"; }
switch_pid() {
  local pid; pid=$(cat "$RUN/switch.pid" 2>/dev/null) && cgroup_has "${PREFIX}cp" "$pid" && echo "$pid" && return 0
  die "bed $KPR_BED_ID is down: KPR_BED_ID=$KPR_BED_ID $HERE/bed up"
}

start_switch() {
  local address pid
  if ip -o addr show | grep -qF " $NET4."; then
    die "$NET4.0/24 is in use on this machine ($(ip -o addr show | grep -F " $NET4." | awk '{print $2}' | head -1)): choose another KPR_BED_ID"
  fi
  (cgroup_enter "${PREFIX}cp"; exec setsid unshare --net sleep infinity) > /dev/null 2>&1 < /dev/null 7>&- 9>&- &
  pid=$!; echo $pid > "$RUN/switch.pid"; disown   # else this shell reports its end
  wait_for 30 'network namespace of the control plane' other_netns $pid
  in_switch ip link set lo up
  in_switch ip link add switch type bridge
  in_switch ip link set switch up
  for address in $(api_addresses); do in_switch ip addr add "$address/24" dev switch; done
  in_switch ip -6 addr add "$NET6::1/64" dev switch nodad
  in_switch sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  # In a new namespace the bridge would send frames through netfilter, which costs time and connection tracking.
  in_switch sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || true
  ip link add "$PREFIX" type veth peer name host netns "$pid"
  in_switch ip link set host master switch up
  ip addr add "$HOST_ADDRESS/24" dev "$PREFIX"; ip link set "$PREFIX" up
}
other_netns() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# Traffic from outside to LoadBalancer and external addresses goes to the first node.
route_to_first_node() {
  in_switch ip route replace "$LB_CIDR4" via "$(node_ip4 n1)"
  in_switch ip route replace "$EXTERNAL_CIDR4" via "$(node_ip4 n1)"
  in_switch ip -6 route replace "$LB_CIDR6" via "$(node_ip6 n1)"
}

# NAME COMMAND...: a component, remembered so that `bed stop` and `bed start` can play with it
component() {
  local name=$1; shift
  printf '%q ' "$@" > "$RUN/$name.command"
  start_component "$name"
}
start_component() {
  local pid switch; pid=$(component_pid "$1") && die "$1 runs already"
  [ -f "$RUN/$1.command" ] || usage_error "no component $1: $(components)"
  switch=$(switch_pid)
  (cgroup_enter "${PREFIX}cp"; eval "exec setsid nsenter --net=/proc/$switch/ns/net -- $(cat "$RUN/$1.command")") >> "$RUN/$1.log" 2>&1 < /dev/null 7>&- 9>&- &
  echo $! > "$RUN/$1.pid"; disown
}
stop_component() {
  local pid; pid=$(component_pid "$1") || usage_error "$1 does not run; components: $(components)"
  kill -9 "$pid"
  wait_for 30 "end of $1" component_gone "$1"
}
component_pid() { local pid; pid=$(cat "$RUN/$1.pid" 2>/dev/null) && cgroup_has "${PREFIX}cp" "$pid" && echo "$pid"; }
component_gone() { ! component_pid "$1"; }
components() { find "$RUN" -maxdepth 1 -name '*.command' -printf '%f\n' | sed 's/\.command$//' | sort | tr '\n' ' '; }

start_control_plane() {
  local address i=0 service_cidr=$SERVICE_CIDR4 pod_cidr=$POD_CIDR4 masks=(--node-cidr-mask-size=24) extra=()
  if [ -n "$DUAL_STACK" ]; then
    service_cidr+=,$SERVICE_CIDR6; pod_cidr+=,$POD_CIDR6; masks=(--node-cidr-mask-size-ipv4=24 --node-cidr-mask-size-ipv6=64)
  fi
  make_pki
  audit_policy > "$RUN/audit-policy.yaml"
  read -r -a extra <<< "${KPR_BED_APISERVER_FLAGS:-}"
  # No fsync: the data lives no longer than the cluster.
  component etcd "$BIN/etcd" --data-dir "$RUN/etcd-data" --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380 \
    --unsafe-no-fsync --log-level warn
  for address in $(api_addresses); do
    i=$((i + 1))
    component "apiserver$( [ $i = 1 ] || echo "-$i")" "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --bind-address="$address" --advertise-address="$address" --secure-port=6443 \
      --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
      --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" --service-account-issuer=https://kubernetes.default.svc \
      --service-cluster-ip-range="$service_cidr" --authorization-mode=Node,RBAC --allow-privileged=true --kubelet-preferred-address-types=InternalIP \
      --kubelet-client-certificate="$PKI/kubelet-client.crt" --kubelet-client-key="$PKI/kubelet-client.key" \
      --audit-policy-file="$RUN/audit-policy.yaml" --audit-log-path="$RUN/audit-$i.log" --audit-log-mode=batch "${extra[@]}"
    # The others start when the first one has laid out the database.
    if [ $i = 1 ]; then wait_for 300 'API server' kubectl get --raw /readyz; fi
  done
  component controller-manager "$BIN/kube-controller-manager" --kubeconfig="$PKI/controller-manager.kubeconfig" --use-service-account-credentials=true \
    --root-ca-file="$PKI/ca.crt" --service-account-private-key-file="$PKI/sa.key" --allocate-node-cidrs=true --cluster-cidr="$pod_cidr" "${masks[@]}" \
    --service-cluster-ip-range="$service_cidr" --leader-elect=false
  component scheduler "$BIN/kube-scheduler" --kubeconfig="$PKI/scheduler.kubeconfig" --leader-elect=false
}

# What people do, not what the system does: `audit-*.log` is the proof of who read and who wrote.
audit_policy() {
  cat <<'K'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, userGroups: [system:nodes, "system:serviceaccounts"]}
- {level: None, users: ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver", kube-apiserver-kubelet-client]}
- {level: None, nonResourceURLs: ["/readyz*", "/livez*", "/healthz*"]}
- {level: Metadata}
K
}

# What kubeadm leaves in a cluster about its control plane.
kubeadm_config() {
  local sans; sans=$(api_addresses | paste -sd, | sed 's/,/, /g')
  kubectl apply -f - >/dev/null <<K
apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm-config, namespace: kube-system}
data:
  ClusterConfiguration: |
    apiServer:
      certSANs: [$API_NAME, $sans]
    apiVersion: kubeadm.k8s.io/v1beta4
    certificatesDir: /etc/kubernetes/pki
    clusterName: kubernetes
    controlPlaneEndpoint: $API_NAME:6443
    dns: {}
    kind: ClusterConfiguration
    kubernetesVersion: v$KUBE_VERSION
    networking:
      dnsDomain: cluster.local
      podSubnet: $POD_CIDR4${DUAL_STACK:+,$POD_CIDR6}
      serviceSubnet: $SERVICE_CIDR4${DUAL_STACK:+,$SERVICE_CIDR6}
    proxy: {disabled: true}
    scheduler: {}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cluster-info, namespace: kube-public}
data:
  kubeconfig: |
    apiVersion: v1
    clusters:
    - cluster:
        certificate-authority-data: $(base64 -w0 < "$PKI/ca.crt")
        server: https://$API_NAME:6443
      name: ""
    contexts: null
    current-context: ""
    kind: Config
    users: null
K
}
