# By perl, which reads its program and the places from the input; in an image without it, by what else opens
# connections, and DNS is not asked there then.
command -v perl >/dev/null && exec perl
while read -r line && [ "$line" != __END__ ]; do :; done
read -r rate
if command -v bash >/dev/null; then
  # shellcheck disable=SC2016
  try() { timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"; }
elif command -v nc >/dev/null; then
  try() { timeout 2 nc -z -w 2 "$1" "$2"; }
else
  echo there is neither perl nor bash nor nc >&2
  exit 127
fi
begun=0
while read -r number protocol address port _ && [ "$number" != . ]; do
  [ "$protocol" = TCP ] || continue
  (
    e=$(try "$address" "$port" 2>&1)
    c=$?
    case "$c $e" in
      0*) s=open ;;
      124* | 143* | *"timed out"*) s=timeout ;;
      *refused*) s=refused ;;
      *) s=failed ;;
    esac
    [ "$s" = open ] && e= || e=${e##*: }
    echo "$number $s 0 $e"
  ) &
  begun=$((begun + 1))
  [ $((begun % rate)) != 0 ] || { sleep 1; wait; }
done
wait
echo 'done'
