import type { Finding, ObjectRef } from './Finding.ts';
import type { CheckResult } from './runChecks.ts';

/** What somebody decided not to hear of for a while. */
export interface Suppression {
  /** A code, or the id of a check. */
  readonly code: string;
  /** Only findings about this object alone; undefined: whatever they are about. */
  readonly object: ObjectRef | undefined;
  /** undefined: on every node. */
  readonly node: string | undefined;
  readonly reason: string;
  /** The last day on which it holds, `2027-03-01`. */
  readonly until: string;
  /** Where it is written: a file, or `Service shop/web`. */
  readonly by: string;
  /** Whose it is: the owner of an object decides nothing that is others' harm. */
  readonly of: 'user' | 'owner';
}

export interface SuppressedFinding {
  readonly finding: Finding;
  readonly check: string;
  readonly by: Suppression;
}

export interface Suppressed {
  /** Without what is suppressed; a check that found nothing else has failed all the same. */
  readonly results: readonly CheckResult[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Their last day is over: they suppress nothing. */
  readonly expired: readonly Suppression[];
  /** Nothing was found that they would suppress. */
  readonly unused: readonly Suppression[];
}

/** Takes out what is suppressed; of a finding on several nodes, the nodes that are. @param today `2026-11-28` */
export function suppress(
  results: readonly CheckResult[],
  suppressions: readonly Suppression[],
  today: string,
): Suppressed {
  const { valid = [], expired = [] } = Object.groupBy(suppressions, ({ until }) =>
    until >= today ? 'valid' : 'expired',
  );
  // Owners may have written any number of them.
  const ofObjects = Map.groupBy(valid, ({ object }) => object && nameOf(object));
  const suppressed: SuppressedFinding[] = [];
  const used = new Set<Suppression>();
  const take = (finding: Finding, check: string): readonly Finding[] => {
    let left = finding;
    const [only, ...others] = finding.objects;
    const own = only === undefined || others.length > 0 ? [] : (ofObjects.get(nameOf(only)) ?? []);
    for (const by of [...(ofObjects.get(undefined) ?? []), ...own]) {
      if (!isAbout(by, left, check)) continue;
      const nodes = by.node === undefined ? left.nodes : left.nodes.filter((node) => node === by.node);
      used.add(by);
      suppressed.push({ finding: { ...left, nodes }, check, by });
      if (nodes.length === left.nodes.length) return [];
      left = Object.assign({}, left, { nodes: left.nodes.filter((node) => node !== by.node) });
    }
    return [left];
  };
  const judged = new Set(results.flatMap(namesIfJudged));
  return {
    results: results.map((one) =>
      one.result === 'fail'
        ? Object.assign({}, one, { findings: one.findings.flatMap((finding) => take(finding, one.check.id)) })
        : one,
    ),
    suppressed,
    expired,
    unused: valid.filter((one) => !used.has(one) && judged.has(one.code)),
  };
}

/** What suppressions call it. Of what was not run, or is not known, nobody can say that none is needed. */
const namesIfJudged = ({ check, result }: CheckResult): readonly string[] =>
  result === 'pass' || result === 'fail' ? [check.id, ...check.codes] : [];

const nameOf = ({ kind, namespace = '', name }: ObjectRef): string => `${kind} ${namespace}/${name}`;

/** Of those for all findings, or for this one's only object. */
function isAbout({ code, node, of }: Suppression, { problem, nodes }: Finding, check: string): boolean {
  if (code !== problem.code && code !== check) return false;
  if (of === 'owner' && problem.harmsOnlyItsObjects !== true) return false;
  return node === undefined || nodes.includes(node);
}
