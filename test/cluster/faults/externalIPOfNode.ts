import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

const port = 7070;
const listener = `IO::Socket::INET->new(Listen => 1, LocalPort => ${port}, ReuseAddr => 1)`;
const made = (externalIP: string) =>
  objects(service('node-address', overHttpd({ externalIPs: [externalIP], ports: [{ port, targetPort: 80 }] })));

async function tidy(bed: Bed): Promise<void> {
  await made('').remove(bed);
  await bed.node('n1', 'pkill', '-f', `LocalPort => ${port}`);
}

export default defineFault({
  id: 'external-ip-of-node',
  title: 'an external IP is the address of n1, at a port where a process of n1 listens',
  expect: [{ code: 'KPR5004', nodes: ['n1'], object: 'default/node-address' }],
  remedy: { decided: edited('node-address', { spec: { externalIPs: ['203.0.113.78'] } }) },
  tidy,
  inject: async (bed) => {
    const script = `setsid perl -MIO::Socket::INET -e '$s = ${listener} or die; sleep 3600' >/dev/null 2>&1 &`;
    await bed.node('n1', 'bash', '-c', script);
    const path = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';
    await made(await bed.kubectl('get', 'node', 'n1', '-o', path)).create(bed);
    return () => tidy(bed);
  },
});
