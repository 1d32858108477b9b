# Images without a registry. Those of Cilium and kube-proxy have an empty root: a pod gets the node's own /usr and the
# built programs as volumes (localise.ts). For pods that others make of the agents' image it holds a shell, perl and
# sleep, as the real one does. Those of the workload stand in, under their real names, for the
# images that the example's manifests ask for, so that the manifests are applied unchanged.

IMAGE_ROOTS=$KPR_BED_HOME/image-roots-3

# ROOT PROGRAM...: copies programs with the shared libraries they load
copy_programs() {
  local root=$1 program file; shift
  for program in "$@"; do
    program=$(readlink -f "$(command -v "$program")")
    for file in "$program" $(ldd "$program" 2>/dev/null | grep -oE '/[^ ]+'); do
      [ -e "$root$file" ] || install -D -m755 "$(readlink -f "$file")" "$root$file"
    done
  done
}

busybox_root() {
  local root=$1 applet
  mkdir -p "$root"/{bin,etc,tmp,root}
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list | grep -vx busybox); do
    ln -sf busybox "$root/bin/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
}

httpd_root() {   # answers like the httpd image; /cgi-bin/hostname tells which pod it was
  local root=$1
  busybox_root "$root"; mkdir -p "$root/www/cgi-bin"
  echo '<html><body><h1>It works!</h1></body></html>' > "$root/www/index.html"
  printf '#!/bin/sh\necho "Content-Type: text/plain"\necho\nhostname\n' > "$root/www/cgi-bin/hostname"; chmod 755 "$root/www/cgi-bin/hostname"
}

netshoot_root() {
  local root=$1 name
  busybox_root "$root"
  mkdir -p "$root"/usr/{bin,sbin}; for name in lib lib64; do mkdir -p "$root/usr/$name"; ln -sfn "usr/$name" "$root/$name"; done
  copy_programs "$root" bash curl dig ip ss
  ln -sf "$(readlink -f "$(command -v bash)")" "$root/bin/bash"
}

host_root() {   # /usr comes from the node
  local root=$1 name
  mkdir -p "$root"/{etc,tmp,usr,root,run,proc,sys,dev,opt,var/lib/cilium,var/run}
  for name in bin sbin lib lib64; do ln -sfn "usr/$name" "$root/$name"; done
  cp -a /etc/alternatives /etc/ld.so.cache /etc/ld.so.conf /etc/protocols /etc/services "$root/etc/"
  echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"; echo 'root:x:0:' > "$root/etc/group"
}

# ARCHIVE: writes it from lines "NAMES<tab>ROOT<tab>CONFIG" on stdin
image_archive() { bed_node "$HERE/lib/image.ts" "$1.new" && mv "$1.new" "$1"; }

base_images() {
  local roots=$IMAGE_ROOTS
  [ ! -f "$IMAGES/base.tar" ] || return 0
  rm -rf "$roots"; mkdir -p "$IMAGES" "$roots/coredns"
  httpd_root "$roots/httpd"; netshoot_root "$roots/netshoot"; host_root "$roots/host"; cp "$BIN/coredns" "$roots/coredns/"
  printf '%s\t%s\t%s\n' \
    registry.k8s.io/pause:3.10 "$roots/httpd" '{"Entrypoint":["/bin/sleep","infinity"],"Env":["PATH=/bin"]}' \
    docker.io/library/httpd:2.4,docker.io/library/busybox:1.37 "$roots/httpd" '{"Cmd":["/bin/httpd","-f","-p","80","-h","/www"],"Env":["PATH=/bin"]}' \
    docker.io/nicolaka/netshoot:v0.14 "$roots/netshoot" '{"Cmd":["/bin/bash"],"Env":["PATH=/usr/sbin:/usr/bin:/bin"]}' \
    registry.k8s.io/coredns/coredns:v1.15.0 "$roots/coredns" '{"Entrypoint":["/coredns"]}' \
    "registry.k8s.io/kube-proxy:v$KUBE_VERSION" "$roots/host" '{"Cmd":["/bin/sh"],"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin"]}' |
    image_archive "$IMAGES/base.tar"
}

# VERSION: its agent and operator share one image; the two scripts are what the DaemonSet's init containers run
cilium_image() {
  local root=$IMAGE_ROOTS/cilium-$1 archive=$IMAGES/cilium-$1.tar source
  [ ! -f "$archive" ] || return 0
  source=$(cilium_source "$1")
  mkdir -p "$IMAGES"; rm -rf "$root"; host_root "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}; copy_programs "$root" bash sh perl sleep timeout
  ln -sf dash "$root/usr/bin/sh"
  install -m755 "$source/images/cilium/init-container.sh" "$source/plugins/cilium-cni/install-plugin.sh" "$root/"
  # The agent compiles these, and writes beside them.
  cp -r "$source/bpf" "$root/var/lib/cilium/bpf"; chmod -R u+w "$root/var/lib/cilium/bpf"
  install -D -m755 "$HERE/lib/clang-cache.sh" "$root/opt/bed/bin/clang"
  printf '%s 1 0 - Live 0x0\n' ip_tables iptable_{nat,mangle,raw,filter} ip6_tables ip6table_{mangle,raw,filter} xt_socket > "$root/etc/.modules"
  printf '%s\t%s\t%s\n' "quay.io/cilium/cilium:v$1,quay.io/cilium/operator-generic:v$1" "$root" \
    '{"Cmd":["/usr/local/bin/cilium-dbg"],"Env":["PATH=/opt/bed/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"]}' |
    image_archive "$archive"
}
