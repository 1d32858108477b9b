import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

interface Rule {
  readonly resources?: readonly string[];
}
const role = ['clusterrole', 'cilium'];
const sleep = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));

export default defineFault({
  id: 'role-without-slices',
  title: 'the agents’ ClusterRole lacks EndpointSlices: they keep what they knew, and miss new Services’ backends',
  expect: [{ code: 'KPR2002', nodes: ['n1', 'n2'] }],
  also: ['KPR4001', 'KPR4002', 'KPR4003', 'KPR4005'],
  cleanWithin: 180,
  remedy: { not: 'the role comes with the chart of the version that runs, which is not here' },
  inject: async (bed) => {
    const { rules } = JSON.parse(await bed.kubectl('get', ...role, '-o', 'json')) as { rules: readonly Rule[] };
    const set = (list: readonly Rule[]): Promise<string> =>
      bed.kubectl('patch', ...role, '--type=merge', '-p', JSON.stringify({ rules: list }));
    const without = rules.map((rule) => ({
      ...rule,
      ...(rule.resources ? { resources: rule.resources.filter((one) => one !== 'endpointslices') } : {}),
    }));
    await set(without.filter(({ resources }) => resources === undefined || resources.length > 0));
    // What is watched already is asked for anew only when the connection ends.
    await bed.stop('apiserver');
    await bed.start('apiserver');
    const repair = await objects(service('unseen', overHttpd())).create(bed);
    await sleep(45);
    return async () => {
      await set(rules);
      await repair();
      // Agents list again in steps of up to a minute; what changes now they see only then.
      await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
      await rollOut(bed, 'httpd');
    };
  },
});
