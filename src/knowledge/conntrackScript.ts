/** More are no longer told apart by a person, and cost the node's answer its place. */
const most = 2000;
/** Listing takes the kernel about a second for each 300,000. */
const mostTracked = 500_000;

/**
 * UDP entries whose destination was translated: the reply comes from elsewhere than the client sent to. Where the kernel
 * tracks no connections at all, there are none; where it does not show them as a file, or there are too many to list, that
 * is said, and ends with 127, as what is not there does. It is short, because a command of `kubectl exec` travels in the
 * request line.
 */
export const conntrackScript = `cd /proc/sys/net/netfilter;[ -e nf_conntrack_count ]||exit 0
f=/proc/net/nf_conntrack;[ -e $f -a $(<nf_conntrack_count) -lt ${mostTracked} ]||{ echo no file, or too many>&2;exit 127;}
awk '$3=="udp"{s=$0;sub(/.* src=/,"",s);split(s,a);if("dst="a[1]a[3]!=$7"s"substr($9,2)&&n++<${most})print}END{if(n>${most})print"left",n-${most}}' $f`;

export const conntrackShown = 'grep -w udp /proc/net/nf_conntrack';
