import { defineFault } from '../lib/Fault.ts';
import { balanced, edited, giveAddress, objects, overHttpd, service } from '../lib/services.ts';

const ranges = (range: string) => ({ loadBalancerSourceRanges: [range] });
const { create, remove } = objects(service('walled', overHttpd(balanced(ranges('fd00::/8')))));

export default defineFault({
  id: 'source-ranges-other-family',
  title: 'the source ranges of an IPv4 load balancer are IPv6: nobody may connect',
  expect: [{ code: 'KPR5009', object: 'default/walled' }],
  remedy: { decided: edited('walled', { spec: ranges('198.51.100.0/24') }) },
  tidy: remove,
  inject: async (bed) => {
    const repair = await create(bed);
    await giveAddress(bed, 'walled', '203.0.113.80');
    return repair;
  },
});
