import { defineFault } from '../lib/Fault.ts';

const inCilium = ['-n', 'kube-system'] as const;

export default defineFault({
  id: 'config-gone',
  title: 'cilium-config was deleted: agents run as before, and would start without the replacement',
  expect: [{ code: 'KPR1005' }],
  remedy: 'executed',
  cleanWithin: 60,
  inject: async (bed) => {
    const object: { readonly data: unknown } = JSON.parse(
      await bed.kubectl(...inCilium, 'get', 'configmap', 'cilium-config', '-o', 'json'),
    );
    await bed.kubectl(...inCilium, 'delete', 'configmap', 'cilium-config');
    const metadata = { name: 'cilium-config', namespace: 'kube-system' };
    return () => bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: object.data }));
  },
});
