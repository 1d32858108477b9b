import { defineDerived } from '../../core/Derived.ts';
import type { Missing } from '../../model/Fact.ts';
import type { AskedFrontend } from '../lb/Refusal.ts';
import { ownerId } from '../lb/OwnerRef.ts';
import { unservedOnNode } from './unservedOnNode.ts';
import type { WhyUnserved } from './WhyUnserved.ts';

/** A frontend that serves nobody on these nodes, for one kind of reason; that of the first node stands for all. */
export interface UnservedFrontend {
  readonly frontend: AskedFrontend;
  readonly why: WhyUnserved;
  readonly nodes: readonly string[];
}

export interface UnservedInCluster {
  readonly frontends: readonly UnservedFrontend[];
  /** Nodes of which it is known. */
  readonly judged: readonly string[];
  readonly unknown: readonly { readonly node: string; readonly why: Missing }[];
  /** Whether nobody looks at some nodes, so that what is on none of the others may be there. */
  readonly isPart: boolean;
}

/**
 * What serves nobody, over all nodes: each frontend once for each kind of reason, in the order of the API's objects.
 */
export const unservedFrontends = defineDerived({
  name: 'unservedFrontends',
  uses: [unservedOnNode],
  compute({ nodes, frame }): UnservedInCluster {
    const folded = new Map<string, Folded>();
    const judged: string[] = [];
    const unknown: { readonly node: string; readonly why: Missing }[] = [];
    for (const { name, derived } of nodes) {
      const list = derived(unservedOnNode);
      if ('missing' in list) {
        unknown.push({ node: name, why: list });
        continue;
      }
      judged.push(name);
      for (const { frontend, why } of list) {
        const key = `${ownerId(frontend.owner)} ${frontend.type} ${frontend.key} ${why.kind}`;
        const known = folded.get(key);
        if (known === undefined) folded.set(key, { frontend, why, nodes: [name] });
        // The two scopes of a frontend have one key in what is refused.
        else if (known.nodes.at(-1) !== name) known.nodes.push(name);
      }
    }
    const isPart = frame.nodes.some(({ coverage }) => coverage.kind === 'notSelected');
    return { frontends: [...folded.values()], judged, unknown, isPart };
  },
});

interface Folded extends UnservedFrontend {
  readonly nodes: string[];
}
