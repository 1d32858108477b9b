# Names and addresses of one bed, all of them from its number, so that several beds can stand on one machine.
# Sourced by every other file here; says nothing and changes nothing by itself.
# shellcheck disable=SC2034

KPR_BED_HOME=${KPR_BED_HOME:-$HOME/.cache/kpr-bed}   # programs and images, shared by all beds, kept between runs
KPR_BED_ID=${KPR_BED_ID:-0}
KUBE_VERSION=1.36.3
CILIUM_DEFAULT=1.19.6

say() { printf '%s\n' "$*" >&2; }
die() { say "bed: $*"; exit 1; }
usage_error() { say "bed: $*"; exit 64; }
# 69 tells callers apart "this machine cannot run a bed" from "the bed failed".
unavailable() { say "bed: $*"; exit 69; }

[[ $KPR_BED_ID =~ ^(0|[1-9][0-9]{0,2})$ && $KPR_BED_ID -le 254 ]] || usage_error "KPR_BED_ID=$KPR_BED_ID is not a number from 0 to 254"

PREFIX=kpr$KPR_BED_ID            # the link on the host; cgroups are ${PREFIX}cp, ${PREFIX}n1, …
NET4=172.30.$KPR_BED_ID          # .1 to .3 API servers, .11 and up nodes, .254 the host
NET6=fd30:0:0:$KPR_BED_ID
GATEWAY=$NET4.1
HOST_ADDRESS=$NET4.254
API_NAME=api.bed.internal        # what a kubeadm user would give as --control-plane-endpoint
POD_CIDR4=10.244.0.0/16 POD_CIDR6=fd00:10:244::/48
SERVICE_CIDR4=10.96.0.0/16 SERVICE_CIDR6=fd00:10:96::/112
# Addresses outside the nodes' subnet that the router of the bed sends to n1, as a router in front of a cluster would.
LB_CIDR4=192.0.2.0/24 LB_CIDR6=2001:db8:2::/64 EXTERNAL_CIDR4=203.0.113.0/24

BIN=$KPR_BED_HOME/bin
IMAGES=$KPR_BED_HOME/node-images-3
BED=$KPR_BED_HOME/beds/$KPR_BED_ID
RUN=$BED/run                     # what lives as long as the cluster
PKI=$BED/pki
SETTINGS=$BED/settings           # what `up` was asked for; later commands need it
export KUBECONFIG=$BED/kubeconfig

node_index() { [[ $1 =~ ^n([1-9][0-9]?)$ ]] || usage_error "no node $1: nodes are n1, n2, …"; echo "${BASH_REMATCH[1]}"; }
node_ip4() { echo "$NET4.$((10 + $(node_index "$1")))"; }
node_ip6() { echo "$NET6::$((10 + $(node_index "$1")))"; }
api_addresses() { local i; for i in $(seq "${API_SERVERS:-1}"); do echo "$NET4.$i"; done; }

# SECONDS WHAT COMMAND...: polls until the command succeeds
wait_for() {
  local limit=$1 what=$2 start=$SECONDS; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $((SECONDS - start)) -lt "$limit" ] || die "no $what after $limit s; logs are in $RUN"
    sleep 0.2
  done
}
