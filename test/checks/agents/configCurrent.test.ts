import { expect, test } from 'vitest';
import { agentsWouldStart } from '../../../checks/agents/agentsWouldStart.ts';
import { configCurrent } from '../../../checks/agents/configCurrent.ts';
import { configThere } from '../../../checks/agents/configThere.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, ciliumConfig } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const sources = '[{"kind":"config-map","namespace":"kube-system","name":"cilium-config"}]';
/** What the init container writes: the keys with a value, and where it got them. */
const started = (changes: Readonly<Record<string, string>> = {}, from = sources) =>
  new Map(
    [
      ...ciliumConfig,
      ...Object.entries(changes),
      ['config-sources', from] as const,
      ['config-sources-overrides', '{"allowConfigKeys":null,"denyConfigKeys":null}'] as const,
    ].filter(([, value]) => value !== ''),
  );
const now = (changes: Readonly<Record<string, string>>) => new Map([...ciliumConfig, ...Object.entries(changes)]);
const both = (config: ReadonlyMap<string, string>): NonNullable<SnapshotChanges['nodes']> => ({
  n1: { startedConfig: config },
  n2: { startedConfig: config },
});
const nodeConfig = (defaults: Readonly<Record<string, string>>) => ({
  metadata: { name: 'own', namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { pool: 'edge' } }, defaults },
});
const edge = aNode('n2', { metadata: { name: 'n2', labels: { pool: 'edge' } } });

test.each<[string, SnapshotChanges, string[]]>([
  ['as it was written: empty values are left out, the sources are added', { nodes: both(started()) }, []],
  [
    'changed for all',
    { facts: { ciliumConfig: now({ 'bpf-lb-algorithm': 'maglev' }) }, nodes: both(started()) },
    ['KPR1005 n1,n2'],
  ],
  [
    'one agent restarted since',
    {
      facts: { ciliumConfig: now({ 'bpf-lb-algorithm': 'maglev' }) },
      nodes: { n1: { startedConfig: started({ 'bpf-lb-algorithm': 'maglev' }) }, n2: { startedConfig: started() } },
    },
    ['KPR1005 n2'],
  ],
  [
    'a key taken away',
    { nodes: { n1: { startedConfig: started() }, n2: { startedConfig: started({ devices: 'eth1' }) } } },
    ['KPR1005 n2'],
  ],
  [
    'a line at the end of a value',
    { facts: { ciliumConfig: now({ devices: 'eth0\n' }) }, nodes: both(started({ devices: 'eth0' })) },
    [],
  ],
  [
    'a key that agents follow',
    { facts: { ciliumConfig: now({ 'subnet-topology': '10.0.0.0/8' }) }, nodes: both(started()) },
    [],
  ],
  [
    'a key that the user leaves out',
    {
      facts: { ciliumConfig: now({ debug: 'true', 'ignore-flags-drift-checker': 'debug' }) },
      nodes: both(started({ 'ignore-flags-drift-checker': 'debug' })),
    },
    [],
  ],
  [
    'a NodeConfig that was there at the start',
    {
      facts: { nodes: [aNode('n1'), edge], ciliumNodeConfigs: [nodeConfig({ devices: 'eth1' })] },
      nodes: { n1: { startedConfig: started() }, n2: { startedConfig: started({ devices: 'eth1' }) } },
    },
    [],
  ],
  [
    'a NodeConfig that came later',
    {
      facts: { nodes: [aNode('n1'), edge], ciliumNodeConfigs: [nodeConfig({ devices: 'eth0' })] },
      nodes: both(started()),
    },
    ['KPR1005 n2'],
  ],
  [
    'NodeConfigs not read, a difference',
    {
      facts: { ciliumNodeConfigs: aMissing('forbidden') },
      nodes: {
        n1: { startedConfig: started() },
        n2: { startedConfig: started({ devices: 'eth1' }), metrics: { configDrift: undefined } },
      },
    },
    ['unknown n2 forbidden'],
  ],
  [
    'NodeConfigs not read, no difference',
    { facts: { ciliumNodeConfigs: aMissing('forbidden') }, nodes: both(started()) },
    [],
  ],
  [
    'annotations of the Node are a source, too',
    {
      facts: { ciliumConfig: now({ debug: 'true' }) },
      nodes: {
        n1: { startedConfig: started({ debug: 'true' }) },
        n2: {
          startedConfig: started({}, `${sources.slice(0, -1)},{"kind":"node","name":"n2"}]`),
          metrics: { configDrift: undefined },
        },
      },
    },
    ['unknown n2 notCollected'],
  ],
  [
    'files not read, the agent counts none',
    { nodes: { n1: { startedConfig: started() }, n2: { startedConfig: aMissing('timeout') } } },
    [],
  ],
  [
    'files not read, the agent counts two',
    {
      nodes: {
        n1: { startedConfig: started() },
        n2: { startedConfig: aMissing('timeout'), metrics: { configDrift: 2 } },
      },
    },
    ['KPR1005 n2'],
  ],
  [
    'neither read',
    {
      nodes: {
        n1: { startedConfig: started() },
        n2: { startedConfig: aMissing('timeout'), metrics: aMissing('timeout') },
      },
    },
    ['unknown n2 timeout'],
  ],
  [
    'a mounted ConfigMap shows the present only',
    {
      nodes: {
        n1: { startedConfig: started() },
        n2: { startedConfig: ciliumConfig, metrics: { configDrift: undefined } },
      },
    },
    ['unknown n2 notCollected'],
  ],
  ['the ConfigMap not read', { facts: { ciliumConfig: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(configCurrent, aSnapshot(changes))).toEqual(expected);
});

const keysSaid = (ciliumConfig: ReadonlyMap<string, string>) =>
  findingsOf(configCurrent, aSnapshot({ facts: { ciliumConfig }, nodes: both(started()) })).map(({ params }) => params);

test('what an agent would not start with, or what would leave nobody to serve, is said by another check alone', () => {
  const changed = now({ 'bpf-lb-algorithm': 'magelv', 'kube-proxy-replacement': 'false', debug: 'true' });
  const refused = now({ 'bpf-lb-algorithm': 'magelv' });
  expect(keysSaid(refused)).toEqual([]);
  expect(keysSaid(changed)).toEqual([{ keys: 'bpf-lb-algorithm, debug' }]);
});

test('keys are named, values shown short, and secrets not at all', () => {
  const ciliumConfig = now({
    'bpf-lb-algorithm': 'maglev',
    'bpf-lb-maglev-hash-seed': 'JLfvgnHc2kaSUFaI',
    'x-long': 'x'.repeat(99),
  });
  const [found] = findingsOf(configCurrent, aSnapshot({ facts: { ciliumConfig }, nodes: both(started()) }));
  expect(found).toMatchObject({
    severity: 'warning',
    params: { keys: 'bpf-lb-algorithm, bpf-lb-maglev-hash-seed, x-long' },
  });
  expect(found?.expected).toContain('bpf-lb-algorithm=maglev');
  expect(found?.found).toContain('bpf-lb-algorithm=(none)');
  expect(JSON.stringify(found)).not.toContain('JLfvgnHc2kaSUFaI');
  expect(found?.expected?.length).toBeLessThan(150);
});

test('names of Helm values are no options, and nothing to restart agents for', () => {
  const ciliumConfig = now({ kubeProxyReplacement: 'true', 'loadBalancer.algorithm': 'maglev', debug: 'true' });
  const found = findingsOf(configCurrent, aSnapshot({ facts: { ciliumConfig }, nodes: both(started()) }));
  expect(found.map(({ variant, params }) => [variant, params['keys']])).toEqual([
    ['changed', 'debug'],
    ['helmName', 'kubeProxyReplacement, loadBalancer.algorithm'],
  ]);
});

test('they stay without effect when agents have started with them, and once taken out are nothing to speak of', () => {
  const ciliumConfig = now({ kubeProxyReplacement: 'true' });
  const withName = both(started({ kubeProxyReplacement: 'true' }));
  const kept = findingsOf(configCurrent, aSnapshot({ facts: { ciliumConfig }, nodes: withName }));
  expect(kept.map(({ variant, params }) => [variant, params['keys']])).toEqual([['helmName', 'kubeProxyReplacement']]);
  expect(findingsOf(configCurrent, aSnapshot({ nodes: withName }))).toEqual([]);
});

test('keys of the operator alone are a remark', () => {
  const ciliumConfig = now({ 'identity-gc-interval': '30m' });
  const found = findingsOf(configCurrent, aSnapshot({ facts: { ciliumConfig }, nodes: both(started()) }));
  expect(found.map(({ variant, severity }) => [variant, severity])).toEqual([['operator', 'info']]);
});

standardCases(configCurrent, {
  requiredUnseen: ['cluster ciliumConfig'],
  healthy: { nodes: both(started()) },
  faulty: {
    KPR1005: {
      changed: { facts: { ciliumConfig: now({ 'bpf-lb-algorithm': 'maglev' }) }, nodes: both(started()) },
      counted: { nodes: { n2: { startedConfig: aMissing('timeout'), metrics: { configDrift: 2 } } } },
      helmName: { facts: { ciliumConfig: now({ kubeProxyReplacement: 'true' }) }, nodes: both(started()) },
      operator: { facts: { ciliumConfig: now({ 'identity-gc-interval': '30m' }) }, nodes: both(started()) },
      refused: { raisedBy: agentsWouldStart },
      refusedUnset: { raisedBy: agentsWouldStart },
      nobodyServes: { raisedBy: agentsWouldStart },
      servicesLeft: { raisedBy: agentsWouldStart },
      configGone: { raisedBy: configThere },
      strayNodeConfig: { raisedBy: configThere },
    },
  },
  notApplicable: noNode,
  hostile: (text) => ({ facts: { ciliumConfig: now({ [`x${text}`]: text }) }, nodes: both(started()) }),
});
