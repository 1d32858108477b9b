import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

/** Another patch release of the same minor. */
const others: Readonly<Record<string, string>> = {
  '1.18.4': '1.18.11',
  '1.18.11': '1.18.4',
  '1.19.6': '1.19.7',
  '1.19.7': '1.19.6',
  '1.20.1': '1.20.2',
  '1.20.2': '1.20.1',
};

async function versionOf(bed: Bed): Promise<string> {
  const path = '-o=jsonpath={.spec.template.spec.containers[0].image}';
  const image = await bed.kubectl('-n', 'kube-system', 'get', 'daemonset', 'cilium', path);
  return image.slice(image.lastIndexOf(':v') + 2);
}

const before = new WeakMap<Bed, string>();
async function goBack(bed: Bed): Promise<void> {
  const version = before.get(bed);
  if (version !== undefined) await bed.cilium(version);
}

export default defineFault({
  id: 'half-updated',
  title: 'agents are updated by hand (OnDelete), and that of n2 was forgotten',
  expect: [{ code: 'KPR1006', nodes: ['n2'] }],
  // Chart and agent are of two versions.
  also: ['KPR1005', 'KPR1012'],
  cleanWithin: 180,
  remedy: 'executed',
  tidy: goBack,
  inject: async (bed) => {
    const version = await versionOf(bed);
    const other = others[version];
    if (other === undefined) throw new Error(`no other patch release of ${version} is known here`);
    before.set(bed, version);
    // It ends with an error, because kubectl cannot wait for such an update.
    await bed.run(['cilium', other, '--set', 'updateStrategy.type=OnDelete']);
    const onN1 = ['-n', 'kube-system', 'pod', '-l', 'k8s-app=cilium', '--field-selector=spec.nodeName=n1'];
    await bed.kubectl('delete', ...onN1);
    await bed.kubectl('wait', '--for=create', ...onN1, '--timeout=60s');
    await bed.kubectl('wait', '--for=condition=Ready', ...onN1, '--timeout=180s');
    return () => goBack(bed);
  },
});
