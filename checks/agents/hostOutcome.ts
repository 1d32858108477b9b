import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import type { VariantName } from '../../src/core/Problem.ts';
import type { CauseOf, HostJudgement } from '../../src/expect/host/HostCause.ts';
import { kpr1019 } from './problems/KPR1019.ts';

/** Kinds of causes that the problem has a variant for. */
type Kind = VariantName<typeof kpr1019>;

interface Host {
  readonly name: string;
}

/** What was found on nodes, as findings of links, routes and settings. */
export function hostOutcome<N extends Host>(
  nodes: readonly N[],
  judge: (node: N) => HostJudgement<Kind>,
): Outcome<'KPR1019'> {
  const judged = nodes.map((node) => ({ name: node.name, judgement: judge(node) }));
  const first = judged.map(({ judgement }) => whyNotAsked(judgement)).find((why) => why !== undefined);
  // An older capture, or a sysdump, that holds it of no node; of some nodes only, it is lost.
  if (first !== undefined && judged.every(({ judgement }) => whyNotAsked(judgement) !== undefined))
    return notApplicable(first);
  return forEachNode(judged, ({ name, judgement }) => {
    switch (judgement.kind) {
      case 'judged':
        return passUnless(judgement.causes.map((cause) => findingOf(name, cause)));
      case 'unknown':
        return inconclusive(judgement.why);
      case 'notApplicable':
        return notApplicable(judgement.reason);
    }
  });
}

const whyNotAsked = (judgement: HostJudgement<Kind>): string | undefined =>
  judgement.kind === 'unknown' && judgement.why.missing === 'notCollected' ? judgement.why.detail : undefined;

function findingOf(node: string, cause: CauseOf<Kind>): Finding<'KPR1019'> {
  const about = { nodes: [node], evidence: [cause.evidence] };
  // The compiler takes the params of a kind for those of a variant where it knows which one it is.
  switch (cause.kind) {
    case 'linkDown':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'tunnelDown':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'deviceDown':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'routeMissing':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'ownRouteMissing':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'forwardingOff':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'reverseFilter':
      return finding(kpr1019, cause.kind, cause.params, about);
  }
}
