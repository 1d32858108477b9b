import { defineFault } from '../lib/Fault.ts';
import { balanced, giveAddress, objects, overHttpd, service } from '../lib/services.ts';

const { create } = objects(service('turning', overHttpd(balanced({ externalTrafficPolicy: 'Local' }))));
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5000));

export default defineFault({
  id: 'local-policy-turned-and-deleted',
  title: 'a Service’s traffic policy turned from Local to Cluster, then the Service deleted: agents keep its nodePort',
  expect: [
    { code: 'KPR4004', nodes: ['n1'] },
    { code: 'KPR4004', nodes: ['n2'] },
  ],
  exitCode: 0,
  remedy: 'executed',
  inject: async (bed) => {
    const repair = await create(bed);
    await giveAddress(bed, 'turning', '203.0.113.82');
    await settled();
    const patch = JSON.stringify({ spec: { externalTrafficPolicy: 'Cluster' } });
    await bed.kubectl('patch', 'service', 'turning', '--type=merge', '-p', patch);
    await settled();
    await repair();
    await settled();
    return async () => undefined;
  },
});
