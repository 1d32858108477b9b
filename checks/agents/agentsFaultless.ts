import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, type Inconclusive, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { oldestOf, secondsBefore, type Since, sinceWhen } from '../../src/core/Since.ts';
import type { NodeView } from '../../src/core/View.ts';
import { type GhostPort, ghostPortsIn } from '../../src/expect/ghostPorts.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import { sinceLast } from '../../src/expect/agent/sinceLast.ts';
import { foreignSocketPrograms, programName } from '../../src/expect/socketPrograms.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { type Fact, isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { FrontendState, ModuleHealth } from '../../src/model/NodeFacts.ts';
import { listFirst } from '../../src/text/names.ts';
import { count, plural } from '../../src/text/plural.ts';
import { quoted } from '../../src/text/truncate.ts';
import { ServicesByPlace } from './ServicesByPlace.ts';
import { kpr1011 } from './problems/KPR1011.ts';

/** Modules without which Services are not programmed as asked (names: `db/show health` of 1.18 to 1.20). */
const tables = /(^|\.)(loadbalancer-|loadbalancer\b|service-manager|kube-proxy-replacement)/;
/** Modules that load the programs, choose devices and addresses, or announce Services. */
const besides =
  /(^|\.)(loader|node-address|devices-controller|device-reconciler|link-cache|l2-announcer|l2-responder|bgp-control-plane|ciliumenvoyconfig|neighbor)\b/;
/** The one without which nothing else is programmed. */
const datapath = /(^|\.)orchestrator\b/;
/** Controllers that keep the maps (up to 1.17) or the connection to the API. */
const controllers = /^(bpf-map-sync-cilium_lb|sync-lb-maps|neighbor-table|link-cache|k8s-heartbeat)/;

export const agentsFaultless = defineCheck({
  id: 'agents-faultless',
  title: 'Agents report no fault of their own that concerns load balancing',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1011],
  requires: { node: ['status'] },
  optional: { cluster: ['services', 'pods'], node: ['frontendStates', 'moduleHealth', 'cgroupPrograms'] },
  run: ({ nodes, cluster, frame: { takenAt } }) => {
    const around = {
      takenAt,
      places: new ServicesByPlace(valueOf(cluster.services) ?? []),
      pods: valueOf(cluster.pods),
    };
    return forEachNode(nodes, (node) =>
      passUnless([
        ...ofFrontends(node, around),
        ...ofModules(node, around),
        ...ofStatus(node, takenAt),
        ...unseen(node, cluster.services),
      ]),
    );
  },
});

type View = NodeView<'status', 'frontendStates' | 'moduleHealth' | 'cgroupPrograms'>;

interface Surroundings {
  readonly takenAt: string;
  readonly places: ServicesByPlace;
  /** undefined: they were not read, so that nobody is known to be gone. */
  readonly pods: readonly Pod[] | undefined;
}

/** Both tables are half of the answer where the version has them: the frontends since 1.18, the modules since 1.17. */
function unseen(node: View, services: Fact<readonly unknown[]>): Inconclusive[] {
  const minor = ciliumMinor(node.facts.status.version) ?? Infinity;
  const { frontendStates, moduleHealth } = node.facts;
  if (minor >= 18 && !isKnown(frontendStates)) return [inconclusive(frontendStates)];
  const asked = valueOf(services)?.length ?? 0;
  if (minor >= 18 && asked > 0 && valueOf(frontendStates)?.length === 0)
    return [
      inconclusive(
        missing('absent', `the agent’s own table of frontends is empty; of ${count(asked, 'Service')} it says nothing`),
      ),
    ];
  return minor >= 17 && !isKnown(moduleHealth) ? [inconclusive(moduleHealth)] : [];
}

function ofFrontends(node: View, around: Surroundings): Finding<'KPR1011'>[] {
  const states = valueOf(node.facts.frontendStates) ?? [];
  const failed = states.filter(({ status, error }) => status === 'Error' || (status !== 'Done' && error !== ''));
  return [...Map.groupBy(failed, reasonOf).entries()].map(([reason, same]) => {
    const lines = same
      .slice(0, 5)
      .map((one) => `${one.frontend} ${one.type} ${one.service} ${one.status} ${one.error}`);
    const evidence = [node.evidence('frontendStates', lines.join('\n'))];
    const ghost = ghostIn(reason, around);
    if (ghost !== undefined) return ghostFinding(node, ghost, reason, evidence);
    return finding(
      kpr1011,
      isConflict(reason) ? 'conflict' : 'frontend',
      { count: same.length, frontends: plural(same.length, 'frontend'), reason: quoted(reason) },
      {
        nodes: [node.name],
        objects: [...new Set(same.map(({ service }) => service))].slice(0, 10).flatMap(serviceRef),
        evidence,
        // An agent tries again and again: that is when it did so last.
        since: oldestOf(same.map(({ forSeconds }) => secondsBefore(around.takenAt, forSeconds, 'atLeast'))),
      },
    );
  });
}

/** Who is refused because of a pod that is gone has no rival: the address is free, and the agent does not know. */
const ghostIn = (reason: string, { pods }: Surroundings): GhostPort | undefined =>
  pods !== undefined && isConflict(reason) ? ghostPortsIn(reason, pods)[0] : undefined;

const ghostFinding = (node: View, { pod, port }: GhostPort, reason: string, evidence: readonly Evidence[]) =>
  finding(
    kpr1011,
    'staleHostPort',
    { pod: ownerName(pod), port, reference: 'cilium/cilium#48455', reason: quoted(reason) },
    { nodes: [node.name], objects: [pod], evidence },
  );

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

function ofModules(node: View, around: Surroundings): Finding<'KPR1011'>[] {
  const degraded = (valueOf(node.facts.moduleHealth) ?? []).filter(({ level }) => level === 'Degraded');
  return degraded.flatMap((one) => {
    const variant = variantOf(one);
    if (variant === undefined) return [];
    const reason = [one.message, one.error].filter((text) => text !== '').join(': ') || 'no reason given';
    const evidence = [node.evidence('moduleHealth', `${one.module} ${one.component} Degraded ${reason}`)];
    const ghost = ghostIn(reason, around);
    if (ghost !== undefined) return [ghostFinding(node, ghost, reason, evidence)];
    const foreign = /detach program/.test(reason) ? foreignPrograms(node) : undefined;
    if (variant === 'datapath' && foreign !== undefined) {
      const params = { programs: foreign, reference: 'cilium/cilium#44066', reason: quoted(reason) };
      const seen = [...evidence, node.evidence('cgroupPrograms', foreign)];
      return [finding(kpr1011, 'detachFails', params, { nodes: [node.name], evidence: seen })];
    }
    const named = around.places.namedIn(reason);
    // Who names many has no trouble with one of them.
    const meant = named.length <= 3 ? named.map(({ role }) => ` (${role})`).join('') : '';
    return [
      finding(
        kpr1011,
        isOwned(reason) ? 'moduleConflict' : variant,
        { module: one.module, reason: `${quoted(reason)}${meant}` },
        {
          nodes: [node.name],
          objects: named.length <= 3 ? named.map(({ ref }) => ref) : [],
          evidence,
          since: sinceWhen(one.lastOk, 'atMost'),
        },
      ),
    ];
  });
}

const isOwned = (reason: string): boolean => /already owned by another service/.test(reason);

/** undefined: it has nothing to do with load balancing. */
function variantOf({ module }: ModuleHealth): 'module' | 'datapath' | 'moduleAround' | undefined {
  if (tables.test(module)) return 'module';
  if (datapath.test(module)) return 'datapath';
  return besides.test(module) ? 'moduleAround' : undefined;
}

/** undefined: none was seen. */
function foreignPrograms(node: View): string | undefined {
  const foreign = foreignSocketPrograms(valueOf(node.facts.cgroupPrograms) ?? []);
  return foreign.length === 0 ? undefined : listFirst(foreign.map(programName), 3);
}

function ofStatus(node: View, takenAt: string): Finding<'KPR1011'>[] {
  const { failingControllers, stale } = node.facts.status;
  const about = (excerpt: string, since: Since | undefined) => ({
    nodes: [node.name],
    evidence: [node.evidence('status', excerpt)],
    since,
  });
  return [
    ...failingControllers
      .filter(({ name, consecutiveFailures }) => consecutiveFailures >= 2 && controllers.test(name))
      .map(({ name, consecutiveFailures, lastFailure, lastSuccess }) =>
        finding(
          kpr1011,
          'controller',
          { controller: name, reason: quoted(lastFailure) },
          about(`${name}: ${consecutiveFailures} failures in a row: ${lastFailure}`, sinceLast(lastSuccess, takenAt)),
        ),
      ),
    ...(stale.size > 0
      ? [
          finding(
            kpr1011,
            'stale',
            { probes: [...stale.keys()].join(', ') },
            about(
              [...stale].map(([probe, since]) => `${probe} since ${since}`).join(', '),
              oldestOf([...stale.values()].map((since) => sinceWhen(goTime(since)))),
            ),
          ),
        ]
      : []),
  ];
}

/** The status prints times as Go does: `2026-11-21 08:36:22 +0000 UTC`; in JSON they are RFC 3339. */
const goTime = (text: string): string => text.replace(/^(\S+) (\S+) ([+-]\d{2})(\d{2}) \w+$/, '$1T$2$3:$4');

function serviceRef(service: string) {
  const [namespace, name] = service.split('/');
  return namespace === undefined || name === undefined ? [] : [{ kind: 'Service', namespace, name }];
}
