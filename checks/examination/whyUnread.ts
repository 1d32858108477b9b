import { type Fact, isKnown, type Missing } from '../../src/model/Fact.ts';
import type { NodeFactName, NodeFacts } from '../../src/model/NodeFacts.ts';

/** What only the kube-proxy pod says, or needs more than the exec to be there. */
const elsewhere: ReadonlySet<string> = new Set<NodeFactName>([
  'proxyRules',
  'proxyTable',
  'apiProbe',
  'dnsProbe',
  'proxyHealth',
]);

/** Why nothing of what is asked through the agent's container came back; undefined as soon as one fact is known. */
export function whyUnread(facts: NodeFacts): Missing | undefined {
  const asked = Object.entries<Fact<unknown>>({ ...facts }).filter(([name]) => !elsewhere.has(name));
  const lacking = asked.flatMap(([, fact]) => (isKnown(fact) ? [] : [fact]));
  if (lacking.length < asked.length) return undefined;
  return lacking.find(({ missing }) => missing !== 'notCollected' && missing !== 'absent') ?? lacking[0];
}
