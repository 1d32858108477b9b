/** More are no longer told apart by a person, and cost the node's answer its place. */
const mostEntries = 2000;
/** Listing takes the kernel about a second for each 300,000. */
const mostTracked = 500_000;

/**
 * UDP entries whose destination was translated: the reply comes from elsewhere than the client sent to. Where the kernel
 * tracks no connections at all, there are none; where it does not show them as a file, that is said.
 */
export const conntrackScript = `c=/proc/sys/net/netfilter/nf_conntrack_count p=/proc/net/nf_conntrack
[ -e $c ] || exit 0
[ -r $p ] || { echo "$p is not there: this kernel does not show its connections as a file" >&2; exit 127; }
[ $(cat $c) -le ${mostTracked} ] || { echo "$(cat $c) connections are tracked, too many to list" >&2; exit 127; }
awk '$3=="udp"{k=0;for(i=6;i<=NF;i++){p=index($i,"=");a=substr($i,1,p);v=substr($i,p+1)
if(a=="src="){k++;s=v}else if(a=="dst="){if(k==1)d=v}else if(a=="sport="){sp=v}else if(a=="dport="&&k==1)dp=v}
if(k==2&&(d!=s||dp!=sp)){if(++n<=${mostEntries})print}}
END{if(n>${mostEntries})print "left",n-${mostEntries}}' $p`;

export const conntrackShown = 'grep -w udp /proc/net/nf_conntrack';
