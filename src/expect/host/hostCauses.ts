import { defineNodeDerived } from '../../core/Derived.ts';
import type { AnyHostCause } from './HostCause.ts';
import { filterCauses } from './filterCauses.ts';
import { kernelCauses } from './kernelCauses.ts';
import { linkCauses } from './linkCauses.ts';
import { routeCauses } from './routeCauses.ts';

/**
 * All that was found on a node that keeps packets from their way, the plainest first: what may have stopped a probe.
 * That nothing was found tells nothing, for not all that stops packets can be read.
 */
export const hostCauses = defineNodeDerived({
  name: 'hostCauses',
  uses: [linkCauses, routeCauses, kernelCauses, filterCauses],
  compute:
    () =>
    ({ derived }): readonly AnyHostCause[] =>
      [derived(linkCauses), derived(routeCauses), derived(kernelCauses), derived(filterCauses)].flatMap(
        (one): readonly AnyHostCause[] => (one.kind === 'judged' ? one.causes : []),
      ),
});
