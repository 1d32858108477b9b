# There may be a program of that name that cannot do it.
ipvsadm_works() { command -v ipvsadm >/dev/null && ipvsadm -Sn >/dev/null 2>&1; }
nft_works() { command -v nft >/dev/null && nft list tables >/dev/null 2>&1; }

# nftables tables, and what the ipvs mode leaves. Programs that are not here are named, and what needs them is left.
others() { # check|backup|run
  local family one bad=0
  for family in "${NFT[@]}"; do
    if ! nft_works; then left "$1" "table $family kube-proxy (nft is not here: run this script on the node itself)"; continue; fi
    nft list table "$family" kube-proxy >"$W/nft" 2>/dev/null || { [ "$1" != check ] || ok "nftables table $family kube-proxy: nothing left to do"; continue; }
    case $1 in
      check) one="-c" ;;
      backup)
        cp "$W/nft" "$D/nft-$family.nft"
        { drop_table "$family"; cat "$W/nft"; } | nft -c -f - 2>"$W/err" || { no "nft could not put table $family kube-proxy back: $(head -c 300 "$W/err")"; return 1; }
        continue ;;
      run) one= ;;
    esac
    if drop_table "$family" | nft $one -f - 2>"$W/err"; then
      ok "nftables table $family kube-proxy${one:+: nft takes it}${one:- taken away}"
    else no "nft: $(head -c 300 "$W/err")"; bad=1; fi
  done
  ipvs "$1" || bad=1
  return $bad
}

# The tables are those that were read, by the number of their chains: each Service and each endpoint has one.
nft_as_read() {
  local i chains bad=0
  ! nft_works || for i in "${!NFT[@]}"; do
    nft list table "${NFT[i]}" kube-proxy >"$W/nft" 2>/dev/null || continue
    chains=$(grep -cE '^[[:space:]]*chain ' "$W/nft")
    [ "$chains" = "${NFT_CHAINS[i]}" ] && continue
    no "nftables table ${NFT[i]} kube-proxy: it has $chains chains, and ${NFT_CHAINS[i]} were read"
    bad=1
  done
  return $bad
}

drop_table() { printf 'add table %s kube-proxy\ndelete table %s kube-proxy\n' "$1" "$1"; }
left() { if [ "$1" = check ]; then note "stays for now: $2"; elif [ "$1" = run ]; then LEFT="${LEFT:+$LEFT; }$2 stays"; fi; }

# What of it can only be done elsewhere.
missing_here() {
  [ ${#NFT[@]} -eq 0 ] || nft_works || echo 'nftables table kube-proxy stays (nft is not here: run this script on the node itself)'
  ! servers_stay || echo 'IPVS virtual servers stay (ipvsadm is not here: run this script on the node itself)'
}

others_left() {
  local family one
  for family in "${NFT[@]}"; do ! nft_works || ! nft list table "$family" kube-proxy >/dev/null 2>&1 || return 0; done
  for one in "${SETS[@]}"; do ! ipset list -n 2>/dev/null | grep -qxF -- "$one" || return 0; done
  [ "$LINK" != yes ] || servers_stay || ! ip link show kube-ipvs0 >/dev/null 2>&1 || return 0
  servers_there | grep -q .
}

# Of the virtual servers that were taken for kube-proxy's, those that are here and are its own, as `ipvsadm -Sn` prints
# them: -A -t 10.96.0.1:443 …. Its own are those whose address is on its link now; and, while that holds any address,
# those of Services on other addresses (node ports). With the word `not`: those that are here and on which nothing shows
# that they are its own.
servers_there() {
  # shellcheck disable=SC2153 # It stands in the prologue.
  [ ${#SERVERS[@]} -gt 0 ] || [ ${#BY_SERVICE[@]} -gt 0 ] || return 0
  ipvsadm_works || return 0
  printf '%s\n' "${SERVERS[@]}" >"$W/servers"
  printf '%s\n' "${BY_SERVICE[@]}" >"$W/by-service"
  ip -o address show dev kube-ipvs0 2>/dev/null | awk '{ sub(/\/.*/, "", $4); print $4 }' >"$W/linked"
  ipvsadm -Sn 2>/dev/null | awk -v servers="$W/servers" -v ports="$W/by-service" -v linked="$W/linked" -v other="${1:-}" '
    BEGIN {
      while ((getline l < servers) > 0) own[l] = 1
      while ((getline l < ports) > 0) port[l] = 1
      while ((getline l < linked) > 0) { here[l] = 1; any = 1 }
    }
    {
      one = $2 " " $3; at = $3
      sub(/:[0-9]+$/, "", at); gsub(/[][]/, "", at)
      if ((one in own) || (one in port)) {
        mine = (at in here) || ((one in port) && any)
        if (mine == (other == "")) print
      }
    }'
}

servers_stay() { [ "$(servers_read)" -gt 0 ] && [ -e /proc/net/ip_vs ] && ! ipvsadm_works; }
servers_read() { echo $((${#SERVERS[@]} + ${#BY_SERVICE[@]})); }

# Rules that match sets are gone by now, so that nothing holds these.
ipvs() { # check|backup|run
  local one n bad=0 servers=
  if [ "$(servers_read)" -gt 0 ] && [ -e /proc/net/ip_vs ]; then
    if servers_stay; then
      left "$1" "$(servers_read) IPVS virtual servers (ipvsadm is not here: run this script on the node itself)"
      # What is on the link tells there whose they are.
      servers=left
    else
      n=$(servers_there not | grep -c '^-A')
      [ "$n" = 0 ] || left "$1" "$n IPVS virtual servers (nothing here shows that they are kube-proxy's: their addresses are not on kube-ipvs0)"
      servers_there >"$W/ipvs"
      case $1 in
        check) ok "$(grep -c '^-A' "$W/ipvs") IPVS virtual servers of kube-proxy" ;;
        backup) [ -e "$D/ipvs.save" ] || cp "$W/ipvs" "$D/ipvs.save" ;;
        run)
          while read -r _ one address _; do ipvsadm -D "$one" "$address" || bad=1; done < <(grep '^-A' "$W/ipvs")
          if [ $bad = 1 ]; then servers=left
          elif [ -s "$W/ipvs" ]; then ok 'IPVS virtual servers of kube-proxy taken away'; fi ;;
      esac
    fi
  fi
  if [ "$LINK" = yes ] && [ -n "$servers" ] && ip link show kube-ipvs0 >/dev/null 2>&1; then
    left "$1" 'link kube-ipvs0 (it goes with the virtual servers)'
  elif [ "$LINK" = yes ] && ip link show kube-ipvs0 >/dev/null 2>&1; then
    case $1 in
      check) ok 'link kube-ipvs0' ;;
      backup) [ -e "$D/link" ] || ip -o address show dev kube-ipvs0 | awk '{ print $4 }' >"$D/link" ;;
      run) if ip link delete kube-ipvs0 2>"$W/err"; then ok 'link kube-ipvs0 taken away'; else no "$(head -c 300 "$W/err")"; bad=1; fi ;;
    esac
  fi
  for one in "${SETS[@]}"; do
    ipset list -n 2>/dev/null | grep -qxF -- "$one" || continue
    case $1 in
      check) ok "ipset $one" ;;
      backup) ipset save "$one" >>"$D/ipset.save" || { no "ipset could not save $one"; return 1; } ;;
      run) if ipset destroy "$one" 2>"$W/err"; then ok "ipset $one taken away"; else no "$(head -c 300 "$W/err")"; bad=1; fi ;;
    esac
  done
  return $bad
}

undo_others() { # before|after the rules, DIR
  local family address bad=0
  if [ "$1" = before ]; then
    if [ -e "$2/ipset.save" ]; then
      if ipset -exist restore <"$2/ipset.save" 2>"$W/err"; then ok 'ipsets put back'; else no "$(head -c 300 "$W/err")"; bad=1; fi
    fi
    return $bad
  fi
  for family in ip ip6; do
    [ -e "$2/nft-$family.nft" ] || continue
    if ! nft_works; then no "nft is not here, so table $family kube-proxy was not put back"; bad=1; continue; fi
    if { drop_table "$family"; cat "$2/nft-$family.nft"; } | nft -f - 2>"$W/err"; then
      ok "nftables table $family kube-proxy put back"
    else no "nft: $(head -c 300 "$W/err")"; bad=1; fi
  done
  if [ -e "$2/link" ] && ! ip link show kube-ipvs0 >/dev/null 2>&1; then
    if ip link add kube-ipvs0 type dummy 2>"$W/err"; then
      while read -r address; do ip address add "$address" dev kube-ipvs0 || bad=1; done <"$2/link"
      ok 'link kube-ipvs0 put back'
    else no "$(head -c 300 "$W/err")"; bad=1; fi
  fi
  if [ -s "$2/ipvs.save" ]; then
    if command -v ipvsadm >/dev/null && ipvsadm -R <"$2/ipvs.save" 2>"$W/err"; then ok 'IPVS virtual servers put back'
    else no "IPVS virtual servers were not put back: $(head -c 300 "$W/err" 2>/dev/null)"; bad=1; fi
  fi
  return $bad
}
