import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { isAmbient } from '../../src/expect/ambientMesh.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { DaemonSet, Pod } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr1016 } from './problems/KPR1016.ts';

/** Proxies beside an application that must see the address of a Service, by the names that their injectors give. */
const sidecars: ReadonlyMap<string, string> = new Map([
  ['istio-proxy', 'Istio'],
  ['linkerd-proxy', 'Linkerd'],
  ['kuma-sidecar', 'Kuma'],
]);

/** Kernels of their own, in which no program of the node’s cgroups runs; by names of RuntimeClasses in use. */
const guests = /kata|gvisor|runsc|firecracker|peer-?pods/i;

/**
 * Socket load balancing translates where a program of the node’s kernel connects: before a sidecar sees it, and never
 * for a guest with a kernel of its own (cilium: Documentation/network/kubernetes/kubeproxy-free.rst, socket LB bypass).
 * Pods tell what is in use; objects that only define it need not be.
 */
export const socketLbScope = defineCheck({
  id: 'socket-lb-scope',
  title: 'Socket load balancing leaves alone pods whose mesh or kernel translates for itself',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1016],
  requires: { cluster: ['pods', 'daemonSets'] },
  optional: { node: ['status'] },
  run({ cluster, nodes, evidence }) {
    const told = nodes.flatMap(({ name, facts }) =>
      isKnown(facts.status) ? [{ name, kpr: facts.status.value.kpr }] : [],
    );
    const full = told.filter(({ kpr }) => kpr?.socketLb === true && !kpr.socketLbHostNamespaceOnly);
    const [unread] = nodes.flatMap(({ facts: { status } }) => (isKnown(status) ? [] : [status]));
    if (full.length === 0)
      return told.length === 0 && unread !== undefined
        ? inconclusive(unread)
        : notApplicable('socket load balancing does not reach into pods on any node');
    const on = new Set(full.map(({ name }) => name));
    const concerned = cluster.pods.filter(({ spec }) => on.has(spec?.nodeName ?? '') && spec?.hostNetwork !== true);
    const findings = (['mesh', 'guest'] as const).flatMap((variant): Finding<'KPR1016'>[] => {
      const users = concerned.flatMap((pod) => {
        const what = variant === 'mesh' ? meshOf(pod) : guestOf(pod);
        return what === undefined ? [] : [{ pod, what }];
      });
      const around = variant === 'mesh' ? cluster.daemonSets.filter(isAmbient) : [];
      const names = [...new Set([...users.map(({ what }) => what), ...around.map(() => 'Istio’s ambient mode')])];
      if (names.length === 0) return [];
      const seen = users.slice(0, 3).map(({ pod, what }) => `${nameOf(pod)}: ${what}`);
      return [
        finding(
          kpr1016,
          variant,
          {
            what: names.toSorted().join(', '),
            pods:
              listFirst(
                users.map(({ pod }) => nameOf(pod)),
                3,
              ) || 'all that it captures',
          },
          {
            nodes: around.length > 0 ? [...on] : [...new Set(users.map(({ pod }) => pod.spec?.nodeName ?? ''))],
            objects:
              users.length > 0
                ? users.slice(0, 10).map(({ pod }) => refOf('Pod', pod))
                : around.map((one) => refOf('DaemonSet', one)),
            evidence:
              users.length > 0
                ? [evidence('pods', { lines: seen, of: users.map(({ pod }) => pod.metadata.name) })]
                : [
                    evidence('daemonSets', {
                      lines: [around.map(nameOf).join(', ')],
                      of: around.map(({ metadata }) => metadata.name),
                    }),
                  ],
          },
        ),
      ];
    });
    return passUnless(findings);
  },
});

function meshOf({ spec }: Pod): string | undefined {
  const names = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ name }) => sidecars.get(name));
  return names.find((name) => name !== undefined);
}

function guestOf({ spec, metadata }: Pod): string | undefined {
  if (metadata.labels?.['kubevirt.io'] === 'virt-launcher') return 'KubeVirt';
  const name = spec?.runtimeClassName;
  return name !== undefined && guests.test(name) ? `RuntimeClass ${name}` : undefined;
}

const nameOf = ({ metadata }: Pod | DaemonSet): string => `${metadata.namespace}/${metadata.name}`;
const refOf = (kind: string, { metadata: { namespace = '', name } }: Pod | DaemonSet): ObjectRef => ({
  kind,
  namespace,
  name,
});
