import { defineFault } from '../lib/Fault.ts';
import { balanced, giveAddress, objects, overHttpd, service } from '../lib/services.ts';

const { create } = objects(service('sixth', overHttpd(balanced())));

export default defineFault({
  id: 'address-other-family',
  title: 'a load balancer gave an IPv4 Service an IPv6 address, and the agents serve no IPv6',
  expect: [{ code: 'KPR5009', object: 'default/sixth' }],
  exitCode: 0,
  remedy: { not: 'the address is given by whoever runs the load balancer' },
  inject: async (bed) => {
    const repair = await create(bed);
    await giveAddress(bed, 'sixth', '2001:db8::7');
    return repair;
  },
});
