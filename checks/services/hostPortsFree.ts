import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence, SeenLines } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import { unservedFrontends } from '../../src/expect/served/unservedFrontends.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { hostPortsOf } from './hostPortsOf.ts';
import { kpr5003 } from './problems/KPR5003.ts';
import { affectedBy, groupsOf, refOf, unknownNodes, unservedBy } from './unservedServices.ts';

/** Which hostPorts the agent passes over, with no more than a line in its log (pkg/loadbalancer/reflectors). */
export const hostPortsFree = defineCheck({
  id: 'host-ports-free',
  title: 'Every hostPort of a running pod is one that Cilium opens, and no other’s',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5003],
  requires: { cluster: ['pods', 'services'] },
  uses: [unservedFrontends],
  run({ cluster, derived, evidence }) {
    const asking = cluster.pods.filter((pod) => hostPortsOf(pod).length > 0);
    if (asking.length === 0) return notApplicable('no pod asks for a hostPort');
    const unserved = derived(unservedFrontends);
    const leaving = new Set(
      asking.filter(isLeaving).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
    );
    // A nodePort of the same number is said with its Service.
    const nodePorts = new Set(
      cluster.services.flatMap(({ spec }) => (spec?.ports ?? []).map(({ nodePort }) => nodePort)),
    );
    const list = unservedBy(unserved, ['hostPortInRange', 'zeroHostIP', 'claimed', 'overwritten']).filter(
      ({ frontend: { type, owner }, why }) =>
        type === 'HostPort' &&
        owner.kind === 'Pod' &&
        !leaving.has(ownerName(owner)) &&
        !('by' in why && leaving.has(ownerName(why.by))),
    );
    const findings = groupsOf(list, ({ frontend: { port, owner }, why }) => [
      why.kind,
      port,
      'by' in why ? [owner, why.by] : '',
    ]).flatMap((group): readonly Finding<'KPR5003'>[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { frontend, why } = first;
      const { owners: pods, objects, nodes } = affectedBy(group, unserved);
      const params = { pods, port: frontend.port };
      const seen = [
        evidence('pods', { lines: [`${pods}: hostPort ${frontend.port}`], of: objects.map(({ name }) => name) }),
      ];
      const about = { objects, nodes, evidence: seen };
      switch (why.kind) {
        case 'hostPortInRange': {
          if (nodePorts.has(frontend.port)) return [];
          return [finding(kpr5003, 'inRange', { ...params, range: `${why.min}–${why.max}` }, about)];
        }
        case 'zeroHostIP':
          return [finding(kpr5003, 'zeroHostIP', { ...params, hostIP: why.hostIP }, about)];
        case 'claimed':
        case 'overwritten': {
          const other = ownerName(why.by);
          const both = { ...about, objects: [...objects, refOf(why.by)] };
          if (why.kind === 'overwritten')
            return [finding(kpr5003, 'overwritten', { ...params, other, frontend: frontend.key }, both)];
          return [finding(kpr5003, 'twoPods', { ...params, other }, both)];
        }
        default:
          return why satisfies never;
      }
    });
    return passUnless([...hiddenKubelets(asking, evidence), ...findings, ...unknownNodes(unserved)]);
  },
});

const kubeletPort = 10_250;

/** Told by the API alone: of such a node nothing else is read. */
function hiddenKubelets(
  pods: readonly Pod[],
  evidence: (fact: 'pods', seen: SeenLines) => Evidence,
): readonly Finding<'KPR5003'>[] {
  const hiding = pods.filter(
    (pod) =>
      !isLeaving(pod) &&
      hostPortsOf(pod).some(({ hostPort, protocol = 'TCP' }) => hostPort === kubeletPort && protocol === 'TCP'),
  );
  return hiding.map(({ metadata: { namespace = '', name }, spec }) => {
    const pod = `${namespace}/${name}`;
    return finding(
      kpr5003,
      'hidesKubelet',
      { pods: pod, port: kubeletPort },
      {
        objects: [{ kind: 'Pod', namespace, name }],
        nodes: spec?.nodeName === undefined ? [] : [spec.nodeName],
        evidence: [evidence('pods', { lines: [`${pod}: hostPort ${kubeletPort}`], of: [name] })],
      },
    );
  });
}

/** Its port is free in a moment. */
const isLeaving = ({ metadata }: Pod): boolean => (metadata.deletionTimestamp ?? '') !== '';
