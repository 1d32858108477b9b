# kube-proxy as kubeadm installs it, and a plain CNI for clusters that have no Cilium.

# iptables|nftables|none: installs, switches the mode of, or deletes only the DaemonSet; its ConfigMap and its rules
# stay, as in life
kube_proxy() {
  case $1 in
    none) kubectl -n kube-system delete daemonset kube-proxy --ignore-not-found >/dev/null; return ;;
    iptables | nftables) ;;
    *) usage_error "kube-proxy mode $1: iptables, nftables or none (the kernel of a bed need not have IPVS)" ;;
  esac
  sed "s/@MODE@/$1/; s/@SERVER@/$GATEWAY/; s/@VERSION@/$KUBE_VERSION/; s|@POD_CIDR@|$POD_CIDR4${DUAL_STACK:+,$POD_CIDR6}|" "$HERE/manifests/kube-proxy.yaml" |
    KPR_BED_PROGRAMS=/run/bed BED_NODE_PROGRAM=$(bed_node_program) "$HERE/lib/localise.sh" | kubectl apply -f - >/dev/null
  kubectl -n kube-system rollout restart daemonset kube-proxy >/dev/null
  kubectl -n kube-system rollout status daemonset kube-proxy --timeout=300s >/dev/null
}

# ptp, host-local and portmap on each node; every other node and the router know the way to its pods
plain_cni() {
  local n other cidr ranges
  for n in $(node_names); do
    ranges=
    for cidr in $(pod_cidrs "$n"); do
      ranges+="${ranges:+, }[{\"subnet\": \"$cidr\"}]"
      in_switch ip route replace "$cidr" via "$(next_hop "$n" "$cidr")"
      for other in $(node_names); do
        if [ "$other" != "$n" ]; then in_node "$other" ip route replace "$cidr" via "$(next_hop "$n" "$cidr")"; fi
      done
    done
    in_node "$n" tee /etc/cni/net.d/10-bed.conflist >/dev/null <<K
{"cniVersion": "1.0.0", "name": "bed", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam", "ranges": [$ranges], "routes": [{"dst": "0.0.0.0/0"}${DUAL_STACK:+, {\"dst\": \"::/0\"\}}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
K
  done
}
next_hop() { case $2 in *:*) node_ip6 "$1" ;; *) node_ip4 "$1" ;; esac; }   # NODE CIDR
pod_cidrs() { kubectl get node "$1" -o jsonpath='{.spec.podCIDRs[*]}'; }
