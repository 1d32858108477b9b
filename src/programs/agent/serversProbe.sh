# Whether API servers take connections, each of them, and the ClusterIP in front of them.
dial() { # VIA HOST PORT
  # shellcheck disable=SC2016
  e=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$2" "$3" 2>&1)
  c=$?
  case "$c $e" in
    0*) s=open ;;
    124*) s=timeout ;;
    *refused*) s=refused ;;
    *) s=failed ;;
  esac
  e=${e##*: }
  echo "$1 $2 $3 $s ${e//$'\n'/ }"
}
while [ "$1" ]; do # VIA HOST PORT, and so on
  dial "$@" &
  shift 3
done
wait
