import { describe, expect, test } from 'vitest';
import { modeSuitsNetwork } from '../../checks/configuration/modeSuitsNetwork.ts';
import { wayBackPrepared } from '../../checks/change/wayBackPrepared.ts';
import { problems } from '../../checks/problems.ts';
import type { Variant } from '../../src/core/Problem.ts';
import { valueOf } from '../../src/model/Fact.ts';
import { fillCommand } from '../../src/remedy/fill.ts';
import { usualCommand } from '../../src/remedy/stepCommands.ts';
import type { FindingReport } from '../../src/report/ReportDocument.ts';
import { allMissing, aSnapshot, type SnapshotChanges } from '../support/aSnapshot.ts';
import { anIntent } from '../support/anIntent.ts';
import { aNode, anAgentPod, aService, ciliumConfig, healthyFacts } from '../support/healthy.ts';
import { remediesOf, stepsOf } from '../support/remediesOf.ts';
import { reportOn, stepCommandsOf } from '../support/reportOn.ts';
import { shellWords } from '../support/shellWords.ts';
import { backend, shopFacts, tableWith } from '../support/shopTables.ts';

const variants = [...problems].flatMap(([code, { variants: all }]) =>
  Object.entries<Variant>(all).map(([name, variant]) => [`${code} ${name}`, variant] as const),
);

/** What a command does to agents, nodes or kube-proxy, by the programs that it starts. */
const deeds: readonly { readonly deed: RegExp; readonly words: RegExp }[] = [
  { deed: /^restart/, words: /^kubectl .*\bdelete pod\b.*\b(xAGENTx|k8s-app=cilium)/ },
  {
    deed: /^restart/,
    words: /^kubectl .*\b(rollout restart|rollout undo|set env|delete|patch|edit) (daemonset|ds)\b.*xAGENTSx/,
  },
  { deed: /^restart/, words: /^kubectl .*\bset env\b.*daemonset/ },
  { deed: /^restart/, words: /^helm .*\b(upgrade|rollback|uninstall)\b/ },
  { deed: /^endKubeProxy$/, words: /^kubectl .*\bdelete daemonset xKUBEPROXYx/ },
  {
    deed: /^endKubeProxy$/,
    words:
      /^(aws eks delete-addon|talosctl .*"disabled":true|kubectl patch network\.operator.*"deployKubeProxy":false)/,
  },
  { deed: /^endKubeProxy$/, words: /^systemctl (disable|stop).*kube-proxy/ },
  // What a program reads from a file stands in the command only.
  { deed: /^endKubeProxy$/, words: /"enabled": false.*az aks update/ },
  { deed: /^rebootNode$/, words: /^(systemctl reboot|kubectl .*\bdrain\b)/ },
];
const names = { agentPod: 'xAGENTx', agentDaemonSet: 'xAGENTSx', objectName: 'xKUBEPROXYx' };

describe('a step that does what may harm says so', () => {
  test.each(variants)('%s', (_, variant) => {
    for (const step of stepsOf(variant)) {
      if (step.restart !== undefined) continue;
      const command = fillCommand(usualCommand(step) ?? ':', names, 'kubectl');
      const done = shellWords(command).programs.map((words) => words.join(' '));
      for (const { deed, words } of deeds)
        if ([...done, command].some((program) => words.test(program)))
          expect([command, step.does]).toEqual([command, expect.stringMatching(deed)]);
    }
  });

  test('and options of agents are not set by hand, because their owner is not the same everywhere', () => {
    const commands = variants.flatMap(([, variant]) => stepsOf(variant).map(({ command }) => command ?? ''));
    expect(
      commands.filter((command) => /patch (configmap|cm)\/? ?cilium-config|ciliumnodeconfig .*-p/.test(command)),
    ).toEqual([]);
  });

  test('checks and undoing do none of it, but for an undo of what the steps did', () => {
    const all = variants.flatMap(([, variant]) => remediesOf(variant).flatMap(({ check }) => check ?? []));
    const done = all.flatMap((check) =>
      shellWords(fillCommand(check, names, 'kubectl')).programs.map((words) => words.join(' ')),
    );
    expect(done.filter((program) => deeds.some(({ words }) => words.test(program)))).toEqual([]);
  });
});

test('the value of the chart that is beside an option is filled in as the option is', () => {
  const ports = [{ name: 'http', port: 80, nodePort: 25_083 }];
  const service = aService('shop', { type: 'NodePort', ports });
  const { alternatives } = found({ facts: { services: [service] } }, 'KPR5001');
  const texts = (alternatives ?? []).flatMap(({ steps }) => steps.map(({ text }) => text));
  expect(texts.join('\n')).toContain('(Helm: nodePort.range=25083\\,32767)');
});

const now = (changes: Readonly<Record<string, string>>) => new Map([...ciliumConfig, ...Object.entries(changes)]);
const stale = { lbTable: tableWith({ backends: [backend(1), backend(2), backend(9)] }) };
const right = { lbTable: tableWith({}) };

const found = (changes: SnapshotChanges, code: string): FindingReport => {
  const { findings } = reportOn(aSnapshot(changes));
  const one = findings.find((finding) => finding.code === code);
  if (one === undefined) throw new Error(`${code} is not among ${findings.map((finding) => finding.code).join(', ')}`);
  return one;
};
const restarts = (finding: FindingReport): string[] =>
  stepCommandsOf(finding).filter((command) => /delete (pod|"\$pod)|rollout restart|set env/.test(command));
const said = ({ remedy }: FindingReport): string => remedy.steps.map(({ text }) => text).join('\n');

describe('an agent is restarted only where it comes back', () => {
  const shop = { facts: shopFacts(), nodes: { n1: right, n2: stale } } as const;

  test('as a rule, with what must hold first', () => {
    const one = found(shop, 'KPR4003');
    expect(restarts(one)).toEqual(['kubectl -n kube-system delete pod cilium-n2']);
    expect(one.remedy.steps[0]?.precondition?.command).toBe(
      'kubectl kpr verify --node n2 --check agents-would-start,KPR2002,KPR2004',
    );
  });

  test.each<[string, SnapshotChanges, RegExp]>([
    [
      'the API server is out of reach from there',
      { nodes: { n1: right, n2: { ...stale, apiProbe: { connect: 'timeout' } } } },
      /KPR2002/,
    ],
    [
      'the configuration is refused at start',
      { facts: { ciliumConfig: now({ 'bpf-lb-algorithm': 'magelv' }) } },
      /KPR1005/,
    ],
    [
      'the mode is refused at start',
      { facts: { ciliumConfig: now({ 'kube-proxy-replacement': 'strict' }) } },
      /KPR1003/,
    ],
    [
      'nobody would serve Services then',
      { facts: { ciliumConfig: now({ 'kube-proxy-replacement': 'false' }) } },
      /KPR1005/,
    ],
  ])('not while %s', (_, { facts, nodes }, why) => {
    const one = found({ facts: { ...shopFacts(), ...facts }, nodes: { ...shop.nodes, ...nodes } }, 'KPR4003');
    expect(restarts(one)).toEqual([]);
    expect(said(one)).toMatch(why);
    expect(one.remedy.steps.at(-1)).toMatchObject({ withheld: true, commands: [] });
  });

  test('what is wrong on another node does not matter', () => {
    const nodes = { n1: { ...right, apiProbe: { connect: 'timeout' } }, n2: stale } as const;
    expect(restarts(found({ ...shop, nodes }, 'KPR4003'))).toHaveLength(1);
  });

  test('of two nodes the one that is well is done', () => {
    const detached = { cgroupPrograms: [] };
    const nodes = { n1: { ...detached, apiProbe: { connect: 'timeout' } }, n2: detached } as const;
    const one = found({ nodes }, 'KPR1007');
    expect(one.nodes).toEqual(['n1', 'n2']);
    expect(restarts(one)).toEqual(['kubectl -n kube-system delete pod cilium-n2']);
    expect(one.remedy.steps[0]?.text).toMatch(/not on n1: .*KPR2002/);
    expect(one.remedy.steps[0]?.precondition?.command).toContain('--node n2 ');
  });

  test('what came of a wrong address of the API server does not speak against a right one', () => {
    const agents = valueOf(healthyFacts(['n1', 'n2']).daemonSets) ?? [];
    const env = [
      { name: 'KUBERNETES_SERVICE_HOST', value: 'https://10.0.0.1' },
      { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
    ];
    const [agentsSet] = agents;
    const template = agentsSet?.spec?.template?.spec;
    const [agent] = template?.containers ?? [];
    if (agentsSet === undefined || agent === undefined) throw new Error('no agents');
    const daemonSets = [
      { ...agentsSet, spec: { template: { spec: { ...template, containers: [{ ...agent, env }] } } } },
    ];
    const ending = {
      name: 'cilium-agent',
      ready: false,
      restartCount: 7,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
    };
    const systemPods = [anAgentPod('n1'), anAgentPod('n2', { containerStatuses: [ending] })];
    const nodes = { n1: right, n2: { agent: { ready: false }, ...allMissing('absent') } };
    const changes = { facts: { ...shopFacts(), daemonSets, systemPods }, nodes };
    expect(found(changes, 'KPR1001').likelyCauses).toContain('KPR2004');
    expect(restarts(found(changes, 'KPR2004'))).toHaveLength(1);
  });

  test('what follows from something is repaired with that', () => {
    const nodes = { n1: right, n2: { ...stale, status: { missing: 'timeout', detail: 'hangs' } } } as const;
    const one = found({ ...shop, nodes }, 'KPR4003');
    expect(one.likelyCauses).toContain('KPR1002');
    expect(restarts(one)).toEqual([]);
    expect(restarts(found({ ...shop, nodes }, 'KPR1002'))).toHaveLength(1);
  });
});

describe('what all nodes have, and their agents, too, is no loss of one', () => {
  test('no restart is offered then', () => {
    const one = found({ facts: shopFacts(), nodes: { n1: stale, n2: stale } }, 'KPR4003');
    expect(one.nodes).toEqual(['n1', 'n2']);
    expect(restarts(one)).toEqual([]);
    expect(said(one)).toContain('a restart would give the same again');
  });

  test('nor while a file does not tell whether the other node is well', () => {
    const young = { ...stale, agent: { startedAt: '2026-11-21T09:59:30Z' }, pendingInitializers: ['k8s-endpoints'] };
    const origin = { kind: 'capture', file: 'x.kpr', context: '', server: '' } as const;
    const one = found({ origin, facts: shopFacts(), nodes: { n1: young, n2: stale } }, 'KPR4003');
    expect(one.nodes).toEqual(['n2']);
    expect(restarts(one)).toEqual([]);
  });

  test('but where one node alone was read, its agent may have lost it', () => {
    const unread = { lbTable: { missing: 'timeout', detail: 'hangs' } } as const;
    expect(restarts(found({ facts: shopFacts(), nodes: { n1: unread, n2: stale } }, 'KPR4003'))).toHaveLength(1);
  });
});

describe('kube-proxy goes only where nobody needs it', () => {
  const runs = { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } } as const;
  const off = { status: { kpr: { mode: 'False', nodePort: undefined, socketLb: false } } } as const;

  test('where every agent replaces it', () => {
    const one = found({ nodes: { n1: runs, n2: runs } }, 'KPR3001');
    expect(stepCommandsOf(one)).toContain('systemctl disable --now kube-proxy');
    expect(one.remedy.undo).toBeDefined();
  });

  test('not where one does not', () => {
    const one = found({ nodes: { n1: runs, n2: { ...runs, ...off } } }, 'KPR3001');
    expect(stepCommandsOf(one).filter((command) => /systemctl|delete daemonset/.test(command))).toEqual([]);
    expect(said(one)).toMatch(/n2/);
    expect(one.remedy.undo).toBeUndefined();
  });

  test('nor where one would not after its next start', () => {
    const one = found(
      { facts: { ciliumConfig: now({ 'kube-proxy-replacement': 'false' }) }, nodes: { n1: runs, n2: runs } },
      'KPR3001',
    );
    expect(stepCommandsOf(one).filter((command) => /systemctl|delete/.test(command))).toEqual([]);
  });
});

const modeOnN2 = (value: string) => ({
  ciliumNodeConfigs: [
    {
      metadata: { name: 'edge', namespace: 'kube-system' },
      spec: { nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } }, defaults: { 'bpf-lb-mode': value } },
    },
  ],
});

/** Agents that are down with the value take the other one in a new pod only. */
const newPods: unknown = expect.stringMatching(/ready==false.* \| xargs -r kubectl -n kube-system delete pod$/);

describe('how agents restart and who owns a value', () => {
  const onDelete = healthyFacts(['n1', 'n2']).daemonSets;
  const byHand = {
    daemonSets: ('value' in onDelete ? onDelete.value : []).map((one) =>
      Object.assign({}, one, { spec: Object.assign({}, one.spec, { updateStrategy: { type: 'OnDelete' } }) }),
    ),
  };
  const drift = { facts: { ciliumConfig: now({ debug: 'true' }) } };

  test('a rollout restarts nothing where the DaemonSet is updated by hand', () => {
    expect(stepCommandsOf(found(drift, 'KPR1005')).join('\n')).toContain('rollout restart daemonset cilium');
    const commands = stepCommandsOf(found({ facts: { ...drift.facts, ...byHand } }, 'KPR1005')).join('\n');
    expect(commands).not.toContain('rollout');
    expect(commands).toMatch(/for pod in .*delete "\$pod".*wait --for=condition=Ready/);
  });

  test('an address of the API server, too, comes into effect by hand then', () => {
    const dead = { apiProbe: { connect: 'refused' } } as const;
    const nodes = { n1: dead, n2: dead };
    expect(restarts(found({ nodes }, 'KPR2002'))).toHaveLength(1);
    expect(restarts(found({ facts: byHand, nodes }, 'KPR2002'))).toHaveLength(2);
  });

  test('the CiliumNodeConfig that sets a value is the one to change', () => {
    const one = found(
      { facts: modeOnN2('DSR'), nodes: { n2: { startedConfig: now({ 'bpf-lb-mode': 'snat' }) } } },
      'KPR1005',
    );
    expect(stepCommandsOf(one)).toEqual([
      `kubectl -n kube-system patch ciliumnodeconfig edge --type merge -p '{"spec":{"defaults":{"bpf-lb-mode":"snat"}}}'`,
      newPods,
    ]);
    expect(said(one)).toContain('set by CiliumNodeConfig kube-system/edge');
  });

  test('an annotation of the Node is, where agents are told to read these', () => {
    const annotations = { 'config.cilium.io/devices': 'eth9' };
    const nodes = [aNode('n1'), aNode('n2', { metadata: { name: 'n2', annotations } })];
    const commandOf = (sources: readonly object[]) => {
      const n2 = {
        status: { kpr: { devices: [], directRoutingDevice: undefined } },
        startedConfig: now({ 'config-sources': JSON.stringify(sources) }),
      };
      return stepCommandsOf(found({ facts: { nodes }, nodes: { n2 } }, 'KPR1009'))[1];
    };
    const configMap = { kind: 'config-map', namespace: 'kube-system', name: 'cilium-config' };
    expect(commandOf([configMap, { kind: 'node', name: 'n2' }])).toBe(
      'kubectl annotate node n2 --overwrite config.cilium.io/devices=DEVICE',
    );
    expect(commandOf([configMap])).toContain('patch configmap cilium-config');
  });

  test('where nobody else does, it is cilium-config; a value that is not known goes', () => {
    const one = found({ facts: { ciliumConfig: now({ 'bpf-lb-mode': 'DSR' }) } }, 'KPR1005');
    expect(stepCommandsOf(one)).toEqual([
      `kubectl -n kube-system patch configmap cilium-config --type merge -p '{"data":{"bpf-lb-mode":null}}'`,
      newPods,
    ]);
  });
});

test.each([
  [{ change: 'upgrade', toVersion: '1.20.2' }, '--change upgrade --to-version 1.20.2'],
  [{ change: 'enable', toVersion: undefined }, '--change enable'],
] as const)('what checks a remedy of preflight judges the same change: %j', ({ change, toVersion }, flags) => {
  const nodes = [
    { ...aNode('n1'), spec: { providerID: 'aws:///eu-west-1a/i-0' } },
    { ...aNode('n2'), spec: { providerID: 'aws:///eu-west-1a/i-1' } },
  ];
  const config = new Map([...ciliumConfig, ['bpf-lb-mode', 'dsr'], ['routing-mode', 'native']]);
  const snapshot = aSnapshot({
    intent: anIntent(change, { toVersion, capture: undefined }),
    facts: { nodes, ciliumConfig: config },
    nodes: { n1: { startedConfig: config }, n2: { startedConfig: config } },
  });
  const checksOf = reportOn(snapshot, [modeSuitsNetwork, wayBackPrepared]).findings.map(({ remedy }) => remedy.check);
  expect(new Set(checksOf)).toEqual(
    new Set([
      `kubectl kpr preflight ${flags} --check mode-suits-network`,
      `kubectl kpr preflight ${flags} --against before.kpr`,
    ]),
  );
});
