# Cilium, installed and upgraded the way users do it: with Helm from the version's own chart.

# VERSION [HELM ARGUMENTS...]
install_cilium() {
  local version=$1; shift
  import_image "cilium-$version"
  # The example's values as they are, then what this bed needs, then what the caller wants.
  KPR_BED_PROGRAMS=/run/bed/cilium/$version BED_NODE_PROGRAM=$(bed_node_program) \
    "$BIN/helm" upgrade --install "$RELEASE" "$KPR_BED_HOME/cilium/$version/chart" --namespace "$NAMESPACE" --create-namespace \
    --disable-openapi-validation --post-renderer "$HERE/lib/localise.sh" \
    --values "$EXAMPLE/cilium-values.yaml" --values "$HERE/manifests/cilium-on-bed.yaml" \
    --set "k8sServiceHost=$GATEWAY" ${DUAL_STACK:+--set ipv6.enabled=true} "$@" >/dev/null
  kubectl -n "$NAMESPACE" rollout status daemonset cilium --timeout=300s >/dev/null
  kubectl -n "$NAMESPACE" rollout status deployment cilium-operator --timeout=300s >/dev/null
  set_setting CILIUM "$version"
}

# ARCHIVE: nodes that came up before it was built do not have it yet
import_image() {
  local n
  for n in $(node_names); do
    in_node "$n" bash -c "grep -qs ^$1\$ /run/node/imported || { /run/bed/bin/ctr -n k8s.io images import --local /run/bed/node-images-3/$1.tar && echo $1 >> /run/node/imported; }" >/dev/null
  done
}

agent_pod() {   # NODE
  local pod
  pod=$(kubectl -n "$NAMESPACE" get pod -l k8s-app=cilium --field-selector "spec.nodeName=$1" -o name | head -1)
  [ -n "$pod" ] || die "no Cilium agent on $1"
  echo "$pod"
}

# Addresses for Services of type LoadBalancer.
lb_pool() {
  local version
  wait_for 180 'definition of CiliumLoadBalancerIPPool' kubectl get crd ciliumloadbalancerippools.cilium.io
  version=$(kubectl get crd ciliumloadbalancerippools.cilium.io -o json | jq -r '[.spec.versions[] | select(.served) | .name] | sort | .[0]')
  wait_for 120 'address pool' apply_pool "$version"
}
apply_pool() {
  kubectl apply -f - <<K
apiVersion: cilium.io/$1
kind: CiliumLoadBalancerIPPool
metadata: {name: bed}
spec: {blocks: [{cidr: $LB_CIDR4}${DUAL_STACK:+, {cidr: \"$LB_CIDR6\"\}}]}
K
}
