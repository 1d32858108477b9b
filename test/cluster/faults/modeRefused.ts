import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const patchConfig = ['-n', 'kube-system', 'patch', 'configmap', 'cilium-config', '--type=merge', '-p'] as const;

const setMode = (bed: Bed, mode: string): Promise<string> =>
  bed.kubectl(...patchConfig, JSON.stringify({ data: { 'kube-proxy-replacement': mode } }));

export default defineFault({
  id: 'mode-refused',
  title:
    'kube-proxy-replacement is strict, as in former versions, and the agent of n2 was restarted: it does not come up',
  expect: [{ code: 'KPR1003' }, { code: 'KPR1001', nodes: ['n2'], from: 'KPR1003' }],
  showsAfter: 35,
  cleanWithin: 200,
  remedy: 'executed',
  inject: async (bed) => {
    await setMode(bed, 'strict');
    await bed.kubectl(
      '-n',
      'kube-system',
      'delete',
      'pod',
      '-l',
      'k8s-app=cilium',
      '--field-selector=spec.nodeName=n2',
    );
    return () => setMode(bed, 'true');
  },
});
