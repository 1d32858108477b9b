import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

interface CiliumNode {
  readonly spec: { readonly addresses: readonly { readonly type: string; readonly ip: string }[] };
}

/** Gives the addresses that it had. */
async function setInternalIP(bed: Bed, ip: string): Promise<CiliumNode['spec']['addresses']> {
  const { spec }: CiliumNode = JSON.parse(await bed.kubectl('get', 'ciliumnode', 'n2', '-o', 'json'));
  await setAddresses(
    bed,
    spec.addresses.map((one) => ({ type: one.type, ip: one.type === 'InternalIP' ? ip : one.ip })),
  );
  return spec.addresses;
}

const setAddresses = (bed: Bed, addresses: CiliumNode['spec']['addresses']): Promise<string> =>
  bed.kubectl('patch', 'ciliumnode', 'n2', '--type=merge', '-p', JSON.stringify({ spec: { addresses } }));

export default defineFault({
  id: 'cilium-node-stale',
  title: 'the CiliumNode of n2 says an address that n2 had before: other nodes send what is for its pods there',
  expect: [{ code: 'KPR1009', nodes: ['n2'] }],
  also: ['KPR1017', 'KPR6002', 'KPR2005', 'KPR5011'],
  showsAfter: 5,
  cleanWithin: 90,
  remedy: 'executed',
  inject: async (bed) => {
    const before = await setInternalIP(bed, '198.51.100.77');
    return () => setAddresses(bed, before);
  },
});
