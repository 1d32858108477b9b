# What runs on the cluster: DNS, the use case of the examples exactly as it lies there, and more kinds of Services.
apply_workload() {
  local files=("$HERE/manifests/coredns.yaml" "$EXAMPLE/httpd.yaml" "$EXAMPLE/netshoot-client.yaml" "$HERE/manifests/services.yaml")
  if [ -n "$DUAL_STACK" ]; then files+=("$HERE/manifests/services-dual-stack.yaml"); fi
  kubectl apply "${files[@]/#/--filename=}" >/dev/null 2> >(grep -v deprecated >&2 || true)
}
wait_for_workload() {
  kubectl -n kube-system rollout status deployment coredns --timeout=300s >/dev/null
  kubectl rollout status deployment httpd --timeout=300s >/dev/null
  kubectl wait --for=condition=Ready pod/netshoot-client --timeout=300s >/dev/null
}

# Pods of another network keep it until they are made anew.
restart_workload() {
  kubectl -n kube-system rollout restart deployment coredns >/dev/null
  kubectl rollout restart deployment httpd >/dev/null
  kubectl delete pod netshoot-client --now >/dev/null
  apply_workload; wait_for_workload
}
