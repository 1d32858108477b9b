import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const label = 'kpr.test/agents';

const patch = (bed: Bed, value: string | null): Promise<string> =>
  bed.kubectl(
    '-n',
    'kube-system',
    'patch',
    'daemonset',
    'cilium',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { template: { spec: { nodeSelector: { [label]: value } } } } }),
  );

async function repair(bed: Bed): Promise<void> {
  await patch(bed, null);
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
  await bed.kubectl('label', 'node', 'n1', 'n2', `${label}-`);
}

const cover = `kubectl label node n2 ${label}=yes`;

export default defineFault({
  id: 'agents-exclude-node',
  title: 'a node selector of the agents’ DaemonSet leaves n2 out: its agent is gone, its pods and rows stay',
  expect: [{ code: 'KPR1004', nodes: ['n2'] }],
  cleanWithin: 120,
  remedy: { decided: { [cover]: cover } },
  tidy: repair,
  inject: async (bed) => {
    await bed.kubectl('label', 'node', 'n1', `${label}=yes`);
    await patch(bed, 'yes');
    await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
    await bed.kubectl(
      '-n',
      'kube-system',
      'wait',
      '--for=delete',
      'pod',
      '-l',
      'k8s-app=cilium',
      '--timeout=60s',
      '--field-selector=spec.nodeName=n2',
    );
    return () => repair(bed);
  },
});
