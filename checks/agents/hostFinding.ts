import { type Finding, finding } from '../../src/core/Finding.ts';
import type { VariantName } from '../../src/core/Problem.ts';
import type { CauseOf } from '../../src/expect/host/HostCause.ts';
import { kpr1019 } from './problems/KPR1019.ts';

/** A link, a route or a setting of a node that keeps packets from their way. */
export function hostFinding(node: string, cause: CauseOf<VariantName<typeof kpr1019>>): Finding<'KPR1019'> {
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
    case 'routeOffLink':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'ownRouteMissing':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'forwardingOff':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'linkForwardingOff':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'podForwardingOff':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'routeRefuses':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'ruleTakes':
      return finding(kpr1019, cause.kind, cause.params, about);
    case 'reverseFilter':
      return finding(kpr1019, cause.kind, cause.params, about);
  }
}
