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
  const valid = suppressions.filter(({ until }) => until >= today);
  const suppressed: SuppressedFinding[] = [];
  const used = new Set<Suppression>();
  const take = (finding: Finding, check: string): readonly Finding[] => {
    let left = finding;
    for (const by of valid) {
      if (!isAbout(by, left, check)) continue;
      const nodes = by.node === undefined ? left.nodes : left.nodes.filter((node) => node === by.node);
      used.add(by);
      suppressed.push({ finding: { ...left, nodes }, check, by });
      if (nodes.length === left.nodes.length) return [];
      left = Object.assign({}, left, { nodes: left.nodes.filter((node) => node !== by.node) });
    }
    return [left];
  };
  return {
    results: results.map((one) =>
      one.result === 'fail'
        ? Object.assign({}, one, { findings: one.findings.flatMap((finding) => take(finding, one.check.id)) })
        : one,
    ),
    suppressed,
    expired: suppressions.filter((one) => !valid.includes(one)),
    unused: valid.filter((one) => !used.has(one) && results.some((result) => isJudged(result, one))),
  };
}

/** Of what was not run, or is not known, nobody can say that it is not needed. */
const isJudged = ({ check, result }: CheckResult, { code }: Suppression): boolean =>
  (result === 'pass' || result === 'fail') && (check.id === code || check.codes.some((one) => one === code));

function isAbout({ code, object, node }: Suppression, finding: Finding, check: string): boolean {
  if (code !== finding.code && code !== check) return false;
  if (node !== undefined && !finding.nodes.includes(node)) return false;
  if (object === undefined) return true;
  const [only, ...others] = finding.objects;
  return (
    only !== undefined &&
    others.length === 0 &&
    only.kind === object.kind &&
    only.name === object.name &&
    (only.namespace ?? '') === (object.namespace ?? '')
  );
}
