import { defineDerived } from '../../core/Derived.ts';
import { valueOf } from '../../model/Fact.ts';
import { slicesByService } from './readyBackends.ts';

/** EndpointSlices by the `namespace/name` of their Service; none where they are not known. */
export const serviceSlices = defineDerived({
  name: 'serviceSlices',
  optional: { cluster: ['endpointSlices'] },
  compute: ({ cluster }) => slicesByService(valueOf(cluster.endpointSlices) ?? []),
});
