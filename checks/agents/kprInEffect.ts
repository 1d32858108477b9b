import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { clusterSettings } from '../../src/expect/agent/AgentConfig.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { clusterVersion } from '../../src/expect/agent/agentVersion.ts';
import { misnamedReplacement } from '../../src/expect/agent/misnamedReplacement.ts';
import { refusesReplacement, replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { imageVersion, newestOf, parseVersion } from '../../src/knowledge/version.ts';
import { type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { KprStatus } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { kpr1003 } from './problems/KPR1003.ts';

const key = 'kube-proxy-replacement';

export const kprInEffect = defineCheck({
  id: 'kpr-in-effect',
  title: 'Where kube-proxy replacement is requested, it is in effect',
  area: 'agents',
  phases: ['doctor', 'verify'],
  raises: [kpr1003],
  needs: { cluster: ['ciliumConfig'], node: ['status'] },
  wants: { cluster: ['daemonSets'] },
  uses: [agentConfigOnNode],
  run(input) {
    const { snapshot, cluster, nodes } = input;
    const value = clusterSettings(cluster.ciliumConfig, clusterVersion(snapshot)).replacement.text;
    const shown = `${key}: ${value === undefined ? '(absent)' : JSON.stringify(value)}`;
    const values = invalid(value, snapshot)
      ? [
          finding(
            kpr1003,
            'invalidValue',
            { value: JSON.stringify(value) },
            { evidence: [input.evidence('ciliumConfig', shown)] },
          ),
        ]
      : [];
    // Helm's names are no option names; the agent passes over them in silence.
    const misnamed = misnamedReplacement(cluster.ciliumConfig);
    if (misnamed !== undefined && value === undefined) {
      values.push(
        finding(
          kpr1003,
          'wrongKey',
          { key: misnamed.key },
          { evidence: [input.evidence('ciliumConfig', `${misnamed.key}: ${misnamed.text}`)] },
        ),
      );
    }

    const requested = nodes.filter((node) => {
      const config = node.derived(agentConfigOnNode);
      return !('missing' in config) && [config.settings, config.next].some(isRequested);
    });
    if (requested.length === 0 && values.length === 0) return skip('kube-proxy replacement is not requested');
    return [
      ...values,
      ...requested.flatMap((node): (Finding<'KPR1003'> | Undecided)[] => {
        const { kpr } = node.facts.status;
        if (kpr === undefined)
          return [
            undecided(
              missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'),
              node.name,
            ),
          ];
        const about = {
          nodes: [node.name],
          expected: 'True',
          found: kpr.mode,
          evidence: [node.evidence('status', summary(kpr))],
        };
        if (replacementMode(kpr.mode) === 'on') {
          const off = featuresOff(kpr);
          return off.length === 0 ? [] : [finding(kpr1003, 'partly', { features: off.join(', ') }, about)];
        }
        const config = node.derived(agentConfigOnNode);
        // What would be in effect now is not what it started with.
        const early = !('missing' in config) && !isRequested(config.settings);
        return [finding(kpr1003, early ? 'notRestarted' : 'notInEffect', { mode: kpr.mode }, about)];
      }),
    ];
  },
});

const isRequested = (settings: AgentSettings | Missing): boolean =>
  !('missing' in settings) && settings.replacement.value === 'on';

/** Whether the newest agents that run or are to run do not start with it. */
function invalid(value: string | undefined, { facts, nodes, cilium }: Snapshot): boolean {
  if (value === undefined) return false;
  const template = valueOf(facts.daemonSets)?.find(({ metadata }) => cilium.agentDaemonSets.includes(metadata.name))
    ?.spec?.template?.spec;
  const image = template?.containers?.find(({ name }) => name === 'cilium-agent')?.image;
  const versions = nodes.map((node) => parseVersion(valueOf(node.facts.status)?.version)).concat(imageVersion(image));
  const newest = newestOf(versions.filter((version) => version !== undefined));
  return newest !== undefined && refusesReplacement(value, newest);
}

/** `kube-proxy-replacement: true` switches all of these on. */
const featuresOff = (kpr: KprStatus): string[] => [
  ...(kpr.nodePort === undefined ? ['NodePort'] : []),
  ...(kpr.externalIPs ? [] : ['externalIPs']),
  ...(kpr.hostPort ? [] : ['HostPort']),
  ...(kpr.socketLb ? [] : ['socket LB']),
];

const summary = (kpr: KprStatus): string =>
  `mode ${kpr.mode}, NodePort ${kpr.nodePort ? 'on' : 'off'}, externalIPs ${kpr.externalIPs ? 'on' : 'off'}, HostPort ${kpr.hostPort ? 'on' : 'off'}, socket LB ${kpr.socketLb ? 'on' : 'off'}`;
