import { defineFault } from '../lib/Fault.ts';
import { asUser } from '../lib/asUser.ts';

export default defineFault({
  id: 'list-forbidden',
  title: 'a user who may exec, and may not list EndpointSlices',
  expect: [{ code: 'KPR9001' }],
  flags: ['--as', 'helper'],
  remedy: { not: 'the one who may not is not the one who can allow it' },
  inject: (bed) =>
    asUser(bed, 'helper', [
      { apiGroups: [''], resources: ['nodes', 'pods', 'services', 'configmaps'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
      { apiGroups: ['apps'], resources: ['daemonsets', 'deployments'], verbs: ['get', 'list'] },
      { apiGroups: ['cilium.io'], resources: ['*'], verbs: ['list'] },
    ]),
});
