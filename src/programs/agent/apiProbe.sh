# Whether the API server that the agent was told answers; see parseApiProbe for the format.
h=$KUBERNETES_SERVICE_HOST p=$KUBERNETES_SERVICE_PORT r=
while read -r a _; do
  case ,$r, in *,"$a",*) ;; *) r+=${r:+,}$a ;; esac
done < <(getent ahosts "$h")
# shellcheck disable=SC2016
e=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$h" "$p" 2>&1)
c=$?
case "$c $e" in
  0*) s=open ;;
  124*) s=timeout ;;
  *refused*) s=refused ;;
  *"not known"* | *"emporary failure"* | *"No address"*) s=unresolved ;;
  *) s=failed ;;
esac
e=${e##*: }
echo "host=$h port=$p resolved=${r:--} connect=$s detail=${e//$'\n'/ }"
