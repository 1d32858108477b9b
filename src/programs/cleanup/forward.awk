# Where FORWARD drops what nobody accepts, KUBE-FORWARD may be what lets replies through: then this exits with 1.
# The file `chains` holds TABLE CHAIN a line, of the chains that are to go; the input is a dump of iptables-save.
BEGIN { while ((getline l < chains) > 0) if (l == "filter KUBE-FORWARD") ours = 1 }
/^\*/ { t = $1 }
t != "*filter" { next }
{ sub(/^\[[0-9]+:[0-9]+\] /, "") }
/^:KUBE-FORWARD / { there = 1 }
/^:FORWARD DROP/ || /^-A FORWARD -j (DROP|REJECT)/ { drops = 1 }
/^-A FORWARD .*-j CILIUM_FORWARD/ || /^-A FORWARD -j CILIUM_FORWARD/ || $0 == "-A FORWARD -j ACCEPT" { accepts = 1 }
END { exit ours && there && drops && !accepts }
