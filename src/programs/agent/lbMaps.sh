# How large the maps are: one JSON object a line. A family that is off has no map, which is no error.
for m in /sys/fs/bpf/tc/globals/cilium_lb[46]_{services_v2,backends_v3,reverse_nat,affinity,source_range}; do
  [ -e "$m" ] && bpftool -j map show pinned "$m" && echo
done
true
