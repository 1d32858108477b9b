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
