import { expect, test } from 'vitest';
import { leftoversIn, liveState } from '../../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';

test('rules of others that lead into kube-proxy’s chains are counted in no quadratic time', { timeout: 4_000 }, () => {
  const many = 40_000;
  const chains = Array.from({ length: many }, (_, at) => `:OTHER-${at} - [0:0]`);
  const last = 'KUBE-SERVICES';
  const jumps = Array.from({ length: many }, (_, at) => `-A OTHER-${at} -j ${last}`);
  const text = [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ...chains,
    `:${last} - [0:0]`,
    `-A PREROUTING -j ${last}`,
    ...jumps,
  ];
  const save = parseIptablesSave(`${[...text, 'COMMIT'].join('\n')}\n`);
  if (!save.ok) throw new Error(save.why);
  const left = leftoversIn(save.value.tables, liveState([], []), { node: 'n1', listeners: [] });
  expect(left).toMatchObject({ chains: 1, rules: many + 1, impacts: [] });
  expect(left?.firstRules).toHaveLength(2);
});
