import type { Bed } from './Bed.ts';

interface DnsPort {
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: string;
}

/** Changes the ports of the Service of cluster DNS; gives what takes that back. */
export async function changeDnsPorts(
  bed: Bed,
  change: (ports: readonly DnsPort[]) => readonly DnsPort[],
): Promise<() => Promise<string>> {
  const inDns = ['-n', 'kube-system'] as const;
  const before: { readonly spec: { readonly ports: readonly DnsPort[] } } = JSON.parse(
    await bed.kubectl(...inDns, 'get', 'service', 'kube-dns', '-o', 'json'),
  );
  const { ports } = before.spec;
  const set = (value: readonly DnsPort[]): Promise<string> => {
    const patch = JSON.stringify([{ op: 'replace', path: '/spec/ports', value }]);
    return bed.kubectl(...inDns, 'patch', 'service', 'kube-dns', '--type=json', '-p', patch);
  };
  await set(change(ports));
  return () => set(ports);
}
