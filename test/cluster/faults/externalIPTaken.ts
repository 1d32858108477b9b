import { defineFault } from '../lib/Fault.ts';
import { clusterIPOf } from '../lib/objects.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

export default defineFault({
  id: 'external-ip-taken',
  title: 'an external IP of a Service is the ClusterIP of another one',
  expect: [{ code: 'KPR5004', object: 'default/greedy' }],
  // The agents say it of themselves, and the rows of the one that they refused are not there.
  also: ['KPR1011', 'KPR4001'],
  remedy: { decided: edited('greedy', { spec: { externalIPs: ['203.0.113.77'] } }) },
  tidy: (bed) => objects(service('greedy', {})).remove(bed),
  inject: async (bed) => {
    const externalIPs = [await clusterIPOf(bed, 'httpd')];
    return objects(service('greedy', overHttpd({ externalIPs }))).create(bed);
  },
});
