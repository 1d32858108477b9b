import { checks } from '../../checks/index.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import type { Finding } from '../../src/core/Finding.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/** What all checks find in a cluster. A check that has a bug is an error here. */
export function findingsIn(snapshot: Snapshot): readonly Finding[] {
  return runChecks(checks, new Derivations(snapshot)).flatMap((result) => {
    if (result.result === 'pass' || result.result === 'skipped') return [];
    for (const { bug } of result.unknowns) if (bug !== undefined) throw bug;
    return result.result === 'fail' ? result.findings : [];
  });
}

/** `KPR3001 n1,n2`, `KPR5011 shop/cart`: the code, and the nodes or objects that it is about. */
export const said = ({ code, nodes, objects }: Finding): string => `${code} ${aboutOf(nodes, objects)}`.trim();

const aboutOf = (nodes: Finding['nodes'], objects: Finding['objects']): string =>
  nodes.length > 0
    ? nodes.join(',')
    : objects.map(({ namespace, name }) => (namespace === undefined ? name : `${namespace}/${name}`)).join(',');

/** Errors and warnings; a note alarms nobody. */
export const alarmsIn = (snapshot: Snapshot): readonly Finding[] =>
  findingsIn(snapshot).filter(({ severity }) => severity !== 'info');
