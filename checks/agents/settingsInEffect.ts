import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { AgentStatus, KprStatus } from '../../src/model/NodeFacts.ts';
import { kpr1015 } from './problems/KPR1015.ts';

/**
 * An agent that cannot have what it was told takes something else, and says so in its log alone (cilium: initKubeProxy
 * and the fallbacks of daemon_main.go; pkg/datapath/linux/probes). What it was started with, or where that was not read
 * what is set now, is compared with what it reports.
 */
export const settingsInEffect = defineCheck({
  id: 'settings-in-effect',
  title: 'What agents were started with is in effect',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1015],
  requires: { node: ['status'] },
  optional: { node: ['startedConfig'] },
  uses: [agentConfigOnNode],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const { status } = node.facts;
      if (status.kpr === undefined) return notApplicable('no agent reports on its load balancing');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      return passUnless(replaced(config.settings, status, status.kpr).map((one) => findingOf(node, one)));
    }),
});

type View = NodeView<'status', 'startedConfig', never, typeof agentConfigOnNode>;

interface Replaced {
  readonly variant: 'masquerade' | 'hostRouting' | 'acceleration' | 'other';
  readonly key: string;
  readonly asked: string;
  readonly found: string;
}

function replaced(
  settings: AgentSettings,
  { masquerading, routing }: AgentStatus,
  kpr: KprStatus,
): readonly Replaced[] {
  const { bpfMasquerade, hostLegacyRouting, acceleration, mode, algorithm } = settings;
  const nodePort = kpr.nodePort;
  const all: readonly (Replaced | undefined)[] = [
    bpfMasquerade.value && masquerading.enabled && masquerading.mode !== 'BPF'
      ? { variant: 'masquerade', key: 'enable-bpf-masquerade', asked: 'true', found: masquerading.mode }
      : undefined,
    // Unset, the agent chooses; only who wrote it down expects it.
    hostLegacyRouting.text !== undefined && !hostLegacyRouting.value && routing.intraHost === 'Legacy'
      ? { variant: 'hostRouting', key: 'enable-host-legacy-routing', asked: 'false', found: 'Legacy' }
      : undefined,
    nodePort && acceleration.value !== 'disabled' && /^disabled$/i.test(nodePort.acceleration)
      ? { variant: 'acceleration', key: 'bpf-lb-acceleration', asked: acceleration.value, found: nodePort.acceleration }
      : undefined,
    nodePort && nodePort.mode !== '' && nodePort.mode.toLowerCase() !== mode.value
      ? { variant: 'other', key: 'bpf-lb-mode', asked: mode.value, found: nodePort.mode }
      : undefined,
    nodePort && nodePort.algorithm !== '' && nodePort.algorithm.toLowerCase() !== algorithm.value
      ? { variant: 'other', key: 'bpf-lb-algorithm', asked: algorithm.value, found: nodePort.algorithm }
      : undefined,
  ];
  return all.filter((one) => one !== undefined);
}

const findingOf = (node: View, { variant, key, asked, found }: Replaced): Finding<'KPR1015'> =>
  finding(
    kpr1015,
    variant,
    { key, asked, found },
    {
      nodes: [node.name],
      expected: `${key}: ${asked}`,
      found,
      evidence: [
        ...(isKnown(node.facts.startedConfig) ? [node.evidence('startedConfig', `${key}:${asked}`)] : []),
        node.evidence('status', found),
      ],
    },
  );
