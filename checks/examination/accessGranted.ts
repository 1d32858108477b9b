import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { everything } from '../../src/core/everything.ts';
import type { Missing } from '../../src/model/Fact.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { ClusterFactName } from '../../src/model/Snapshot.ts';
import { kpr9001 } from './problems/KPR9001.ts';

interface Rule {
  readonly verb: 'get' | 'list';
  /** As `kubectl create clusterrole --resource` takes it. */
  readonly resource: string;
  /** Few checks look at it, and none of them decides by it alone. */
  readonly minor?: true;
}

/** Without the kubelets' configuration cluster DNS is known by its label: nobody needs a right for it. */
const rules: Readonly<Record<Exclude<ClusterFactName, 'version' | 'kubeletConfig'>, Rule>> = {
  nodes: { verb: 'list', resource: 'nodes' },
  services: { verb: 'list', resource: 'services' },
  endpointSlices: { verb: 'list', resource: 'endpointslices.discovery.k8s.io' },
  daemonSets: { verb: 'list', resource: 'daemonsets.apps' },
  deployments: { verb: 'list', resource: 'deployments.apps' },
  systemPods: { verb: 'list', resource: 'pods' },
  pods: { verb: 'list', resource: 'pods' },
  localRedirectPolicies: { verb: 'list', resource: 'ciliumlocalredirectpolicies.cilium.io' },
  ciliumNodeConfigs: { verb: 'list', resource: 'ciliumnodeconfigs.cilium.io' },
  ciliumNodes: { verb: 'list', resource: 'ciliumnodes.cilium.io', minor: true },
  ciliumConfig: { verb: 'get', resource: 'configmaps/cilium-config' },
  kubeProxyConfig: { verb: 'get', resource: 'configmaps/kube-proxy' },
  kubeadmConfig: { verb: 'get', resource: 'configmaps/kubeadm-config', minor: true },
  clusterInfo: { verb: 'get', resource: 'configmaps/cluster-info', minor: true },
};
const clusterFacts = Object.keys(rules) as (keyof typeof rules)[];

export const accessGranted = defineCheck({
  id: 'access-granted',
  title: 'The user may read everything that the checks need',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9001],
  optional: everything,
  run: ({ cluster, nodes }) =>
    passUnless([
      ...credentialFindings(cluster, nodes),
      ...clusterFacts.flatMap((name) => {
        const fact = cluster[name];
        return isForbidden(fact) ? [readFinding(rules[name], fact.detail)] : [];
      }),
      // Who may not list the agents' pods can't ask them; whether exec is allowed is not known then.
      ...(isForbidden(cluster.systemPods) ? [] : execFindings(nodes)),
    ]),
});

const isForbidden = (fact: object): fact is Missing => 'missing' in fact && fact.missing === 'forbidden';

const isUnauthenticated = (fact: object): fact is Missing => 'missing' in fact && fact.missing === 'unauthenticated';

/** Whoever is not known has no rights that anybody could give. */
function credentialFindings(
  cluster: Readonly<Record<string, object>>,
  nodes: readonly NodeView<never, NodeFactName>[],
): readonly Finding<'KPR9001'>[] {
  const facts = [cluster, ...nodes.map((node) => node.facts)].flatMap((one) => Object.values(one));
  const why = facts.find(isUnauthenticated);
  if (why === undefined) return [];
  const evidence = [{ command: 'kubectl get --raw /version', lines: [why.detail] }];
  return [finding(kpr9001, 'credentials', {}, { evidence })];
}

function readFinding({ verb, resource, minor }: Rule, detail: string): Finding<'KPR9001'> {
  const [kind = resource, object] = resource.split('/');
  const about = { evidence: [{ command: `kubectl auth can-i ${verb} ${resource} --all-namespaces`, lines: [detail] }] };
  const severity = minor ? { ...about, severity: 'warning' as const } : about;
  return object === undefined
    ? finding(kpr9001, 'collection', { verb, resource, role: `kubectl-kpr-${kind.split('.')[0]}` }, severity)
    : finding(kpr9001, 'object', { resource: kind, object, role: `kubectl-kpr-${object}` }, severity);
}

/** One rule for all nodes: pods/exec is granted for a namespace. */
function execFindings(nodes: readonly NodeView<never, NodeFactName>[]): Finding<'KPR9001'>[] {
  const refused = nodes.flatMap(({ name, facts }) => {
    const why = Object.values(facts).find((fact) => isForbidden(fact));
    return why !== undefined && isForbidden(why) ? [{ name, detail: why.detail }] : [];
  });
  const [first] = refused;
  if (first === undefined) return [];
  const evidence = [{ node: first.name, command: 'kubectl auth can-i create pods/exec', lines: [first.detail] }];
  return [finding(kpr9001, 'exec', {}, { nodes: refused.map(({ name }) => name), evidence })];
}
