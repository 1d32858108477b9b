# Certificates and kubeconfigs, each component with an identity of its own, so that the audit log tells them apart.
# Made once for a bed and kept: they depend on its number only.

# NAME SUBJECT [SAN]
certificate() {
  [ ! -f "$PKI/$1.crt" ] || return 0
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$PKI/$1.key" -out "$PKI/$1.csr" -subj "$2" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature' "${3:-DNS:$1}" > "$PKI/$1.ext"
  openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 3650 \
    -extfile "$PKI/$1.ext" -out "$PKI/$1.crt.new" 2>/dev/null
  mv "$PKI/$1.crt.new" "$PKI/$1.crt"
}

# NAME: a kubeconfig for that certificate, on stdout
kubeconfig_of() {
  cat <<K
apiVersion: v1
kind: Config
clusters: [{name: bed, cluster: {server: "https://$GATEWAY:6443", certificate-authority-data: $(base64 -w0 < "$PKI/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 < "$PKI/$1.crt"), client-key-data: $(base64 -w0 < "$PKI/$1.key")}}]
contexts: [{name: bed, context: {cluster: bed, user: $1}}]
current-context: bed
K
}

make_pki() {
  mkdir -p "$PKI"; chmod 700 "$PKI"
  if [ ! -f "$PKI/ca.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$PKI/ca.key" -out "$PKI/ca.crt.new" -days 3650 -subj /CN=bed-ca 2>/dev/null
    mv "$PKI/ca.crt.new" "$PKI/ca.crt"
  fi
  if [ ! -f "$PKI/sa.pub" ]; then
    openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null; openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub" 2>/dev/null
  fi
  certificate apiserver /CN=kube-apiserver "IP:$NET4.1,IP:$NET4.2,IP:$NET4.3,IP:$NET6::1,IP:127.0.0.1,IP:10.96.0.1,IP:fd00:10:96::1,DNS:$API_NAME,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate admin /O=system:masters/CN=kubernetes-admin
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  local n
  for n in controller-manager scheduler; do kubeconfig_of $n > "$PKI/$n.kubeconfig"; done
  kubeconfig_of admin > "$KUBECONFIG"; chmod 600 "$KUBECONFIG"
}

# NODE
make_node_pki() { certificate "$1" "/O=system:nodes/CN=system:node:$1"; kubeconfig_of "$1" > "$PKI/$1.kubeconfig"; }
