import { defineFault } from '../lib/Fault.ts';
import { balanced, edited, giveAddress, objects, overHttpd, service } from '../lib/services.ts';

const { create, remove } = objects(
  service('denied', overHttpd(balanced({ loadBalancerSourceRanges: ['0.0.0.0/0'] })), {
    annotations: { 'service.cilium.io/src-ranges-policy': 'deny' },
  }),
);

export default defineFault({
  id: 'source-ranges-deny-all',
  title: 'the source ranges of a load balancer are turned round by an annotation, and hold everybody',
  expect: [{ code: 'KPR5009', object: 'default/denied' }],
  remedy: { decided: edited('denied', { spec: { loadBalancerSourceRanges: ['198.51.100.0/24'] } }) },
  tidy: remove,
  inject: async (bed) => {
    const repair = await create(bed);
    await giveAddress(bed, 'denied', '203.0.113.81');
    return repair;
  },
});
