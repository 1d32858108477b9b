import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { LbConfig } from '../../src/expect/lb/LbConfig.ts';
import { lbConfigOnNode } from '../../src/expect/lb/lbConfigOnNode.ts';
import { behaviourOf } from '../../src/expect/lb/versionGates.ts';
import { isKnown, type Missing } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import { listFirst } from '../../src/text/names.ts';
import { mistakenAffinity } from './mistakenAffinity.ts';
import { kpr5006 } from './problems/KPR5006.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/** Session affinity is a field of the Service; up to 1.18 the agents have a switch for it, too (pkg/kpr/kpr.go). */
export const affinityEffective = defineCheck({
  id: 'affinity-effective',
  title: 'Session affinity is asked for in a way that has an effect',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5006],
  requires: { cluster: ['services'] },
  optional: { node: ['status'] },
  uses: [lbConfigOnNode],
  run({ cluster, nodes, evidence }) {
    const asking = cluster.services.filter(
      ({ spec }) => spec?.sessionAffinity === 'ClientIP' && spec.clusterIP !== 'None',
    );
    const mistaken = cluster.services.flatMap((service) => {
      const key = mistakenAffinity(service);
      return key === undefined ? [] : [{ service, key }];
    });
    if (asking.length === 0 && mistaken.length === 0) return notApplicable('no Service asks for session affinity');
    const switches = nodes.map((node) => ({ node, isOn: switchOn(node.facts.status, node.derived(lbConfigOnNode)) }));
    const off = switches.flatMap(({ node, isOn }) => (isOn === false ? [node] : []));
    const [first] = off;
    const findings: Finding<'KPR5006'>[] = mistaken.map(({ service, key }) => {
      const about = {
        objects: [serviceRef(service)],
        evidence: [evidence('services', `${key}; sessionAffinity: None`)],
      };
      return finding(kpr5006, 'annotation', { service: nameOf(service), key }, about);
    });
    if (asking.length > 0 && first !== undefined) {
      const about = {
        objects: asking.map(serviceRef),
        nodes: off.length < nodes.length ? off.map(({ name }) => name) : [],
        evidence: [first.evidence('status', 'Session Affinity: Disabled')],
      };
      findings.push(finding(kpr5006, 'off', { services: listFirst(asking.map(nameOf), 5) }, about));
    }
    return passUnless([
      ...findings,
      ...(asking.length === 0
        ? []
        : switches.flatMap(({ node, isOn }) => (typeof isOn === 'object' ? [inconclusive(isOn, node.name)] : []))),
    ]);
  },
});

function switchOn(status: NodeFacts['status'], config: LbConfig | Missing): boolean | Missing {
  if ('missing' in config) return config;
  if (behaviourOf(config.version).noFeatureSwitches) return true;
  if (!isKnown(status)) return status;
  return status.value.kpr?.sessionAffinity ?? true;
}

const nameOf = ({ metadata }: Service): string => `${metadata.namespace ?? ''}/${metadata.name}`;
