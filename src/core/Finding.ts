import type { Code } from '../knowledge/codes.ts';
import type { Evidence } from './Evidence.ts';
import { oldestOf, type Since, sinceWhen } from './Since.ts';
import type { FindingParams, Harm, Layer, Problem, Severity, Variant, VariantName } from './Problem.ts';

export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Something wrong, as data; its prose stands in the problem, under the variant. */
export interface Finding<C extends Code = Code> {
  readonly kind: 'finding';
  readonly code: C;
  readonly variant: string;
  readonly problem: Problem;
  readonly severity: Severity;
  readonly harm: Harm;
  /** undefined: not known, or none of these. */
  readonly layer: Layer | undefined;
  /** Empty for a finding about the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly objects: readonly ObjectRef[];
  readonly params: Readonly<Record<string, string>>;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  readonly evidence: readonly Evidence[];
  /** Since when it is so; absent: nothing that was read tells. */
  readonly since?: Since;
}

interface About {
  readonly nodes?: readonly string[];
  readonly objects?: readonly ObjectRef[];
  readonly severity?: Severity;
  readonly harm?: Harm;
  readonly layer?: Layer | undefined;
  readonly expected?: string;
  readonly found?: string;
  readonly evidence?: readonly Evidence[];
  /** RFC 3339 for when it began, or what is known of that. */
  readonly since?: string | Since | undefined;
}

/** Makes a finding; the compiler asks for exactly the params that the variant's texts hold. */
export function finding<P extends Problem, V extends VariantName<P>>(
  problem: P,
  variant: V,
  params: FindingParams<P, V>,
  about: About = {},
): Finding<P['code']> {
  const shown = variantOf(problem, variant);
  const since = typeof about.since === 'object' ? about.since : sinceWhen(about.since);
  return {
    kind: 'finding',
    code: problem.code,
    variant,
    problem,
    severity: about.severity ?? shown?.severity ?? problem.severity,
    harm: about.harm ?? shown?.harm ?? problem.harm,
    layer: about.layer ?? problem.layer,
    nodes: about.nodes ?? [],
    objects: about.objects ?? [],
    params: Object.fromEntries(Object.entries<string | number>(params).map(([name, value]) => [name, String(value)])),
    expected: about.expected,
    found: about.found,
    evidence: about.evidence ?? [],
    ...(since === undefined ? {} : { since }),
  };
}

const variantOf = ({ variants }: Problem, name: string): Variant | undefined => variants[name];

/** Nodes whose evidence a folded finding keeps: enough to see that they are alike, few enough to read. */
const witnesses = 3;

/** One finding for all that differ by their nodes only, as old as the oldest, with the evidence of the first three. */
export function foldByNode(findings: readonly Finding[]): Finding[] {
  const folded = new Map<string, [Finding, ...Finding[]]>();
  for (const one of findings) {
    const params = Object.entries(one.params).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([one.code, one.variant, one.severity, one.objects, params, one.expected, one.found]);
    const alike = folded.get(key);
    if (alike) alike.push(one);
    else folded.set(key, [one]);
  }
  return [...folded.values()].map(merged);
}

function merged(alike: readonly [Finding, ...Finding[]]): Finding {
  const since = oldestOf(alike.map((one) => one.since));
  return {
    ...alike[0],
    nodes: [...new Set(alike.flatMap(({ nodes }) => nodes))],
    evidence: alike.slice(0, witnesses).flatMap(({ evidence }) => evidence),
    ...(since === undefined ? {} : { since }),
  };
}
