import type { ConnectOrigin } from '../model/Connections.ts';
import type { Answered } from '../expect/connect/connectionAnswers.ts';
import { bracketed } from '../model/lb/address.ts';
import { listFirst } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { DifferenceWords } from './DifferenceWords.ts';
import type { AnsweredReport } from './TraceDocument.ts';

/** So many pods are named. */
const maxPods = 3;

export function answeredReport(
  { from, connections, answered, kind, silent }: Answered,
  { codes }: DifferenceWords,
): AnsweredReport {
  const lost = connections - answered;
  const share = lost === 0 ? 'all' : `${answered} of ${connections}`;
  const of =
    lost === 0 ? ` of ${count(connections, 'connection')}` : ` ${connections === 1 ? 'connection' : 'connections'}`;
  const pods = listFirst([...new Set(silent.map(({ address, port }) => `${bracketed(address)}:${port}`))], maxPods);
  const code = kind === 'answered' ? null : codes.unanswered;
  return { connections, answered, kind, code, text: `${share}${of} ${beginning(from)}${wordsOf(kind, pods)}` };
}

function beginning(from: ConnectOrigin): string {
  if (from.kind === 'here') return 'from here';
  if (from.kind === 'probePod') return 'from a pod that was made for it';
  return from.kind === 'node' ? 'from the node itself' : `from the pod ${from.namespace}/${from.name}`;
}

/** The same as the finding of `doctor --connect` says. */
function wordsOf(kind: Answered['kind'], pods: string): string {
  switch (kind) {
    case 'answered':
      return '';
    case 'translation':
      return ': the backends answer directly, so they are lost where the address is translated';
    case 'way':
      return pods === ''
        ? ': the network path is broken, or a policy forbids it'
        : `: ${pods} directly neither, so the network path is broken, or a policy forbids it`;
    case 'refused':
      return ': refused, as the pods behind refuse them: nobody listens there';
    case 'outsideNode':
      return ': nothing answers at this node, and at others it does';
    case 'outsideAddress':
      return ': the same is answered at other addresses';
    case 'outsideService':
      return ', nor at any other address: a policy or a firewall may forbid it, or its pods do not answer';
    case 'outsideRoute':
      return ': no node has this address by itself, so something must lead it to one';
    case 'outsideAll':
      return ': a firewall may be in between, or there is no route to the nodes';
    default:
      return kind satisfies never;
  }
}

/** What the tables answer for is lost; a policy, a firewall or a route may be behind what is not. */
export const isLostInDatapath = ({ kind }: AnsweredReport): boolean =>
  kind === 'translation' || kind === 'outsideNode' || kind === 'outsideAddress';

/** It may be meant so, or not. */
export const isPerhapsLost = (answered: AnsweredReport): boolean =>
  !isLostInDatapath(answered) && answered.kind !== 'answered' && answered.kind !== 'refused';
