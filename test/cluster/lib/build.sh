# The programs of the cluster, built from Go modules (modules/*), and what they need from the distribution.

MODULES=$HERE/modules
PACKAGES=(bpftool busybox-static bind9-dnsutils conntrack curl iproute2 ipset iptables jq kmod nftables openssl procps runc util-linux)
COMMANDS=(bpftool busybox curl dig conntrack ip ipset iptables-nft iptables-legacy jq nft nsenter openssl runc unshare)

cilium_versions() { local dir; for dir in "$MODULES"/cilium-*; do basename "$dir" | sed 's/^cilium-//'; done; }
known_cilium() { [ -f "$MODULES/cilium-$1/go.mod" ] || usage_error "no modules/cilium-$1; known versions: $(cilium_versions | tr '\n' ' ')"; }

# the newest LLVM of the distribution: Cilium's agent compiles its eBPF programs with it
llvm_dir() { find /usr/lib -maxdepth 1 -name 'llvm-[0-9]*' 2>/dev/null | sort -V | while read -r d; do if [ -x "$d/bin/clang" ]; then echo "$d"; fi; done | tail -1; }

# Distribution packages; installed where apt-get can do it, named where it can't.
install_packages() {
  local c missing=()
  for c in "${COMMANDS[@]}"; do command -v "$c" >/dev/null || missing+=("$c"); done
  [ -n "$(llvm_dir)" ] || missing+=(clang)
  [ ${#missing[@]} -gt 0 ] || return 0
  { command -v apt-get >/dev/null && [ -z "${KPR_BED_NO_INSTALL:-}" ]; } ||
    unavailable "these programs are missing: ${missing[*]}; on Debian and Ubuntu: apt-get install ${PACKAGES[*]} clang-19"
  say "installing distribution packages for: ${missing[*]}"
  apt-get update -qq >&2
  local clang=clang
  if apt-cache show clang-19 >/dev/null 2>&1; then clang='clang-19'; fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${PACKAGES[@]}" "$clang" "${clang/clang/llvm}" >/dev/null
}

# MODULE OUTPUT PACKAGE [BUILD FLAGS...]: one program; built again only when its module asks for other versions
go_program() {
  local dir=$MODULES/$1 out=$2 package=$3 sum start=$SECONDS; shift 3
  sum=$(sha256sum < "$dir/go.mod" | cut -c1-16)
  if [ -x "$out" ] && { [ ! -f "$out.module" ] || [ "$(cat "$out.module")" = "$sum" ]; }; then return 0; fi
  command -v go >/dev/null || unavailable "$(basename "$out") is to be built and there is no Go; install Go 1.26 or newer (https://go.dev/dl)"
  mkdir -p "$(dirname "$out")"
  (cd "$dir" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build "$@" -o "$out.new" "$package")
  mv "$out.new" "$out"; echo "$sum" > "$out.module"   # a build that was cut short leaves no half program
  say "built $(basename "$out") in $((SECONDS - start)) s"
}

build_kubernetes() {
  local stamp=k8s.io/component-base/version minor=${KUBE_VERSION#*.} t
  for t in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    go_program kubernetes "$BIN/$t" "k8s.io/kubernetes/cmd/$t" \
      -ldflags "-s -w -X $stamp.gitVersion=v$KUBE_VERSION -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}"
  done
  go_program etcd "$BIN/etcd" go.etcd.io/etcd/server/v3 -ldflags '-s -w'
  for t in containerd containerd-shim-runc-v2 ctr; do
    go_program containerd "$BIN/$t" "github.com/containerd/containerd/v2/cmd/$t" -ldflags '-s -w'
  done
  go_program helm "$BIN/helm" helm.sh/helm/v3/cmd/helm -ldflags '-s -w'
  go_program coredns "$BIN/coredns" github.com/coredns/coredns -ldflags '-s -w'
  for t in main/ptp ipam/host-local meta/portmap; do
    go_program cni "$BIN/cni/${t#*/}" "github.com/containernetworking/plugins/plugins/$t" -ldflags '-s -w'
  done
}

# VERSION: where the module cache keeps Cilium's sources
cilium_source() { (cd "$MODULES/cilium-$1" && go mod download -json "github.com/cilium/cilium@v$1") | jq -r .Dir; }

# AGENT: agents up to 1.17 end where there is no /proc/modules, as in kernels without loadable modules. There the agent
# is made to read a list in its image instead (cilium_image): a name of the same length in the program's text.
without_proc_modules() {
  if [ ! -e /proc/modules ]; then sed -i 's|/proc/modules|/etc/.modules|g' "$1"; fi
}

# VERSION: folder cilium/VERSION with bin/ (what its image has in /usr/bin), cni/, chart/
build_cilium() {
  known_cilium "$1"
  local version=$1 out=$KPR_BED_HOME/cilium/$1 source pair from llvm
  local stamp="-s -w -X 'github.com/cilium/cilium/pkg/version.ciliumVersion=$version 00000000 2026-01-01T00:00:00+00:00'"
  if [ -f "$MODULES/cilium-$version/operator-from" ]; then   # its operator needs modules that are not to be had
    from=$(< "$MODULES/cilium-$version/operator-from"); build_cilium "$from"; mkdir -p "$out/bin"
    [ -x "$out/bin/cilium-operator-generic" ] || cp "$KPR_BED_HOME/cilium/$from/bin/cilium-operator-generic" "$out/bin/"
  fi
  source=$(cilium_source "$version"); llvm=$(llvm_dir)
  for pair in cilium-agent:daemon cilium-dbg:cilium-dbg cilium-operator-generic:operator cilium-bugtool:bugtool \
    cilium-health:cilium-health cilium-health-responder:cilium-health/responder; do
    if [ -n "${from:-}" ] && [ "${pair#*:}" = operator ]; then continue; fi
    go_program "cilium-$version" "$out/bin/${pair%%:*}" "github.com/cilium/cilium/${pair#*:}" -tags ipam_provider_operator -ldflags "$stamp"
  done
  go_program "cilium-$version" "$out/cni/cilium-cni" github.com/cilium/cilium/plugins/cilium-cni -ldflags "$stamp"
  if [[ $version =~ ^1\.1[0-7]\. ]]; then without_proc_modules "$out/bin/cilium-agent"; fi
  ln -sf cilium-dbg "$out/bin/cilium"; ln -sf "$llvm/bin/clang" "$out/bin/clang"; ln -sf "$llvm/bin/llc" "$out/bin/llc"
  ln -sfn "$source/install/kubernetes/cilium" "$out/chart"
  cilium_image "$version"
}
