# What must be so of Cilium is asked here and now: what was read may be old, or have been written by anybody.

# The agent's status as JSON, by the first that gets it: its pod has its own client, nodes have curl or perl.
# (A program cilium of a node may be another one.)
agent_status() {
  local said how socket=/var/run/cilium/cilium.sock
  for how in cilium-dbg cilium curl perl; do
    command -v $how >/dev/null || continue
    case $how in
      curl) said=$(curl -sS -m 10 --unix-socket $socket http://localhost/v1/healthz 2>/dev/null) ;;
      perl)
        # shellcheck disable=SC2016 # What is expanded, is expanded by perl.
        said=$(timeout 10 perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new($ARGV[0]) or exit 1;
print $s "GET /v1/healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"; print while <$s>' $socket 2>/dev/null) ;;
      *) said=$(timeout 10 $how status -o json 2>/dev/null) ;;
    esac
    case $said in *'"kube-proxy-replacement"'*) echo "$said"; return 0 ;; esac
  done
  return 1
}

# Says why not, where Cilium does not replace kube-proxy here.
serves_nothing() {
  local mode
  mode=$(agent_status | tr -d ' \t\r\n' | sed -n 's/.*"kube-proxy-replacement":{//p' |
    grep -oE '"mode":"(True|False|Strict|Probe|Partial|Disabled)"' | head -n 1)
  case $mode in
    *True* | *Strict*) return 1 ;;
    '') echo 'whether Cilium replaces kube-proxy here is not known: its agent says nothing to its own client, to curl or to perl' ;;
    *) echo "Cilium does not replace kube-proxy here: its agent says ${mode#*:}" ;;
  esac
}

# Whether it is the agent that listens on kube-proxy's health port, 10256.
health_is_cilium() {
  local inode p name
  while read -r inode; do
    for p in /proc/[0-9]*; do
      name=
      { read -r name <"$p/comm"; } 2>/dev/null
      [ "$name" = cilium-agent ] || continue
      # shellcheck disable=SC2010 # One process for hundreds of descriptors; no name in it is anybody's choice.
      ls -l "$p/fd" 2>/dev/null | grep -qF "socket:[$inode]" && continue 2
    done
    return 1
  done < <(awk '$4 == "0A" && $2 ~ /:2810$/ { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  return 0
}
