import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { everything } from '../../src/core/everything.ts';
import { listNames } from '../../src/text/names.ts';
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
      ...readFindings(
        clusterFacts.flatMap((name) => {
          const fact = cluster[name];
          return isForbidden(fact) ? [{ ...rules[name], detail: fact.detail }] : [];
        }),
      ),
      // Who may not list the agents' pods can't ask them; whether exec is allowed is not known then.
      ...(isForbidden(cluster.systemPods) ? [] : execFindings(nodes, toldOf(cluster))),
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

type Refused = Rule & { readonly detail: string };

/** Lists take one rule together; an object takes one of its own, which names it. */
function readFindings(refused: readonly Refused[]): readonly Finding<'KPR9001'>[] {
  const lists = refused.filter(({ verb }) => verb === 'list');
  return [...listFindings(lists), ...refused.filter(({ verb }) => verb === 'get').map(objectFinding)];
}

function listFindings(refused: readonly Refused[]): readonly Finding<'KPR9001'>[] {
  const [first] = refused;
  if (first === undefined) return [];
  const resources = [...new Set(refused.map(({ resource }) => resource))];
  const command = `kubectl auth can-i list ${first.resource} --all-namespaces`;
  const params = {
    verb: 'list',
    names: listNames(resources, true),
    resource: first.resource,
    rules: JSON.stringify(resources.map(ruleFor)),
    role: resources.length === 1 ? roleFor(first.resource.split('.')[0]) : roleFor('lists'),
    ...granted(first.detail),
  };
  const about = { evidence: [{ command, lines: [first.detail] }] };
  return [finding(kpr9001, 'collection', params, refused.every(({ minor }) => minor) ? asMinor(about) : about)];
}

function objectFinding({ resource, minor, detail }: Refused): Finding<'KPR9001'> {
  const [kind = resource, object = ''] = resource.split('/');
  const about = { evidence: [{ command: `kubectl auth can-i get ${resource} --all-namespaces`, lines: [detail] }] };
  const params = { resource: kind, object, role: roleFor(object), ...granted(detail) };
  return finding(kpr9001, 'object', params, minor ? asMinor(about) : about);
}

const asMinor = <T extends object>(about: T): T & { readonly severity: 'warning' } => ({
  ...about,
  severity: 'warning',
});

/** @param resource `endpointslices.discovery.k8s.io` */
function ruleFor(resource: string): object {
  const [plural = resource, ...group] = resource.split('.');
  return { apiGroups: [group.join('.')], resources: [plural], verbs: ['get', 'list'] };
}

const roleFor = (what = ''): string => `kubectl-kpr-${what}`;

/** RBAC says whom it refused; authorizers of clouds may not. */
function granted(detail: string): { readonly user: string; readonly whom: string } {
  const user = /\bUser "([^"]+)"/.exec(detail)?.[1];
  return user === undefined
    ? { user: 'USER', whom: 'you (put your user name in place of USER; kubectl auth whoami shows it)' }
    : { user, whom: user };
}

const toldOf = (cluster: Readonly<Record<string, object>>): ReadonlySet<string> =>
  new Set(Object.values(cluster).flatMap((fact) => (isForbidden(fact) ? [fact.detail] : [])));

/** One rule for all nodes: pods/exec is granted for a namespace. */
function execFindings(
  nodes: readonly NodeView<never, NodeFactName>[],
  told: ReadonlySet<string>,
): Finding<'KPR9001'>[] {
  const refused = nodes.flatMap(({ name, facts }) => {
    // What nodes are asked for may depend on lists: those are told of already.
    const why = Object.values(facts).find((fact) => isForbidden(fact) && !told.has(fact.detail));
    return why !== undefined && isForbidden(why) ? [{ name, detail: why.detail }] : [];
  });
  const [first] = refused;
  if (first === undefined) return [];
  const evidence = [{ node: first.name, command: 'kubectl auth can-i create pods/exec', lines: [first.detail] }];
  return [finding(kpr9001, 'exec', granted(first.detail), { nodes: refused.map(({ name }) => name), evidence })];
}
