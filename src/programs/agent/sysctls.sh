# Settings of the kernel, a line each: FILE:VALUE, as grep -H prints them, and without a process for them. Links of pods
# are many: of these only what differs from what Cilium sets there, and not more than 20.
show() { # FILE
  read -r value 2>&- <"$1" && echo "$1:$value"
}
cd /proc/sys/net || exit
for file in "$PWD"/ipv4/ip_{local_port_range,local_reserved_ports,forward} "$PWD"/ipv6/conf/all/forwarding; do
  show "$file"
done
left=20
for link in "$PWD"/ipv4/conf/*; do
  case ${link##*/} in
    lxc*)
      read -r forwards <"$link"/forwarding
      read -r filters <"$link"/rp_filter
      [ "$forwards$filters" = 10 ] || [ $((left--)) -le 0 ] && continue
      ;;
    # Of other container networks.
    veth* | cali* | eni* | br-* | docker* | virbr* | tap* | lo) continue ;;
  esac 2>&-
  show "$link"/forwarding
  show "$link"/rp_filter
done
true
