# Of kube-proxy’s sets and kube-router’s alone: a firewall may have millions of members.
ipset save | sed -n '/^[a-z]* KUBE-/p'
exit "${PIPESTATUS[0]}"
