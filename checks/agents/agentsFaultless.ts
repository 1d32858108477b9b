import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, type Inconclusive, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { FrontendState } from '../../src/model/NodeFacts.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { listNames } from '../../src/text/names.ts';
import { plural } from '../../src/text/plural.ts';
import { truncate } from '../../src/text/truncate.ts';
import { ServicesByPlace } from './ServicesByPlace.ts';
import { kpr1011 } from './problems/KPR1011.ts';

/** Modules without which Services are not programmed as asked (names: `db/show health` of 1.18 to 1.20). */
const tables = /(^|\.)(loadbalancer-|loadbalancer\b|service-manager|kube-proxy-replacement)/;
/** Modules that load the programs, choose devices and addresses, or announce Services. */
const around =
  /(^|\.)(orchestrator|loader|node-address|devices-controller|device-reconciler|link-cache|l2-announcer|l2-responder|bgp-control-plane|ciliumenvoyconfig|neighbor)\b/;
/** Controllers that keep the maps (up to 1.17) or the connection to the API. */
const controllers = /^(bpf-map-sync-cilium_lb|sync-lb-maps|neighbor-table|link-cache|k8s-heartbeat)/;

export const agentsFaultless = defineCheck({
  id: 'agents-faultless',
  title: 'Agents report no fault of their own that concerns load balancing',
  phases: ['doctor', 'verify'],
  raises: [kpr1011],
  requires: { node: ['status'] },
  optional: { cluster: ['services', 'pods'], node: ['frontendStates', 'moduleHealth', 'cgroupPrograms'] },
  run: ({ nodes, cluster }) => {
    const places = new ServicesByPlace(valueOf(cluster.services) ?? []);
    const pods = valueOf(cluster.pods);
    return forEachNode(nodes, (node) =>
      passUnless([...ofFrontends(node), ...ofModules(node, places, pods), ...ofStatus(node), ...unseen(node)]),
    );
  },
});

type View = NodeView<'status', 'frontendStates' | 'moduleHealth' | 'cgroupPrograms'>;

/** Both tables are half of the answer where the version has them: the frontends since 1.18, the modules since 1.17. */
function unseen(node: View): Inconclusive[] {
  const minor = ciliumMinor(node.facts.status.version) ?? Infinity;
  const { frontendStates, moduleHealth } = node.facts;
  if (minor >= 18 && !isKnown(frontendStates)) return [inconclusive(frontendStates)];
  return minor >= 17 && !isKnown(moduleHealth) ? [inconclusive(moduleHealth)] : [];
}

function ofFrontends(node: View): Finding<'KPR1011'>[] {
  const states = valueOf(node.facts.frontendStates) ?? [];
  const failed = states.filter(({ status, error }) => status === 'Error' || (status !== 'Done' && error !== ''));
  return [...Map.groupBy(failed, reasonOf).entries()].map(([reason, same]) =>
    finding(
      kpr1011,
      isConflict(reason) ? 'conflict' : 'frontend',
      { count: same.length, frontends: plural(same.length, 'frontend'), reason: truncate(reason, 200) },
      {
        nodes: [node.name],
        objects: [...new Set(same.map(({ service }) => service))].slice(0, 10).flatMap(serviceRef),
        evidence: [
          node.evidence(
            'frontendStates',
            same
              .slice(0, 5)
              .map((one) => `${one.frontend} ${one.type} ${one.service} ${one.status} ${one.error}`)
              .join('\n'),
          ),
        ],
      },
    ),
  );
}

const isConflict = (reason: string): boolean => /already owned|conflict/i.test(reason);

/**
 * One finding for each reason. A reason names the frontend itself, its number and its slots, which are left out for
 * that: a full map is one fault, not one of each Service. Where two claim the same, the numbers are the other's.
 */
function reasonOf({ error, frontend }: FrontendState): string {
  if (error === '') return 'no reason given';
  const general = error.replaceAll(frontend, '…');
  return isConflict(error) ? general : general.replaceAll(/\b(?:0x[\da-f]+|\d+)\b/g, '#');
}

function ofModules(node: View, places: ServicesByPlace, pods: readonly Pod[] | undefined): Finding<'KPR1011'>[] {
  const degraded = (valueOf(node.facts.moduleHealth) ?? []).filter(({ level }) => level === 'Degraded');
  return degraded.flatMap((one) => {
    const variant = tables.test(one.module) ? 'module' : around.test(one.module) ? 'moduleAround' : undefined;
    if (variant === undefined) return [];
    const reason = [one.message, one.error].filter((text) => text !== '').join(': ');
    const evidence = [node.evidence('moduleHealth', `${one.module} ${one.component} Degraded ${reason}`)];
    const ghost = goneOwner(reason, pods);
    if (ghost !== undefined) {
      const { namespace, name, port } = ghost;
      const about = { nodes: [node.name], objects: [{ kind: 'Pod', namespace, name }], evidence };
      return [finding(kpr1011, 'staleHostPort', { pod: `${namespace}/${name}`, port }, about)];
    }
    if (/can[’']t detach program/.test(reason)) {
      const programs = foreignPrograms(node);
      const seen = [...evidence, node.evidence('cgroupPrograms', programs)];
      return [
        finding(kpr1011, 'detachFails', { module: one.module, programs }, { nodes: [node.name], evidence: seen }),
      ];
    }
    const conflict = /already owned by another service/.test(reason);
    const named = places.namedIn(reason);
    // Who names many has no trouble with one of them.
    const meant = named.length <= 3 ? named.map(({ role }) => ` (${role})`).join('') : '';
    return [
      finding(
        kpr1011,
        conflict ? 'moduleConflict' : variant,
        { module: one.module, reason: `${truncate(reason || 'no reason given', 200)}${meant}` },
        {
          nodes: [node.name],
          objects: named.length <= 3 ? named.map(({ ref }) => ref) : [],
          evidence,
        },
      ),
    ];
  });
}

/**
 * The pod whose hostPort owns a frontend and which is gone: the agent names it by its UID (pkg/loadbalancer/reflectors,
 * hostPortServiceNamePrefix; cilium/cilium#48455). undefined: another owner, or one that lives.
 */
function goneOwner(
  reason: string,
  pods: readonly Pod[] | undefined,
): { readonly namespace: string; readonly name: string; readonly port: string } | undefined {
  const [, namespace, name, port, uid] = /owned by ([\w.-]+)\/([\w.-]+):host-port:(\d+):([\w-]+)/.exec(reason) ?? [];
  if (namespace === undefined || name === undefined || port === undefined || pods === undefined) return undefined;
  return pods.some(({ metadata }) => metadata.uid === uid) ? undefined : { namespace, name, port };
}

/** What others attached where the agent attaches its own. */
function foreignPrograms({ facts: { cgroupPrograms } }: View): string {
  const foreign = (valueOf(cgroupPrograms) ?? []).filter(({ name }) => !/^(cil_|sock|sd_)/.test(name));
  if (foreign.length === 0) return 'none that can be told from its own';
  return listNames(
    foreign.map(({ name, attachType }) => `${name} (${attachType})`),
    foreign.length < 6,
  );
}

function ofStatus(node: View): Finding<'KPR1011'>[] {
  const { failingControllers, stale } = node.facts.status;
  const about = (excerpt: string) => ({ nodes: [node.name], evidence: [node.evidence('status', excerpt)] });
  return [
    ...failingControllers
      .filter(({ name, consecutiveFailures }) => consecutiveFailures >= 2 && controllers.test(name))
      .map(({ name, consecutiveFailures, lastFailure }) =>
        finding(
          kpr1011,
          'controller',
          { controller: name, reason: truncate(lastFailure, 200) },
          about(`${name}: ${consecutiveFailures} failures in a row: ${lastFailure}`),
        ),
      ),
    ...(stale.size > 0
      ? [
          finding(
            kpr1011,
            'stale',
            { probes: [...stale.keys()].join(', ') },
            about([...stale].map(([probe, since]) => `${probe} since ${since}`).join(', ')),
          ),
        ]
      : []),
  ];
}

function serviceRef(service: string) {
  const [namespace, name] = service.split('/');
  return namespace === undefined || name === undefined ? [] : [{ kind: 'Service', namespace, name }];
}
