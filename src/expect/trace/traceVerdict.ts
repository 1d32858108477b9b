import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import type { WhyUnserved } from '../served/WhyUnserved.ts';
import { whyWords } from '../served/whyWords.ts';
import { isCertain, isFirm } from '../parity/Difference.ts';
import type { FrontendTrace, TraceVerdict } from './FrontendTrace.ts';
import type { BackendTrace } from './traceBackends.ts';
import type { TraceContext } from './traceContext.ts';
import type { Way } from './traceWay.ts';

export interface Judged {
  readonly traced: Pick<
    FrontendTrace,
    'agentError' | 'backends' | 'chained' | 'differences' | 'l7ProxyPort' | 'unserved'
  >;
  readonly way: Way;
  readonly decides: boolean;
  readonly used: ExpectedFrontend;
  readonly isFound: boolean;
  readonly unread: string | undefined;
}

/** What a frontend's rows and way come to. What is certain goes before what is not known. */
export function judge(
  { traced, way, decides, used, isFound, unread }: Judged,
  { parity, expected }: TraceContext,
): Pick<FrontendTrace, 'verdict' | 'reason'> {
  const { unserved } = traced;
  if (unserved?.kind === 'claimed') return say(unserved.decided ? 'notServed' : 'unknown', whyWords(unserved));
  if (way.translator === 'nobody') return say('notServed');
  if (way.translator === 'elsewhere') return say('notHere');
  if (way.translator === 'kubeProxy') return say('unknown', 'kube-proxy’s rules are not examined here');
  if (way.detached.length > 0 || traced.agentError !== undefined) return say('different');
  if (traced.chained.length > 0 || traced.differences.some(isCertain)) return say('different');
  const [first] = traced.differences;
  if (first?.kind === 'settling') return say('settling', first.why);
  if (first !== undefined) return say('unknown', isFirm(first) ? first.doubt : first.why);
  if (!parity.judged) return say('unknown', 'the table of the node was not read');
  if (way.unknown !== undefined || !decides) return say('unknown', way.unknown);
  if (unread !== undefined) return say('unknown', unread);
  if (unserved !== undefined && keepsOut(unserved, way)) return say('notServed', whyWords(unserved));
  if (!isFound)
    return say('unknown', `the map has no such row, which may be right: ${used.optional ?? 'no reason is known'}`);
  if (used.optional !== undefined && traced.backends.some((one) => (one.expected === 'yes') !== (one.found === 'yes')))
    return say('unknown', used.optional);
  if (expected.unknown.redirects !== undefined && used.type === 'ClusterIP' && traced.backends.some(isOdd))
    return say('unknown', `a redirect policy may apply: ${expected.unknown.redirects}`);
  if (traced.l7ProxyPort !== undefined) return say('asExpected');
  const reachable = traced.backends.some(({ found }) => found === 'yes');
  return say(reachable ? 'asExpected' : 'noBackends');
}

/** Whether a reason counts for such clients though there are backends. */
function keepsOut({ kind }: WhyUnserved, { translator }: Way): boolean {
  if (kind === 'overwritten') return true;
  if (kind === 'sourceRanges') return translator === 'device';
  return (kind === 'sctpOff' || kind === 'sctpPort') && translator !== 'socketLb';
}

const isOdd = ({ expected, found }: BackendTrace): boolean => expected === 'no' && found === 'yes';

const say = (verdict: TraceVerdict, reason?: string): Pick<FrontendTrace, 'verdict' | 'reason'> => ({
  verdict,
  reason,
});
