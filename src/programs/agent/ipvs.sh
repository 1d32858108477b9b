# No such file: the kernel has no IPVS, so there is no virtual server.
[ ! -e /proc/net/ip_vs ] || cat /proc/net/ip_vs
