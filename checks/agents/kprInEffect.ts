import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { KprStatus } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { configOf } from './configOf.ts';
import { isOn } from './kprMode.ts';
import { kpr1003 } from './problems/KPR1003.ts';

const key = 'kube-proxy-replacement';

export const kprInEffect = defineCheck({
  id: 'kpr-in-effect',
  title: 'Where kube-proxy replacement is requested, it is in effect',
  area: 'agents',
  phases: ['doctor', 'verify'],
  raises: [kpr1003],
  needs: { cluster: ['ciliumConfig'], node: ['status'] },
  wants: { cluster: ['ciliumNodeConfigs', 'nodes', 'daemonSets'], node: ['startedConfig'] },
  run(input) {
    const { snapshot, cluster, nodes } = input;
    const value = cluster.ciliumConfig.get(key);
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
    const misnamed = [...cluster.ciliumConfig.keys()].find((name) => /^(global\.)?kubeProxyReplacement$/.test(name));
    if (misnamed !== undefined && value === undefined) {
      values.push(
        finding(
          kpr1003,
          'wrongKey',
          { key: misnamed },
          { evidence: [input.evidence('ciliumConfig', `${misnamed}: ${cluster.ciliumConfig.get(misnamed)}`)] },
        ),
      );
    }

    const requested = nodes.filter(
      ({ name, snapshot: node }) =>
        isRequested(configOf(name, snapshot)) || isRequested(valueOf(node.facts.startedConfig)),
    );
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
        if (isOn(kpr.mode)) {
          const off = featuresOff(kpr);
          return off.length === 0 ? [] : [finding(kpr1003, 'partly', { features: off.join(', ') }, about)];
        }
        const { startedConfig } = node.snapshot.facts;
        const early = isKnown(startedConfig) && !isRequested(startedConfig.value);
        return [finding(kpr1003, early ? 'notRestarted' : 'notInEffect', { mode: kpr.mode }, about)];
      }),
    ];
  },
});

const isRequested = (config: ReadonlyMap<string, string> | undefined): boolean =>
  /^(true|t|1|strict)$/i.test(config?.get(key)?.trim() ?? '');

/** From 1.16 an agent that finds another value than true or false does not start (cilium: pkg/kpr). */
function invalid(value: string | undefined, { facts, nodes, cilium }: Snapshot): boolean {
  if (value === undefined || value === '' || /^(true|false|t|f|1|0)$/i.test(value)) return false;
  const template = valueOf(facts.daemonSets)?.find(({ metadata }) => cilium.agentDaemonSets.includes(metadata.name))
    ?.spec?.template?.spec;
  const image = template?.containers?.find(({ name }) => name === 'cilium-agent')?.image;
  const minors = [...nodes.map((node) => valueOf(node.facts.status)?.version), image].flatMap(
    (text) => ciliumMinor(text) ?? [],
  );
  return minors.length > 0 && Math.max(...minors) >= 16;
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
