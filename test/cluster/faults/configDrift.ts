import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'config-drift',
  title: 'cilium-config changed without a restart of the agents',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  inject: async (bed) => {
    const set = (value: string): Promise<string> =>
      bed.kubectl(
        '-n',
        'kube-system',
        'patch',
        'configmap',
        'cilium-config',
        '--type=merge',
        '-p',
        JSON.stringify({ data: { 'bpf-lb-acceleration': value } }),
      );
    await set('best-effort');
    return () => set('disabled');
  },
});
