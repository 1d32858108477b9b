import { asUser } from '../lib/asUser.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'readme-rights',
  title: 'a user with just the rights that the README names: nothing is wrong, nothing is unread',
  expect: [],
  flags: ['--as', 'examiner', '--strict'],
  remedy: { not: 'nothing is wrong' },
  inject: (bed) =>
    asUser(bed, 'examiner', [
      { apiGroups: [''], resources: ['nodes', 'pods', 'services', 'configmaps'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
      { apiGroups: ['apps'], resources: ['daemonsets', 'deployments'], verbs: ['get', 'list'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
      {
        apiGroups: ['cilium.io'],
        resources: ['ciliumnodeconfigs', 'ciliumlocalredirectpolicies', 'ciliumnodes'],
        verbs: ['list'],
      },
    ]),
});
