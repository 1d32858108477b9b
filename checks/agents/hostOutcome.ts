import type { Finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import type { Code } from '../../src/knowledge/codes.ts';
import type { CauseKind, CauseOf, HostJudgement } from '../../src/expect/host/HostCause.ts';

interface Host {
  readonly name: string;
}

/** What was judged on nodes, as findings. */
export function hostOutcome<N extends Host, K extends CauseKind, C extends Code>(
  nodes: readonly N[],
  judge: (node: N) => HostJudgement<K>,
  findingOf: (node: string, cause: CauseOf<K>) => Finding<C>,
): Outcome<C> {
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

const whyNotAsked = <K extends CauseKind>(judgement: HostJudgement<K>): string | undefined =>
  judgement.kind === 'unknown' && judgement.why.missing === 'notCollected' ? judgement.why.detail : undefined;
