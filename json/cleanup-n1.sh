#!/usr/bin/env bash
# Takes away what kube-proxy left on node n1, and nothing else.
# Written by kubectl-kpr 0.1.0 from the rules of 2026-11-28T14:42:46.597Z.
#
# Made from the archive test/fixtures/recordings/kube-proxy-rules-left.kpr, not from the cluster: what it holds is as true as whoever wrote it.
# What is on the node is compared with it before anything is taken away; read check and show before you run it.
#
#   bash cleanup-n1.sh [check]     looks, tests every payload, changes nothing
#   bash cleanup-n1.sh run         takes a back-up, removes kube-proxy's rules, checks
#   bash cleanup-n1.sh undo DIR    puts back what a run took away; DIR is its back-up (also: bash DIR/undo)
#   bash cleanup-n1.sh show        prints the payloads
#
# It stops, and nothing is changed, where kube-proxy lives or its rules are not those that were read any more.
# Each payload is applied as a whole or not at all; after an interruption run it again, or undo.
#
# Exit status: 0 done, or nothing to do, or (check) it can be run; 1 refused, nothing changed; 2 cannot run here, nothing
# changed; 3 not finished or not as it should be; 4 done as far as this place can; 5 done, but lines of others changed
# meanwhile; 130 interrupted between two payloads.
# KPR_BACKUP_DIR: where back-ups go; else /var/run/cilium, which the node and the pod of its agent share, or /var/tmp.
#
# It runs as root in the node’s network namespace. In the pod of the agent, which has every iptables but neither nft nor ipvsadm:
#   kubectl -n kube-system exec -i cilium-7h8s6 -c cilium-agent -- bash -s -- check < cleanup-n1.sh
# or with the node’s own programs:
#   kubectl debug node/n1 -i -q --profile=sysadmin --image=busybox -- chroot /host bash -s -- check < cleanup-n1.sh

NODE=n1
ID=775f4250c3
HEALTH_IS_CILIUM=no
BACKEND=(nft nft nft nft nft nft)
FAMILY=(ipv4 ipv4 ipv4 ipv6 ipv6 ipv6)
TABLE=(mangle filter nat mangle filter nat)
WHAT=('0 rules, 1 chain' '13 rules, 6 chains' '102 rules, 36 chains' '0 rules, 1 chain' '12 rules, 6 chains' '8 rules, 5 chains')
STAGES=(1 1 1 1 1 1)
# Digests of kube-proxy’s rules: as it was read, and after each payload.
STATES=('6fe049a580429f753404fedd782dc1cb822aa93639662c53a5e6c4c4bc266aed e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' 'f6630c9baf27814b84228d378a6fe6d32f234219833086ea14a388219765a952 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' 'a14ba375471c45cb61f6ae57835070eea970b9b092dc2f8386ca3552e2b3f802 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' '6fe049a580429f753404fedd782dc1cb822aa93639662c53a5e6c4c4bc266aed e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' '6876344addb643d2e4fb5f248f5e38fa0e905d589e69c5e79501f5d34e774728 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' '17594607411ce90cd781bbe1394d048bbcb9763598a22547aa7e1cf80de258e3 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
NFT=()
NFT_CHAINS=()
SERVERS=()
BY_SERVICE=()
LINK=no
SETS=()
# shellcheck disable=SC1112,SC2016
NOTES=()

# What iptables-restore --noflush gets.
payload() { # TABLE.PAYLOAD
case $1 in
0.1)
cat <<'KPR_PAYLOAD'
*mangle
:KUBE-PROXY-CANARY - [0:0]
-X KUBE-PROXY-CANARY
COMMIT
KPR_PAYLOAD
;;
1.1)
cat <<'KPR_PAYLOAD'
*filter
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-D OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-X KUBE-EXTERNAL-SERVICES
-X KUBE-FORWARD
-X KUBE-NODEPORTS
-X KUBE-PROXY-CANARY
-X KUBE-PROXY-FIREWALL
-X KUBE-SERVICES
COMMIT
KPR_PAYLOAD
;;
2.1)
cat <<'KPR_PAYLOAD'
*nat
:KUBE-POSTROUTING - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
:KUBE-SVC-ERIFXISQEP7F7OF4 - [0:0]
:KUBE-SVC-XFKVMULVNTOVAXCH - [0:0]
:KUBE-SVC-TCOU7JCQXEZGVUNU - [0:0]
:KUBE-SVC-JD5MR3NA4I4DYORP - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SEP-VXGRCQ76C3L2IYJJ - [0:0]
:KUBE-SEP-3Z7KO3XHLUIAETSO - [0:0]
:KUBE-SEP-6EILPMNMSLXXEQLN - [0:0]
:KUBE-SEP-OQONZCNGZUP75COU - [0:0]
:KUBE-SEP-2GIPOVPXBU5DXTNO - [0:0]
:KUBE-SEP-NY4JAXWKPB3NUWWO - [0:0]
:KUBE-SEP-OBHWY4HOTOG65UWQ - [0:0]
:KUBE-SEP-WKP7MUASBKFJO33P - [0:0]
:KUBE-SEP-ETYGLQO4JVJKJAAX - [0:0]
:KUBE-SEP-SDRKEB6JFFGW3RWZ - [0:0]
:KUBE-EXT-Q56DOH722Z6JUP7N - [0:0]
:KUBE-EXT-SHB4ZW7BF632FXTP - [0:0]
:KUBE-EXT-ORWB6FAY62W6VKTN - [0:0]
:KUBE-SVC-Q56DOH722Z6JUP7N - [0:0]
:KUBE-SVC-SHB4ZW7BF632FXTP - [0:0]
:KUBE-SVC-ORWB6FAY62W6VKTN - [0:0]
:KUBE-SVL-ORWB6FAY62W6VKTN - [0:0]
:KUBE-SEP-SH7E4VPDQ2KVAWWB - [0:0]
:KUBE-SEP-IBXNFR6B3PPQL3E6 - [0:0]
:KUBE-SEP-EBY4BXQH5W6U7OSS - [0:0]
:KUBE-SEP-AMUE5XPBSYS4FO2L - [0:0]
:KUBE-SEP-VERR6MCQXMQCEREX - [0:0]
:KUBE-SEP-LIDNPYNIQ2Z7XMA7 - [0:0]
:KUBE-SEP-VLXTMWJOLHT6C624 - [0:0]
:KUBE-SEP-N5DGDZE5HTPE6M4P - [0:0]
:KUBE-SEP-6WSTP3Y37N6S3B6A - [0:0]
:KUBE-MARK-MASQ - [0:0]
-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-X KUBE-POSTROUTING
-X KUBE-PROXY-CANARY
-X KUBE-SERVICES
-X KUBE-SVC-NPX46M4PTMTKRN6Y
-X KUBE-SVC-ERIFXISQEP7F7OF4
-X KUBE-SVC-XFKVMULVNTOVAXCH
-X KUBE-SVC-TCOU7JCQXEZGVUNU
-X KUBE-SVC-JD5MR3NA4I4DYORP
-X KUBE-NODEPORTS
-X KUBE-SEP-VXGRCQ76C3L2IYJJ
-X KUBE-SEP-3Z7KO3XHLUIAETSO
-X KUBE-SEP-6EILPMNMSLXXEQLN
-X KUBE-SEP-OQONZCNGZUP75COU
-X KUBE-SEP-2GIPOVPXBU5DXTNO
-X KUBE-SEP-NY4JAXWKPB3NUWWO
-X KUBE-SEP-OBHWY4HOTOG65UWQ
-X KUBE-SEP-WKP7MUASBKFJO33P
-X KUBE-SEP-ETYGLQO4JVJKJAAX
-X KUBE-SEP-SDRKEB6JFFGW3RWZ
-X KUBE-EXT-Q56DOH722Z6JUP7N
-X KUBE-EXT-SHB4ZW7BF632FXTP
-X KUBE-EXT-ORWB6FAY62W6VKTN
-X KUBE-SVC-Q56DOH722Z6JUP7N
-X KUBE-SVC-SHB4ZW7BF632FXTP
-X KUBE-SVC-ORWB6FAY62W6VKTN
-X KUBE-SVL-ORWB6FAY62W6VKTN
-X KUBE-SEP-SH7E4VPDQ2KVAWWB
-X KUBE-SEP-IBXNFR6B3PPQL3E6
-X KUBE-SEP-EBY4BXQH5W6U7OSS
-X KUBE-SEP-AMUE5XPBSYS4FO2L
-X KUBE-SEP-VERR6MCQXMQCEREX
-X KUBE-SEP-LIDNPYNIQ2Z7XMA7
-X KUBE-SEP-VLXTMWJOLHT6C624
-X KUBE-SEP-N5DGDZE5HTPE6M4P
-X KUBE-SEP-6WSTP3Y37N6S3B6A
-X KUBE-MARK-MASQ
COMMIT
KPR_PAYLOAD
;;
3.1)
cat <<'KPR_PAYLOAD'
*mangle
:KUBE-PROXY-CANARY - [0:0]
-X KUBE-PROXY-CANARY
COMMIT
KPR_PAYLOAD
;;
4.1)
cat <<'KPR_PAYLOAD'
*filter
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-D OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-X KUBE-EXTERNAL-SERVICES
-X KUBE-FORWARD
-X KUBE-NODEPORTS
-X KUBE-PROXY-CANARY
-X KUBE-PROXY-FIREWALL
-X KUBE-SERVICES
COMMIT
KPR_PAYLOAD
;;
5.1)
cat <<'KPR_PAYLOAD'
*nat
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-D POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-X KUBE-MARK-MASQ
-X KUBE-POSTROUTING
-X KUBE-PROXY-CANARY
-X KUBE-SERVICES
-X KUBE-NODEPORTS
COMMIT
KPR_PAYLOAD
;;
*) return 1 ;;
esac
}

# Programs of awk, by the names by which the bash below calls them.
# shellcheck disable=SC2016,SC2089
SPLIT='# Whose line is whose in a dump of iptables-save, without counters. `want` is one of
#   share  the share of kube-proxy in one `table`
#   rest   all lines but those of kube-proxy, of all tables
#   refs   rules of others that lead to chains of kube-proxy
# Files: `chains` holds TABLE CHAIN a line, `jumps` TABLE RULE.
BEGIN {
  while ((getline l < chains) > 0) own[l] = 1
  while ((getline l < jumps) > 0) jump[l] = 1
}
/^#/ || $0 == "COMMIT" { next }
/^\*/ { t = substr($0, 2); if (want == "rest") print; next }
{
  sub(/^\[[0-9]+:[0-9]+\] /, "")
  if (/^:/) { n = substr($1, 2); mine = ((t " " n) in own); $0 = ":" n (mine ? "" : " " $2) }
  else mine = ((t " " $2) in own) || ((t " " $0) in jump)
  if (want == "share") { if (mine && t == table) print }
  else if (mine) next
  else if (want == "rest") print
  else {
    # What is quoted is a comment or the like, whatever it says.
    n = $0; gsub(/"([^"\\]|\\.)*"/, "", n); n = split(n, w, " ")
    for (i = 3; i < n; i++)
      if ((w[i] == "-j" || w[i] == "-g") && (t " " w[i + 1]) in own) { print t ": " $0; break }
  }
}
'

# shellcheck disable=SC2016,SC2089
FORWARD='# Where FORWARD drops what nobody accepts, KUBE-FORWARD may be what lets replies through: then this exits with 1.
# The file `chains` holds TABLE CHAIN a line, of the chains that are to go; the input is a dump of iptables-save.
BEGIN { while ((getline l < chains) > 0) if (l == "filter KUBE-FORWARD") ours = 1 }
/^\*/ { t = $1 }
t != "*filter" { next }
{ sub(/^\[[0-9]+:[0-9]+\] /, "") }
/^:KUBE-FORWARD / { there = 1 }
/^:FORWARD DROP/ || /^-A FORWARD -j (DROP|REJECT)/ { drops = 1 }
/^-A FORWARD .*-j CILIUM_FORWARD/ || /^-A FORWARD -j CILIUM_FORWARD/ || $0 == "-A FORWARD -j ACCEPT" { accepts = 1 }
END { exit ours && there && drops && !accepts }
'

# shellcheck disable=SC2016,SC2089
UNDO='# Writes the payloads that bring one table back, OUT.1, OUT.2 and so on, and prints how many there are: chains in the
# reverse order of their going, counters as they were, and last the jumps, each before the same rule of others as it was
# before. `t` is the table, `size` how many chains go into one payload, `out` the files; the input is the dump that was
# saved. Files: `chains` holds TABLE CHAIN a line, `jumps` TABLE RULE, `current` the dump as it is now.
function place(c, key,   i, n) {
  n = len[c]
  for (i = 1; i <= n; i++) if (cur[c, i] == key) return i
  return 0
}
function insert(c, at, key,   i) {
  for (i = ++len[c]; i > at; i--) cur[c, i] = cur[c, i - 1]
  cur[c, at] = key
}
BEGIN {
  while ((getline l < chains) > 0) { split(l, w, " "); if (w[1] == t) { own[w[2]] = 1; order[++n] = w[2] } }
  while ((getline l < jumps) > 0) jump[l] = 1
  while ((getline l < current) > 0) {
    if (l ~ /^\*/) ct = substr(l, 2)
    sub(/^\[[0-9]+:[0-9]+\] /, "", l)
    if (ct != t || l !~ /^-A /) continue
    split(l, w, " ")
    if (w[2] in own) continue
    if ((t " " l) in jump) dels[++nd] = l
    else cur[w[2], ++len[w[2]]] = l "\n" ++seen[l]
  }
}
/^\*/ { bt = substr($0, 2) }
{ whole = $0; if (bt != t || !sub(/^\[[0-9]+:[0-9]+\] /, "") || $1 != "-A") next
  if ($2 in own) r[$2, ++rules[$2]] = whole
  else if ((t " " $0) in jump) { jumped[$2] = 1; old[$2, ++olds[$2]] = "j" whole }
  else old[$2, ++olds[$2]] = "f" $0 "\n" ++was[$0] }
END {
  if (n == 0) k = 1
  for (i = n; i >= 1; ) {
    file = out "." (++k); first = i
    print "*" t > file
    for (; i >= 1 && first - i < size; i--) print ":" order[i] " - [0:0]" > file
    for (j = first; j > i; j--) for (q = 1; q <= rules[order[j]]; q++) print r[order[j], q] > file
    if (i >= 1) { print "COMMIT" > file; close(file) }
  }
  file = out "." k
  if (n == 0) print "*" t > file
  for (i = 1; i <= nd; i++) { sub(/^-A /, "-D ", dels[i]); print dels[i] > file }
  for (c in jumped) for (i = 1; i <= olds[c]; i++) {
    if (substr(old[c, i], 1, 1) == "f") continue
    at = 0
    for (j = i + 1; j <= olds[c] && !at; j++) if (substr(old[c, j], 1, 1) == "f") at = place(c, substr(old[c, j], 2))
    if (!at) at = len[c] + 1
    line = substr(old[c, i], 2); head = line; sub(/-A .*/, "", head)
    sub(/^\[[0-9]+:[0-9]+\] -A [^ ]+ /, "", line)
    print head "-I " c " " at " " line > file
    insert(c, at, "j")
  }
  print "COMMIT" > file
  print k
}
'

# The program for one backend and family: save, restore, or (without a third word) the command itself.
tool() {
  local family=iptables program
  [ "$2" = ipv6 ] && family=ip6tables
  program=$family-$1${3:+-$3}
  if command -v "$program" >/dev/null; then echo "$program"; return; fi
  # Hosts that have one backend only may have it without its name.
  program=$family${3:+-$3}
  case $(command -v "$program" >/dev/null && "$program" --version 2>/dev/null) in
    '') return 1 ;;
    *nf_tables*) [ "$1" = nft ] && echo "$program" ;;
    *) [ "$1" = legacy ] && echo "$program" ;;
  esac
}

# shellcheck disable=SC2153
place() { echo "${TABLE[$1]} (${BACKEND[$1]}, ${FAMILY[$1]/ipv/IPv})"; }
# Numbers of the tables, and each backend and family once.
indexes() { [ ${#TABLE[@]} -eq 0 ] || seq 0 $((${#TABLE[@]} - 1)); }
pairs() { local i; for i in $(indexes); do echo "${BACKEND[i]}-${FAMILY[i]}"; done | sort -u; }

# The rules as they are now, with counters.
dump() { # PAIR FILE
  local program
  program=$(tool "${1%-*}" "${1#*-}" save) || { no "there is no ${1%-*} iptables for ${1#*-} here"; return 1; }
  "$program" -c >"$2" 2>"$W/err" || { no "$program failed: $(head -c 300 "$W/err")"; return 1; }
  if grep -q '^# Table .* is incompatible' "$2"; then no "$program cannot print all that is there"; return 1; fi
}

lines() { # WANT PAIR DUMP [TABLE]
  awk -v want="$1" -v chains="$W/$2.chains" -v jumps="$W/$2.jumps" -v table="${4:-}" "$SPLIT" "$3"
}

# What belongs to kube-proxy, by the payloads: `nat KUBE-SERVICES` in the order in which it goes, and jumps as
# they are printed.
lists() {
  local i s
  for i in $(pairs); do : >"$W/$i.chains"; : >"$W/$i.jumps"; done
  for i in $(indexes); do
    for s in $(seq "${STAGES[i]}"); do payload "$i.$s"; done >"$W/payload"
    sed -n "s/^:\([^ ]*\) .*/${TABLE[i]} \1/p" "$W/payload" >>"$W/${BACKEND[i]}-${FAMILY[i]}.chains"
    sed -n "s/^-D /${TABLE[i]} -A /p" "$W/payload" >>"$W/${BACKEND[i]}-${FAMILY[i]}.jumps"
  done
}

# How many payloads of a table were applied already; fails when its rules are neither what was read nor what a
# payload leaves.
state() { # INDEX DUMP
  local found n=0 one pair="${BACKEND[$1]}-${FAMILY[$1]}"
  found=$(lines share "$pair" "$2" "${TABLE[$1]}" | sha256sum)
  for one in ${STATES[$1]}; do
    [ "$one" = "${found%% *}" ] && { echo "$n"; return 0; }
    n=$((n + 1))
  done
  return 1
}

# Takes a dump of each backend and family; AT holds the state of each table, or `changed`.
# shellcheck disable=SC2034
look() { # NAME
  local pair i
  for pair in $(pairs); do dump "$pair" "$W/$pair.$1" || return 1; done
  for i in $(indexes); do AT[i]=$(state "$i" "$W/${BACKEND[i]}-${FAMILY[i]}.$1") || AT[i]=changed; done
}

restore() { # PAIR FILE [OPTION…]: applies one payload as a whole or not at all
  local program pair=$1 file=$2
  shift 2
  program=$(tool "${pair%-*}" "${pair#*-}" restore) || { no "there is no ${pair%-*} iptables-restore for ${pair#*-} here"; return 1; }
  "$program" --noflush -w 5 "$@" <"$file" >"$W/err" 2>&1 && return 0
  no "$program: $(grep -v '^$' "$W/err" | head -n 3 | head -c 300)"
  return 1
}


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

# Back-ups lie where the agent's pod and the node see the same folder; rules do not outlive a reboot, so
# neither need they.
backup_base() {
  local base=${KPR_BACKUP_DIR:-/var/run/cilium}
  if [ -z "${KPR_BACKUP_DIR:-}" ] && ! [ -w "$base" ]; then base=/var/tmp; fi
  echo "$base"
}

# In /var/tmp anybody may make a folder or a link of that name; what is run or written to is this user's. One look, from
# inside: a name can lead elsewhere at the second. What is its own there, nobody else can move away (the sticky bit).
own_folder() ( # DIR
  base=$(cd -P -- "${1%/*}/" && pwd) && cd -P -- "$1" 2>/dev/null && [ -O . ] && [ "$PWD" = "${base%/}/${1##*/}" ]
)

backup() {
  local base pair one
  base=$(backup_base)
  # After an interruption the first run's back-up is the whole one.
  if rules_begun; then
    while IFS= read -r one; do
      if own_folder "$one" && [ -e "$one/complete" ]; then D=$one; break; fi
    done < <(ls -dt "$base/kpr-cleanup-$ID".* 2>/dev/null)
    if [ -n "$D" ]; then
      others backup || return 1
      ok "back-up of an earlier run: $D"
      return 0
    fi
    if rules_left; then note 'part of it is gone already and no earlier back-up is here: undo will bring back the rest only'; fi
  fi
  D=$(mktemp -d "$base/kpr-cleanup-$ID.XXXXXX") || { no "cannot write to $base (KPR_BACKUP_DIR chooses another folder)"; return 1; }
  for pair in $(pairs); do
    { gzip -c "$W/$pair.before" >"$D/$pair.save.gz" && cp "$W/$pair.chains" "$W/$pair.jumps" "$D/"; } || { no "cannot write to $D"; return 1; }
  done
  { undo_script >"$D/undo" && chmod 700 "$D/undo"; } || { no "cannot write to $D"; return 1; }
  others backup || return 1
  # What could not be put back is not taken away.
  for pair in $(pairs); do
    cp "$W/$pair.before" "$W/$pair.now"
    undo_rules "$pair" "$W/$pair.before" --test >"$W/said" || { cat "$W/said"; no "the back-up of $pair could not be put back"; return 1; }
  done
  : >"$D/complete"
  ok "back-up: $D (undo was tested)"
}

# What stands in the folder of the back-up and needs no other file.
undo_script() {
  echo '#!/usr/bin/env bash'
  printf '# Puts back what kubectl kpr cleanup took away from node %q: bash %q\n' "$NODE" "$D/undo"
  # shellcheck disable=SC2090
  declare -p NODE ID HEALTH_IS_CILIUM SPLIT UNDO
  declare -f say ok no note quit answer alive health_is_cilium begin lock tool dump lines restore undo undo_rules undo_others drop_table nft_works
  # shellcheck disable=SC2016 # What is expanded, is expanded by the undo.
  echo 'export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin; { begin; undo "$(cd "$(dirname "$0")" && pwd)"; exit; }'
}

undo_rules() { # PAIR SAVED [--test]; $W/PAIR.now are the rules as they are
  local pair=$1 saved=$2 table n k size=1000000000
  [ "${pair%-*}" = nft ] && size=2000
  while read -r table; do
    if [ -z "${3:-}" ]; then
      lines share "$pair" "$saved" "$table" >"$W/was"
      lines share "$pair" "$W/$pair.now" "$table" >"$W/is"
      if cmp -s "$W/was" "$W/is"; then ok "$table ($pair): as it was"; continue; fi
    fi
    n=$(awk -v t="$table" -v chains="$W/$pair.chains" -v jumps="$W/$pair.jumps" -v current="$W/$pair.now" -v size=$size \
      -v out="$W/undo-payload" "$UNDO" "$saved") || return 1
    for k in $(seq "$n"); do restore "$pair" "$W/undo-payload.$k" --counters ${3:+"$3"} || return 1; done
    ok "$table ($pair): $(grep -c "^$table " "$W/$pair.chains") chains put back"
  done < <(cat "$W/$pair.chains" "$W/$pair.jumps" | cut -d ' ' -f 1 | sort -u)
}

undo() { # DIR
  local dir=$1 file pair bad=0 why
  say "Node $NODE: putting back what was taken away, from $dir"
  [ -e "$dir/complete" ] || quit 2 "$dir is no complete back-up: nothing was changed."
  if why=$(alive); then quit 1 "$why: it writes its own rules; nothing was changed."; fi
  lock
  undo_others before "$dir" || bad=1
  for file in "$dir"/*.save.gz; do
    [ -e "$file" ] || continue
    pair=${file##*/} pair=${pair%.save.gz}
    { cp "$dir/$pair.chains" "$dir/$pair.jumps" "$W/" && gzip -dc "$file" >"$W/$pair.before" && dump "$pair" "$W/$pair.now"; } || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.now" >"$W/others"
    undo_rules "$pair" "$W/$pair.before" || { bad=1; continue; }
    dump "$pair" "$W/$pair.after" || { bad=1; continue; }
    lines rest "$pair" "$W/$pair.after" >"$W/others-now"
    cmp -s "$W/others" "$W/others-now" || { no "$pair: lines of others changed while this ran"; bad=1; }
    if cmp -s <(grep -v '^#' "$W/$pair.before" | sed 's/\[[0-9]*:[0-9]*\] *//') <(grep -v '^#' "$W/$pair.after" | sed 's/\[[0-9]*:[0-9]*\] *//'); then
      ok "$pair: every rule as it was, kube-proxy's and those of others"
    else
      note "$pair: kube-proxy's rules are back; those of others differ from when the back-up was taken"
    fi
  done
  undo_others after "$dir" || bad=1
  [ $bad = 0 ] || quit 3 'Not all could be put back: see above.'
  quit 0 'All was put back.'
}

say() { echo "$*"; }
ok() { echo "  ok    $*"; }
no() { echo "  FAIL  $*"; }
note() { echo "  note  $*"; }
quit() { # STATUS WORDS
  [ -z "$2" ] || say "$2"
  exit "$1"
}

answer() { # PORT PATH: what a local HTTP server says, if there is one
  # shellcheck disable=SC2016 # What is expanded, is expanded by the inner bash.
  timeout 3 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1
printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&3; head -c 4000 <&3' "$1" "$2" 2>/dev/null
}

# kube-proxy writes its rules again within 30 seconds, so nothing is touched while it lives.
alive() {
  local p name body own
  own=$(readlink /proc/self/ns/net)
  for p in /proc/[0-9]*; do
    name=
    { read -r name <"$p/comm"; } 2>/dev/null
    { [ "$name" = kube-proxy ] && ! grep -q '^State:.*Z' "$p/status" 2>/dev/null; } || continue
    [ "$(readlink "$p/ns/net" 2>/dev/null || echo "$own")" = "$own" ] || continue
    echo "process ${p#/proc/} is kube-proxy"; return 0
  done
  body=$(answer 10256 /healthz)
  case $body in
    *'"nodeEligible"'*) echo 'kube-proxy answers on port 10256'; return 0 ;;
    *'"lastUpdated"'*) { [ "$HEALTH_IS_CILIUM" = yes ] && health_is_cilium; } || { echo 'port 10256 answers as kube-proxy does'; return 0; } ;;
  esac
  body=$(answer 10249 /proxyMode)
  case ${body##*$'\n'} in
    iptables* | ipvs* | nftables*) echo 'kube-proxy answers on port 10249'; return 0 ;;
  esac
  return 1
}

begin() {
  [ "$(id -u)" = 0 ] || quit 2 'This needs root.'
  local program missing=
  for program in awk sed sort head grep tr cmp sha256sum gzip base64 timeout mktemp; do
    command -v $program >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || quit 2 "Not here:$missing. Run it where these are, for example in the agent's pod."
  if [ -n "${K8S_NODE_NAME:-}" ] && [ "$K8S_NODE_NAME" != "$NODE" ]; then
    quit 1 "This script was made for node $NODE, and this is $K8S_NODE_NAME: nothing was changed."
  fi
  W=$(mktemp -d "${TMPDIR:-/tmp}/kpr-cleanup-work.XXXXXX") || quit 2 'No room for temporary files.'
  trap 'rm -rf "$W"' EXIT
}

# One at a time in this network namespace, from whatever container.
lock() {
  if ! command -v flock >/dev/null; then note 'no flock here: see that nobody else runs this now'; return; fi
  exec 9</proc/self/ns/net
  flock -n 9 || quit 1 'Another run is at work on this node: nothing was changed.'
}

preconditions() {
  local why i pair bad=0 refs
  if why=$(alive); then no "$why; it would write its rules again"; bad=1; else ok 'kube-proxy does not run here'; fi
  if why=$(serves_nothing); then no "$why"; bad=1; else ok 'Cilium replaces kube-proxy here'; fi
  look before || return 1
  for i in $(indexes); do
    [ "${AT[i]}" != changed ] && continue
    no "$(place "$i"): kube-proxy's rules are not those that were read (or this iptables prints them otherwise: try the agent's pod)"
    bad=1
  done
  for pair in $(pairs); do
    refs=$(lines refs "$pair" "$W/$pair.before" | head -n 3)
    [ -z "$refs" ] || { no "$pair: rules of others lead to chains that are to go: $refs"; bad=1; }
    awk -v chains="$W/$pair.chains" "$FORWARD" "$W/$pair.before" ||
      { no "$pair: FORWARD drops what nobody accepts, and only KUBE-FORWARD lets replies pass"; bad=1; }
  done
  nft_as_read || bad=1
  return $bad
}

# Whether any of it is still to be done.
rules_left() { local i; for i in $(indexes); do [ "${AT[i]}" = "${STAGES[i]}" ] || return 0; done; return 1; }
rules_begun() { local i; for i in $(indexes); do [ "${AT[i]}" = 0 ] || return 0; done; return 1; }

check() {
  local i s bad=0
  say "Node $NODE: what kube-proxy left, and whether it can be taken away"
  preconditions || bad=1
  for i in $(indexes); do
    case ${AT[i]:-changed} in
      changed) continue ;;
      "${STAGES[i]}") ok "$(place "$i"): nothing left to do"; continue ;;
    esac
    for s in $(seq $((AT[i] + 1)) "${STAGES[i]}"); do
      payload "$i.$s" >"$W/payload"
      restore "${BACKEND[i]}-${FAMILY[i]}" "$W/payload" --test || { bad=1; continue 2; }
    done
    ok "$(place "$i"): ${WHAT[i]}; iptables-restore --test takes it"
  done
  others check || bad=1
  for i in "${NOTES[@]}"; do note "$i"; done
  [ $bad = 0 ] || quit 1 'This cannot be run now; nothing was changed. If the rules have changed: kubectl kpr cleanup makes a new script.'
  quit 0 'Nothing was changed. With the word run behind it this script takes a back-up and does it.'
}

run() {
  local i s pair began=$SECONDS failed='' STOP=
  say "Node $NODE: taking away what kube-proxy left"
  lock
  preconditions || quit 1 'Nothing was changed. If the rules have changed: kubectl kpr cleanup makes a new script.'
  if ! rules_left && ! others_left; then
    [ -z "$(missing_here)" ] || quit 4 "Nothing to do that can be done here: $(missing_here)."
    quit 0 'Nothing to do: nothing that this script is for is left here.'
  fi
  backup || quit 2 'Without a back-up nothing is done: nothing was changed.'
  # A terminal that goes away must not leave it half done; Ctrl-C ends it between two payloads.
  trap '' HUP PIPE
  trap 'STOP=1' INT TERM
  for i in $(indexes); do
    for s in $(seq $((AT[i] + 1)) "${STAGES[i]}"); do
      payload "$i.$s" >"$W/payload"
      if [ -z "$STOP" ]; then restore "${BACKEND[i]}-${FAMILY[i]}" "$W/payload" || failed=1; fi
      [ -z "$STOP$failed" ] || break 2
    done
    [ "${AT[i]}" = "${STAGES[i]}" ] || ok "$(place "$i"): ${WHAT[i]} taken away"
  done
  if [ -n "$STOP" ]; then
    quit 130 "Interrupted: each payload is applied as a whole, so no table is half done. Run it again to finish, or go back: bash $D/undo"
  fi
  if [ -n "$failed" ]; then
    quit 3 "Not finished; what failed changed nothing in its table. Run it again, or go back: bash $D/undo"
  fi
  others run || failed=1
  verify || failed=1
  for i in "${NOTES[@]}"; do note "$i"; done
  say "Back-up: $D   To go back: bash $D/undo"
  [ -z "$failed" ] || quit 3 'Not all is as it should be: see above.'
  [ -z "$CHANGED" ] || quit 5 "Done, but lines of others changed meanwhile: see above."
  [ -z "$LEFT" ] || quit 4 "Done as far as this place can: $LEFT."
  quit 0 "Done in $((SECONDS - began)) s: nothing that this script is for is left, and every other line is as it was."
}

# Nothing of it is left, and every line of others is the same.
verify() {
  local i pair bad=0
  look after || return 1
  for i in $(indexes); do
    [ "${AT[i]}" = "${STAGES[i]}" ] || { no "$(place "$i"): something of it is there (again)"; bad=1; }
  done
  for pair in $(pairs); do
    lines rest "$pair" "$W/$pair.before" >"$W/was"
    lines rest "$pair" "$W/$pair.after" >"$W/is"
    if cmp -s "$W/was" "$W/is"; then
      ok "$pair: $(grep -c '^[:-]' "$W/is") lines of others, each as it was"
    else
      CHANGED=1
      no "$pair: lines of others changed while this ran (by somebody else, or see the back-up):"
      if command -v diff >/dev/null; then diff "$W/was" "$W/is" | grep '^[<>]' | head -n 20; fi
    fi
  done
  return $bad
}

show() {
  local i s
  for i in $(indexes); do
    for s in $(seq "${STAGES[i]}"); do
      echo "# $(place "$i"), payload $s of ${STAGES[i]}"
      payload "$i.$s"
    done
  done
}

main() {
  exec </dev/null
  export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
  AT=() CHANGED='' LEFT='' D=
  case ${1:-check} in
    check | --dry-run | --check) begin; lists; check ;;
    run) begin; lists; run ;;
    undo) [ -n "${2:-}" ] || quit 2 'undo needs the folder of the back-up, which run printed.'; begin; undo "$2" ;;
    show) show ;;
    *) quit 2 "Unknown: $1. There are check (changes nothing), run, undo DIR and show." ;;
  esac
}

{ main "$@"; exit; }
