import { bracketed } from '../../src/model/lb/address.ts';
import { partsOf } from '../../src/model/lb/keys.ts';
import { type Difference, isFirm } from '../../src/expect/parity/Difference.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';

/**
 * What a difference does to people's connections, as one sentence without its end: `from n2, 2 of 3 new connections to
 * default/httpd:80 (ClusterIP 10.96.0.9) go to addresses that no longer exist`. undefined: nothing is lost.
 */
export function impactOf(node: string, difference: Difference): string | undefined {
  const { lost, expected } = difference;
  const kind = isFirm(difference) ? difference.kind : difference.underlying.kind;
  const connections = `new connections to ${targetOf(difference)}`;
  if (kind === 'frontendMissing')
    return expected.length === 0 ? undefined : `from ${node}, ${connections} are not balanced at all`;
  if (kind === 'backendsStale' && lost !== undefined) {
    return `from ${node}, ${shares(lost)} ${connections} go to addresses that the API no longer has`;
  }
  if (kind === 'damaged' && lost !== undefined) return `from ${node}, ${shares(lost)} ${connections} go nowhere`;
  if (kind === 'backendsMissing') {
    const ready = expected.length === 1 ? 'a backend is' : `${expected.length} backends are`;
    return lost === undefined
      ? `from ${node}, ${connections} go to ${difference.found.length} of ${expected.length} ready backends only`
      : `from ${node}, ${connections} are refused although ${ready} ready`;
  }
  return undefined;
}

const shares = ({ shares, total }: { readonly shares: number; readonly total: number }): string =>
  shares === total ? 'all' : `${shares} of ${total}`;

function targetOf({ owner, frontend, type }: Difference): string {
  const { address, port } = partsOf(frontend);
  return owner === undefined
    ? `${bracketed(address)}:${port} (${type})`
    : `${ownerName(owner)}:${port} (${type} ${bracketed(address)})`;
}
