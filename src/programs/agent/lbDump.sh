# The maps themselves, in a tenth of the time of `cilium-dbg bpf lb list`, which takes five processes and shows less. A
# family that is off has no map, nor has Maglev. Without any, or with the backends in another map (before 1.12), it
# fails, and `bpf lb list` is asked. Sizes are asked of those of which they are reported. Of Maglev the keys tell, for
# behind each of them is a map. With arguments, which are lbDigest.pl and its words, the same is said in little; where
# an image has no perl, it is said in full.
set -eo pipefail
cd /sys/fs/bpf/tc/globals
ls cilium_lb[46]_backends_v3 >/dev/null
dump() {
  for m in cilium_lb[46]_{services_v2,backends_v3,reverse_nat,source_range,maglev} cilium_lb_affinity_match; do
    [ -e "$m" ] || continue
    echo "$m"
    case $m in *range | *match | *maglev) ;; *) bpftool -j map show pinned "$PWD/$m"; echo ;; esac
    bpftool -j map dump pinned "$PWD/$m" | tr -d '"x[], \n'
    echo
  done
}
if [ "$1" ] && command -v perl >/dev/null; then dump | perl -e "$@"; else dump; fi
