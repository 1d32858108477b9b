import type { Bed } from './Bed.ts';

const programs = ['iptables-nft-save', 'ip6tables-nft-save', 'iptables-legacy-save', 'ip6tables-legacy-save'] as const;

/**
 * Every line of all four dumps of a node, without counters and comments, each with the program and the table
 * that it is of.
 */
export async function nodeRules(bed: Bed, node: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const program of programs) {
    let table = '';
    for (const line of (await bed.node(node, program)).split('\n')) {
      if (line.startsWith('*')) table = line.slice(1);
      if (line === '' || line.startsWith('#')) continue;
      lines.push(`${program} ${table}: ${line.replace(/ \[\d+:\d+\]$/, '')}`);
    }
  }
  return lines;
}

const names =
  'KUBE-(SERVICES|EXTERNAL-SERVICES|NODEPORTS|FORWARD|PROXY-FIREWALL|PROXY-CANARY|MARK-MASQ|POSTROUTING|(SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16})';
const pattern = new RegExp(`: (:${names}( |$)|-A ${names} |-A [A-Z]+ .*"kubernetes [^"]*" -j ${names}$)`);

/**
 * By this test's own idea of it: chains by name, and jumps of built-in chains with a comment that
 * begins with `kubernetes`.
 */
export const isKubeProxys = (line: string): boolean => pattern.test(line);

/** What the portmap below holds where it is. */
export const isMark = (line: string): boolean =>
  line.startsWith('iptables-nft-save ') &&
  /KUBE-(MARK-MASQ|POSTROUTING)( -| |$)/.test(line) &&
  !/-A KUBE-(SVC|SVL|EXT|FW|SEP)-/.test(line);

/**
 * What others have on a node that is cleaned up: a host port of CRI-O, a firewall's rule, a portmap that marks by
 * kube-proxy's chain.
 */
export async function addForeignRules(bed: Bed, node: string, { marks }: { readonly marks: boolean }): Promise<void> {
  const rules = `*nat
:KUBE-HOSTPORTS - [0:0]
:KUBE-HP-NPX46M4PTMTKRN6Y - [0:0]
:CNI-DN-0123456789abcdef01234 - [0:0]
-A PREROUTING -m comment --comment "kube hostport portals" -m addrtype --dst-type LOCAL -j KUBE-HOSTPORTS
-A KUBE-HOSTPORTS -p tcp -m comment --comment "a_b_c_0" -m tcp --dport 18081 -j KUBE-HP-NPX46M4PTMTKRN6Y
-A KUBE-HP-NPX46M4PTMTKRN6Y -p tcp -m tcp -j DNAT --to-destination 10.244.1.99:80
-A CNI-DN-0123456789abcdef01234 -s 10.244.1.0/24 -p tcp -m tcp --dport 18082 -j ${marks ? 'KUBE-MARK-MASQ' : 'RETURN'}
COMMIT
*filter
-I INPUT 1 -s 192.0.2.0/24 -m comment --comment "a firewall: \\"KUBE-SERVICES\\" are none of its business" -j DROP
-A INPUT -s 198.51.100.0/24 -j ACCEPT
COMMIT
`;
  await bed.node(node, 'bash', '-c', `iptables-nft-restore --noflush <<'END'\n${rules}END`);
}
