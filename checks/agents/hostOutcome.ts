import type { Finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import { whyOfNobody } from '../../src/model/Fact.ts';
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
  const whys = judged.flatMap(({ judgement }) => (judgement.kind === 'unknown' ? [judgement.why] : []));
  const notAsked = whys.length === judged.length ? whyOfNobody(whys) : undefined;
  if (notAsked !== undefined) return notApplicable(notAsked);
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
