import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings, SettingName } from '../../src/expect/agent/AgentSettings.ts';
import { asksForSocketLb } from '../../src/expect/agent/combinedSettings.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { imageVersion } from '../../src/knowledge/version.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { AgentStatus } from '../../src/model/NodeFacts.ts';
import type { DaemonSet } from '../../src/model/kubernetes.ts';
import type { CiliumInstallation } from '../../src/model/Snapshot.ts';
import { kpr1006 } from './problems/KPR1006.ts';

interface Trait {
  readonly name: string;
  /** undefined: this agent does not say, or it does not matter in its mode; it takes no part then. */
  readonly of: (status: AgentStatus, settings: AgentSettings | undefined) => string | undefined;
  /** The settings that decide it: where a CiliumNodeConfig sets one, nodes differ by intention. */
  readonly settings: readonly SettingName[];
  /** What the trait would be by the settings of the cluster; none where these do not decide it. */
  readonly asked?: (settings: AgentSettings) => string;
}

/** What must be the same for a Service to behave the same on every node. Device names may differ. */
const traits: readonly Trait[] = [
  { name: 'version', of: ({ version }) => version, settings: [] },
  {
    name: 'kube-proxy replacement',
    of: ({ kpr }) => kpr?.mode,
    settings: ['replacement'],
    asked: ({ replacement }) => (replacement.value === 'on' ? 'true' : 'false'),
  },
  {
    name: 'LB mode',
    of: ({ kpr }) => kpr?.nodePort?.mode,
    settings: ['mode', 'replacement'],
    asked: ({ mode }) => mode.value,
  },
  {
    name: 'DSR dispatch',
    of: ({ kpr }) => (/dsr|hybrid/i.test(kpr?.nodePort?.mode ?? '') ? kpr?.nodePort?.dsrDispatch : undefined),
    settings: ['dsrDispatch', 'mode'],
    asked: ({ dsrDispatch }) => dsrDispatch.value,
  },
  {
    name: 'LB algorithm',
    of: ({ kpr }) => kpr?.nodePort?.algorithm,
    settings: ['algorithm', 'replacement'],
    asked: ({ algorithm }) => algorithm.value,
  },
  {
    name: 'Maglev table size',
    of: ({ kpr }) =>
      /maglev/i.test(kpr?.nodePort?.algorithm ?? '') ? kpr?.nodePort?.maglevTableSize?.toString() : undefined,
    settings: ['maglevTableSize', 'algorithm'],
    asked: ({ maglevTableSize }) => `${maglevTableSize.value}`,
  },
  {
    name: 'Maglev seed',
    of: ({ kpr }, settings) =>
      /maglev/i.test(kpr?.nodePort?.algorithm ?? '') ? settings?.maglevSeed.value : undefined,
    settings: ['maglevSeed', 'algorithm'],
    asked: ({ maglevSeed }) => maglevSeed.value,
  },
  {
    name: 'XDP acceleration',
    of: ({ kpr }) => kpr?.nodePort?.acceleration.toLowerCase(),
    settings: ['acceleration'],
    asked: ({ acceleration }) => acceleration.value,
  },
  {
    name: 'NodePort range',
    of: ({ kpr }) => (kpr?.nodePort ? `${kpr.nodePort.portMin}-${kpr.nodePort.portMax}` : undefined),
    settings: ['nodePortRange'],
    asked: ({ nodePortRange: { value } }) => `${value.min}-${value.max}`,
  },
  {
    name: 'socket LB',
    of: ({ kpr }) => (kpr?.socketLb === undefined ? undefined : kpr.socketLb ? 'on' : 'off'),
    settings: ['replacement', 'socketLb'],
    asked: (settings) => (asksForSocketLb(settings) ? 'on' : 'off'),
  },
  {
    name: 'socket LB in pods',
    of: ({ kpr }) => (kpr?.socketLb ? (kpr.socketLbHostNamespaceOnly ? 'off' : 'on') : undefined),
    settings: ['socketLbHostNamespaceOnly'],
    asked: ({ socketLbHostNamespaceOnly }) => (socketLbHostNamespaceOnly.value ? 'off' : 'on'),
  },
];

type View = NodeView<'status', never, never, typeof agentConfigOnNode>;
interface Difference {
  readonly trait: Trait;
  readonly usual: string | undefined;
  readonly own: string;
}

export const agentsAgree = defineCheck({
  id: 'agents-agree',
  title: 'Agents have the same version and balance in the same way',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1006],
  requires: { node: ['status'] },
  optional: { cluster: ['daemonSets'] },
  uses: [agentConfigOnNode, commonSettings],
  run({ cluster, frame, nodes, derived }) {
    if (nodes.length < 2) return notApplicable('fewer than two agents to compare');
    const settings = derived(commonSettings);
    const asked = {
      settings: 'missing' in settings ? undefined : settings,
      versions: imageVersions(valueOf(cluster.daemonSets) ?? [], frame.cilium),
      isUpdatedByHand: agentsOf(valueOf(cluster.daemonSets) ?? [], frame.cilium).some(
        ({ spec }) => spec?.updateStrategy?.type === 'OnDelete',
      ),
    };
    // Where somebody deletes pods by hand, what most have may be what all should be rid of.
    const template = asked.isUpdatedByHand && asked.versions.length > 0 ? asked.versions : undefined;
    const compared = traits
      .filter(({ name }) => template === undefined || name !== 'version')
      .filter((trait) => !areAgreed(trait, nodes))
      .map((trait) => ({ trait, usual: usualOf(trait, nodes, asked) }));
    return forEachNode(nodes, (node) => {
      const differences = compared.flatMap(({ trait, usual }): Difference[] => {
        const own = saidOf(trait, node);
        return own === undefined || own === usual ? [] : [{ trait, usual, own }];
      });
      const intended = differences.filter(({ trait }) => isIntended(trait, node));
      const odd = differences.filter((one) => !intended.includes(one));
      return passUnless([
        ...(template === undefined ? [] : halfUpdated(template, node)),
        ...findingOf('odd', node, odd),
        ...findingOf('intended', node, intended),
      ]);
    });
  },
});

/** Those that say it say the same. */
const areAgreed = (trait: Trait, nodes: readonly View[]): boolean =>
  new Set(nodes.flatMap((node) => saidOf(trait, node) ?? [])).size <= 1;

function saidOf(trait: Trait, node: View): string | undefined {
  const config = node.derived(agentConfigOnNode);
  return trait.of(node.facts.status, 'missing' in config ? undefined : config.settings);
}

/** It is not what a pod of today's template would be. */
function halfUpdated(template: readonly string[], node: View): Finding<'KPR1006'>[] {
  const { version } = node.facts.status;
  if (version === undefined || template.includes(version)) return [];
  const about = { nodes: [node.name], evidence: [node.evidence('status', `version ${version}`)] };
  return [finding(kpr1006, 'halfUpdated', { version, wanted: template.join(' or ') }, about)];
}

function findingOf(variant: 'odd' | 'intended', node: View, differences: readonly Difference[]): Finding<'KPR1006'>[] {
  if (differences.length === 0) return [];
  const found = differences.map(({ trait, own }) => `${trait.name} ${own}`).join(', ');
  const expected = differences
    .flatMap(({ trait, usual }) => (usual === undefined ? [] : [`${trait.name} ${usual}`]))
    .join(', ');
  const about = { nodes: [node.name], found, evidence: [node.evidence('status', found)] };
  return [
    finding(
      kpr1006,
      variant,
      { what: differences.map(({ trait }) => trait.name).join(', ') },
      expected === '' ? about : { ...about, expected },
    ),
  ];
}

/** What agents should be by what stands in the API; undefined: not read. */
interface Asked {
  readonly settings: AgentSettings | undefined;
  /** Those of the agents' templates. */
  readonly versions: readonly string[];
  readonly isUpdatedByHand: boolean;
}

/** What most agents have; in a tie what the configuration asks for; otherwise nobody knows, and all are named. */
function usualOf(trait: Trait, nodes: readonly View[], asked: Asked): string | undefined {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const value = saidOf(trait, node);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  const usual = [...counts].filter(([, count]) => count === most).map(([value]) => value);
  if (usual.length === 1) return usual[0];
  return usual.find((value) => wanted(trait, asked).some((one) => one.toLowerCase() === value.toLowerCase()));
}

function wanted({ name, asked }: Trait, { settings, versions }: Asked): readonly string[] {
  if (name === 'version') return versions;
  return settings === undefined || asked === undefined ? [] : [asked(settings)];
}

const agentsOf = (daemonSets: readonly DaemonSet[], { agentDaemonSets }: CiliumInstallation): readonly DaemonSet[] =>
  daemonSets.filter(({ metadata }) => agentDaemonSets.includes(metadata.name));

const imageVersions = (daemonSets: readonly DaemonSet[], cilium: CiliumInstallation): readonly string[] =>
  agentsOf(daemonSets, cilium)
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .flatMap(({ image }) => imageVersion(image)?.version ?? []);

function isIntended({ settings }: Trait, node: View): boolean {
  const config = node.derived(agentConfigOnNode);
  if ('missing' in config || 'missing' in config.next) return false;
  const { next } = config;
  return settings.some((name) => next[name].origin.kind === 'nodeConfig');
}
