import { defineFault } from '../lib/Fault.ts';
import { restartAgents, setConfig } from '../lib/objects.ts';

const edit = 'kubectl -n kube-system edit configmap cilium-config';
const without = `kubectl -n kube-system patch configmap cilium-config --type merge -p '{"data":{"loadBalancer.algorithm":null}}'`;

export default defineFault({
  id: 'helm-name-in-config',
  title: 'cilium-config holds the name of a Helm value, which agents pass over, and were restarted with',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  showsAfter: 5,
  cleanWithin: 120,
  remedy: { decided: { [edit]: without } },
  // They have it in what they started with, of which a fault may make the ConfigMap anew.
  tidy: restartAgents,
  inject: async (bed) => {
    await setConfig(bed, { 'loadBalancer.algorithm': 'maglev' });
    await restartAgents(bed);
    return () => setConfig(bed, { 'loadBalancer.algorithm': null });
  },
});
