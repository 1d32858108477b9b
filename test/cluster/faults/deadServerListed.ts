import { defineFault } from '../lib/Fault.ts';

const slice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes-old', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['198.51.100.59'], conditions: { ready: true } }],
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
};

export default defineFault({
  id: 'dead-server-listed',
  title: 'an EndpointSlice of default/kubernetes lists an API server that is not there',
  expect: [{ code: 'KPR2006', object: 'default/kubernetes' }],
  // With two servers listed, agents depend on one of two; and the probe may have been given the dead one.
  also: ['KPR2003', 'KPR2005'],
  remedy: { not: 'which entry is wrong, and whose it was, only who runs the API servers knows' },
  cleanWithin: 60,
  inject: async (bed) => {
    await bed.apply(JSON.stringify(slice));
    return () => bed.kubectl('-n', 'default', 'delete', 'endpointslice', 'kubernetes-old');
  },
});
