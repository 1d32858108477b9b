import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { type Change, changes } from '../../../src/model/Intent.ts';
import type { ConfigMap, DaemonSet, Node, Pod } from '../../../src/model/kubernetes.ts';
import type { Distribution, Snapshot } from '../../../src/model/Snapshot.ts';
import type { Checklist } from '../../../src/remedy/change/Checklist.ts';
import { checklistOf } from '../../../src/remedy/change/checklistOf.ts';
import { chooseChange } from '../../../src/remedy/change/chooseChange.ts';
import { aSnapshot, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { aService, ciliumConfig, healthyFacts } from '../../support/healthy.ts';

const proxyDaemonSet: DaemonSet = {
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  spec: {
    template: {
      metadata: { labels: { 'k8s-app': 'kube-proxy' } },
      spec: { containers: [{ name: 'kube-proxy', command: ['/usr/local/bin/kube-proxy'] }] },
    },
  },
  status: { desiredNumberScheduled: 2 },
};
const proxyPod = (node: string): Pod => ({
  metadata: {
    name: `kube-proxy-${node}`,
    namespace: 'kube-system',
    ownerReferences: [{ kind: 'DaemonSet', name: 'kube-proxy' }],
  },
  spec: { nodeName: node, containers: [{ name: 'kube-proxy', command: ['/usr/local/bin/kube-proxy'] }] },
  status: { phase: 'Running' },
});
const proxyConfig = (config: string): ConfigMap => ({
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  data: { 'config.conf': config },
});

const healthy = healthyFacts(['n1', 'n2']);
const listIn = <T>(fact: { readonly value: readonly T[] } | object): readonly T[] =>
  'value' in fact ? fact.value : [];
const off: NodeChanges = { status: { kpr: { mode: 'False' } } };

/** The agents' DaemonSet as Helm leaves it. */
const byHelm = (release: string | undefined): readonly DaemonSet[] =>
  listIn<DaemonSet>(healthy.daemonSets).map((one) => ofRelease(one, release));

const ofRelease = (one: DaemonSet, release: string | undefined): DaemonSet => ({
  ...one,
  metadata: {
    ...one.metadata,
    ...(release !== undefined && { annotations: { 'meta.helm.sh/release-name': release } }),
  },
});

interface Scene extends SnapshotChanges {
  readonly proxy?: boolean;
  readonly config?: string;
  readonly release?: string | undefined;
}

function cluster({ proxy = true, config = 'mode: iptables', release, ...more }: Scene = {}): Snapshot {
  return aSnapshot({
    ...more,
    facts: {
      daemonSets: [...byHelm(release), ...(proxy ? [proxyDaemonSet] : [])],
      systemPods: [...listIn<Pod>(healthy.systemPods), ...(proxy ? [proxyPod('n1'), proxyPod('n2')] : [])],
      kubeProxyConfig: proxyConfig(config),
      ...more.facts,
    },
  });
}

const listFor = (change: Change, scene: Scene = {}, more: Parameters<typeof anIntent>[1] = {}): Checklist =>
  checklistOf(new Derivations(cluster({ release: 'cilium', ...scene })), anIntent(change, more));

const commandsOf = ({ steps }: Checklist): readonly string[] =>
  steps.flatMap(({ commands, check, wayBack }) => [...commands, check ?? [], wayBack ?? []].flat());

const upgradeTo = { toVersion: '1.20.2' };
const scenes: readonly (readonly [string, Scene])[] = [
  ['as Helm installed it', {}],
  ['not by Helm', { release: undefined }],
  ['half way', { nodes: { n2: off } }],
  ['without kube-proxy', { proxy: false }],
  ['in mode nftables', { config: 'mode: nftables' }],
  ...(['eks', 'aks', 'openshift', 'talos', 'k3s', 'rke2', 'k0s', 'gke', 'other'] as const).map(
    (distribution: Distribution) => [distribution, { distribution }] as const,
  ),
];

describe.each(changes)('the checklist of %s', (change) => {
  test.each(scenes)(
    '%s: commands can be read by a shell, and every step that changes something is looked at',
    (_, scene) => {
      const list = listFor(change, scene, change === 'upgrade' ? upgradeTo : {});
      const commands = commandsOf(list).filter((command) =>
        /^(kubectl|helm|for|echo|aws|talosctl|systemctl) /.test(command),
      );
      expect(() => execFileSync('bash', ['-n'], { input: commands.join('\n') })).not.toThrow();
      for (const { text, risk, check, done, decision } of list.steps) {
        if (risk === undefined || done !== undefined || decision === true || risk.startsWith('none')) continue;
        expect(check, text).toBeDefined();
      }
    },
  );

  test('the capture comes first, and is done when there is one', () => {
    const more = change === 'upgrade' ? upgradeTo : {};
    expect(listFor(change, {}, { ...more, capture: undefined }).steps[0]?.done).toBeUndefined();
    const [first] = listFor(change, {}, more).steps;
    expect(first?.done).toBe('before.kpr of 2026-11-21T09:00:00Z');
  });

  test('what a cluster names is no part of a command', () => {
    const hostile = { metadata: { name: 'n1; rm -rf /', labels: {} } };
    const scene = { facts: { nodes: [hostile] }, nodes: { "n3'$(id)": off } };
    const more = change === 'upgrade' ? upgradeTo : {};
    const commands = commandsOf(listFor(change, scene, more)).filter((one) => one.includes('$(id)'));
    for (const command of commands) {
      const said = execFileSync('bash', ['-c', `set -n; ${command}`], { encoding: 'utf8' });
      expect(said).toBe('');
      expect(command).toMatch(/'n3'\\''\$\(id\)'|"\$node"/);
    }
  });
});

const textsOf = ({ steps }: Checklist): readonly string[] => steps.map(({ text }) => text);
const placeOf = (list: Checklist, word: RegExp): number =>
  list.steps.findIndex(({ commands, text }) => commands.some((one) => word.test(one)) || word.test(text));

describe('the order is the one that is safe', () => {
  test('enable: prepared, then one node, then the others, then for all; kube-proxy stays', () => {
    const list = listFor('enable', { nodes: { n1: off, n2: off } });
    const places = [
      /capture -o/,
      /CiliumNodeConfig/,
      /on one node, n1/,
      /for node in n2;/,
      /kubeProxyReplacement=true/,
    ];
    const found = places.map((word) => placeOf(list, word));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found).not.toContain(-1);
    expect(commandsOf(list).filter((one) => /delete daemonset/.test(one))).toEqual([]);
  });

  test('remove-kube-proxy: proved, then gone, then its rules on one node, then on the others, then its ConfigMap', () => {
    const list = listFor('remove-kube-proxy');
    const places = [
      /verify --against/,
      /delete daemonset kube-proxy/,
      /--apply --node n1/,
      /for node in n2;/,
      /delete configmap/,
    ];
    const found = places.map((word) => placeOf(list, word));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found).not.toContain(-1);
  });

  test('rollback: kube-proxy first, and at parity, before any agent lets go', () => {
    const list = listFor('rollback', { proxy: false });
    const places = [
      /kube-proxy-before.yaml \| kubectl apply -f -/,
      /verify --against kube-proxy-back/,
      /CiliumNodeConfig/,
      /on one node/,
      /kubeProxyReplacement=false/,
    ];
    const found = places.map((word) => placeOf(list, word));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found).not.toContain(-1);
  });

  test.each(['mode: nftables', 'mode: "nftables"', String.raw`"mode: \"nftables\"\n"`])(
    'rollback: kube-proxy comes back in iptables mode (%s)',
    (kept) => {
      const command = commandsOf(listFor('rollback', { proxy: false })).find((one) => one.startsWith('sed ')) ?? '';
      const script = command.replace(/ kube-proxy-before\.yaml \|.*/, '');
      const made = execFileSync('sh', ['-c', script], { input: `clusterCIDR: a\n${kept}\n`, encoding: 'utf8' });
      expect(made).toContain('mode: iptables');
      expect(made).not.toContain('nftables');
    },
  );

  test('upgrade: agents wait for each other', () => {
    const list = listFor('upgrade', {}, upgradeTo);
    expect(commandsOf(list).some((one) => one.includes('--version 1.20.2') && one.includes('OnDelete'))).toBe(true);
    expect(commandsOf(list).some((one) => one.includes('updateStrategy.type=RollingUpdate'))).toBe(true);
  });
});

test('what is so already is not done again', () => {
  const half = listFor('enable', { nodes: { n2: off } });
  expect(textsOf(half).some((text) => text.includes('on one node, n2') && text.includes('1 of 2 nodes'))).toBe(true);
  expect(listFor('rollback').steps.find(({ text }) => /Bring kube-proxy back/.test(text))?.done).toBe('it runs');
});

test('what kube-proxy was told goes over to Cilium', () => {
  const apiServer: Pod = {
    metadata: { name: 'kube-apiserver-cp', namespace: 'kube-system' },
    spec: {
      containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', '--service-node-port-range=20000-22767'] }],
    },
  };
  const list = listFor('enable', {
    config: 'mode: ipvs\nnodePortAddresses: [10.0.0.0/8]\nclusterCIDR: 10.244.0.0/16',
    facts: { systemPods: [apiServer, proxyPod('n1')] },
    nodes: { n1: off, n2: off },
  });
  expect(list.settings.map(({ helm, value }) => [helm, value])).toEqual([
    ['nodePort.range', String.raw`20000\,22767`],
    ['nodePort.addresses', '{10.0.0.0/8}'],
    [null, 'mode ipvs'],
    [null, 'clusterCIDR 10.244.0.0/16'],
  ]);
  const command = commandsOf(list).find((one) => one.includes('nodePort.range')) ?? '';
  expect(command).toContain(String.raw`--set 'nodePort.range=20000\,22767' --set 'nodePort.addresses={10.0.0.0/8}'`);
});

const settingsOf = (facts: NonNullable<Scene['facts']>) =>
  listFor('enable', { facts, nodes: { n1: off, n2: off } }).settings;

test('where load balancers ask kube-proxy’s health port, agents are told to answer there', () => {
  const nodes: readonly Node[] = ['n1', 'n2'].map((name) => ({
    metadata: { name },
    spec: { providerID: `gce://p/z/${name}` },
  }));
  const services = [aService('shop', { type: 'LoadBalancer' })];
  expect(settingsOf({ nodes, services })).toContainEqual({
    helm: 'kubeProxyReplacementHealthzBindAddr',
    value: '0.0.0.0:10256',
    from: 'load balancers of Google Cloud ask port 10256, which kube-proxy answers',
  });
  const told = new Map([...ciliumConfig, ['kube-proxy-replacement-healthz-bind-address', '0.0.0.0:10256'] as const]);
  for (const facts of [{ nodes, services: [] }, { services }, { nodes, services, ciliumConfig: told }])
    expect(settingsOf(facts).map(({ helm }) => helm)).not.toContain('kubeProxyReplacementHealthzBindAddr');
});

test('agents that ask the ClusterIP are given the API server’s own address', () => {
  const containers = [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.6' }];
  const withoutHost = byHelm('cilium').map(({ metadata }) => ({
    metadata,
    spec: { template: { spec: { containers } } },
  }));
  const list = listFor('enable', {
    facts: { daemonSets: [...withoutHost, proxyDaemonSet] },
    nodes: { n1: off, n2: off },
  });
  expect(list.settings.slice(0, 2).map(({ helm, value }) => `${helm}=${value}`)).toEqual([
    'k8sServiceHost=172.30.0.1',
    'k8sServicePort=6443',
  ]);
});

test('commands of kubectl and Helm ask the cluster that was read', () => {
  const snapshot = cluster({ release: 'network' });
  const kubectl = "kubectl --context='prod 1' --as=me";
  const live = { ...snapshot, origin: { kind: 'live', context: 'prod 1', server: 'https://x', kubectl } } as const;
  const commands = commandsOf(checklistOf(new Derivations(live), anIntent('upgrade', upgradeTo)));
  const asking = commands.filter((one) => /^(kubectl|helm (?!repo))/.test(one));
  expect(asking.length).toBeGreaterThan(5);
  for (const command of asking)
    expect(command).toMatch(/--context='prod 1' --as=me|--kube-context='prod 1' --kube-as-user=me/);
});

test.each<[string, Snapshot, string | undefined, string]>([
  ['no agent replaces it', cluster({ nodes: { n1: off, n2: off } }), undefined, 'enable'],
  ['one does', cluster({ nodes: { n2: off } }), undefined, 'enable'],
  ['all do, and it runs', cluster(), undefined, 'remove-kube-proxy'],
  ['all do, and it is gone', cluster({ proxy: false }), undefined, 'unclear'],
  ['a version is given', cluster(), '1.20.2', 'upgrade'],
  [
    'one does not say',
    cluster({
      facts: { ciliumConfig: new Map() },
      nodes: { n1: { startedConfig: new Map() }, n2: { startedConfig: new Map() } },
    }),
    undefined,
    'remove-kube-proxy',
  ],
])('what comes next where %s', (_, snapshot, toVersion, expected) => {
  const choice = chooseChange(new Derivations(snapshot), toVersion);
  expect('change' in choice ? choice.change : 'unclear').toBe(expected);
});

test('a ConfigMap that is no YAML tells nothing', () => {
  expect(listFor('enable', { config: ': : {', facts: { ciliumConfig: new Map(ciliumConfig) } }).settings).toEqual([]);
});
