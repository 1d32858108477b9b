import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type Inconclusive, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { Severity } from '../../src/core/Problem.ts';
import type { NodeView } from '../../src/core/View.ts';
import { firstWithout } from '../../src/expect/defects/affected.ts';
import type { DefectText, Encounter } from '../../src/expect/defects/Defect.ts';
import { type DefectsOnNode, defectsOnNode, type Met } from '../../src/expect/defects/defectsOnNode.ts';
import { type OwnerRef, ownerId } from '../../src/expect/lb/OwnerRef.ts';
import type { Version } from '../../src/knowledge/version.ts';
import { valueOf } from '../../src/model/Fact.ts';
import { listFirst } from '../../src/text/names.ts';
import { referenceName, workaroundOf } from './defectWords.ts';
import { kpr1012 } from './problems/KPR1012.ts';

type Node = NodeView<never, 'status', never, typeof defectsOnNode>;

/** A defect as it meets one or more nodes in the same way. */
interface Meeting {
  readonly node: Node;
  readonly version: Version;
  readonly defect: Met['defect'];
  readonly encounter: Encounter;
}

/** What is told with the finding that it explains is not told here again. */
export const noKnownDefect = defineCheck({
  id: 'no-known-defect',
  title: 'No known defect of the agents’ versions meets this cluster',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1012],
  optional: { node: ['status'] },
  uses: [defectsOnNode],
  run({ nodes }) {
    const meetings = nodes.flatMap((node) => meetingsOn(node));
    const alike = Map.groupBy(meetings, ({ defect, version, encounter }) =>
      JSON.stringify([defect.reference, version.version, encounter.what]),
    );
    return passUnless([...[...alike.values()].flatMap(defectFinding), ...nodes.flatMap((node) => unknownsOn(node))]);
  },
});

function meetingsOn(node: Node): readonly Meeting[] {
  const found = node.derived(defectsOnNode);
  if ('missing' in found) return [];
  return found.met.flatMap(({ defect, encounter }) =>
    'missing' in encounter || defect.harm === 'note' ? [] : [{ node, version: found.version, defect, encounter }],
  );
}

function unknownsOn(node: Node): readonly Inconclusive[] {
  const found = node.derived(defectsOnNode);
  if ('missing' in found) return [inconclusive(found, node.name)];
  const why = new Map(unjudged(found).map((missing) => [missing.detail, missing]));
  return [...why.values()].map((missing) => inconclusive(missing, node.name));
}

const unjudged = ({ met }: DefectsOnNode) =>
  met.flatMap(({ encounter }) => ('missing' in encounter ? [encounter] : []));

const severities: Readonly<Record<DefectText['harm'], Severity>> = { now: 'error', trap: 'warning', note: 'info' };
const maxNamed = 3;
const witnesses = 3;

function defectFinding(meetings: readonly Meeting[]): readonly Finding<'KPR1012'>[] {
  const [first] = meetings;
  if (first === undefined) return [];
  const { defect, version, encounter } = first;
  const names = [...new Set(meetings.flatMap((one) => one.encounter.names))];
  const repairedIn = firstWithout(defect, version);
  const about = {
    severity: severities[defect.harm],
    harm: defect.harm,
    nodes: meetings.map(({ node }) => node.name),
    objects: objectsOf(meetings),
    evidence: meetings.slice(0, witnesses).flatMap(({ node }) => evidenceOn(node)),
  };
  const told = {
    version: version.version,
    reference: referenceName(defect.reference),
    whatGoesWrong: defect.title,
    whatIsHere: names.length === 0 ? encounter.what : `${listFirst(names, maxNamed)}: ${encounter.what}`,
    symptom: defect.symptom.replace(/\.$/, ''),
  };
  const workaround = workaroundOf(defect);
  if (repairedIn === undefined) return [finding(kpr1012, 'avoid', { ...told, workaround }, about)];
  return defect.workaround === undefined
    ? [finding(kpr1012, 'upgrade', { ...told, repairedIn }, about)]
    : [finding(kpr1012, 'upgradeOrAvoid', { ...told, repairedIn, workaround }, about)];
}

function objectsOf(meetings: readonly Meeting[]): readonly OwnerRef[] {
  const named = meetings.flatMap(({ encounter }) => (encounter.objects === 'all' ? [] : encounter.objects));
  return [
    ...new Map(
      named.map(({ kind, namespace, name }) => [ownerId({ kind, namespace, name }), { kind, namespace, name }]),
    ).values(),
  ];
}

function evidenceOn({ facts, evidence }: Node) {
  const status = valueOf(facts.status);
  return status === undefined ? [] : [evidence('status', status.message)];
}
